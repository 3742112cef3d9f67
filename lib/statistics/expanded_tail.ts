/**
 * How far out the quantiles of a block bootstrap must be taken for an interval that covers what it says. Resamples of few blocks
 * vary too little, and how much they vary is itself hardly known; a plain 95% percentile interval of 250 bars covers 93%.
 * @module
 */
import { normalCdf } from "./normal.ts";
import { studentTCdf } from "./student_t.ts";

/** Fewest degrees of freedom, and least share of the variance, that are reckoned with. */
const FEWEST_FREEDOM = 2;
const LEAST_VARIANCE = 0.25;

/** The t above which `tail` of Student's distribution lies, by bisection. */
function studentQuantile(tail: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentTCdf(-high, freedom) > tail) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentTCdf(-middle, freedom) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The probability to leave out at each end of a stationary bootstrap's resamples for an interval of a nominal level: the
 * expanded percentile interval (Hesterberg 2015, section 5.2) for blocks of mean length b. With q = 1 − 1/b the variance of a
 * resampled mean weighs autocovariances by q^|k|; each is estimated short by 1/n of the variance, so that the whole is short by
 * (2b − 1)/n, and the estimate has the freedom n (1 − q²)/(1 + q²) of a spectral estimate with such weights (Priestley 1981,
 * section 6.2).
 *
 * @param level Coverage asked for, within (0, 1).
 * @param bars Bars n, at least 2.
 * @param block Mean block length b, at least 1.
 * @returns A probability below (1 − level) / 2.
 */
export function expandedTail(level: number, bars: number, block: number): number {
  const q2 = (1 - 1 / block) ** 2;
  const freedom = Math.max(FEWEST_FREEDOM, bars * (1 - q2) / (1 + q2));
  const variance = Math.max(LEAST_VARIANCE, 1 - (2 * block - 1) / bars);
  return normalCdf(-studentQuantile((1 - level) / 2, freedom) / Math.sqrt(variance));
}
