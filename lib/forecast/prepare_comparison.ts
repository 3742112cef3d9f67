/**
 * What forecasts are compared with, made ready once for any number of markets: the pool is read, every method fitted before
 * validation and chosen on it. What is left for a market is to forecast it by each, and to judge.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { inTurns } from "../event_loop.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { comparePooledLosses } from "../statistics/pooled_losses.ts";
import type { Place } from "./baselines.ts";
import { collect, fitMethods, type FittedMethods, meanOf } from "./comparison_methods.ts";
import type { ScaledMarket } from "./decisions.ts";
import { decisionRows } from "./ensemble.ts";
import { layDecisions, readMarket, readOthers } from "./forecast.ts";
import type { Forecaster } from "./forecaster.ts";
import { relativeLabel } from "./market_table.ts";
import { type ForecastScore, qlikeLosses, type Scored, squaredErrors, valueAtRisk } from "./score.ts";
import { layValidation } from "./validation.ts";

/** What {@linkcode prepareComparison} takes. */
export interface PrepareComparisonOptions {
  /** The markets that the forecaster was trained on, with their later bars: what cheap methods are fitted on and means are taken over. */
  readonly pool: readonly Candles[];
  /** Bars of history that each decision may know (default all). */
  readonly history?: number;
  /** Rows of its own that a market's own regression is fitted on (default the forecaster's support; Infinity: all known). */
  readonly ownRows?: number;
  /** The forecaster's features, where they are a function of one's own. */
  readonly features?: FeatureFunction;
  /** The forecaster's appended columns. */
  readonly extra?: FeatureFunction;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Keys of {@linkcode PrepareComparisonOptions}. */
export const PREPARE_KEYS: OptionKeys<PrepareComparisonOptions> = {
  pool: true,
  history: true,
  ownRows: true,
  features: true,
  extra: true,
  signal: true,
};

/** What {@linkcode PreparedComparison.compare} takes. */
export interface CompareMarketsOptions {
  /** First decision at or after this bar's open time, ms UTC (default: when training had seen its last label). */
  readonly from?: number;
  /** Decisions before this open time, ms UTC (default: to the end). */
  readonly to?: number;
  /** Bars between decisions (default 1). */
  readonly every?: number;
  /** Keep what each method said at every decision (default false): ten or more numbers a decision. */
  readonly keep?: boolean;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Keys of {@linkcode CompareMarketsOptions}. */
export const COMPARE_KEYS: OptionKeys<CompareMarketsOptions> = {
  from: true,
  to: true,
  every: true,
  keep: true,
  signal: true,
};

/** What every method said at the decisions whose label is known, market after market, each in order of time. */
export interface ComparedDecisions {
  /** Index of the market in the comparison's `markets`, `[rows]`. */
  readonly market: Int32Array;
  /** Open time of the bar at whose close each decision is made, ms UTC, `[rows]`. */
  readonly time: Float64Array;
  /** What came, in the target's unit, `[rows]`. */
  readonly label: Float64Array;
  /** What each method said, in the target's unit, in the order of the scores, `[methods][rows]`. */
  readonly values: readonly Float64Array[];
}

/** A forecaster beside its baselines. */
export interface ForecastComparison {
  /** Markets that were forecast. */
  readonly markets: readonly string[];
  /** Bars ahead. */
  readonly horizon: number;
  /** Unit of the target. */
  readonly unit: string;
  /** First and last decision, ms UTC. */
  readonly from: number;
  /** Last decision, ms UTC. */
  readonly to: number;
  /** Decisions whose label is known, over all markets. */
  readonly rows: number;
  /** Bars of history that each decision knew; null for all. */
  readonly history: number | null;
  /** Scores: cheap methods, then networks, the forecaster last. */
  readonly scores: readonly ForecastScore[];
  /** Decisions at which adapting was held back. */
  readonly limited: number;
  /** Largest |adapted − unadapted| over all decisions, in the target's unit. */
  readonly largestMove: number;
  /** Every decision, where `keep` asked for them; else null. */
  readonly decisions: ComparedDecisions | null;
}

/** Everything that a forecaster is compared with, ready for any market. */
export interface PreparedComparison {
  /**
   * Compares the forecaster on markets, as `compareForecasts` does.
   *
   * @param markets Markets to forecast, at least one.
   * @param options The range.
   * @returns Scores of every method on the same decisions.
   * @throws {DataError} No decision within the range has a label, or a bar length differs.
   * @throws {RangeError} An option is out of range.
   * @throws {TypeError} An option is unknown.
   */
  compare(markets: readonly Candles[], options?: CompareMarketsOptions): Promise<ForecastComparison>;
}

/** Validation decisions where histories are cut, which takes a row of features for each row of each support. */
const CUT_DECISIONS = 500;

/** Reads a market beside the pool's. */
type ReadOne = (candles: Candles, signal: AbortSignal | undefined) => Promise<ScaledMarket>;

/** Makes the pool's means ready, for every market that is read beside them. */
export async function openReader(forecaster: Forecaster, options: PrepareComparisonOptions): Promise<ReadOne> {
  const sums = await inTurns(readOthers(forecaster, options.pool, options), options.signal);
  return async (candles, signal) =>
    (await inTurns(readMarket(forecaster, candles, { ...options, sums }), signal)).market;
}

/** Reads markets and lays their decisions. */
export async function layPlaces(
  read: ReadOne,
  markets: readonly Candles[],
  range: Pick<CompareMarketsOptions, "from" | "to" | "every" | "signal"> & Pick<PrepareComparisonOptions, "history">,
): Promise<Place[]> {
  const { signal, ...options } = range;
  const places: Place[] = [];
  for (const candles of markets) {
    const market = await read(candles, signal);
    const decisions = layDecisions(market.table, options);
    places.push({ market, decisions, rows: decisionRows(market, decisions, market.cols) });
  }
  return places;
}

/** Fits every method on the pool. */
export async function fitOnPool(
  engine: Engine,
  forecaster: Forecaster,
  { read, options }: { readonly read: ReadOne; readonly options: PrepareComparisonOptions },
): Promise<FittedMethods> {
  const { pool, history, ownRows = forecaster.support.rows, signal } = options;
  const { trainedOn: { validationFrom, trainedUntil }, target: { horizon } } = forecaster;
  const trained: ScaledMarket[] = [];
  for (const candles of pool) trained.push(await read(candles, signal));
  const histories = {
    history: history ?? Infinity,
    ...(history !== undefined && { decisions: CUT_DECISIONS }),
  };
  const validation = layValidation(trained, { from: validationFrom, to: trainedUntil, ...histories }, horizon)
    .map(({ market, decisions }): Place => ({
      market,
      decisions,
      rows: decisionRows(market, decisions, market.cols),
    }));
  return await fitMethods(engine, forecaster, { pool: trained, validation, history, ownRows, signal });
}

/** Judges every method on the decisions of places. */
export async function judgePlaces(
  { target }: Forecaster,
  { methods, limited: limitedOn }: FittedMethods,
  run:
    & { readonly places: readonly Place[]; readonly history: number | undefined }
    & Pick<CompareMarketsOptions, "every" | "keep" | "signal">,
): Promise<ForecastComparison> {
  const { places, history, every = 1, keep, signal } = run;
  const names = places.map(({ market: { table } }) => table.candles.symbol);
  const scored: { name: string; test: Scored; deviation: number; quantiles: readonly number[] }[] = [];
  for (const method of methods) {
    signal?.throwIfAborted();
    const { name, deviation, quantiles } = method;
    scored.push({ name, test: await collect(places, method, signal), deviation, quantiles });
  }
  const own = scored[scored.length - 1];
  const rows = own.test.label.length;
  if (rows === 0) throw new DataError(`Cannot compare forecasts of ${names.join(", ")}: no decision has a label yet`);
  const overlap = Math.ceil(target.horizon / every);
  const isVolatility = target.kind === "logVolatility";
  let [limited, largestMove] = [0, 0];
  for (const place of places) {
    const found = await limitedOn(place, signal);
    limited += found.limited;
    largestMove = Math.max(largestMove, found.move);
  }
  return {
    markets: names,
    horizon: target.horizon,
    unit: places[0].market.scale.unit,
    from: own.test.time.reduce((least, t) => Math.min(least, t), Infinity),
    to: own.test.time.reduce((most, t) => Math.max(most, t), -Infinity),
    rows,
    history: history ?? null,
    scores: scored.map(({ name, test, deviation, quantiles }): ForecastScore => {
      const errors = squaredErrors(test);
      const zero = squaredErrors({ ...test, value: test.zero });
      const qlike = isVolatility ? qlikeLosses(test, deviation) : null;
      const compare = (mine: Float64Array, other: Float64Array) =>
        name === own.name ? null : comparePooledLosses(test.time, mine, other, { overlap });
      return {
        name,
        rows,
        mse: meanOf(errors),
        qlike: qlike && meanOf(qlike),
        r2: 1 - meanOf(errors) / meanOf(zero),
        valueAtRisk: isVolatility ? valueAtRisk(test, quantiles) : [],
        against: compare(squaredErrors(own.test), errors),
        againstQlike: qlike && compare(qlikeLosses(own.test, own.deviation), qlike),
      };
    }),
    limited,
    largestMove,
    decisions: keep ? { ...decisionsOf(places, own.test), values: scored.map(({ test }) => test.value) } : null,
  };
}

/** Which market and when each row of what was collected is, and what came. */
function decisionsOf(
  places: readonly Place[],
  { time, label }: Scored,
): Pick<ComparedDecisions, "market" | "time" | "label"> {
  const market = places.flatMap(({ market: { table, scale }, decisions, rows }, place) =>
    decisions.flatMap(({ bar }, i) => Number.isNaN(relativeLabel(table, scale, bar, rows.anchors[i])) ? [] : [place])
  );
  return { market: Int32Array.from(market), time, label };
}

/**
 * Makes ready what a forecaster is compared with, which takes most of a comparison's time and depends on the pool alone: for
 * markets that come one after the other.
 *
 * @param engine Where to adapt; it must stay open while markets are compared.
 * @param forecaster From `trainForecaster`.
 * @param options The training pool, and the history that each decision may know.
 * @returns What compares any market, to the same bits as `compareForecasts` on it.
 * @throws {DataError} A market of the pool has bars of another length.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { prepareComparison } from "@adaptrade/adaptrade/forecast";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const [known, listed] = [1, 2].map((seed) => simulateMarket({ bars: 400, seed, symbol: `SIM${seed}` }).candles);
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [known], { ...options, testFrom: known.time[300] });
 * const prepared = await prepareComparison(engine, forecaster, { pool: [known] });
 * const { markets, scores } = await prepared.compare([listed]);
 * assertEquals([markets, scores.at(-1)?.name], [["SIM2"], "meta-learned"]);
 * ```
 */
export async function prepareComparison(
  engine: Engine,
  forecaster: Forecaster,
  options: PrepareComparisonOptions,
): Promise<PreparedComparison> {
  requireKnownKeys("Cannot prepare a comparison", "options", options, PREPARE_KEYS);
  const { history } = options;
  const only = history === undefined ? {} : { history };
  const read = await openReader(forecaster, options);
  const fitted = await fitOnPool(engine, forecaster, { read, options });
  return {
    async compare(markets, range = {}) {
      requireKnownKeys("Cannot compare forecasts", "options", range, COMPARE_KEYS);
      const from = range.from ?? forecaster.trainedOn.trainedUntil;
      const places = await layPlaces(read, markets, { ...range, ...only, from });
      return await judgePlaces(forecaster, fitted, { ...range, places, history });
    },
  };
}
