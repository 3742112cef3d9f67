/**
 * Stops, targets, thresholds and sizes as numbers that `tuneRisk` can search, judged by the account itself on validation
 * windows: the same fills, gaps and costs as the test. It adapts nothing and reads no bar at or after a window's end.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { RiskEvaluator, RiskSettings } from "../trading/tune_risk.ts";
import type { ExitDistance } from "../trading/exits.ts";
import type { PortfolioOptions } from "./backtest_portfolio.ts";
import { forecastsWithin, type MarketForecasts, sizeForecasts } from "./forecast_market.ts";
import { executePortfolio } from "./portfolio.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** Settings that {@linkcode withRiskSettings} knows; 0 stands for none. */
export const RISK_SETTINGS = [
  "threshold",
  "stop",
  "stopVolatility",
  "takeProfit",
  "takeProfitVolatility",
  "volatilityTarget",
  "kellyFraction",
] as const;

function distance(settings: RiskSettings, name: "stop" | "takeProfit"): ExitDistance | undefined | null {
  const [fraction, volatility] = [settings[name], settings[`${name}Volatility`]];
  if (fraction !== undefined && volatility !== undefined) {
    throw new RangeError(`Cannot set risk: expected ${name} or ${name}Volatility, received both`);
  }
  if (fraction === undefined && volatility === undefined) return undefined;
  if (fraction) return { fraction };
  return volatility ? { volatility } : null;
}

/**
 * Options with tuned settings in them. What the settings do not name stays; a distance or target of 0 takes the rule away.
 *
 * @param options How to trade without them.
 * @param settings Numbers by name: `threshold`, `stop` or `stopVolatility`, `takeProfit` or `takeProfitVolatility`,
 *   `volatilityTarget` or `kellyFraction`.
 * @throws {RangeError} A name is unknown, or two say the same.
 *
 * @example
 * ```ts
 * import { withRiskSettings } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * const { exits, threshold, mode } = withRiskSettings({ mode: "long-flat" }, { stopVolatility: 3, threshold: 0.002 });
 * assertEquals([exits?.stop, threshold, mode], [{ volatility: 3 }, 0.002, "long-flat"]);
 * ```
 */
export function withRiskSettings(options: PortfolioOptions, settings: RiskSettings): PortfolioOptions {
  requireKnownKeys("Cannot set risk", "options", options, BACKTEST_KEYS);
  const unknown = Object.keys(settings).find((name) => !(RISK_SETTINGS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`Cannot set risk: expected one of ${RISK_SETTINGS.join(", ")}, received ${unknown}`);
  }
  const { threshold = options.threshold, volatilityTarget, kellyFraction } = settings;
  if (volatilityTarget !== undefined && kellyFraction !== undefined) {
    throw new RangeError("Cannot set risk: expected volatilityTarget or kellyFraction, received both");
  }
  const stop = distance(settings, "stop");
  const takeProfit = distance(settings, "takeProfit");
  const trailing = options.exits?.stop?.trailing && { trailing: true };
  let { sizing } = options;
  if (volatilityTarget) sizing = { kind: "volatility", target: volatilityTarget };
  else if (kellyFraction) sizing = { kind: "kelly", fraction: kellyFraction };
  else if (volatilityTarget === 0 || kellyFraction === 0) sizing = { kind: "threshold" };
  return {
    ...options,
    ...(threshold !== undefined && { threshold }),
    ...(sizing !== undefined && { sizing }),
    exits: {
      ...options.exits,
      ...(stop !== undefined && { stop: stop === null ? undefined : { ...stop, ...trailing } }),
      ...(takeProfit !== undefined && { takeProfit: takeProfit ?? undefined }),
    },
  };
}

/**
 * What `tuneRisk` needs: net returns of forecasts traded with the settings over a window, costs, gaps and stops included.
 * Forecasts are made once, before; only what is done with them is searched.
 *
 * @param forecasts Of one market or of several that share one capital.
 * @param options How to trade, but for the settings.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { forecastMarket, riskEvaluator } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const from = dax.time[dax.time.length - 60];
 * const forecasts = await forecastMarket(engine, state, dax, { from, supportRows: 20 });
 * const evaluate = riskEvaluator([forecasts]);
 * const window = { from, to: Infinity };
 * assertEquals((await evaluate({}, window)).every(Number.isFinite), true);
 * ```
 */
export function riskEvaluator(forecasts: readonly MarketForecasts[], options: PortfolioOptions = {}): RiskEvaluator {
  requireKnownKeys("Cannot judge risk", "options", options, BACKTEST_KEYS);
  return (settings, window) => {
    const trading = withRiskSettings(options, settings);
    const markets = forecasts.flatMap((one) => {
      const within = forecastsWithin(one, window);
      return within ? [sizeForecasts(within, trading)] : [];
    });
    if (markets.length === 0) {
      throw new DataError(`Cannot judge risk: no market has two decisions between ${window.from} and ${window.to}`);
    }
    return executePortfolio(markets, trading).netReturns;
  };
}
