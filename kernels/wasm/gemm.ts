/**
 * Dense products on padded row-major matrices, register-tiled: C = I + A·B + A₂·B₂ (that of Aᵀ is in `gemm_transposed.ts`).
 * Strides are in bytes; columns come in multiples of 4.
 * Each statement is one multiply-add, in the order that keeps every sum in a register: a compiler that nests them spills.
 * @module
 */
import { oneRow } from "./one_row";
import { madd, splat } from "./vector";

/** A `mask` that stands for max(C, 0). */
export const CLIP: usize = 1;

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
  mask: usize,
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
  if (mask == CLIP) {
    c00 = f32x4.pmax(c00, splat(0));
    c01 = f32x4.pmax(c01, splat(0));
    c10 = f32x4.pmax(c10, splat(0));
    c11 = f32x4.pmax(c11, splat(0));
    c20 = f32x4.pmax(c20, splat(0));
    c21 = f32x4.pmax(c21, splat(0));
    c30 = f32x4.pmax(c30, splat(0));
    c31 = f32x4.pmax(c31, splat(0));
  } else if (mask) {
    c00 = v128.and(c00, f32x4.gt(v128.load(mask), splat(0)));
    c01 = v128.and(c01, f32x4.gt(v128.load(mask, 16), splat(0)));
    mask += ldc;
    c10 = v128.and(c10, f32x4.gt(v128.load(mask), splat(0)));
    c11 = v128.and(c11, f32x4.gt(v128.load(mask, 16), splat(0)));
    mask += ldc;
    c20 = v128.and(c20, f32x4.gt(v128.load(mask), splat(0)));
    c21 = v128.and(c21, f32x4.gt(v128.load(mask, 16), splat(0)));
    mask += ldc;
    c30 = v128.and(c30, f32x4.gt(v128.load(mask), splat(0)));
    c31 = v128.and(c31, f32x4.gt(v128.load(mask, 16), splat(0)));
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
  mask: usize,
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
  if (mask == CLIP) {
    c00 = f32x4.pmax(c00, splat(0));
    c10 = f32x4.pmax(c10, splat(0));
    c20 = f32x4.pmax(c20, splat(0));
    c30 = f32x4.pmax(c30, splat(0));
  } else if (mask) {
    c00 = v128.and(c00, f32x4.gt(v128.load(mask), splat(0)));
    mask += ldc;
    c10 = v128.and(c10, f32x4.gt(v128.load(mask), splat(0)));
    mask += ldc;
    c20 = v128.and(c20, f32x4.gt(v128.load(mask), splat(0)));
    mask += ldc;
    c30 = v128.and(c30, f32x4.gt(v128.load(mask), splat(0)));
  }
  v128.store(c, c00);
  c += ldc;
  v128.store(c, c10);
  c += ldc;
  v128.store(c, c20);
  c += ldc;
  v128.store(c, c30);
}

/** C[m, n] = I[m, n] + Σ_k A[m, k] B[k, n] + Σ_k A₂[m, k] B₂[k, n]; no second product where a2 is 0. C may be I. Where
 * `mask` is `CLIP`, negative sums become 0; where it is an address, sums become 0 where that matrix, laid out as C, is not
 * positive. */
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
  mask: usize,
): void {
  for (; m >= 4; m -= 4) {
    let o: usize = 0, left = n;
    for (; left >= 8; left -= 8, o += 32) {
      rows4x8(k, a, b + o, a2, b2 + o, lda, ldb, c + o, ldc, i + o, ldi, mask > CLIP ? mask + o : mask);
    }
    if (left > 0) rows4x4(k, a, b + o, a2, b2 + o, lda, ldb, c + o, ldc, i + o, ldi, mask > CLIP ? mask + o : mask);
    a += lda << 2;
    if (a2) a2 += lda << 2;
    c += ldc << 2;
    i += ldi << 2;
    if (mask > CLIP) mask += ldc << 2;
  }
  for (; m > 0; --m) {
    oneRow(n, k, a, b, a2, b2, 4, ldb, c, i, mask);
    a += lda;
    if (a2) a2 += lda;
    c += ldc;
    i += ldi;
    if (mask > CLIP) mask += ldc;
  }
}
