/**
 * Arithmetic on vectors of float32 lanes, as a primitive's wasm column is written in it. What a vector is, the executor says.
 * The elementary functions are polynomials after Cephes (Moshier), good to about two units in the last place.
 * @module
 */

/** Operations on vectors; `V` stands for one. Comparisons give masks: all bits of a lane set where it holds. */
export interface Lanes<V> {
  /** One number in every lane. */
  number(value: number): V;
  /** a + b */
  add(a: V, b: V): V;
  /** a − b */
  sub(a: V, b: V): V;
  /** a · b */
  mul(a: V, b: V): V;
  /** a / b */
  div(a: V, b: V): V;
  /** a · b + c, rounded once where the host can. */
  madd(a: V, b: V, c: V): V;
  /** √x */
  sqrt(x: V): V;
  /** |x| */
  abs(x: V): V;
  /** b < a ? b : a */
  pmin(a: V, b: V): V;
  /** a < b ? b : a */
  pmax(a: V, b: V): V;
  /** The nearest whole number, halves to even. */
  nearest(x: V): V;
  /** Where a > b. */
  gt(a: V, b: V): V;
  /** Where a is not b, or either is NaN. */
  ne(a: V, b: V): V;
  /** Bits of both. */
  and(a: V, b: V): V;
  /** Bits of a that are not in b. */
  andnot(a: V, b: V): V;
  /** Bits of either. */
  or(a: V, b: V): V;
  /** Lanes of a where the mask holds, else of b. */
  choose(mask: V, a: V, b: V): V;
  /** 2ⁿ for whole n from −126 to 127. */
  power(n: V): V;
  /** x > 0 as m · 2ᵉ with m in [½, 1): [m, e]. */
  split(x: V): readonly [V, V];
}

/** Σ c_i xⁱ, highest coefficient first. */
function polynomial<V>(s: Lanes<V>, x: V, [first, ...rest]: readonly number[]): V {
  return rest.reduce((sum, c) => s.madd(sum, x, s.number(c)), s.number(first));
}

/** x = n·ln 2 + r as [eʳ − 1, 2ⁿ], for x from −87.3 to 88. */
function parts<V>(s: Lanes<V>, x: V): readonly [V, V] {
  const n = s.nearest(s.mul(x, s.number(1.44269504088896341)));
  const r = s.madd(n, s.number(2.1219444e-4), s.madd(n, s.number(-0.693359375), x));
  const p = polynomial(s, r, [
    1.98756915e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
  ]);
  return [s.madd(p, s.mul(r, r), r), s.power(n)];
}

/** eˣ */
export function exp<V>(s: Lanes<V>, x: V): V {
  const [rest, scale] = parts(s, s.pmax(s.pmin(x, s.number(88)), s.number(-87.3)));
  const result = s.madd(rest, scale, scale);
  const huge = s.choose(s.gt(x, s.number(88.722839)), s.number(Infinity), result);
  return s.choose(s.ne(x, x), x, huge);
}

const LOG = [
  7.0376836292e-2,
  -1.1514610310e-1,
  1.1676998740e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
];

/** log(1 + f) for f in [√½ − 1, √2 − 1]. */
function logNearOne<V>(s: Lanes<V>, f: V): V {
  const square = s.mul(f, f);
  return s.add(s.madd(s.mul(square, f), polynomial(s, f, LOG), s.mul(square, s.number(-0.5))), f);
}

/** The natural logarithm. */
export function log<V>(s: Lanes<V>, x: V): V {
  const [m, e] = s.split(s.pmax(x, s.number(1.17549435e-38)));
  const small = s.gt(s.number(Math.SQRT1_2), m);
  const f = s.sub(s.add(m, s.and(small, m)), s.number(1));
  const n = s.sub(e, s.and(small, s.number(1)));
  const result = s.madd(n, s.number(0.69314718056), logNearOne(s, f));
  const infinite = s.choose(s.gt(x, s.number(3.4028234e38)), x, result);
  const zero = s.choose(s.gt(x, s.number(0)), infinite, s.number(-Infinity));
  const below = s.or(s.gt(s.number(0), x), s.ne(x, x));
  return s.choose(below, s.number(NaN), zero);
}

/** log(1 + eˣ), without overflow. */
export function softplus<V>(s: Lanes<V>, x: V): V {
  const one = s.number(1);
  const t = exp(s, s.sub(s.number(0), s.abs(x)));
  const large = s.gt(t, s.number(Math.SQRT2 - 1));
  const f = s.choose(large, s.mul(s.sub(t, one), s.number(0.5)), t);
  const log1p = s.add(logNearOne(s, f), s.and(large, s.number(Math.LN2)));
  return s.add(s.choose(s.gt(s.number(0), x), s.number(0), x), log1p);
}

/** The hyperbolic tangent: t / (t + 2) with t = e²ˣ − 1; past 10 it is 1. */
export function tanh<V>(s: Lanes<V>, x: V): V {
  const bounded = s.pmax(s.pmin(x, s.number(10)), s.number(-10));
  const [rest, scale] = parts(s, s.add(bounded, bounded));
  const t = s.madd(rest, scale, s.sub(scale, s.number(1)));
  return s.div(t, s.add(t, s.number(2)));
}
