/**
 * Four-lane arithmetic: multiply-add, and exp, log1p and tanh after Cephes (Moshier) to about one unit in the last place.
 * @module
 */

/** a·b + c, fused where the build has relaxed SIMD. */

export function madd(a: v128, b: v128, c: v128): v128 {
  if (isDefined(PLAIN_SIMD)) return f32x4.add(f32x4.mul(a, b), c);
  else return f32x4.relaxed_madd(a, b, c);
}

export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** Sum of the four lanes. */

export function sumLanes(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2) +
    (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3));
}

/** Lane sums of four vectors, as one vector. */

export function sumLanes4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

export function vexp(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, splat(88.0)), splat(-87.3));
  const n = f32x4.nearest(f32x4.mul(clamped, splat(1.44269504088896341)));
  let r = madd(n, splat(-0.693359375), clamped);
  r = madd(n, splat(2.12194440e-4), r);
  let p = madd(splat(1.9875691500e-4), r, splat(1.3981999507e-3));
  p = madd(p, r, splat(8.3334519073e-3));
  p = madd(p, r, splat(4.1665795894e-2));
  p = madd(p, r, splat(1.6666665459e-1));
  p = madd(p, r, splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  const result = f32x4.mul(p, power);
  return v128.bitselect(x, result, f32x4.ne(x, x));
}

/** log(1 + x) for x in [0, 1]. */

export function vlog1p(x: v128): v128 {
  const one = splat(1);
  const sum = f32x4.add(one, x);
  const large = f32x4.gt(sum, splat(1.41421356237));
  const f = v128.bitselect(f32x4.mul(f32x4.sub(x, one), splat(0.5)), x, large);
  let p = madd(splat(7.0376836292e-2), f, splat(-1.1514610310e-1));
  p = madd(p, f, splat(1.1676998740e-1));
  p = madd(p, f, splat(-1.2420140846e-1));
  p = madd(p, f, splat(1.4249322787e-1));
  p = madd(p, f, splat(-1.6668057665e-1));
  p = madd(p, f, splat(2.0000714765e-1));
  p = madd(p, f, splat(-2.4999993993e-1));
  p = madd(p, f, splat(3.3333331174e-1));
  const square = f32x4.mul(f, f);
  const log = f32x4.add(madd(f32x4.mul(square, f), p, f32x4.mul(square, splat(-0.5))), f);
  return f32x4.add(log, v128.and(large, splat(0.69314718056)));
}

/** 1 / (1 + e⁻ˣ). */

export function vsigmoid(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), vexp(f32x4.neg(x))));
}

/** log(1 + eˣ). */

export function vsoftplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, splat(0)), vlog1p(vexp(f32x4.neg(f32x4.abs(x)))));
}

export function vtanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = madd(splat(-5.70498872745e-3), square, splat(2.06390887954e-2));
  p = madd(p, square, splat(-5.37397155531e-2));
  p = madd(p, square, splat(1.33314422036e-1));
  p = madd(p, square, splat(-3.33332819422e-1));
  const near = madd(f32x4.mul(p, square), x, x);
  const e = vexp(f32x4.add(size, size));
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(e, splat(1))));
  const signed = v128.or(far, v128.and(x, splat(-0.0)));
  return v128.bitselect(near, signed, f32x4.lt(size, splat(0.625)));
}
