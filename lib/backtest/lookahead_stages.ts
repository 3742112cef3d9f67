/**
 * The stages of a backtest behind features and labels, one function each, as the look-ahead check runs them. Any of them can
 * be replaced by one's own to be checked the same way. Each is given the whole price history: not to peek is its own duty.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { labelRegimes, type RegimeLabels } from "../features/regimes.ts";
import { type Adapted, adaptMany } from "../meta/adapt.ts";
import type { MetaState } from "../meta/state.ts";
import { assetTasks } from "../tasks/asset_tasks.ts";
import type { MarketRows } from "../tasks/market_rows.ts";
import type { MarketTask } from "../tasks/market_task.ts";
import { type BacktestOptions, decisionContext, wantedPositions } from "./backtest.ts";
import { execute, type Execution } from "./execution.ts";
import { forecastDeviation } from "./forecast_deviation.ts";
import { forecastWalk } from "./forecast_walk.ts";
import { type WalkForward, walkForward } from "./walk_forward.ts";

/** What a decision stage is given. */
export interface DecisionRun {
  /** The whole price history. */
  readonly candles: Candles;
  /** Supports and rows to forecast from. */
  readonly walk: WalkForward;
  /** How to adapt and trade. */
  readonly options: BacktestOptions;
}

/** The stages, in order. */
export interface LookaheadStages {
  /** Regimes, as a comparison labels decisions with. */
  readonly regimes: (candles: Candles) => RegimeLabels;
  /** Training tasks from rows whose labels are known before `to`, ms UTC. */
  readonly tasks: (
    rows: MarketRows,
    draw: { readonly to: number; readonly seed: number },
  ) => readonly MarketTask[];
  /** Supports and rows to forecast from. */
  readonly walk: (candles: Candles, options: BacktestOptions) => WalkForward;
  /** Adapted models, one a decision. */
  readonly adapt: (engine: Engine, state: MetaState, run: DecisionRun) => Promise<readonly Pick<Adapted, "params">[]>;
  /** Forecast returns, `[decisions]`. */
  readonly predict: (engine: Engine, state: MetaState, run: DecisionRun) => Promise<Float64Array>;
  /** Wanted positions, `[decisions]`. */
  readonly positions: (predictions: Float64Array, run: DecisionRun) => Float64Array;
  /** The account. */
  readonly execute: (
    candles: Candles,
    wanted: { readonly start: number; readonly positions: Float64Array },
    options: BacktestOptions,
  ) => Pick<Execution, "equity" | "positions">;
}

function stepsOf({ options: { steps } }: DecisionRun): { readonly steps?: number } {
  return steps === undefined ? {} : { steps };
}

/** What `backtest` does. */
export const BACKTEST_STAGES: LookaheadStages = Object.freeze(
  {
    regimes: (candles) => labelRegimes(candles),
    tasks: (rows, { to, seed }) => assetTasks([rows], { supportRows: 10, queryRows: 5, count: 4, seed, to }),
    walk: walkForward,
    adapt: (engine, state, run) => adaptMany(engine, state, run.walk.pairs.map(({ support }) => support), stepsOf(run)),
    predict: (engine, state, { candles, walk, options: { steps } }) =>
      forecastWalk(engine, state, { market: candles.symbol, walk, steps }),
    positions: (predictions, { candles, walk, options }) =>
      wantedPositions(
        predictions,
        options,
        decisionContext(candles, walk, forecastDeviation(walk, predictions).deviation),
      ),
    execute,
  } satisfies LookaheadStages,
);
