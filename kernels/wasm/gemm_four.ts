/**
 * The register tiles of four rows by 8 and by 4 columns: C = I + A·B + A₂·B₂, down a strip. `gemm.ts` chooses tiles.
 * Each statement is one multiply-add, in the order that keeps every sum in a register: a compiler that nests them spills.
 * @module
 */
import { CLIP } from "./mask";
import { madd, splat } from "./vector";

/** `tiles` times four rows by 8 columns of A·B + A₂·B₂ (without the second where b2 is 0), masked as `multiply` says. */
export function rows4x8(
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
  mask: usize,
): void {
  const down = lda * 4;
  for (; tiles > 0; --tiles, a += down, a2 += down) {
    let c00 = v128.load(i), c01 = v128.load(i, 16);
    i += ldi;
    let c10 = v128.load(i), c11 = v128.load(i, 16);
    i += ldi;
    let c20 = v128.load(i), c21 = v128.load(i, 16);
    i += ldi;
    let c30 = v128.load(i), c31 = v128.load(i, 16);
    i += ldi;
    let p0 = a, q = b, n = k, second = b2;
    for (;;) {
      let p1 = p0 + lda, p2 = p1 + lda, p3 = p2 + lda;
      for (; n >= 4; n -= 4) {
        const y0 = v128.load(p0), y1 = v128.load(p1), y2 = v128.load(p2), y3 = v128.load(p3);
        let b0 = v128.load(q);
        let b1 = v128.load(q, 16);
        let x = v128.shuffle<f32>(y0, y0, 0, 0, 0, 0);
        c00 = madd(x, b0, c00);
        c01 = madd(x, b1, c01);
        x = v128.shuffle<f32>(y1, y1, 0, 0, 0, 0);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
        x = v128.shuffle<f32>(y2, y2, 0, 0, 0, 0);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
        x = v128.shuffle<f32>(y3, y3, 0, 0, 0, 0);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
        q += ldb;
        b0 = v128.load(q);
        b1 = v128.load(q, 16);
        x = v128.shuffle<f32>(y0, y0, 1, 1, 1, 1);
        c00 = madd(x, b0, c00);
        c01 = madd(x, b1, c01);
        x = v128.shuffle<f32>(y1, y1, 1, 1, 1, 1);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
        x = v128.shuffle<f32>(y2, y2, 1, 1, 1, 1);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
        x = v128.shuffle<f32>(y3, y3, 1, 1, 1, 1);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
        q += ldb;
        b0 = v128.load(q);
        b1 = v128.load(q, 16);
        x = v128.shuffle<f32>(y0, y0, 2, 2, 2, 2);
        c00 = madd(x, b0, c00);
        c01 = madd(x, b1, c01);
        x = v128.shuffle<f32>(y1, y1, 2, 2, 2, 2);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
        x = v128.shuffle<f32>(y2, y2, 2, 2, 2, 2);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
        x = v128.shuffle<f32>(y3, y3, 2, 2, 2, 2);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
        q += ldb;
        b0 = v128.load(q);
        b1 = v128.load(q, 16);
        x = v128.shuffle<f32>(y0, y0, 3, 3, 3, 3);
        c00 = madd(x, b0, c00);
        c01 = madd(x, b1, c01);
        x = v128.shuffle<f32>(y1, y1, 3, 3, 3, 3);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
        x = v128.shuffle<f32>(y2, y2, 3, 3, 3, 3);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
        x = v128.shuffle<f32>(y3, y3, 3, 3, 3, 3);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
        q += ldb;
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
      }
      for (; n > 0; --n) {
        const b0 = v128.load(q);
        const b1 = v128.load(q, 16);
        let x = v128.load32_splat(p0);
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
        q += ldb;
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
      }
      if (!second) break;
      p0 = a2;
      q = second;
      n = k;
      second = 0;
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
      mask += ldc;
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

/** `tiles` times four rows by 4 columns, likewise. */
export function rows4x4(
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
  mask: usize,
): void {
  const down = lda * 4;
  for (; tiles > 0; --tiles, a += down, a2 += down) {
    let c00 = v128.load(i);
    i += ldi;
    let c10 = v128.load(i);
    i += ldi;
    let c20 = v128.load(i);
    i += ldi;
    let c30 = v128.load(i);
    i += ldi;
    let p0 = a, q = b, n = k, second = b2;
    for (;;) {
      let p1 = p0 + lda, p2 = p1 + lda, p3 = p2 + lda;
      for (; n >= 4; n -= 4) {
        const y0 = v128.load(p0), y1 = v128.load(p1), y2 = v128.load(p2), y3 = v128.load(p3);
        let b0 = v128.load(q);
        let x = v128.shuffle<f32>(y0, y0, 0, 0, 0, 0);
        c00 = madd(x, b0, c00);
        x = v128.shuffle<f32>(y1, y1, 0, 0, 0, 0);
        c10 = madd(x, b0, c10);
        x = v128.shuffle<f32>(y2, y2, 0, 0, 0, 0);
        c20 = madd(x, b0, c20);
        x = v128.shuffle<f32>(y3, y3, 0, 0, 0, 0);
        c30 = madd(x, b0, c30);
        q += ldb;
        b0 = v128.load(q);
        x = v128.shuffle<f32>(y0, y0, 1, 1, 1, 1);
        c00 = madd(x, b0, c00);
        x = v128.shuffle<f32>(y1, y1, 1, 1, 1, 1);
        c10 = madd(x, b0, c10);
        x = v128.shuffle<f32>(y2, y2, 1, 1, 1, 1);
        c20 = madd(x, b0, c20);
        x = v128.shuffle<f32>(y3, y3, 1, 1, 1, 1);
        c30 = madd(x, b0, c30);
        q += ldb;
        b0 = v128.load(q);
        x = v128.shuffle<f32>(y0, y0, 2, 2, 2, 2);
        c00 = madd(x, b0, c00);
        x = v128.shuffle<f32>(y1, y1, 2, 2, 2, 2);
        c10 = madd(x, b0, c10);
        x = v128.shuffle<f32>(y2, y2, 2, 2, 2, 2);
        c20 = madd(x, b0, c20);
        x = v128.shuffle<f32>(y3, y3, 2, 2, 2, 2);
        c30 = madd(x, b0, c30);
        q += ldb;
        b0 = v128.load(q);
        x = v128.shuffle<f32>(y0, y0, 3, 3, 3, 3);
        c00 = madd(x, b0, c00);
        x = v128.shuffle<f32>(y1, y1, 3, 3, 3, 3);
        c10 = madd(x, b0, c10);
        x = v128.shuffle<f32>(y2, y2, 3, 3, 3, 3);
        c20 = madd(x, b0, c20);
        x = v128.shuffle<f32>(y3, y3, 3, 3, 3, 3);
        c30 = madd(x, b0, c30);
        q += ldb;
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
      }
      for (; n > 0; --n) {
        const b0 = v128.load(q);
        let x = v128.load32_splat(p0);
        c00 = madd(x, b0, c00);
        x = v128.load32_splat(p1);
        c10 = madd(x, b0, c10);
        x = v128.load32_splat(p2);
        c20 = madd(x, b0, c20);
        x = v128.load32_splat(p3);
        c30 = madd(x, b0, c30);
        q += ldb;
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
      }
      if (!second) break;
      p0 = a2;
      q = second;
      n = k;
      second = 0;
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
      mask += ldc;
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
