/**
 * Several markets held at one risk: each in inverse of the volatility that somebody expects of it, all of them scaled by how
 * they moved together. Who expects it, and who executes it, is said elsewhere.
 * @module
 */
import { type Candles, metrics } from "@adaptrade/adaptrade";
import type { PortfolioMarket, PortfolioResult } from "@adaptrade/adaptrade/backtest";
import type { Forecasts } from "@adaptrade/adaptrade/forecast";
import {
  type PortfolioWeighting,
  shrunkCovariance,
  volatilityTargetPositions,
  type WeighedMarket,
} from "@adaptrade/adaptrade/trading";

/** Bars that correlations are taken over, and below which markets count as one. */
const WINDOW = { most: 250, least: 20 };

/** A market with the size that it would have alone: at the target by the volatility expected of each bar; whole without one. */
export function heldMarket(
  candles: Candles,
  { bar, horizon }: Forecasts,
  at: { readonly volatility: Float64Array; readonly target?: number },
): PortfolioMarket {
  const { volatility, target } = at;
  const sizes = target === undefined ? volatility.map(() => 1) : volatilityTargetPositions(volatility, { target });
  return { candles, start: bar[0], sizes, volatility, horizon };
}

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
 * is divided by it. Correlations are those of the last bars that all of them have.
 */
export const AT_ONE_RISK: PortfolioWeighting = {
  kind: "custom",
  name: "at one risk",
  window: WINDOW.most,
  weigh: (markets) => {
    const together = Math.sqrt(correlationSum(markets.filter(({ size }) => size > 0)));
    return markets.map(({ size }) => size > 0 ? size / together : 0);
  },
};

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
