/**
 * What can be lost: the tails of a series of returns, and how long and deep it stays under water. Historical, never a normal
 * approximation; an undefined figure is null with a reason.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type Figure, figure, undefinedFigure } from "./figure.ts";
import { requireReturns } from "./sharpe_estimate.ts";

/** What {@linkcode tailRisk} takes. */
export interface TailRiskOptions {
  /** Probability of the tail, within (0, 0.5) (default 0.05: one bar in twenty). */
  readonly tail?: number;
  /** Return a bar that a gain is counted from in Omega, as a fraction (default 0). */
  readonly threshold?: number;
}

/** The tails of a series of returns; returns and drawdowns as fractions, losses below 0. */
export interface TailRisk {
  /** The worst return but for the tail's share: as many bars at or below it as the tail has, rounded up. */
  readonly valueAtRisk: Figure;
  /** Mean of the returns at or below it (CVaR, expected shortfall). */
  readonly expectedShortfall: Figure;
  /** Σ max(r − threshold, 0) / Σ max(threshold − r, 0) (Keating & Shadwick 2002). */
  readonly omega: Figure;
  /** Best return but for the tail's share / |value at risk|: above 1 the right tail is the longer. */
  readonly tailRatio: Figure;
  /** √ of the mean squared drawdown over all bars (Martin 1987). */
  readonly ulcerIndex: Figure;
}

const TAIL_RISK_KEYS: OptionKeys<TailRiskOptions> = { tail: true, threshold: true };

/**
 * The lowest values of a sorted series that a tail holds, at least one: `⌈tail · n⌉` of them.
 *
 * @param sorted Ascending, at least one.
 * @param tail Share, within (0, 1).
 */
export function lowerTail(sorted: Float64Array, tail: number): Float64Array {
  // 0.05 · 100 is 5.000…1 in floating point, and five bars all the same.
  return sorted.subarray(0, Math.max(1, Math.ceil(tail * sorted.length * (1 - 1e-12))));
}

function ulcer(returns: Float64Array): number {
  let [equity, peak, squares] = [1, 1, 0];
  for (const r of returns) {
    equity *= 1 + r;
    peak = Math.max(peak, equity);
    squares += (equity / peak - 1) ** 2;
  }
  return Math.sqrt(squares / returns.length);
}

/**
 * Describes the tails of a series of net returns.
 *
 * @param returns Net return of each bar, as a fraction, `[bars]`.
 * @param options The tail's probability, and the threshold of Omega.
 * @returns Figures of one bar, none annualised.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} A return is not finite.
 *
 * @example
 * ```ts
 * import { tailRisk } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const { valueAtRisk, expectedShortfall, omega } = tailRisk(Float64Array.of(0.03, -0.04, -0.02, 0.01), { tail: 0.4 });
 * assertEquals([valueAtRisk.value, expectedShortfall.value, omega.value], [-0.02, -0.03, 0.04 / 0.06]);
 * ```
 */
export function tailRisk(returns: Float64Array, options: TailRiskOptions = {}): TailRisk {
  requireKnownKeys("Cannot describe tails", "options", options, TAIL_RISK_KEYS);
  requireReturns("Cannot describe tails", returns);
  const { tail = 0.05, threshold = 0 } = options;
  if (!(tail > 0 && tail < 0.5)) {
    throw new RangeError(`Cannot describe tails: tail must be within (0, 0.5), got ${String(tail)}`);
  }
  if (!Number.isFinite(threshold)) {
    throw new RangeError(`Cannot describe tails: threshold must be finite, got ${String(threshold)}`);
  }
  const none = undefinedFigure("no bar");
  if (returns.length === 0) {
    return { valueAtRisk: none, expectedShortfall: none, omega: none, tailRatio: none, ulcerIndex: none };
  }
  const worst = lowerTail(returns.slice().sort(), tail);
  const atRisk = worst[worst.length - 1];
  const best = lowerTail(returns.map((r) => -r).sort(), tail);
  let [gains, losses] = [0, 0];
  for (const r of returns) {
    if (r > threshold) gains += r - threshold;
    else losses += threshold - r;
  }
  return {
    valueAtRisk: figure(atRisk),
    expectedShortfall: figure(worst.reduce((sum, r) => sum + r, 0) / worst.length),
    omega: losses > 0 ? figure(gains / losses) : undefinedFigure("no bar fell short of the threshold"),
    tailRatio: atRisk < 0 ? figure(-best[best.length - 1] / -atRisk) : undefinedFigure("the value at risk is no loss"),
    ulcerIndex: figure(ulcer(returns)),
  };
}
