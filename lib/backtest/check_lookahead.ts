/**
 * Proves, for one model and one market, that no decision moves when the future does: perturb every bar after t, or cut the
 * file at t, run the whole pipeline again and demand bitwise the same of everything at or before t.
 * It refuses tolerances: a leak of one bit is a leak.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { forwardReturns } from "../features/labels.ts";
import { tradingFeatures } from "../features/trading_features.ts";
import type { MetaState } from "../meta/state.ts";
import { random } from "../net/random.ts";
import { joinRows, type MarketRows } from "../tasks/market_rows.ts";
import type { BacktestOptions } from "./backtest.ts";
import { BACKTEST_STAGES, type LookaheadStages } from "./lookahead_stages.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** Stages of the pipeline, in order. */
export type LookaheadStage =
  | "features"
  | "labels"
  | "tasks"
  | "supports"
  | "adapted parameters"
  | "predictions"
  | "positions"
  | "equity";

/** What {@linkcode checkLookahead} takes: the backtest's own options, and where to cut. */
export interface LookaheadOptions extends BacktestOptions {
  /** Bars after which the future is changed, as indices into the candles (default three, spread over the decisions). */
  readonly cuts?: readonly number[];
  /** Seed of the perturbation and of the tasks drawn (default 0). */
  readonly seed?: number;
  /** Stages of your own in place of the backtest's, to be checked like them (`features` and `labels` are options anyway). */
  readonly stages?: Partial<LookaheadStages>;
}

/** One value that moved though it lies at or before the cut. */
export interface LookaheadLeak {
  /** Index of the last bar that was left as it was. */
  readonly cut: number;
  /** What was done to the bars after it. */
  readonly change: "perturbed" | "truncated";
  /** The first stage that moved. */
  readonly stage: LookaheadStage;
  /** Where, for a reader: the time or task, and the value's index. */
  readonly where: string;
}

/** What the check found. */
export interface LookaheadReport {
  /** True when nothing at or before a cut moved. */
  readonly ok: boolean;
  /** Cuts tried, each perturbed and truncated. */
  readonly cuts: readonly number[];
  /** Values compared bit by bit. */
  readonly compared: number;
  /** The first leak of each cut and change, the earliest stage of it; empty when ok. */
  readonly leaks: readonly LookaheadLeak[];
}

/** A named run of numbers that must not move. */
interface Trace {
  readonly stage: LookaheadStage;
  readonly where: string;
  readonly values: ArrayLike<number>;
}

/** Bars after `cut` with other prices, moved by up to ±20% each, still valid candles. */
function perturbed(candles: Candles, cut: number, seed: number): Candles {
  const stream = random(seed).fork(cut);
  const [open, high, low, close, volume] = [candles.open, candles.high, candles.low, candles.close, candles.volume].map(
    (values) => values.slice(),
  );
  for (let i = cut + 1; i < candles.time.length; i++) {
    close[i] *= 0.8 + 0.4 * stream.uniform();
    open[i] = candles.closeOnly ? close[i] : open[i] * (0.8 + 0.4 * stream.uniform());
    high[i] = candles.closeOnly ? close[i] : Math.max(open[i], close[i]) * 1.01;
    low[i] = candles.closeOnly ? close[i] : Math.min(open[i], close[i]) * 0.99;
    volume[i] *= 2;
  }
  return { ...candles, open, high, low, close, volume };
}

function truncated(candles: Candles, cut: number): Candles {
  const { time, open, high, low, close, volume } = candles;
  const [t, o, h, l, c, v] = [time, open, high, low, close, volume].map((values) => values.slice(0, cut + 1));
  return { ...candles, time: t, open: o, high: h, low: l, close: c, volume: v };
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

/** Everything at or before `now`, stage by stage. */
async function traces(
  engine: Engine,
  state: MetaState,
  candles: Candles,
  run: { readonly now: number; readonly options: LookaheadOptions },
): Promise<Trace[]> {
  const { now, options } = run;
  const { features: computeFeatures = tradingFeatures, labels: computeLabels = forwardReturns, horizon = 1 } = options;
  const out: Trace[] = [];
  const features = computeFeatures(candles);
  for (let i = 0; i < features.rows && features.time[i] <= now; i++) {
    const values = features.values.subarray(i * features.cols, (i + 1) * features.cols);
    out.push({ stage: "features", where: `bar ${features.time[i]}`, values });
  }
  const labels = computeLabels(candles, horizon);
  for (let i = 0; i < labels.time.length && labels.knownAt[i] <= now; i++) {
    out.push({ stage: "labels", where: `bar ${labels.time[i]}`, values: [labels.knownAt[i], labels.values[i]] });
  }
  const stages = { ...BACKTEST_STAGES, ...options.stages };
  const { seed = 0 } = options;
  out.push(...taskTraces(stages.tasks, joinRows(candles.symbol, features, labels), { now, seed }));

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

function firstMove(
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

/**
 * Checks the whole pipeline of a backtest for look-ahead: features, labels known, tasks drawn, supports, adapted
 * parameters, predictions, positions and equity at or before each cut must be bitwise what they were, first with every
 * later bar perturbed, then with every later bar gone. It holds the adapted parameters of every decision at once: bound
 * `from` and `to` on long files.
 *
 * @param engine Where to adapt.
 * @param state The start to adapt from.
 * @param candles Bars of one market.
 * @param options The options of the backtest to check, and the cuts.
 * @returns Whether it held, and else the first stage that moved for each cut.
 * @throws {DataError} The market is too short for the backtest, or for a cut to leave 2 decisions on its left.
 * @throws {RangeError} A cut does not leave 2 decisions on its left and a bar on its right.
 *
 * @example
 * ```ts
 * import { checkLookahead, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const { leaks } = await checkLookahead(engine, state, dax, { from: Date.UTC(1998, 5) });
 * assertEquals(leaks, []);
 * ```
 */
export async function checkLookahead(
  engine: Engine,
  state: MetaState,
  candles: Candles,
  options: LookaheadOptions = {},
): Promise<LookaheadReport> {
  requireKnownKeys("Cannot check for look-ahead", "options", options, BACKTEST_KEYS);
  const { start, time } = (options.stages?.walk ?? BACKTEST_STAGES.walk)(candles, options);
  const last = start + time.length - 1;
  const { cuts = spread(start + 1, Math.min(last, candles.time.length - 2)) } = options;
  const leaks: LookaheadLeak[] = [];
  let compared = 0;
  for (const cut of cuts) {
    if (!Number.isInteger(cut) || cut < start + 1 || cut > candles.time.length - 2) {
      throw new RangeError(
        `Cannot check for look-ahead: a cut must be within bars ${start + 1} to ${candles.time.length - 2}, got ${cut}`,
      );
    }
    const now = candles.time[cut];
    const before = await traces(engine, state, candles, { now, options });
    const changes = { perturbed: perturbed(candles, cut, options.seed ?? 0), truncated: truncated(candles, cut) };
    for (const change of ["perturbed", "truncated"] as const) {
      const after = await traces(engine, state, changes[change], { now, options });
      const moved = firstMove(before, after);
      if (moved) leaks.push({ cut, change, ...moved });
      compared += before.reduce((sum, { values }) => sum + values.length, 0);
    }
  }
  return { ok: leaks.length === 0, cuts: [...cuts], compared, leaks };
}

/** Three cuts between two bars, both included; fewer where there is no room. */
function spread(low: number, high: number): number[] {
  if (high < low) throw new DataError(`Cannot check for look-ahead: no bar is left to cut at (from ${low} to ${high})`);
  return [...new Set([0.1, 0.5, 1].map((share) => Math.round(low + share * (high - low))))];
}
