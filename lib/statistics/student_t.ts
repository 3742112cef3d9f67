/**
 * Student's t distribution, for tests with few observations. It holds no noncentral one.
 * @module
 */

/** Where the series of {@linkcode gammaRatio} is exact to double precision. */
const SERIES_FROM = 64;

/** Γ(a + ½) / Γ(a) for a > 0: its asymptotic series (Tricomi & Erdélyi 1951), reached by Γ(a + 1) = a Γ(a). */
function gammaRatio(a: number): number {
  let factor = 1;
  let at = a;
  for (; at < SERIES_FROM; at++) factor *= at / (at + 0.5);
  const u = 1 / at;
  const series = 1 + u * (-1 / 8 + u * (1 / 128 + u * (5 / 1024 + u * (-21 / 32768 + u * (-399 / 262144)))));
  return factor * Math.sqrt(at) * series;
}

/** Continued fraction of the incomplete beta function by Lentz's method (Press et al. 2007, section 6.4). */
function betaFraction(a: number, b: number, x: number): number {
  const away = (value: number): number => Math.abs(value) < 1e-300 ? 1e-300 : value;
  let c = 1;
  let d = 1 / away(1 - (a + b) * x / (a + 1));
  let h = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h;
}

/**
 * P(T ≤ t) for Student's t with ν degrees of freedom: half the incomplete beta function I_x(ν/2, ½) at x = ν/(ν + t²), to
 * about 1e-11 of itself in the lower tail.
 *
 * @param t Any number.
 * @param freedom Degrees of freedom ν, above 0.
 * @throws {RangeError} `freedom` is not above 0, or `t` is NaN.
 */
export function studentTCdf(t: number, freedom: number): number {
  if (!(freedom > 0) || Number.isNaN(t)) {
    throw new RangeError(`Cannot take a probability of Student's t: got t = ${t}, ${freedom} degrees of freedom`);
  }
  if (t === 0) return 0.5;
  if (Math.abs(t) === Infinity) return t < 0 ? 0 : 1;
  const a = freedom / 2;
  const [x, rest] = [freedom / (freedom + t * t), t * t / (freedom + t * t)];
  // x^a (1 − x)^½ / B(a, ½), with B(a, ½) = √π Γ(a) / Γ(a + ½).
  const front = Math.exp(-a * Math.log1p(t * t / freedom)) * Math.sqrt(rest / Math.PI) * gammaRatio(a);
  const beta = x < (a + 1) / (a + 2.5)
    ? front * betaFraction(a, 0.5, x) / a
    : 1 - front * betaFraction(0.5, a, rest) / 0.5;
  return t < 0 ? beta / 2 : 1 - beta / 2;
}
