/**
 * One more bar joins what an online learner, or a forecaster that follows markets, has seen. Nothing is learned here; see `update.ts`.
 * @module
 */
import type { Bar } from "../data/bar.ts";
import { isForecasting, type OnlineForecaster } from "./forecaster_state.ts";
import { followBar } from "./forecaster_steps.ts";
import { observeMarket } from "./market.ts";
import { marketIndex, type OnlineState } from "./state.ts";
import { requireKnownKeys } from "../options.ts";

/**
 * Observes one closed bar: its features are computed from the last `history` bars, and the labels that its close completes become
 * known. A pure function of the bars: live and replayed bars give bitwise the same state.
 *
 * @param state The state before the bar; it is not changed.
 * @param bar The bar; it must be later than the market's last one.
 * @param options `symbol` says whose bar it is; only needed with more than one market.
 * @returns The state after the bar.
 * @throws {TypeError} A value of the bar is not a finite number.
 * @throws {RangeError} A price is not above 0, the bar is not later than the last, or there is no such market.
 * @throws {DataError} The features do not reach the last bar: `history` is within their warm-up.
 *
 * @example
 * ```ts
 * import { barsOf, metaGradient, mlp, observe, onlineConfig, onlineInit, simulateMarket } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const [bar] = barsOf(candles);
 * const state = observe(onlineInit(config, [candles]), bar);
 * assertEquals(state.markets[0].count, 1);
 * ```
 */
export function observe<S extends OnlineState | OnlineForecaster>(
  state: S,
  bar: Bar,
  options: { readonly symbol?: string } = {},
): S {
  requireKnownKeys("Cannot observe a bar", "options", options, { symbol: true });
  const index = marketIndex(state, options.symbol);
  const market = state.markets[index];
  const next = isForecasting(state) ? followBar(state.config, market, bar) : observeMarket(state.config, market, bar);
  const after: S = { ...state, markets: Object.freeze(state.markets.with(index, next)) };
  return Object.freeze(after);
}
