/**
 * Several markets at one risk: those that are each sized for it, scaled by how they moved together; how near they came to it; and
 * how seldom they may be traded for that. Whose sizes they are is said elsewhere.
 * @module
 */
import { metrics } from "@adaptrade/adaptrade";
import type { PortfolioResult } from "@adaptrade/adaptrade/backtest";
import { type PortfolioWeighting, shrunkCovariance, type WeighedMarket } from "@adaptrade/adaptrade/trading";

/** Bars that correlations are taken over, and below which markets count as one. */
const WINDOW = { most: 250, least: 20 };

/** Σ of the correlations among markets: their number where none follows another, its square where all move as one. */
function correlationSum(markets: readonly WeighedMarket[]): number {
  const { length } = markets;
  const bars = Math.min(...markets.map(({ returns }) => returns?.length ?? 0));
  if (length === 0 || bars < WINDOW.least) return length ** 2;
  const rows = Float64Array.from(
    { length: bars * length },
    (_, i) => markets[i % length].returns!.at(Math.floor(i / length) - bars)!,
  );
  const { covariance } = shrunkCovariance(rows, length);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) {
      sum += covariance[i * length + j] / Math.sqrt(covariance[i * length + i] * covariance[j * length + j]);
    }
  }
  return Number.isFinite(sum) ? sum : length ** 2;
}

/**
 * Brings markets that are each sized for a risk to that risk together: n positions of one risk each have that of √ΣΣρ, so each
 * is divided by it. Correlations are those of the last bars that all of them have. A position within the band stays as it is.
 *
 * @param band Share of the target that a position may be off by before it is traded.
 */
export function atOneRisk(band: number): PortfolioWeighting {
  return {
    kind: "custom",
    name: "at one risk",
    window: WINDOW.most,
    weigh: (markets) => {
      const together = Math.sqrt(correlationSum(markets.filter(({ size }) => size > 0)));
      return markets.map(({ size, held }) => {
        const target = size > 0 ? size / together : 0;
        return Math.abs(target - held) <= band * target ? held : target;
      });
    },
  };
}

/** Bars whose realised risk is held against the target, without overlap. */
export const JUDGED_BARS = 20;

/** Deviation of the logarithm of so many normal returns' own deviation: what is left were every forecast exact. */
export const LEAST_ERROR = 1 / Math.sqrt(2 * (JUDGED_BARS - 1));

/** Squared ln(realised risk / target), a year, of a portfolio over consecutive stretches of bars. */
export function riskErrors({ netReturns, periodsPerYear }: PortfolioResult, risk: number): Float64Array {
  const windows = Math.floor(netReturns.length / JUDGED_BARS);
  return Float64Array.from({ length: windows }, (_, w) => {
    const own = netReturns.subarray(w * JUDGED_BARS, (w + 1) * JUDGED_BARS);
    const { annualizedVolatility } = metrics(own, { periodsPerYear });
    return Math.log(annualizedVolatility! / risk) ** 2;
  });
}

/** Root mean squared ln(realised risk / target); null where a portfolio lived too short to tell. */
export function logError(result: PortfolioResult, risk: number): number | null {
  const errors = riskErrors(result, risk);
  return errors.length === 0 ? null : Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / errors.length);
}

/** Bands that are tried, ascending, and how much worse than at the first the risk may be met. */
const BANDS = [0, 0.1, 0.2, 0.3, 0.5];
const TOLERANCE = 1.05;

/** A portfolio on validation. */
export interface TriedBand {
  /** Share of the target that a position may be off by before it is traded. */
  readonly band: number;
  /** Log error; null where validation is too short to tell. */
  readonly error: number | null;
  /** Turnover a year. */
  readonly turnover: number | null;
}

/**
 * Trades as little as the risk allows: the widest of some bands whose log error is within a twentieth of that of none.
 *
 * @param run The portfolio on validation bars with a band.
 * @param risk Volatility a year that it aims at.
 * @returns What was chosen, and what it would have been without a band.
 */
export function chooseBand(
  run: (band: number) => PortfolioResult,
  risk: number,
): { readonly chosen: TriedBand; readonly without: TriedBand } {
  const tried = BANDS.map((band): TriedBand => {
    const result = run(band);
    return { band, error: logError(result, risk), turnover: result.metrics.turnover };
  });
  const [without] = tried;
  const most = TOLERANCE * (without.error ?? NaN);
  return { chosen: tried.findLast(({ error }) => error !== null && error <= most) ?? without, without };
}
