/**
 * How returns are distributed: a histogram and its moments beside those of a normal distribution. Bars on which nothing was
 * held are counted apart: their spike at 0 would hide the rest.
 * @module
 */
import { normalCdf } from "../../statistics/normal.ts";
import { sharpeEstimate } from "../../statistics/sharpe_estimate.ts";
import { lowerTail } from "../../statistics/tail_risk.ts";

/** One bin of a histogram. */
export interface ReturnBin {
  /** Lower edge, as a fraction; the first bin also holds what lies below it. */
  readonly from: number;
  /** Upper edge, as a fraction; the last bin also holds what lies at or above it. */
  readonly to: number;
  /** Returns in it. */
  readonly count: number;
  /** Returns that a normal distribution of the same mean and deviation would have in it. */
  readonly normal: number;
}

/** Distribution of the returns of bars on which something was held. Fractions; null where there are too few of them. */
export interface ReturnDistribution {
  /** Equal bins over the central 99%, ascending; empty when fewer than 2 returns vary. */
  readonly bins: readonly ReturnBin[];
  /** Bars counted. */
  readonly bars: number;
  /** Bars left out: the market moved nothing in the account. */
  readonly idle: number;
  /** Mean. */
  readonly mean: number | null;
  /** Sample deviation. */
  readonly deviation: number | null;
  /** Third standardised moment; 0 for a normal distribution. */
  readonly skewness: number | null;
  /** Fourth standardised moment; 3 for a normal distribution. */
  readonly kurtosis: number | null;
  /** Lowest. */
  readonly worst: number | null;
  /** Highest. */
  readonly best: number | null;
  /** 5% quantile: one bar in twenty was worse. */
  readonly valueAtRisk: number | null;
  /** Mean of the returns at or below the 5% quantile. */
  readonly expectedShortfall: number | null;
}

const MOST_BINS = 41;

/**
 * Describes the net returns of bars on which something was held.
 *
 * @param returns Net return of each bar, `[bars]`.
 * @param gross Return of each bar had its fills been free, `[bars]`: bars at 0 are left out (default the net returns).
 */
export function returnDistribution(returns: Float64Array, gross: Float64Array = returns): ReturnDistribution {
  const sorted = returns.filter((_, t) => gross[t] !== 0).sort();
  const bars = sorted.length;
  const { skewness, kurtosis, sharpe } = sharpeEstimate(sorted);
  const mean = bars > 0 ? sorted.reduce((sum, r) => sum + r, 0) / bars : null;
  const tail = lowerTail(sorted, 0.05);
  const shape = {
    bars,
    idle: returns.length - bars,
    mean,
    skewness,
    kurtosis,
    worst: sorted[0] ?? null,
    best: sorted[bars - 1] ?? null,
    valueAtRisk: bars > 0 ? tail[tail.length - 1] : null,
    expectedShortfall: bars > 0 ? tail.reduce((sum, r) => sum + r, 0) / tail.length : null,
  };
  if (mean === null || sharpe === null) return { ...shape, deviation: null, bins: [] };
  const deviation = Math.sqrt(sorted.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (bars - 1));
  return { ...shape, deviation, bins: binned(sorted, mean, deviation) };
}

/** Equal bins over the central 99% of sorted returns, about as wide as Freedman & Diaconis (1981) ask for. */
function binned(sorted: Float64Array, mean: number, deviation: number): ReturnBin[] {
  const quantile = (q: number): number => sorted[Math.round(q * (sorted.length - 1))];
  let [low, high] = [quantile(0.005), quantile(0.995)];
  if (low === high) [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const width = 2 * (quantile(0.75) - quantile(0.25)) / Math.cbrt(sorted.length);
  const count = width > 0 ? Math.min(MOST_BINS, Math.max(5, Math.ceil((high - low) / width))) : MOST_BINS;
  const edge = (i: number): number => low + (high - low) * i / count;
  const counts = new Array<number>(count).fill(0);
  for (const r of sorted) counts[Math.min(count - 1, Math.max(0, Math.floor((r - low) / (high - low) * count)))]++;
  const below = (i: number): number => i === 0 ? 0 : i === count ? 1 : normalCdf((edge(i) - mean) / deviation);
  return counts.map((found, i) => ({
    from: edge(i),
    to: edge(i + 1),
    count: found,
    normal: sorted.length * (below(i + 1) - below(i)),
  }));
}
