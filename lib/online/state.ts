/**
 * Everything an online learner knows, as one immutable value: markets, starts, rates on their timescales, replay buffer.
 * It holds no engine. {@linkcode onlineLearner} is its present learner as a `MetaState`, for every function that takes one.
 * @module
 */
import { freezeState, type MetaState, splitOthers } from "../meta/state.ts";
import { trainedOnTasks } from "../meta/trained_on.ts";
import { checkVector } from "../meta/validate.ts";
import type { OnlineConfig } from "./config.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import { type OnlineForecaster, type OnlineForecasterOptions, watchMarkets } from "./forecaster_state.ts";
import { emptyMarket, type OnlineMarket } from "./market.ts";
import { initRule, initStart, type OnlineStart, type ReplayWindow, type StartState } from "./start.ts";
import { effectiveRates, initRates, type RatesState } from "./timescales.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** An online learner between bars. Frozen; its arrays are never written. */
export interface OnlineState {
  /** How it is laid out. */
  readonly config: OnlineConfig;
  /** The markets it watches, in a fixed order. */
  readonly markets: readonly OnlineMarket[];
  /** One shared start, or one a market. */
  readonly starts: readonly StartState[];
  /** Rates, loss and decay: one for all markets. */
  readonly rates: RatesState;
  /**
   * The inner rule's own numbers, or what a method of one pass learns beside its theta, one after another, in the place of θ: one for
   * all markets. Absent where there are none.
   */
  readonly rule?: StartState;
  /** Past windows; empty unless the start or the rule is learned. */
  readonly replay: readonly ReplayWindow[];
  /** Updates made, rejected ones included. */
  readonly updates: number;
  /** Updates whose loss or gradient was not finite: they changed nothing. */
  readonly rejected: number;
  /** Forecasts withheld because the adapted network's output was not finite or beyond ± `clip`; each lowered the rates. */
  readonly withheld: number;
}

/** A market to watch. */
export interface MarketName {
  /** Market name, different from every other. */
  readonly symbol: string;
  /** Bar length, such as `1h`. */
  readonly interval: string;
}

const START_KEYS: OptionKeys<OnlineStart> = { params: true, rule: true, values: true };

/**
 * Makes an online learner before its first bar, or a forecaster that follows markets bar by bar and learns no more.
 *
 * @param config From {@linkcode onlineConfig}; or a forecaster, which brings target, scales, support and trust region.
 * @param markets The markets to watch, at least one.
 * @param options `params` is the start, `[parameterCount]`, such as a meta-trained one (default: seeded
 * features under a last layer of zeros, which forecast the support's mean until adapted); `rule` the inner rule's own numbers, where
 * it has some, such as a trained state's `values.rule` (default seeded); `values` what a method of one pass learns, such as a trained
 * state's (default what the method draws). Of a forecaster: its own functions.
 * @returns A frozen state.
 * @throws {DataError} A market's bar length is not the forecaster's.
 * @throws {RangeError} There is no market, or two share a name.
 * @throws {TypeError} `params`, `rule` or `values` has the wrong length, type or name.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }), inner: { steps: 3, lr: 0.05 } });
 * const state = onlineInit(onlineConfig({ meta }), [{ symbol: "BTCUSDT", interval: "1h" }]);
 * assertEquals([state.updates, state.markets[0].count], [0, 0]);
 * ```
 *
 * @example A head solved anew at each bar, on features that go on being learned
 * ```ts
 * import { barsOf, mlp, observe, onlineConfig, onlineInit, openEngine, ridge } from "@adaptrade/adaptrade";
 * import { simulateMarket, updateAndPredict } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const meta = { method: ridge({ net: mlp({ inputs: 10, hidden: [], outputs: 4 }) }), outer: { lr: 0.01 } };
 * const config = onlineConfig({ meta, trainRows: 10, validationRows: 4, history: 130 });
 * const { candles } = simulateMarket({ bars: 160, symbol: "SIM" });
 * let state = onlineInit(config, [candles]);
 * for (const bar of barsOf(candles)) ({ state } = await updateAndPredict(engine, observe(state, bar)));
 * assert(state.updates > 0 && Number.isFinite(state.markets[0].rows.at(-1)!.forecast!.value));
 * ```
 */
export function onlineInit(
  config: OnlineConfig,
  markets: readonly MarketName[],
  options?: OnlineStart,
): OnlineState;
/** A forecaster that follows markets bar by bar: its forecasts are those that `forecast` makes of the same bars. */
export function onlineInit(
  forecaster: Forecaster,
  markets: readonly MarketName[],
  options?: OnlineForecasterOptions,
): OnlineForecaster;
export function onlineInit(
  config: OnlineConfig | Forecaster,
  markets: readonly MarketName[],
  options: OnlineStart & OnlineForecasterOptions = {},
): OnlineState | OnlineForecaster {
  const action = "Cannot initialise online learning";
  requireKnownKeys(action, "options", options, { ...START_KEYS, features: true, extra: true, history: true });
  if (markets.length === 0) throw new RangeError(`${action}: expected at least one market, received none`);
  if (new Set(markets.map(({ symbol }) => symbol)).size < markets.length) {
    const names = markets.map(({ symbol }) => symbol).join(", ");
    throw new RangeError(`${action}: expected markets of different names, received ${names}`);
  }
  if ("target" in config) return watchMarkets(config, markets, options);
  const start: OnlineStart = options;
  requireKnownKeys(action, "options", start, START_KEYS);
  if (start.params) checkVector(action, "params", start.params, config.meta.net.parameterCount);
  if (start.values && !config.meta.method) {
    throw new TypeError(`${action}: expected params and rule for an inner loop, received values`);
  }
  const starts = config.starts === "own" ? markets.length : 1;
  const rule = initRule(config, start);
  return Object.freeze({
    config,
    markets: Object.freeze(markets.map(({ symbol, interval }) => emptyMarket(symbol, interval))),
    starts: Object.freeze(Array.from({ length: starts }, () => initStart(config, start))),
    rates: initRates(config),
    ...(rule && { rule }),
    replay: Object.freeze([]),
    updates: 0,
    rejected: 0,
    withheld: 0,
  });
}

/** Index of a market's start. */
export function startOf({ config }: OnlineState, market: number): number {
  return config.starts === "own" ? market : 0;
}

/** Index of a market by name. */
export function marketIndex(state: Pick<OnlineState, "markets">, symbol: string | undefined): number {
  const { markets } = state;
  const index = symbol === undefined && markets.length === 1 ? 0 : markets.findIndex((one) => one.symbol === symbol);
  if (index < 0) {
    const names = markets.map((market) => market.symbol).join(", ");
    throw new RangeError(`Cannot find the market: expected one of ${names}, received ${String(symbol)}`);
  }
  return index;
}

/** The markets learned from, and when the latest label among their rows became known. */
function lastLabels({ markets, updates }: OnlineState): MetaState["trainedOn"] {
  if (updates === 0) return null;
  return trainedOnTasks(
    null,
    markets.map(({ symbol, rows }) => {
      const known = rows.filter(({ knownAt }) => !Number.isNaN(knownAt)).map(({ knownAt }) => knownAt);
      return { market: symbol, ...(known.length > 0 && { knownAt: Math.max(...known) }) };
    }),
  );
}

/**
 * The learner in force: the market's start with the rates, loss, decay and inner rule learned so far, for `adapt`, `learningRates`,
 * `metaGradientOf` and the like.
 *
 * @param state An online state.
 * @param symbol Whose start; only needed when markets learn their own.
 * @throws {RangeError} There is no such market.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit, simulateMarket } from "@adaptrade/adaptrade";
 * import { onlineLearner } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const state = onlineInit(config, [candles]);
 * assertEquals(onlineLearner(state, "SIM").params.length, meta.net.parameterCount);
 * ```
 */
export function onlineLearner(state: OnlineState, symbol?: string): MetaState {
  const index = state.starts.length === 1 ? 0 : startOf(state, marketIndex(state, symbol));
  const { config: { meta }, updates } = state;
  const { logLr, phi, weightDecay } = effectiveRates(state.config, state.rates);
  const { params } = state.starts[index];
  const rule = state.rule?.params;
  const learnable = params.length + logLr.length + phi.length + 1 + (rule?.length ?? 0);
  const zeros = (): Float32Array => new Float32Array(learnable);
  return freezeState({
    config: meta,
    params,
    logLr,
    phi,
    weightDecay,
    ...(rule && { others: splitOthers({ config: meta }, rule) }),
    moments: { first: zeros(), second: zeros(), step: 0 },
    step: updates - state.rejected,
    trainedOn: lastLabels(state),
  });
}
