/**
 * Products that skip zeros, for relu: C = I + A·B + A₂·B₂ where A and A₂ share a pattern, given as a list a row of C.
 * A list is its length, then the indices k of what is not zero. One row of C at a time, so that its sums stay in registers.
 * @module
 */
import { CLIP } from "./gemm";
import { madd, splat } from "./vector";

/** A row by 32 columns. */
function one32(a: usize, b: usize, step: usize, ldb: usize, list: usize, c: usize, i: usize): void {
  let c0 = v128.load(i),
    c1 = v128.load(i, 16),
    c2 = v128.load(i, 32),
    c3 = v128.load(i, 48),
    c4 = v128.load(i, 64),
    c5 = v128.load(i, 80),
    c6 = v128.load(i, 96),
    c7 = v128.load(i, 112);
  const end = list + 4 + (load<u32>(list) << 2);
  for (list += 4; list < end; list += 4) {
    const e: usize = load<u32>(list), p = e * step, q = b + e * ldb, q64 = q + 64;
    const x = v128.load32_splat(a + p);
    c0 = madd(x, v128.load(q), c0);
    c1 = madd(x, v128.load(q, 16), c1);
    c2 = madd(x, v128.load(q, 32), c2);
    c3 = madd(x, v128.load(q, 48), c3);
    c4 = madd(x, v128.load(q64), c4);
    c5 = madd(x, v128.load(q64, 16), c5);
    c6 = madd(x, v128.load(q64, 32), c6);
    c7 = madd(x, v128.load(q64, 48), c7);
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

/** A row by 32 columns of two products. */
function pair32(
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  step: usize,
  ldb: usize,
  list: usize,
  c: usize,
  i: usize,
): void {
  let c0 = v128.load(i),
    c1 = v128.load(i, 16),
    c2 = v128.load(i, 32),
    c3 = v128.load(i, 48),
    c4 = v128.load(i, 64),
    c5 = v128.load(i, 80),
    c6 = v128.load(i, 96),
    c7 = v128.load(i, 112);
  const end = list + 4 + (load<u32>(list) << 2);
  for (list += 4; list < end; list += 4) {
    const e: usize = load<u32>(list), p = e * step, q = b + e * ldb, q64 = q + 64;
    const x = v128.load32_splat(a + p);
    c0 = madd(x, v128.load(q), c0);
    c1 = madd(x, v128.load(q, 16), c1);
    c2 = madd(x, v128.load(q, 32), c2);
    c3 = madd(x, v128.load(q, 48), c3);
    c4 = madd(x, v128.load(q64), c4);
    c5 = madd(x, v128.load(q64, 16), c5);
    c6 = madd(x, v128.load(q64, 32), c6);
    c7 = madd(x, v128.load(q64, 48), c7);
    const y = v128.load32_splat(a2 + p), r = b2 + e * ldb, r64 = r + 64;
    c0 = madd(y, v128.load(r), c0);
    c1 = madd(y, v128.load(r, 16), c1);
    c2 = madd(y, v128.load(r, 32), c2);
    c3 = madd(y, v128.load(r, 48), c3);
    c4 = madd(y, v128.load(r64), c4);
    c5 = madd(y, v128.load(r64, 16), c5);
    c6 = madd(y, v128.load(r64, 32), c6);
    c7 = madd(y, v128.load(r64, 48), c7);
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

/** A row by 4 columns. */
function one4(a: usize, b: usize, step: usize, ldb: usize, list: usize, c: usize, i: usize): void {
  let c0 = v128.load(i);
  const end = list + 4 + (load<u32>(list) << 2);
  for (list += 4; list < end; list += 4) {
    const e: usize = load<u32>(list), p = e * step, q = b + e * ldb;
    const x = v128.load32_splat(a + p);
    c0 = madd(x, v128.load(q), c0);
  }
  v128.store(c, c0);
}

/** A row by 4 columns of two products. */
function pair4(
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  step: usize,
  ldb: usize,
  list: usize,
  c: usize,
  i: usize,
): void {
  let c0 = v128.load(i);
  const end = list + 4 + (load<u32>(list) << 2);
  for (list += 4; list < end; list += 4) {
    const e: usize = load<u32>(list), p = e * step, q = b + e * ldb;
    const x = v128.load32_splat(a + p);
    c0 = madd(x, v128.load(q), c0);
    const y = v128.load32_splat(a2 + p), r = b2 + e * ldb;
    c0 = madd(y, v128.load(r), c0);
  }
  v128.store(c, c0);
}

function clipRow(n: i32, c: usize): void {
  for (; n > 0; n -= 4, c += 16) v128.store(c, f32x4.pmax(v128.load(c), splat(0)));
}

function maskRow(n: i32, c: usize, mask: usize): void {
  for (; n > 0; n -= 4, c += 16, mask += 16) {
    v128.store(c, v128.and(v128.load(c), f32x4.gt(v128.load(mask), splat(0))));
  }
}

/**
 * C[m, n] = I[m, n] + Σ_k A[m, k] B[k, n] + Σ_k A₂[m, k] B₂[k, n] over the k in row m's list; no second product where a2 is
 * 0. A[m, k] is at a + m·rs + k·cs, so that A may be read transposed; lists are `ldl` bytes apart; `mask` is `multiply`'s.
 */
export function multiplySparse(
  m: i32,
  n: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  rs: usize,
  cs: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
  list: usize,
  ldl: usize,
  mask: usize,
): void {
  for (; m > 0; --m) {
    let o: usize = 0, left = n;
    for (; left >= 32; left -= 32, o += 128) {
      if (a2) pair32(a, b + o, a2, b2 + o, cs, ldb, list, c + o, i + o);
      else one32(a, b + o, cs, ldb, list, c + o, i + o);
    }
    for (; left > 0; left -= 4, o += 16) {
      if (a2) pair4(a, b + o, a2, b2 + o, cs, ldb, list, c + o, i + o);
      else one4(a, b + o, cs, ldb, list, c + o, i + o);
    }
    if (mask == CLIP) clipRow(n, c);
    else if (mask) maskRow(n, c, mask);
    a += rs;
    if (a2) a2 += rs;
    c += ldc;
    i += ldi;
    if (mask > CLIP) mask += ldc;
    list += ldl;
  }
}

/** Lanes of the set bits of a four-bit mask, moved to the front. */
const LANES = memory.data<i32>([
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  0,
  1,
  0,
  0,
  2,
  0,
  0,
  0,
  0,
  2,
  0,
  0,
  1,
  2,
  0,
  0,
  0,
  1,
  2,
  0,
  3,
  0,
  0,
  0,
  0,
  3,
  0,
  0,
  1,
  3,
  0,
  0,
  0,
  1,
  3,
  0,
  2,
  3,
  0,
  0,
  0,
  2,
  3,
  0,
  1,
  2,
  3,
  0,
  0,
  1,
  2,
  3,
]);

/** Bytes of a list of at most n indices; n is a multiple of 4. */
export function listBytes(n: i32): i32 {
  return (n << 2) + 16;
}

/** Lists where A `[rows, ld]` is positive, one `listBytes(ld)` a row; returns how many entries there are in all. */
export function listPositive(rows: i32, ld: i32, a: usize, list: usize): i32 {
  const zero = splat(0), stride: usize = listBytes(ld);
  let total = 0;
  for (let r = 0; r < rows; ++r, list += stride) {
    let to = list + 4;
    for (let k = 0; k < ld; k += 4, a += 16) {
      const mask = i32x4.bitmask(f32x4.gt(v128.load(a), zero));
      v128.store(to, i32x4.add(v128.load(LANES + (<usize> mask << 4)), i32x4.splat(k)));
      to += <usize> popcnt(mask) << 2;
    }
    const count = <i32> (to - list - 4) >> 2;
    store<i32>(list, count);
    total += count;
  }
  return total;
}
