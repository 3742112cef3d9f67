/**
 * Checks, for one model and one market, that no decision moves when the future does: change every bar after t, or cut the file
 * at t, run the pipeline again and demand bitwise the same of everything at or before t. What costs little is cut at every bar.
 * It refuses tolerances (a leak of one bit is a leak), and names what it cannot vouch for.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import type { Engine } from "../engine/engine.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { forwardReturns } from "../features/labels.ts";
import { tradingFeatures } from "../features/trading_features.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import type { MetaState } from "../meta/state.ts";
import { random } from "../net/random.ts";
import { requireKnownKeys } from "../options.ts";
import { excessReturns } from "../statistics/risk_free.ts";
import { barSharpe } from "../statistics/sharpe_interval.ts";
import { annualPeriods } from "./annual_periods.ts";
import type { BacktestOptions } from "./backtest.ts";
import { checkForecaster } from "./check_forecaster.ts";
import { inSampleNotes } from "./in_sample.ts";
import { anotherPast, changedAfter, type FutureChange, lastClosed } from "./lookahead_changes.ts";
import { type CutOptions, placeCuts } from "./lookahead_cuts.ts";
import { unvouchedColumns } from "./lookahead_columns.ts";
import type { ForecasterTrainingRun } from "./lookahead_forecaster.ts";
import { type LaggedRun, type LookaheadLeak, type LookaheadReport, lookaheadSentences } from "./lookahead_report.ts";
import { BACKTEST_STAGES, type LookaheadStages } from "./lookahead_stages.ts";
import { type CheapStages, type CheapTables, cheapTables, firstDifference, valuesKnown } from "./lookahead_tables.ts";
import { firstMove, laggedFeatures, traces } from "./lookahead_traces.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";
import { checkEngineAndState } from "../meta/check_arguments.ts";

/** What {@linkcode checkLookahead} takes: the backtest's own options, and where to cut. */
export interface LookaheadOptions extends BacktestOptions, CutOptions {
  /** Stages of your own in place of the backtest's, to be checked like them (`features` and `labels` are options anyway). */
  readonly stages?: Partial<LookaheadStages>;
  /** Other markets that features read, and the features made of them, in place of `features`: their future is changed too. */
  readonly otherMarkets?: {
    /** Their bars. */
    readonly markets: readonly Candles[];
    /** The features of a backtest that knows these markets. */
    readonly features: (markets: readonly Candles[]) => FeatureFunction;
  };
  /** Of a forecaster: how it was trained, to be run again with its test bars changed. One training more. */
  readonly training?: ForecasterTrainingRun;
  /** Also run the backtest with every row's features one bar late (default false). */
  readonly lagged?: boolean;
}

/** Bars that are computed anew by default, over all dense cuts. */
const DENSE_BARS = 4_000_000;
const FEWEST_DENSE = 300;
const CHANGES: readonly FutureChange[] = ["perturbed", "truncated"];

/** One world: the market, and the options with the features that read the other markets as they are in it. */
interface World {
  readonly candles: Candles;
  readonly options: LookaheadOptions;
}

function worldOf(candles: Candles, markets: readonly Candles[], options: LookaheadOptions): World {
  const { otherMarkets } = options;
  return { candles, options: otherMarkets ? { ...options, features: otherMarkets.features(markets) } : options };
}

/** The world in which everything behind a bar of the market is changed, in the other markets what closed after it. */
function changedWorld(candles: Candles, cut: number, change: FutureChange, options: LookaheadOptions): World {
  const { seed = 0, otherMarkets } = options;
  const moment = candles.time[cut] + intervalMs(candles.interval);
  const others = (otherMarkets?.markets ?? []).map((market, i) =>
    changedAfter(market, lastClosed(market, moment), { change, seed: seed + 1 + i })
  );
  return worldOf(changedAfter(candles, cut, { change, seed }), others, options);
}

function cheapStages(
  { features = tradingFeatures, labels = forwardReturns, horizon = 1, stages }: LookaheadOptions,
): CheapStages {
  return {
    features: (candles) => features(candles),
    labels,
    horizon,
    regimes: stages?.regimes ?? BACKTEST_STAGES.regimes,
  };
}

function cheapOf({ candles, options }: World): CheapTables {
  return cheapTables(candles, cheapStages(options));
}

/** What the pipeline gave where nothing was changed. */
interface Baseline {
  readonly world: World;
  readonly cheap: CheapTables;
}

/** Features, labels and regimes at many cuts: the first leak of each change, and the values compared. */
function denseLeaks(
  { world, cheap: { tables } }: Baseline,
  cuts: readonly number[],
  options: LookaheadOptions,
): { leaks: LookaheadLeak[]; compared: number } {
  const leaks = new Map<FutureChange, LookaheadLeak>();
  let compared = 0;
  for (const cut of cuts) {
    const now = world.candles.time[cut];
    for (const change of CHANGES) {
      if (leaks.has(change)) continue;
      const other = changedWorld(world.candles, cut, change, options);
      const moved = firstDifference(tables, cheapOf(other).tables, now);
      if (moved) leaks.set(change, { cut, change, ...moved });
      compared += valuesKnown(tables, now);
    }
  }
  return { leaks: [...leaks.values()], compared };
}

/** All stages at one cut: the first leak of each change, and the values compared. */
async function leaksAt(
  engine: Engine,
  state: MetaState,
  { world, cheap }: Baseline,
  { cut, options }: { readonly cut: number; readonly options: LookaheadOptions },
): Promise<{ leaks: LookaheadLeak[]; compared: number }> {
  const now = world.candles.time[cut];
  const before = await traces(engine, state, world.candles, { now, options: world.options, ...cheap });
  const leaks: LookaheadLeak[] = [];
  let compared = 0;
  for (const change of CHANGES) {
    const other = changedWorld(world.candles, cut, change, options);
    const tables = cheapOf(other);
    const moved = firstDifference(cheap.tables, tables.tables, now) ??
      firstMove(before, await traces(engine, state, other.candles, { now, options: other.options, ...tables }));
    if (moved) leaks.push({ cut, change, ...moved });
    compared += before.reduce((sum, { values }) => sum + values.length, valuesKnown(cheap.tables, now));
  }
  return { leaks, compared };
}

/** Annualised net Sharpe ratios of the backtest as it is and with features one bar late. */
async function laggedRun(engine: Engine, state: MetaState, world: World): Promise<LaggedRun> {
  const { candles, options } = world;
  const stages = { ...BACKTEST_STAGES, ...options.stages };
  const { periodsPerYear } = annualPeriods(candles, options.periodsPerYear);
  const sharpeWith = async (features: FeatureFunction): Promise<number | null> => {
    const settings = { ...options, features };
    const walk = stages.walk(candles, settings);
    const run = { candles, walk, options: settings };
    const wanted = stages.positions(await stages.predict(engine, state, run), run);
    const { equity } = stages.execute(candles, { start: walk.start, positions: wanted }, settings);
    const { initialCapital = 10_000, riskFreeRate = 0 } = settings;
    const netReturns = equity.map((value, i) => value / (i > 0 ? equity[i - 1] : initialCapital) - 1);
    const ratio = barSharpe(excessReturns(netReturns, riskFreeRate, periodsPerYear)) * Math.sqrt(periodsPerYear);
    return Number.isFinite(ratio) ? ratio : null;
  };
  const { features } = cheapStages(options);
  return { sharpe: await sharpeWith(features), lagged: await sharpeWith(laggedFeatures(features)) };
}

/**
 * Checks the pipeline of a backtest for look-ahead: features, labels known, regimes, tasks drawn, supports, adapted parameters,
 * predictions, positions and equity at or before each cut must be bitwise what they were, first with every later bar
 * perturbed, then with every later bar gone. Features, labels and regimes are cut at every bar or some hundred, all stages at
 * three. A model whose state says that it was trained on labels known after its first decision fails. Columns that stay alike
 * when their own bars are others are named: such a check cannot see where they come from. It holds the adapted parameters of
 * every decision at once: bound `from` and `to` on long files.
 *
 * @param engine Where to adapt.
 * @param model The start to adapt from; or a forecaster, of which anchors, rows, labels, supports and forecasts are checked (of
 * returns: positions and equity too), and, with `training`, that no part of it answers to its test bars.
 * @param candles Bars of one market.
 * @param options The options of the backtest to check, the cuts, other markets that features read, and whether to lag.
 * @returns Whether it held, and else the first stage that moved for each cut; columns not vouched for; all of it in words.
 * @throws {DataError} The market is too short for the backtest, or for a cut to leave 2 decisions on its left.
 * @throws {RangeError} A cut does not leave 2 decisions on its left and a bar on its right, or `denseCuts` is out of range.
 *
 * @example
 * ```ts
 * import { checkLookahead, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const { leaks, unvouched } = await checkLookahead(engine, state, dax, { from: Date.UTC(1998, 5) });
 * assertEquals([leaks, unvouched], [[], []]);
 * ```
 */
export async function checkLookahead(
  engine: Engine,
  model: MetaState | Forecaster,
  candles: Candles,
  options: LookaheadOptions = {},
): Promise<LookaheadReport> {
  requireKnownKeys("Cannot check for look-ahead", "options", options, BACKTEST_KEYS);
  if (!("members" in model)) return await checkState(engine, model, candles, options);
  for (const name of ["stages", "otherMarkets", "lagged"] as const) {
    if (options[name] === undefined) continue;
    throw new TypeError(
      `Cannot check a forecaster for look-ahead: ${name} is of a state; its other markets are others`,
    );
  }
  return await checkForecaster(engine, model, candles, options);
}

async function checkState(
  engine: Engine,
  state: MetaState,
  candles: Candles,
  options: LookaheadOptions,
): Promise<LookaheadReport> {
  checkEngineAndState("Cannot check for look-ahead", engine, state);
  const others = options.otherMarkets?.markets ?? [];
  const world = worldOf(candles, others, options);
  const { start, time } = (options.stages?.walk ?? BACKTEST_STAGES.walk)(candles, world.options);
  const { seed = 0 } = options;
  const { cuts, everywhere } = placeCuts(candles, {
    start,
    decisions: time.length,
    dense: Math.max(FEWEST_DENSE, Math.floor(DENSE_BARS / candles.time.length)),
  }, options);
  const baseline = { world, cheap: cheapOf(world) };
  const leaks: LookaheadLeak[] = [];
  let compared = 0;
  for (const cut of cuts) {
    const found = await leaksAt(engine, state, baseline, { cut, options });
    leaks.push(...found.leaks);
    compared += found.compared;
  }
  const dense = denseLeaks(baseline, everywhere, options);
  const known = new Set(leaks.map(({ stage }) => stage));
  const training = { trainedOn: state.trainedOn, decisionTime: time };
  const trained = inSampleNotes("the model", training, [candles.symbol]);
  leaks.unshift(...dense.leaks.filter(({ stage }) => !known.has(stage)));
  leaks.unshift(
    ...trained.map((where) => ({ cut: start, change: "none" as const, stage: "training" as const, where })),
  );
  const unvouched = unvouchedColumns(baseline.cheap.features, baseline.cheap.labels, (past) => {
    const markets = others.map((market, i) => anotherPast(market, random(seed).fork(past).fork(1 + i)));
    const other = worldOf(anotherPast(candles, random(seed).fork(past).fork(0)), markets, options);
    return cheapStages(other.options).features(other.candles);
  });
  const found = {
    ok: leaks.length === 0 && unvouched.every(({ foretells }) => foretells === null),
    cuts: [...cuts],
    denseCuts: everywhere.length,
    compared: compared + dense.compared,
    leaks,
    unvouched,
    lagged: options.lagged ? await laggedRun(engine, state, world) : null,
  };
  return { ...found, sentences: lookaheadSentences(found, { decided: time.length, others: others.length }) };
}
