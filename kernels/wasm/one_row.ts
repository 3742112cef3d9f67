/**
 * One row of a dense product, for what a register tile of four leaves over: C = I + A·B + A₂·B₂, A read with any stride.
 * @module
 */
import { CLIP } from "./mask";
import { madd, splat } from "./vector";

/** One row by 32 columns of A·B + A₂·B₂, A read with any stride. */
function one32(
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  step: usize,
  ldb: usize,
  c: usize,
  i: usize,
  mask: usize,
): void {
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
  if (mask == CLIP) {
    c0 = f32x4.pmax(c0, splat(0));
    c1 = f32x4.pmax(c1, splat(0));
    c2 = f32x4.pmax(c2, splat(0));
    c3 = f32x4.pmax(c3, splat(0));
    c4 = f32x4.pmax(c4, splat(0));
    c5 = f32x4.pmax(c5, splat(0));
    c6 = f32x4.pmax(c6, splat(0));
    c7 = f32x4.pmax(c7, splat(0));
  } else if (mask) {
    c0 = v128.and(c0, f32x4.gt(v128.load(mask), splat(0)));
    c1 = v128.and(c1, f32x4.gt(v128.load(mask, 16), splat(0)));
    c2 = v128.and(c2, f32x4.gt(v128.load(mask, 32), splat(0)));
    c3 = v128.and(c3, f32x4.gt(v128.load(mask, 48), splat(0)));
    c4 = v128.and(c4, f32x4.gt(v128.load(mask, 64), splat(0)));
    c5 = v128.and(c5, f32x4.gt(v128.load(mask, 80), splat(0)));
    c6 = v128.and(c6, f32x4.gt(v128.load(mask, 96), splat(0)));
    c7 = v128.and(c7, f32x4.gt(v128.load(mask, 112), splat(0)));
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
function one4(
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  step: usize,
  ldb: usize,
  c: usize,
  i: usize,
  mask: usize,
): void {
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
  if (mask == CLIP) {
    c0 = f32x4.pmax(c0, splat(0));
  } else if (mask) {
    c0 = v128.and(c0, f32x4.gt(v128.load(mask), splat(0)));
  }
  v128.store(c, c0);
}

/** One row: blocks of 32, then 4 columns. */
export function oneRow(
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
  mask: usize,
): void {
  for (; n >= 32; n -= 32) {
    one32(k, a, b, a2, b2, step, ldb, c, i, mask);
    b += 128;
    b2 += 128;
    c += 128;
    i += 128;
    if (mask > CLIP) mask += 128;
  }
  for (; n > 0; n -= 4) {
    one4(k, a, b, a2, b2, step, ldb, c, i, mask);
    b += 16;
    b2 += 16;
    c += 16;
    i += 16;
    if (mask > CLIP) mask += 16;
  }
}
