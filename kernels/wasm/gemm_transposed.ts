/**
 * Dense products with a transposed left side: C = I + AᵀB + A₂ᵀB₂, as gradients of weights are. Twin in form of `gemm.ts`.
 * @module
 */
import { oneRow } from "./one_row";
import { madd } from "./vector";

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
    oneRow(n, k, a, b, a2, b2, lda, ldb, c, i, 0);
    a += 4;
    if (a2) a2 += 4;
    c += ldc;
    i += ldi;
  }
}
