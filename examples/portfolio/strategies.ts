/**
 * What the portfolio example compares: one set of forecasts under six ways to divide capital, the baselines' forecasts, and
 * holding everything. All of them trade the same bars with the same costs.
 * @module
 */
import {
  type Candles,
  DataError,
  type Engine,
  executePortfolio,
  type MetaState,
  type PortfolioWeighting,
} from "@adaptrade/adaptrade";
import {
  forecastMarket,
  forecastsWithin,
  type MarketForecasts,
  type PortfolioOptions,
  type PortfolioResult,
  sizeForecasts,
} from "@adaptrade/adaptrade/backtest";

/** Ways to divide the capital, by the name they are printed with. */
export const WEIGHTINGS: readonly (readonly [name: string, weighting: PortfolioWeighting])[] = [
  ["equal", { kind: "equal" }],
  ["inverse volatility", { kind: "inverse-volatility" }],
  ["return over risk", { kind: "return-over-risk" }],
  ["minimum variance", { kind: "minimum-variance" }],
  ["risk parity", { kind: "risk-parity" }],
  ["hierarchical", { kind: "hierarchical" }],
];

/** Forecasts of every market that is long enough; the others are named. */
export async function forecastAll(
  engine: Engine,
  state: MetaState,
  markets: readonly Candles[],
  options: Parameters<typeof forecastMarket>[3] & { readonly signal: AbortSignal },
): Promise<{ readonly forecasts: MarketForecasts[]; readonly left: string[] }> {
  const forecasts: MarketForecasts[] = [];
  const left: string[] = [];
  for (const candles of markets) {
    options.signal.throwIfAborted();
    try {
      forecasts.push(await forecastMarket(engine, state, candles, options));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      left.push(candles.symbol);
    }
  }
  return { forecasts, left };
}

/** The part of forecasts that begins at a time; markets without it are left out. */
export function forecastsFrom(forecasts: readonly MarketForecasts[], from: number): MarketForecasts[] {
  return forecasts.flatMap((one) => forecastsWithin(one, { from, to: Infinity }) ?? []);
}

/** Trades forecasts on one capital. */
export function runForecasts(
  strategy: string,
  forecasts: readonly MarketForecasts[],
  options: PortfolioOptions,
): PortfolioResult {
  return executePortfolio(forecasts.map((one) => sizeForecasts(one, options)), { ...options, strategy });
}

/** Holds every market of the forecasts, long. */
export function holdAll(
  strategy: string,
  forecasts: readonly MarketForecasts[],
  options: PortfolioOptions,
): PortfolioResult {
  const { exits: _, ...held } = options;
  const markets = forecasts.map(({ predictions: { length }, ...market }) => ({
    ...market,
    sizes: new Float64Array(length).fill(1),
  }));
  return executePortfolio(markets, { ...held, strategy });
}
