/**
 * Every stage of a backtest as named runs of numbers that must not move, for the look-ahead check to compare. It changes no
 * bar and judges nothing.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import type { MetaState } from "../meta/state.ts";
import { joinRows, type MarketRows } from "../tasks/market_rows.ts";
import type { BacktestOptions } from "./backtest.ts";
import type { LookaheadLeak, LookaheadStage } from "./lookahead_report.ts";
import { BACKTEST_STAGES, type LookaheadStages } from "./lookahead_stages.ts";
import type { CheapTables } from "./lookahead_tables.ts";

/** A named run of numbers that must not move. */
export interface Trace {
  /** Where in the pipeline. */
  readonly stage: LookaheadStage;
  /** Which of its values. */
  readonly where: string;
  /** The numbers. */
  readonly values: ArrayLike<number>;
}

/** Features with the values of the bar before in each row; the first row is cut. */
export function laggedFeatures(features: FeatureFunction): FeatureFunction {
  return (candles) => {
    const { names, time, rows, cols, values, warmup } = features(candles);
    return {
      names,
      time: time.slice(1),
      rows: rows - 1,
      cols,
      values: values.slice(0, (rows - 1) * cols),
      warmup: warmup + 1,
    };
  };
}

/** Tasks that could be drawn at `now` from the labels known by then. */
function taskTraces(draw: LookaheadStages["tasks"], rows: MarketRows, run: { now: number; seed: number }): Trace[] {
  try {
    // A label completed by the bar at `now` is known at its close, so the bound lies just behind it.
    return draw(rows, { to: run.now + 1, seed: run.seed }).flatMap(({ name, support, query, supportTime, scaler }) => [
      { stage: "tasks" as const, where: `${name}, support`, values: [...supportTime, ...support.x, ...support.y] },
      { stage: "tasks" as const, where: `${name}, query`, values: [...query.x, ...query.y] },
      {
        stage: "tasks" as const,
        where: `${name}, scaler`,
        values: [...scaler.x.mean, ...scaler.x.scale, ...scaler.y.mean],
      },
    ]);
  } catch (error) {
    if (error instanceof DataError) return [];
    throw error;
  }
}

/** Everything behind features and labels at or before `now`, stage by stage. */
export async function traces(
  engine: Engine,
  state: MetaState,
  candles: Candles,
  run: Pick<CheapTables, "features" | "labels"> & {
    /** Open time of the last bar that counts, ms UTC. */
    readonly now: number;
    /** The backtest's options, its own stages and the seed of the tasks drawn. */
    readonly options: BacktestOptions & { readonly stages?: Partial<LookaheadStages>; readonly seed?: number };
  },
): Promise<Trace[]> {
  const { now, options, features, labels } = run;
  const stages = { ...BACKTEST_STAGES, ...options.stages };
  const { seed = 0 } = options;
  const out = taskTraces(stages.tasks, joinRows(candles.symbol, features, labels), { now, seed });
  const walk = stages.walk(candles, options);
  const decisions = walk.time.filter((time) => time <= now).length;
  const decided = { candles, walk, options };
  const adapted = await stages.adapt(engine, state, decided);
  const predictions = await stages.predict(engine, state, decided);
  const wanted = stages.positions(predictions, decided);
  const account = stages.execute(candles, { start: walk.start, positions: wanted }, options);
  const each = (stage: LookaheadStage, valuesAt: (i: number) => ArrayLike<number>, count = decisions): void => {
    for (let i = 0; i < count; i++) out.push({ stage, where: `decision ${walk.time[i]}`, values: valuesAt(i) });
  };
  each("supports", (i) => [...walk.pairs[i].support.x, ...walk.pairs[i].support.y, ...walk.pairs[i].x]);
  each("adapted parameters", (i) => adapted[i].params);
  each("predictions", (i) => [predictions[i]]);
  each("positions", (i) => [wanted[i]]);
  each("equity", (i) => [account.equity[i], account.positions[i]], decisions - 1);
  return out;
}

/** The first place at which the traces of two worlds differ; undefined where there is none. */
export function firstMove(
  before: readonly Trace[],
  after: readonly Trace[],
): Pick<LookaheadLeak, "stage" | "where"> | undefined {
  for (let i = 0; i < before.length; i++) {
    const [a, b] = [before[i], after[i]];
    if (!b) return { stage: a.stage, where: `${a.where} is missing` };
    if (a.where !== b.where || a.stage !== b.stage) return { stage: a.stage, where: `${a.where} became ${b.where}` };
    for (let j = 0; j < Math.max(a.values.length, b.values.length); j++) {
      if (!Object.is(a.values[j], b.values[j])) return { stage: a.stage, where: `${a.where}, value ${j}` };
    }
  }
  const extra = after[before.length];
  return extra && { stage: extra.stage, where: `${extra.where} is new` };
}
