/**
 * Walk-forward backtest of one model on one market: adapt at every bar, forecast, take a position, pay for it.
 * All bars are adapted in one device round trip. Baselines and the report are beside it, not in it.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { cutCandles, relistings } from "../data/listings.ts";
import type { Engine } from "../engine/engine.ts";
import type { MetaState } from "../meta/state.ts";
import type { TrainedOn } from "../meta/trained_on.ts";
import { trailingVolatility } from "../features/trailing_volatility.ts";
import { positionSize, SIZING_KEYS, type SizingOptions } from "../trading/sizing.ts";
import { annualPeriods } from "./annual_periods.ts";
import { dataFindings, type MarketFinding, relistingNotes } from "./data_findings.ts";
import { endNotes, execute, type Execution, type ExecutionOptions, VOLATILITY_WINDOW } from "./execution.ts";
import { inSampleNotes } from "./in_sample.ts";
import { type Metrics, metrics } from "../statistics/metrics.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import {
  type DecisionWalk,
  queryLoss,
  type WalkForward,
  walkForward,
  type WalkForwardOptions,
} from "./walk_forward.ts";
import { pickKeys, requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";
import { forecasterWalk, riskWalk } from "./forecaster_walk.ts";
import { forecastDeviation } from "./forecast_deviation.ts";
import { forecastWalk } from "./forecast_walk.ts";
import { checkEngineAndState } from "../meta/check_arguments.ts";

/** What {@linkcode backtest} takes. */
export interface BacktestOptions extends WalkForwardOptions, ExecutionOptions, SizingOptions {
  /** Inner steps at each bar (default the config's). */
  readonly steps?: number;
  /**
   * Bars between decisions, at least 1 (default 1). A forecast over h bars is renewed each bar by default; with `every`
   * equal to the horizon each position is held for exactly the bars that were forecast.
   */
  readonly every?: number;
  /** Bars a year (default judged from the candles' interval and calendar). */
  readonly periodsPerYear?: number;
  /** Bars of other markets, for a forecaster's means over them; a state reads none. */
  readonly others?: readonly Candles[];
  /** Risk-free rate a year, as a fraction, that Sharpe and Sortino ratios and all tests of them are taken beyond (default 0). */
  readonly riskFreeRate?: number;
}

/** What a strategy did on one market. */
export interface BacktestResult extends Execution {
  /** What was run, such as `meta-learned`. */
  readonly strategy: string;
  /** The market. */
  readonly market: string;
  /** Bar length. */
  readonly interval: string;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Open time of the bar at whose close each decision was taken, ms UTC, `[bars + 1]`. */
  readonly decisionTime: Float64Array;
  /** Forecast return over the horizon, as a fraction, `[bars + 1]`; NaN for a strategy that forecasts nothing. */
  readonly predictions: Float64Array;
  /** Position wanted at each decision, `[bars + 1]`; the last was never filled. */
  readonly wanted: Float64Array;
  /** What the return over the horizon (of a forecaster, its target) turned out to be; NaN where the data end before. `[bars + 1]` */
  readonly labels: Float64Array;
  /** Mean squared forecast error in units of the support's label deviation; null for a strategy that forecasts nothing. */
  readonly queryLoss: number | null;
  /** Figures of the net returns. */
  readonly metrics: Metrics;
  /** Bars a year that the figures were annualised with. */
  readonly periodsPerYear: number;
  /** Risk-free rate a year that ratios are taken beyond. */
  readonly riskFreeRate: number;
  /** What the model was trained on; null where nothing is known of it, or the strategy has none. */
  readonly trainedOn: TrainedOn | null;
  /** What `checkCandles` finds in the bars used, from the first of the market to the last traded. */
  readonly findings: readonly MarketFinding[];
  /** What a reader of the result must know, such as a fill that had to differ from the one asked for. */
  readonly notes: readonly string[];
}

/** What sizes may depend on beside the forecast; known at each decision. */
export interface DecisionContext {
  /** Sample deviation of 1-bar returns at each decision, `[decisions]`. */
  readonly volatility: Float64Array;
  /** Deviation that each forecast is expected to miss by, `[decisions]`; absent where nothing is forecast. */
  readonly uncertainty?: Float64Array;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
}

/** What the rules of size read at each decision: volatility, and how far its forecast is expected to miss. */
export function decisionContext(
  candles: Candles,
  walk: Pick<DecisionWalk, "start" | "time" | "horizon">,
  uncertainty?: Float64Array,
): DecisionContext {
  const volatility = trailingVolatility(candles.close, VOLATILITY_WINDOW).slice(
    walk.start,
    walk.start + walk.time.length,
  );
  return { volatility, horizon: walk.horizon, ...(uncertainty && { uncertainty }) };
}

/** Positions on forecasts: decided and sized every `every` bars, held in between. `[decisions]` → `[decisions]` */
export function wantedPositions(
  predictions: Float64Array,
  options: SizingOptions & { readonly every?: number } = {},
  context?: DecisionContext,
): Float64Array {
  requireKnownKeys("Cannot take positions", "options", options, BACKTEST_KEYS);
  const { every = 1 } = options;
  const sizing = pickKeys(options, SIZING_KEYS);
  if (!Number.isInteger(every) || every < 1) {
    throw new RangeError(`Cannot take positions: every must be an integer of at least 1, got ${String(every)}`);
  }
  const { horizon = 1, volatility, uncertainty } = context ?? {};
  const wanted = new Float64Array(predictions.length);
  for (let i = 0; i < wanted.length; i++) {
    const input = {
      prediction: predictions[i],
      ...(uncertainty && { uncertainty: uncertainty[i] }),
      volatility: volatility?.[i] ?? NaN,
      horizon,
    };
    wanted[i] = i % every === 0 ? positionSize(input, sizing) : wanted[i - 1];
  }
  return wanted;
}

/**
 * Executes wanted positions and draws up the result; the part of a backtest that every strategy shares.
 *
 * @throws {DataError} There is one decision alone: no bar is left to hold what it wants.
 *
 * @example
 * ```ts
 * import { backtestPositions, sampleMarkets, walkForward } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const walk = walkForward(dax, { from: Date.UTC(1998, 0), supportRows: 20 });
 * const wanted = walk.time.map(() => 1);
 * const held = backtestPositions("buy and hold", dax, { walk, wanted, options: {} });
 * assertEquals(held.fills.length, 1);
 * ```
 */
export function backtestPositions(
  strategy: string,
  candles: Candles,
  run: {
    /** The walk that the decisions belong to, from `walkForward` or `forecasterWalk`. */
    readonly walk: DecisionWalk;
    /** Position wanted at each decision, `[decisions]`. */
    readonly wanted: Float64Array;
    /** Forecast returns, `[decisions]`; absent for a strategy that forecasts nothing. */
    readonly predictions?: Float64Array;
    /** What the model was trained on (default null: nothing is known). */
    readonly trainedOn?: TrainedOn | null;
    /** How to trade. */
    readonly options: BacktestOptions;
  },
): BacktestResult {
  const { walk, wanted, predictions, options, trainedOn = null } = run;
  if (wanted.length === 1) {
    const at = new Date(candles.time[walk.start]).toISOString();
    throw new DataError(
      `Cannot backtest ${candles.symbol}: expected at least 2 bars from the first decision on, received the one of ${at}`,
    );
  }
  const used = walk.start + wanted.length;
  const findings = dataFindings(candles, used);
  const relisted = relistings(cutCandles(candles, 0, used));
  const execution = execute(candles, { start: walk.start, positions: wanted, relisted }, options);
  const { periodsPerYear, notes: calendarNotes } = annualPeriods(candles, options.periodsPerYear);
  const { riskFreeRate = 0 } = options;
  const training = { trainedOn, decisionTime: walk.time };
  const notes = [
    ...inSampleNotes(strategy, training, [candles.symbol]),
    ...relistingNotes(candles, { from: walk.start, to: used, relisted }),
    ...calendarNotes,
  ];
  if (execution.fill === "next-close") {
    notes.push(`${candles.symbol} has closing prices alone: positions are filled at the next close, not the next open`);
  }
  notes.push(...endNotes(execution));
  return {
    ...execution,
    strategy,
    market: candles.symbol,
    interval: candles.interval,
    horizon: walk.horizon,
    decisionTime: walk.time,
    predictions: predictions ?? new Float64Array(wanted.length).fill(NaN),
    wanted,
    labels: walk.labels,
    queryLoss: predictions ? queryLoss(walk, predictions) : null,
    metrics: metrics(execution.netReturns, { periodsPerYear, riskFreeRate, activity: execution }),
    periodsPerYear,
    riskFreeRate,
    trainedOn,
    findings,
    notes,
  };
}

/**
 * Tests a model on one market by walking forward: at the close of each bar it adapts on the last W labels known by then,
 * forecasts the return over the horizon, takes a position, and fills it at the next open. Costs are in every figure.
 *
 * @param engine Where to adapt.
 * @param model A forecaster of returns, or a state to adapt from; it is not changed. A forecaster brings its own horizon,
 * features, labels and support. One of log volatility holds the market long at `sizing: { kind: "volatility", target }`.
 * @param candles Bars of one market, oldest first.
 * @param options Support, horizon, signal, size, fill, costs, exits and time range; all have defaults.
 * @throws {DataError} The market is too short for the warm-up, the support and two bars.
 * @throws {RangeError} An option is out of range, or the forecaster forecasts no returns.
 * @throws {TypeError} Prices are not finite, or the features do not fit the network.
 *
 * @example
 * ```ts
 * import { backtest, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const result = await backtest(engine, state, dax, { from: Date.UTC(1998, 0), costRate: 0.0005 });
 * assertEquals(result.fill, "next-close"); // the DAX sample has closing prices alone
 * console.log(result.metrics.sharpe, result.costs);
 * ```
 */
export async function backtest(
  engine: Engine,
  model: MetaState | Forecaster,
  candles: Candles,
  options: BacktestOptions = {},
): Promise<BacktestResult> {
  requireKnownKeys("Cannot backtest", "options", options, BACKTEST_KEYS);
  if ("members" in model) {
    if (model.target.kind === "logVolatility" && options.sizing?.kind === "volatility") {
      return await backtestRisk(engine, model, candles, options);
    }
    const { walk, predictions, uncertainty } = await forecasterWalk(engine, model, candles, options);
    const wanted = wantedPositions(predictions, options, decisionContext(candles, walk, uncertainty));
    const { trainedOn } = model;
    return backtestPositions("meta-learned", candles, { walk, wanted, predictions, options, trainedOn });
  }
  checkEngineAndState("Cannot backtest", engine, model);
  return await backtestWalk(engine, model, candles, { walk: walkForward(candles, options), options });
}

/** A market held long at a target volatility, by what is expected of it: no side is taken, so nothing is predicted of returns. */
async function backtestRisk(
  engine: Engine,
  forecaster: Forecaster,
  candles: Candles,
  options: BacktestOptions,
): Promise<BacktestResult> {
  const { walk, volatility } = await riskWalk(engine, forecaster, candles, options);
  const wanted = wantedPositions(volatility.map(() => 1), options, { volatility, horizon: walk.horizon });
  const { trainedOn } = forecaster;
  return backtestPositions("held at a risk", candles, { walk, wanted, options, trainedOn });
}

/**
 * {@linkcode backtest} on a walk-forward laid out before, so that strategies share one.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine, sampleMarkets, walkForward } from "@adaptrade/adaptrade";
 * import { backtestWalk } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const options = { from: Date.UTC(1998, 3), supportRows: 20 };
 * const walk = walkForward(dax, options);
 * const { predictions } = await backtestWalk(engine, state, dax, { walk, options });
 * assertEquals(predictions.length, walk.time.length);
 * ```
 */
export async function backtestWalk(
  engine: Engine,
  state: MetaState,
  candles: Candles,
  run: {
    /** The walk-forward, from `walkForward` on the same candles. */
    readonly walk: WalkForward;
    /** How to adapt and trade. */
    readonly options: BacktestOptions;
    /** Name of the strategy (default `meta-learned`). */
    readonly strategy?: string;
  },
): Promise<BacktestResult> {
  const { walk, options, strategy = "meta-learned" } = run;
  const { steps } = options;
  const predictions = await forecastWalk(engine, state, { market: candles.symbol, walk, steps });
  const { deviation } = forecastDeviation(walk, predictions);
  const wanted = wantedPositions(predictions, options, decisionContext(candles, walk, deviation));
  return backtestPositions(strategy, candles, { walk, wanted, predictions, options, trainedOn: state.trainedOn });
}
