/**
 * Dense products with a transposed left side: C = I + AᵀB + A₂ᵀB₂, as gradients of weights are. Twin in form of `gemm.ts`.
 * @module
 */
import { oneRow } from "./one_row";
import { madd } from "./vector";

/** `tiles` times four columns of A, one load, by 8 columns of AᵀB + A₂ᵀB₂ (without the second where b2 is 0). */
function columns4x8(
  tiles: i32,
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
  for (; tiles > 0; --tiles, a += 16, a2 += 16) {
    let c00 = v128.load(i), c01 = v128.load(i, 16);
    i += ldi;
    let c10 = v128.load(i), c11 = v128.load(i, 16);
    i += ldi;
    let c20 = v128.load(i), c21 = v128.load(i, 16);
    i += ldi;
    let c30 = v128.load(i), c31 = v128.load(i, 16);
    i += ldi;
    let p = a, q = b, n = k, second = b2;
    for (;;) {
      for (; n >= 2; n -= 2) {
        let y = v128.load(p);
        let b0 = v128.load(q);
        let b1 = v128.load(q, 16);
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
        p += lda;
        q += ldb;
        y = v128.load(p);
        b0 = v128.load(q);
        b1 = v128.load(q, 16);
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
        p += lda;
        q += ldb;
      }
      if (n > 0) {
        const y = v128.load(p);
        const b0 = v128.load(q);
        const b1 = v128.load(q, 16);
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
      if (!second) break;
      p = a2;
      q = second;
      n = k;
      second = 0;
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
    c += ldc;
  }
}

/** `tiles` times four columns of A, one load, by 4 columns, likewise. */
function columns4x4(
  tiles: i32,
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
  for (; tiles > 0; --tiles, a += 16, a2 += 16) {
    let c00 = v128.load(i);
    i += ldi;
    let c10 = v128.load(i);
    i += ldi;
    let c20 = v128.load(i);
    i += ldi;
    let c30 = v128.load(i);
    i += ldi;
    let p = a, q = b, n = k, second = b2;
    for (;;) {
      for (; n >= 2; n -= 2) {
        let y = v128.load(p);
        let b0 = v128.load(q);
        let x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
        c00 = madd(x, b0, c00);
        x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
        c10 = madd(x, b0, c10);
        x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
        c20 = madd(x, b0, c20);
        x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
        c30 = madd(x, b0, c30);
        p += lda;
        q += ldb;
        y = v128.load(p);
        b0 = v128.load(q);
        x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
        c00 = madd(x, b0, c00);
        x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
        c10 = madd(x, b0, c10);
        x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
        c20 = madd(x, b0, c20);
        x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
        c30 = madd(x, b0, c30);
        p += lda;
        q += ldb;
      }
      if (n > 0) {
        const y = v128.load(p);
        const b0 = v128.load(q);
        let x = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
        c00 = madd(x, b0, c00);
        x = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
        c10 = madd(x, b0, c10);
        x = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
        c20 = madd(x, b0, c20);
        x = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
        c30 = madd(x, b0, c30);
      }
      if (!second) break;
      p = a2;
      q = second;
      n = k;
      second = 0;
    }
    v128.store(c, c00);
    c += ldc;
    v128.store(c, c10);
    c += ldc;
    v128.store(c, c20);
    c += ldc;
    v128.store(c, c30);
    c += ldc;
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
  if (!a2) b2 = 0;
  const tiles = m >> 2, whole = n & ~7;
  for (let o: usize = 0; o < <usize> whole << 2; o += 32) {
    columns4x8(tiles, k, a, b + o, a2, b2 ? b2 + o : 0, lda, ldb, c + o, ldc, i + o, ldi);
  }
  if (n > whole) {
    const o = <usize> whole << 2;
    columns4x4(tiles, k, a, b + o, a2, b2 ? b2 + o : 0, lda, ldb, c + o, ldc, i + o, ldi);
  }
  for (let r: usize = tiles << 2; r < <usize> m; ++r) {
    oneRow(n, k, a + (r << 2), b, a2 ? a2 + (r << 2) : 0, b2, lda, ldb, c + ldc * r, i + ldi * r, 0);
  }
}
