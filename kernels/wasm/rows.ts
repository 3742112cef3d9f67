/**
 * What goes by rows: the product with narrow, transposed weights, the sum of a matrix' rows, and its transpose.
 * @module
 */
import { madd, splat, sumLanes, sumLanes4 } from "./vector";

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

/** out[j] = init[j] + Σ_i A[i, j] over n columns; rows are `ld` bytes apart. */
export function sumRows(rows: i32, n: i32, a: usize, ld: usize, out: usize, init: usize): void {
  for (let j: usize = 0; j < <usize> n << 2; j += 16) {
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
 * T[o, k] = W[k, o] over `columns` columns of W, whose rows are `lw` bytes apart; T is `[columns][rows]`; both counts are
 * multiples of 4. It goes by squares of whole cache lines, because at widths that are powers of two the lines of a longer
 * strip displace each other.
 */
export function transpose(rows: i32, columns: i32, lw: usize, w: usize, t: usize): void {
  const lt = <usize> rows << 2;
  for (let k0: i32 = 0; k0 < rows; k0 += 16) {
    const k1 = min(k0 + 16, rows);
    for (let o0: i32 = 0; o0 < columns; o0 += 16) {
      const o1 = min(o0 + 16, columns);
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
