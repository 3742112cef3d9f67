/**
 * One more bar joins what an online learner has seen. Nothing is learned here; see `update.ts`.
 * @module
 */
import type { Bar } from "../data/bar.ts";
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
 */
export function observe(state: OnlineState, bar: Bar, options: { readonly symbol?: string } = {}): OnlineState {
  requireKnownKeys("Cannot observe a bar", "options", options, { symbol: true });
  const index = marketIndex(state, options.symbol);
  const next = observeMarket(state.config, state.markets[index], bar);
  return Object.freeze({ ...state, markets: Object.freeze(state.markets.with(index, next)) });
}
