/**
 * A model on several markets that share one capital: walk-forward forecasts of each, then `portfolio.ts`.
 * A market that is too short is left out by name, never padded.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import type { MetaState } from "../meta/state.ts";
import type { PortfolioTargetOptions } from "../trading/portfolio_weights.ts";
import type { BacktestOptions } from "./backtest.ts";
import { forecastMarket, riskMarket, sizeForecasts } from "./forecast_market.ts";
import { type PortfolioResult, portfolioSteps } from "./portfolio.ts";
import type { PortfolioMarket } from "./portfolio_walk.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";
import { inTurns, untilAborted } from "../event_loop.ts";

/** What {@linkcode backtestPortfolio} takes. */
export interface PortfolioOptions extends BacktestOptions, PortfolioTargetOptions {
  /** Name of the result (default `meta-learned`; of a forecaster of volatility `held at a risk`). */
  readonly strategy?: string;
  /** Hears of each market that has been forecast. */
  readonly onProgress?: (
    progress: { readonly market: string; readonly done: number; readonly markets: number },
  ) => void;
  /** Stops: its reason is thrown at once. */
  readonly signal?: AbortSignal;
}

/**
 * Forecasts each market by walking forward, sizes each forecast, and trades all of them on one capital.
 *
 * @param engine Where to adapt.
 * @param model The start to adapt from, or a forecaster of returns (with `others` for its means); one for all markets. One of log
 * volatility holds each market long at `sizing: { kind: "volatility", target }`, and weights read its forecasts.
 * @param markets Bars of each market, all of one bar length; times need not agree.
 * @param options Support, horizon, sizes, weights, costs, exits, time range.
 * @throws {DataError} No market is long enough; those that are not are named in the notes when others are.
 * @throws {RangeError} An option is out of range, or the forecaster forecasts no returns.
 *
 * @example
 * ```ts
 * import { backtestPortfolio, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const markets = await sampleMarkets({ symbols: ["DAX", "FTSE"] });
 * const options = { from: Date.UTC(1998, 0), weighting: { kind: "inverse-volatility" } } as const;
 * const { equity, initialCapital, shares } = await backtestPortfolio(engine, state, markets, options);
 * const earned = shares.reduce((sum, { pnl, cost }) => sum + pnl - cost, 0);
 * assertAlmostEquals(equity[equity.length - 1], initialCapital + earned, 1e-6);
 * ```
 */
export async function backtestPortfolio(
  engine: Engine,
  model: MetaState | Forecaster,
  markets: readonly Candles[],
  options: PortfolioOptions = {},
): Promise<PortfolioResult> {
  requireKnownKeys("Cannot run a portfolio", "options", options, BACKTEST_KEYS);
  const decided: PortfolioMarket[] = [];
  const short: string[] = [];
  const { signal, onProgress } = options;
  const isRisk = "members" in model && model.target.kind === "logVolatility" && options.sizing?.kind === "volatility";
  for (const candles of markets) {
    signal?.throwIfAborted();
    try {
      const market = isRisk
        ? riskMarket(engine, model, candles, options)
        : forecastMarket(engine, model, candles, options).then((forecasts) => sizeForecasts(forecasts, options));
      decided.push(await untilAborted(market, signal));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      short.push(error.message);
    }
    onProgress?.({ market: candles.symbol, done: decided.length + short.length, markets: markets.length });
  }
  if (decided.length === 0) {
    throw new DataError(`Cannot run a portfolio: no market can be traded: ${short.join("; ") || "none was given"}`);
  }
  const strategy = isRisk ? "held at a risk" : "meta-learned";
  const result = await inTurns(portfolioSteps(decided, { strategy, ...options }), signal);
  return { ...result, notes: [...short, ...result.notes] };
}
