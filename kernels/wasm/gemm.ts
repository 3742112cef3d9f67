/**
 * Dense products on padded row-major matrices, register-tiled: C = I + A·B with A read by any two strides (so Aᵀ too),
 * and the product with narrow, transposed weights. Strides are in bytes; columns come in multiples of 4.
 * @module
 */
import { madd, splat, sumLanes, sumLanes4 } from "./vector";

function tile4x8(
  k: i32,
  a: usize,
  rs: usize,
  cs: usize,
  b: usize,
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
  let a1 = a + rs, a2 = a1 + rs, a3 = a2 + rs;
  for (; k > 0; --k) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += cs;
    a1 += cs;
    a2 += cs;
    a3 += cs;
    b += ldb;
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

function tile4x4(
  k: i32,
  a: usize,
  rs: usize,
  cs: usize,
  b: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  let c0 = v128.load(i), c1 = v128.load(i + ldi), c2 = v128.load(i + 2 * ldi), c3 = v128.load(i + 3 * ldi);
  let a1 = a + rs, a2 = a1 + rs, a3 = a2 + rs;
  for (; k > 0; --k) {
    const b0 = v128.load(b);
    c0 = madd(v128.load32_splat(a), b0, c0);
    c1 = madd(v128.load32_splat(a1), b0, c1);
    c2 = madd(v128.load32_splat(a2), b0, c2);
    c3 = madd(v128.load32_splat(a3), b0, c3);
    a += cs;
    a1 += cs;
    a2 += cs;
    a3 += cs;
    b += ldb;
  }
  v128.store(c, c0);
  v128.store(c + ldc, c1);
  v128.store(c + 2 * ldc, c2);
  v128.store(c + 3 * ldc, c3);
}

function tile1x16(k: i32, a: usize, cs: usize, b: usize, ldb: usize, c: usize, i: usize): void {
  let c0 = v128.load(i), c1 = v128.load(i, 16), c2 = v128.load(i, 32), c3 = v128.load(i, 48);
  for (; k > 0; --k) {
    const x = v128.load32_splat(a);
    c0 = madd(x, v128.load(b), c0);
    c1 = madd(x, v128.load(b, 16), c1);
    c2 = madd(x, v128.load(b, 32), c2);
    c3 = madd(x, v128.load(b, 48), c3);
    a += cs;
    b += ldb;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
}

function tile1x4(k: i32, a: usize, cs: usize, b: usize, ldb: usize, c: usize, i: usize): void {
  let c0 = v128.load(i);
  for (; k > 0; --k) {
    c0 = madd(v128.load32_splat(a), v128.load(b), c0);
    a += cs;
    b += ldb;
  }
  v128.store(c, c0);
}

/** C[m, n] = I[m, n] + Σ_k A[m, k] B[k, n]; A[m, k] is at a + m·rs + k·cs. C may be I. */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  rs: usize,
  cs: usize,
  b: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
): void {
  for (; m >= 4; m -= 4) {
    let j: i32 = 0;
    for (; j + 8 <= n; j += 8) {
      const o = <usize> j << 2;
      tile4x8(k, a, rs, cs, b + o, ldb, c + o, ldc, i + o, ldi);
    }
    for (; j < n; j += 4) {
      const o = <usize> j << 2;
      tile4x4(k, a, rs, cs, b + o, ldb, c + o, ldc, i + o, ldi);
    }
    a += rs << 2;
    c += ldc << 2;
    i += ldi << 2;
  }
  for (; m > 0; --m) {
    let j: i32 = 0;
    for (; j + 16 <= n; j += 16) {
      const o = <usize> j << 2;
      tile1x16(k, a, cs, b + o, ldb, c + o, i + o);
    }
    for (; j < n; j += 4) {
      const o = <usize> j << 2;
      tile1x4(k, a, cs, b + o, ldb, c + o, i + o);
    }
    a += rs;
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

/** T[o, k] = W[k, o]: W is `[rows][ldw]`, T `[ldw][pad4(rows)]` floats, its padding columns zero. */
export function transpose(rows: i32, ldw: i32, w: usize, t: usize): void {
  const lw = <usize> ldw << 2, lt = <usize> ((rows + 3) & ~3) << 2;
  for (let k: i32 = 0; k < rows; k += 4) {
    const left = rows - k;
    let from = w + lw * k, to = t + (<usize> k << 2);
    for (let o: i32 = 0; o < ldw; o += 4) {
      const a = v128.load(from);
      const b = left > 1 ? v128.load(from + lw) : splat(0);
      const c = left > 2 ? v128.load(from + 2 * lw) : splat(0);
      const d = left > 3 ? v128.load(from + 3 * lw) : splat(0);
      const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(to + lt, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
      v128.store(to + 2 * lt, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
      v128.store(to + 3 * lt, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
      from += 16;
      to += lt << 2;
    }
  }
}
