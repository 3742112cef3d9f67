/**
 * Dense products on padded row-major matrices, register-tiled: C = I + A·B + A₂·B₂ and C = I + AᵀB + A₂ᵀB₂, and the
 * product with narrow, transposed weights. Strides are in bytes; columns come in multiples of 4.
 * Each statement is one multiply-add, in the order that keeps every sum in a register: a compiler that nests them spills.
 * @module
 */
import { madd, splat, sumLanes, sumLanes4 } from "./vector";

/** Four rows by 8 columns of A·B + A₂·B₂; four steps of k share one load of each row. */
function rows4x8(
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  let c00 = v128.load(i), c01 = v128.load(i, 16);
  i += ldi;
  let c10 = v128.load(i), c11 = v128.load(i, 16);
  i += ldi;
  let c20 = v128.load(i), c21 = v128.load(i, 16);
  i += ldi;
  let c30 = v128.load(i), c31 = v128.load(i, 16);
  for (;;) {
    let p1 = a + lda, p2 = p1 + lda, p3 = p2 + lda, n = k;
    for (; n >= 4; n -= 4) {
      const x0 = v128.load(a), x1 = v128.load(p1), x2 = v128.load(p2), x3 = v128.load(p3);
      let b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.shuffle<f32>(x0, x0, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.shuffle<f32>(x1, x1, 0, 0, 0, 0);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.shuffle<f32>(x2, x2, 0, 0, 0, 0);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.shuffle<f32>(x3, x3, 0, 0, 0, 0);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      b += ldb;
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      x = v128.shuffle<f32>(x0, x0, 1, 1, 1, 1);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.shuffle<f32>(x1, x1, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.shuffle<f32>(x2, x2, 1, 1, 1, 1);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.shuffle<f32>(x3, x3, 1, 1, 1, 1);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      b += ldb;
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      x = v128.shuffle<f32>(x0, x0, 2, 2, 2, 2);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.shuffle<f32>(x1, x1, 2, 2, 2, 2);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.shuffle<f32>(x2, x2, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.shuffle<f32>(x3, x3, 2, 2, 2, 2);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      b += ldb;
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      x = v128.shuffle<f32>(x0, x0, 3, 3, 3, 3);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.shuffle<f32>(x1, x1, 3, 3, 3, 3);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.shuffle<f32>(x2, x2, 3, 3, 3, 3);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.shuffle<f32>(x3, x3, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      b += ldb;
      a += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
    }
    for (; n > 0; --n) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(p1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(p2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(p3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      a += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      b += ldb;
    }
    if (!a2) break;
    a = a2;
    b = b2;
    a2 = 0;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += ldc;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += ldc;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += ldc;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** Four rows by 4 columns of A·B + A₂·B₂; four steps of k share one load of each row. */
function rows4x4(
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  let c00 = v128.load(i);
  i += ldi;
  let c10 = v128.load(i);
  i += ldi;
  let c20 = v128.load(i);
  i += ldi;
  let c30 = v128.load(i);
  for (;;) {
    let p1 = a + lda, p2 = p1 + lda, p3 = p2 + lda, n = k;
    for (; n >= 4; n -= 4) {
      const x0 = v128.load(a), x1 = v128.load(p1), x2 = v128.load(p2), x3 = v128.load(p3);
      let b0 = v128.load(b);
      let x = v128.shuffle<f32>(x0, x0, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      x = v128.shuffle<f32>(x1, x1, 0, 0, 0, 0);
      c10 = madd(x, b0, c10);
      x = v128.shuffle<f32>(x2, x2, 0, 0, 0, 0);
      c20 = madd(x, b0, c20);
      x = v128.shuffle<f32>(x3, x3, 0, 0, 0, 0);
      c30 = madd(x, b0, c30);
      b += ldb;
      b0 = v128.load(b);
      x = v128.shuffle<f32>(x0, x0, 1, 1, 1, 1);
      c00 = madd(x, b0, c00);
      x = v128.shuffle<f32>(x1, x1, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      x = v128.shuffle<f32>(x2, x2, 1, 1, 1, 1);
      c20 = madd(x, b0, c20);
      x = v128.shuffle<f32>(x3, x3, 1, 1, 1, 1);
      c30 = madd(x, b0, c30);
      b += ldb;
      b0 = v128.load(b);
      x = v128.shuffle<f32>(x0, x0, 2, 2, 2, 2);
      c00 = madd(x, b0, c00);
      x = v128.shuffle<f32>(x1, x1, 2, 2, 2, 2);
      c10 = madd(x, b0, c10);
      x = v128.shuffle<f32>(x2, x2, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      x = v128.shuffle<f32>(x3, x3, 2, 2, 2, 2);
      c30 = madd(x, b0, c30);
      b += ldb;
      b0 = v128.load(b);
      x = v128.shuffle<f32>(x0, x0, 3, 3, 3, 3);
      c00 = madd(x, b0, c00);
      x = v128.shuffle<f32>(x1, x1, 3, 3, 3, 3);
      c10 = madd(x, b0, c10);
      x = v128.shuffle<f32>(x2, x2, 3, 3, 3, 3);
      c20 = madd(x, b0, c20);
      x = v128.shuffle<f32>(x3, x3, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      b += ldb;
      a += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
    }
    for (; n > 0; --n) {
      const b0 = v128.load(b);
      let x = v128.load32_splat(a);
      c00 = madd(x, b0, c00);
      x = v128.load32_splat(p1);
      c10 = madd(x, b0, c10);
      x = v128.load32_splat(p2);
      c20 = madd(x, b0, c20);
      x = v128.load32_splat(p3);
      c30 = madd(x, b0, c30);
      a += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      b += ldb;
    }
    if (!a2) break;
    a = a2;
    b = b2;
    a2 = 0;
  }
  v128.store(c, c00);
  c += ldc;
  v128.store(c, c10);
  c += ldc;
  v128.store(c, c20);
  c += ldc;
  v128.store(c, c30);
}

/** Four columns of A, one load, by 8 columns of AᵀB + A₂ᵀB₂. */
function columns4x8(
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  let c00 = v128.load(i), c01 = v128.load(i, 16);
  i += ldi;
  let c10 = v128.load(i), c11 = v128.load(i, 16);
  i += ldi;
  let c20 = v128.load(i), c21 = v128.load(i, 16);
  i += ldi;
  let c30 = v128.load(i), c31 = v128.load(i, 16);
  for (;;) {
    let n = k;
    for (; n >= 2; n -= 2) {
      let y = v128.load(a);
      let b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      a += lda;
      b += ldb;
      y = v128.load(a);
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      a += lda;
      b += ldb;
    }
    if (n > 0) {
      const y = v128.load(a);
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
    }
    if (!a2) break;
    a = a2;
    b = b2;
    a2 = 0;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += ldc;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += ldc;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += ldc;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** Four columns of A, one load, by 4 columns of AᵀB + A₂ᵀB₂. */
function columns4x4(
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  let c00 = v128.load(i);
  i += ldi;
  let c10 = v128.load(i);
  i += ldi;
  let c20 = v128.load(i);
  i += ldi;
  let c30 = v128.load(i);
  for (;;) {
    let n = k;
    for (; n >= 2; n -= 2) {
      let y = v128.load(a);
      let b0 = v128.load(b);
      let x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      a += lda;
      b += ldb;
      y = v128.load(a);
      b0 = v128.load(b);
      x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      a += lda;
      b += ldb;
    }
    if (n > 0) {
      const y = v128.load(a);
      const b0 = v128.load(b);
      let x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
    }
    if (!a2) break;
    a = a2;
    b = b2;
    a2 = 0;
  }
  v128.store(c, c00);
  c += ldc;
  v128.store(c, c10);
  c += ldc;
  v128.store(c, c20);
  c += ldc;
  v128.store(c, c30);
}

/** One row by 32 columns of A·B + A₂·B₂, A read with any stride. */
function one32(k: i32, a: usize, b: usize, a2: usize, b2: usize, step: usize, ldb: usize, c: usize, i: usize): void {
  let c0 = v128.load(i),
    c1 = v128.load(i, 16),
    c2 = v128.load(i, 32),
    c3 = v128.load(i, 48),
    c4 = v128.load(i, 64),
    c5 = v128.load(i, 80),
    c6 = v128.load(i, 96),
    c7 = v128.load(i, 112);
  for (;;) {
    for (let n = k; n > 0; --n) {
      const x = v128.load32_splat(a);
      c0 = madd(x, v128.load(b), c0);
      c1 = madd(x, v128.load(b, 16), c1);
      c2 = madd(x, v128.load(b, 32), c2);
      c3 = madd(x, v128.load(b, 48), c3);
      c4 = madd(x, v128.load(b, 64), c4);
      c5 = madd(x, v128.load(b, 80), c5);
      c6 = madd(x, v128.load(b, 96), c6);
      c7 = madd(x, v128.load(b, 112), c7);
      a += step;
      b += ldb;
    }
    if (!a2) break;
    a = a2;
    b = b2;
    a2 = 0;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
  v128.store(c, c4, 64);
  v128.store(c, c5, 80);
  v128.store(c, c6, 96);
  v128.store(c, c7, 112);
}

/** One row by 4 columns of A·B + A₂·B₂, A read with any stride. */
function one4(k: i32, a: usize, b: usize, a2: usize, b2: usize, step: usize, ldb: usize, c: usize, i: usize): void {
  let c0 = v128.load(i);
  for (;;) {
    for (let n = k; n > 0; --n) {
      const x = v128.load32_splat(a);
      c0 = madd(x, v128.load(b), c0);
      a += step;
      b += ldb;
    }
    if (!a2) break;
    a = a2;
    b = b2;
    a2 = 0;
  }
  v128.store(c, c0);
}

/** One row: blocks of 32, then 4 columns. */
function oneRow(
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  step: usize,
  ldb: usize,
  c: usize,
  i: usize,
): void {
  for (; n >= 32; n -= 32) {
    one32(k, a, b, a2, b2, step, ldb, c, i);
    b += 128;
    b2 += 128;
    c += 128;
    i += 128;
  }
  for (; n > 0; n -= 4) {
    one4(k, a, b, a2, b2, step, ldb, c, i);
    b += 16;
    b2 += 16;
    c += 16;
    i += 16;
  }
}

/** C[m, n] = I[m, n] + Σ_k A[m, k] B[k, n] + Σ_k A₂[m, k] B₂[k, n]; no second product where a2 is 0. C may be I. */
export function multiply(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  for (; m >= 4; m -= 4) {
    let o: usize = 0, left = n;
    for (; left >= 8; left -= 8, o += 32) rows4x8(k, a, b + o, a2, b2 + o, lda, ldb, c + o, ldc, i + o, ldi);
    if (left > 0) rows4x4(k, a, b + o, a2, b2 + o, lda, ldb, c + o, ldc, i + o, ldi);
    a += lda << 2;
    if (a2) a2 += lda << 2;
    c += ldc << 2;
    i += ldi << 2;
  }
  for (; m > 0; --m) {
    oneRow(n, k, a, b, a2, b2, 4, ldb, c, i);
    a += lda;
    if (a2) a2 += lda;
    c += ldc;
    i += ldi;
  }
}

/** C[m, n] = I[m, n] + Σ_k A[k, m] B[k, n] + Σ_k A₂[k, m] B₂[k, n]; no second product where a2 is 0. C may be I. */
export function multiplyTransposed(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  for (; m >= 4; m -= 4) {
    let o: usize = 0, left = n;
    for (; left >= 8; left -= 8, o += 32) columns4x8(k, a, b + o, a2, b2 + o, lda, ldb, c + o, ldc, i + o, ldi);
    if (left > 0) columns4x4(k, a, b + o, a2, b2 + o, lda, ldb, c + o, ldc, i + o, ldi);
    a += 16;
    if (a2) a2 += 16;
    c += ldc << 2;
    i += ldi << 2;
  }
  for (; m > 0; --m) {
    oneRow(n, k, a, b, a2, b2, lda, ldb, c, i);
    a += 4;
    if (a2) a2 += 4;
    c += ldc;
    i += ldi;
  }
}

/** C[m, o] = I[m, o] + Σ_k A[m, k] W[o, k] for few o; k runs over whole vectors (its padding is zero in W). */
export function narrow(
  m: i32,
  outputs: i32,
  k: i32,
  a: usize,
  lda: usize,
  w: usize,
  ldw: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  const bytes = <usize> k << 2;
  for (; m >= 4; m -= 4) {
    for (let o: i32 = 0; o < outputs; ++o) {
      let s0 = splat(0), s1 = splat(0), s2 = splat(0), s3 = splat(0);
      const row = w + ldw * o;
      for (let j: usize = 0; j < bytes; j += 16) {
        const x = v128.load(row + j), y = a + j;
        s0 = madd(v128.load(y), x, s0);
        s1 = madd(v128.load(y + lda), x, s1);
        s2 = madd(v128.load(y + 2 * lda), x, s2);
        s3 = madd(v128.load(y + 3 * lda), x, s3);
      }
      const sums = sumLanes4(s0, s1, s2, s3), to = c + (<usize> o << 2), from = i + (<usize> o << 2);
      store<f32>(to, load<f32>(from) + f32x4.extract_lane(sums, 0));
      store<f32>(to + ldc, load<f32>(from + ldi) + f32x4.extract_lane(sums, 1));
      store<f32>(to + 2 * ldc, load<f32>(from + 2 * ldi) + f32x4.extract_lane(sums, 2));
      store<f32>(to + 3 * ldc, load<f32>(from + 3 * ldi) + f32x4.extract_lane(sums, 3));
    }
    a += lda << 2;
    c += ldc << 2;
    i += ldi << 2;
  }
  for (; m > 0; --m) {
    for (let o: i32 = 0; o < outputs; ++o) {
      let sum = splat(0);
      for (let j: usize = 0; j < bytes; j += 16) sum = madd(v128.load(a + j), v128.load(w + ldw * o + j), sum);
      store<f32>(c + (<usize> o << 2), load<f32>(i + (<usize> o << 2)) + sumLanes(sum));
    }
    a += lda;
    c += ldc;
    i += ldi;
  }
}

/** out[j] = init[j] + Σ_i A[i, j], `n` floats a row without gaps. */
export function sumRows(rows: i32, n: i32, a: usize, out: usize, init: usize): void {
  const ld = <usize> n << 2;
  for (let j: usize = 0; j < ld; j += 16) {
    let sum = v128.load(init + j), p = a + j;
    for (let i: i32 = 0; i < rows; ++i, p += ld) sum = f32x4.add(sum, v128.load(p));
    v128.store(out + j, sum);
  }
}

/** Four by four values transposed. */
function transpose4x4(from: usize, lw: usize, to: usize, lt: usize): void {
  const a = v128.load(from), b = v128.load(from + lw), c = v128.load(from + 2 * lw), d = v128.load(from + 3 * lw);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + lt, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * lt, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * lt, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/**
 * T[o, k] = W[k, o]: W is `[rows][ldw]`, T `[ldw][rows]`; both counts are multiples of 4. It goes by squares of whole cache
 * lines, because at widths that are powers of two the lines of a longer strip displace each other.
 */
export function transpose(rows: i32, ldw: i32, w: usize, t: usize): void {
  const lw = <usize> ldw << 2, lt = <usize> rows << 2;
  for (let k0: i32 = 0; k0 < rows; k0 += 16) {
    const k1 = min(k0 + 16, rows);
    for (let o0: i32 = 0; o0 < ldw; o0 += 16) {
      const o1 = min(o0 + 16, ldw);
      for (let k = k0; k < k1; k += 4) {
        let from = w + lw * k + (<usize> o0 << 2), to = t + lt * o0 + (<usize> k << 2);
        for (let o = o0; o < o1; o += 4) {
          transpose4x4(from, lw, to, lt);
          from += 16;
          to += lt << 2;
        }
      }
    }
  }
}
