/**
 * Forecasts of one market by a forecaster, at every bar asked for. Each uses bars up to its own alone: cutting the candles
 * behind a bar changes nothing before it, to the bit. It takes no position.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { inTurns, type Steps } from "../event_loop.ts";
import { intervalMs } from "../data/interval.ts";
import type { Engine } from "../engine/engine.ts";
import { isCloseOnly } from "../features/bar_variance.ts";
import { bisectLeft } from "../features/bisect.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type AdaptOn, type DecisionAt, meansOrNone, type ScaledMarket, scaleMarket, supportOf } from "./decisions.ts";
import {
  averageMembers,
  type DecisionRows,
  decisionRows,
  type MemberOutputs,
  ruleValues,
  runMember,
} from "./ensemble.ts";
import { type Forecaster, unadaptedState } from "./forecaster.ts";
import { type MarketSums, sumMarkets } from "./market_means.ts";
import { historyStart, type MarketTable, marketTable } from "./market_table.ts";
import { targetScale } from "./target.ts";

/** What {@linkcode forecast} takes. */
export interface ForecastOptions {
  /** First forecast is made at or after this bar's open time, ms UTC (default: the first that has a row). */
  readonly from?: number;
  /** Forecasts are made on bars before this open time, ms UTC (default: to the last bar). */
  readonly to?: number;
  /** Bars between forecasts (default 1). */
  readonly every?: number;
  /** Bars of history that each forecast may know, as if the market had been listed then (default: all there are). */
  readonly history?: number;
  /** Bars of other markets, for the means over them; the market itself is left out by its symbol. */
  readonly others?: readonly Candles[];
  /**
   * Which labelled bars each forecast may adapt on, such as those of its own regime; it may know of them what was known at the
   * decision alone (default: the last ones, whatever they are, as in training).
   */
  readonly adaptOn?: AdaptOn;
  /** The forecaster's features, where they are a function of one's own. */
  readonly features?: FeatureFunction;
  /** The forecaster's appended columns. */
  readonly extra?: FeatureFunction;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

const KEYS: OptionKeys<ForecastOptions> = {
  from: true,
  to: true,
  every: true,
  history: true,
  others: true,
  adaptOn: true,
  features: true,
  extra: true,
  signal: true,
};

/** Forecasts of one market; one entry a decision. */
export interface Forecasts {
  /** The market. */
  readonly market: string;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Unit of `value` and `anchor`. */
  readonly unit: string;
  /** Index of each decision's bar, `[decisions]`. */
  readonly bar: Int32Array;
  /** Open time of the bar at whose close each forecast is made, ms UTC, `[decisions]`. */
  readonly time: Float64Array;
  /** The forecast, in the target's unit; NaN where the market has stood still. `[decisions]` */
  readonly value: Float64Array;
  /** What it is relative to, known at the decision, `[decisions]`. */
  readonly anchor: Float64Array;
  /** The forecast had nothing been adapted, `[decisions]`. */
  readonly unadapted: Float64Array;
  /** Deviation between the networks, in the target's unit, `[decisions]`. */
  readonly spread: Float64Array;
  /** 1 where adapting was held back: beyond the trust region, or a support that says nothing. `[decisions]` */
  readonly limited: Uint8Array;
  /** Open time of the bar whose close completes what is forecast, ms UTC; counted on by the bar length beyond the data. `[decisions]` */
  readonly knownAt: Float64Array;
  /** What came, in the target's unit; NaN where not known yet or not defined. `[decisions]` */
  readonly labels: Float64Array;
  /** Other markets that had the bar, `[decisions]`; 0 where forecasts rest on the market alone. */
  readonly others: Float64Array;
}

/** A market as a forecaster reads it. */
export interface ReadMarket {
  /** Its table. */
  readonly table: MarketTable;
  /** Scaled. */
  readonly market: ScaledMarket;
}

/** Bars without a range from which a series that does not say so has closing prices alone. */
const LEAST_CLOSES = 20;

/** Makes the other markets ready for their means. */
export function* readOthers(
  forecaster: Forecaster,
  others: readonly Candles[],
  functions: Pick<ForecastOptions, "features" | "extra">,
): Steps<MarketSums | null> {
  if (others.length === 0 || forecaster.columns.length === forecaster.own) return null;
  const tables: MarketTable[] = [];
  for (const candles of others) tables.push(yield* tableOf(forecaster, candles, functions));
  return sumMarkets(tables);
}

function* tableOf(
  forecaster: Forecaster,
  candles: Candles,
  { features, extra }: Pick<ForecastOptions, "features" | "extra">,
): Steps<MarketTable> {
  const { target, closeOnly, interval, own, columns } = forecaster;
  if (candles.interval !== interval) {
    throw new DataError(
      `Cannot forecast ${candles.symbol}: the forecaster was trained on bars of ${interval}, got ${candles.interval}`,
    );
  }
  // A few bars without a range may be of a market that hardly trades.
  if (!closeOnly && isCloseOnly(candles) && (candles.closeOnly === true || candles.time.length >= LEAST_CLOSES)) {
    throw new DataError(
      `Cannot forecast ${candles.symbol}: it has closing prices alone; train the forecaster with closeOnly: true`,
    );
  }
  if (forecaster.features !== "risk" && !features) {
    throw new TypeError(
      `Cannot forecast: the forecaster reads features "${forecaster.features}"; pass that function as features`,
    );
  }
  const table = yield* marketTable(candles, target, {
    features: features ?? "risk",
    closeOnly,
    ...(extra && { extra }),
  });
  const differs = table.names.findIndex((name, j) => name !== columns[j]);
  if (table.names.length !== own || differs >= 0) {
    throw new TypeError(
      `Cannot forecast ${candles.symbol}: expected the ${own} columns ${columns.slice(0, own).join(", ")}, got ` +
        table.names.join(", "),
    );
  }
  return table;
}

/** Makes a market ready for a forecaster. */
export function* readMarket(
  forecaster: Forecaster,
  candles: Candles,
  options: { readonly sums: MarketSums | null } & Pick<ForecastOptions, "features" | "extra">,
): Steps<ReadMarket> {
  const table = yield* tableOf(forecaster, candles, options);
  const scale = targetScale(forecaster.target);
  const market = scaleMarket(table, meansOrNone(options.sums, table), { scaler: forecaster.scaler, scale });
  return { table, market };
}

function requireRange(options: ForecastOptions): void {
  for (const [name, value] of [["from", options.from], ["to", options.to]] as const) {
    if (value !== undefined && (typeof value !== "number" || Number.isNaN(value))) {
      throw new TypeError(`Cannot forecast: ${name} must be a time in ms UTC, got ${String(value)}`);
    }
  }
  for (const [name, value, least] of [["every", options.every, 1], ["history", options.history, 2]] as const) {
    if (value !== undefined && (!Number.isInteger(value) || value < least)) {
      throw new RangeError(`Cannot forecast: ${name} must be an integer of at least ${least}, got ${String(value)}`);
    }
  }
}

/** Decisions of a market within a range; those before its first row are left out. */
export function layDecisions(table: MarketTable, options: ForecastOptions): DecisionAt[] {
  requireRange(options);
  const { from = -Infinity, to = Infinity, every = 1, history } = options;
  const { time } = table.candles;
  const first = Math.max(table.series.bars.closeOnly ? 1 : 0, bisectLeft(time, from));
  const decisions: DecisionAt[] = [];
  for (let bar = first; bar < time.length && time[bar] < to; bar += every) {
    decisions.push({ bar, start: historyStart(table, bar, history) });
  }
  return decisions;
}

/** Runs every member over decisions, and says which count: those that read other markets need one with the bar. */
export async function runMembers(
  engine: Engine,
  forecaster: Forecaster,
  run: {
    readonly market: ScaledMarket;
    readonly decisions: readonly DecisionAt[];
    /** Their rows, all columns. */
    readonly rows: DecisionRows;
    readonly which: "state" | "pretrained";
    readonly steps: number;
    readonly adaptOn?: AdaptOn | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<{ outputs: MemberOutputs[]; weights: Uint8Array[] }> {
  const { market, decisions, rows, which, steps, adaptOn, signal } = run;
  const { members, support, skip, own, target: { horizon } } = forecaster;
  const alone = members.some(({ marketWide }) => !marketWide);
  const outputs: MemberOutputs[] = [];
  const weights: Uint8Array[] = [];
  const narrow = alone && own < market.cols ? decisionRows(market, decisions, own) : rows;
  for (const member of members) {
    const cols = member.marketWide ? market.cols : own;
    const rule = skip && (member.marketWide ? skip.all : skip.own);
    const plan = { horizon, rows: support.rows, spacing: support.spacing, cols, skip: rule, adaptOn };
    const network = { adapts: member[which], start: which === "state" ? unadaptedState(member) : member.pretrained };
    outputs.push(
      await runMember(engine, network, {
        rows: member.marketWide ? rows : narrow,
        supportAt: (i) => supportOf(market, decisions[i], plan),
        plan,
        steps,
        least: support.least,
        signal,
      }),
    );
    weights.push(
      Uint8Array.from(decisions, ({ bar }) => !alone || !member.marketWide || market.means.counts[bar] > 0 ? 1 : 0),
    );
  }
  return { outputs, weights };
}

/** What linear rules say at each decision, averaged over the members that count; zeros without rules. */
export function averageRule(
  { skip, members }: Forecaster,
  { rows, weights }: { readonly rows: DecisionRows; readonly weights: readonly Uint8Array[] },
): Float64Array {
  if (!skip) return new Float64Array(rows.anchors.length);
  const [own, all] = [ruleValues(skip.own, rows), ruleValues(skip.all, rows)];
  return own.map((value, i) => {
    const used = members.filter((_, m) => weights[m][i] === 1);
    return used.reduce((sum, { marketWide }) => sum + (marketWide ? all[i] : value), 0) / used.length;
  });
}

/** {@linkcode forecast} on a market made ready before. */
export async function forecastDecisions(
  engine: Engine,
  forecaster: Forecaster,
  run: {
    readonly read: ReadMarket;
    readonly decisions: readonly DecisionAt[];
    readonly adaptOn?: AdaptOn | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Forecasts> {
  const { read: { table, market }, decisions, adaptOn, signal } = run;
  const { target, scaler, shrinkage, steps, trust } = forecaster;
  const { horizon } = target;
  const scale = targetScale(target);
  const rows = decisionRows(market, decisions, market.cols);
  const { outputs, weights } = await runMembers(engine, forecaster, {
    market,
    decisions,
    rows,
    which: "state",
    steps,
    adaptOn,
    signal,
  });
  const mean = averageMembers(outputs, trust.limit, weights);
  const rule = averageRule(forecaster, { rows, weights });
  const relative = (scaled: number): number => scaler.labelMean + scaler.labelScale * scaled;
  const value = (said: Float64Array): Float64Array =>
    rows.anchors.map((anchor, i) => scale.value(relative(rule[i] + shrinkage * (said[i] - rule[i])), anchor));
  const { time } = table.candles;
  const bars = Int32Array.from(decisions, ({ bar }) => bar);
  const adapted = value(mean.adapted);
  return {
    market: table.candles.symbol,
    horizon,
    unit: scale.unit,
    bar: bars,
    time: Float64Array.from(bars, (bar) => time[bar]),
    value: adapted,
    anchor: rows.anchors,
    unadapted: value(mean.unadapted),
    spread: value(mean.adapted.map((said, i) => said + mean.spread[i])).map((high, i) => Math.abs(high - adapted[i])),
    limited: mean.limited,
    knownAt: Float64Array.from(
      bars,
      (bar) => time[bar + horizon] ?? time[bar] + horizon * intervalMs(table.candles.interval),
    ),
    labels: Float64Array.from(bars, (bar) => table.labels[bar]),
    others: Float64Array.from(bars, (bar) => market.means.counts[bar]),
  };
}

/**
 * Forecasts one market: at the close of each bar the forecaster adapts on the labelled rows known by then and says what the
 * target will be, what it would have said unadapted, and where adapting was held back.
 *
 * @param engine Where to adapt.
 * @param forecaster From `trainForecaster`.
 * @param candles Bars of one market, oldest first, of the forecaster's bar length. Two bars are enough.
 * @param options Range, history, and the other markets whose means it may read.
 * @returns One entry a decision; values in the target's unit.
 * @throws {DataError} The bar length differs, the market has closes alone and the forecaster reads ranges, no bar lies within the
 * range, or one of the others is there twice.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} An option is unknown, a time is no number, features differ from those that were trained on or are not finite.
 *
 * @example
 * ```ts ignore
 * const { value, unadapted, limited } = await forecast(engine, forecaster, listedThisMorning, { others: markets });
 * console.log(Math.exp(value[value.length - 1])); // volatility a bar over the next `horizon` bars, as a fraction
 * ```
 */
export async function forecast(
  engine: Engine,
  forecaster: Forecaster,
  candles: Candles,
  options: ForecastOptions = {},
): Promise<Forecasts> {
  requireKnownKeys("Cannot forecast", "options", options, KEYS);
  requireRange(options);
  const { others = [], adaptOn, signal } = options;
  if (adaptOn !== undefined && typeof adaptOn !== "function") {
    throw new TypeError(`Cannot forecast: adaptOn must be a function of two bars, got ${typeof adaptOn}`);
  }
  signal?.throwIfAborted();
  const sums = await inTurns(readOthers(forecaster, others, options), signal);
  const read = await inTurns(readMarket(forecaster, candles, { ...options, sums }), signal);
  const decisions = layDecisions(read.table, options);
  if (decisions.length === 0) {
    const { length } = candles.time;
    const least = forecaster.closeOnly ? 2 : 1;
    throw new DataError(
      `Cannot forecast ${candles.symbol}: ` +
        (length < least
          ? `needs ${least} bars, got ${length}`
          : `none of its ${length} bars lies within the range asked for`),
    );
  }
  return await forecastDecisions(engine, forecaster, { read, decisions, adaptOn, signal });
}

/** Coverages that {@linkcode forecastBand} knows. */
export const BAND_COVERAGES: readonly number[] = Object.freeze([0.98, 0.9, 0.8, 0.5]);

/** Errors of a forecaster that bound its band of some coverage, relative to the anchor: quantiles of those on validation. */
export function bandErrors(
  { residual: { quantiles } }: Pick<Forecaster, "residual">,
  coverage: number,
): { readonly low: number; readonly high: number } {
  const at = BAND_COVERAGES.findIndex((known) => Math.abs(known - coverage) < 1e-9);
  if (at < 0) {
    throw new RangeError(
      `Cannot draw a band: coverage must be one of ${BAND_COVERAGES.join(", ")}, got ${String(coverage)}`,
    );
  }
  return { low: quantiles[at], high: quantiles[quantiles.length - 1 - at] };
}

/**
 * The band within which what is forecast should come with the probability asked for, by the errors on validation. `conformalBand`
 * follows the market's own errors from there.
 *
 * @param forecaster The forecaster.
 * @param forecasts From {@linkcode forecast}.
 * @param coverage 0.98, 0.9, 0.8 or 0.5 (default 0.8).
 * @returns Lower and upper edge in the target's unit, `[decisions]`, and the coverage.
 * @throws {RangeError} The coverage is none of these.
 *
 * @example
 * ```ts
 * import { forecast, openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { forecastBand } from "@adaptrade/adaptrade/forecast";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const made = await forecast(engine, forecaster, candles);
 * const { low, high } = forecastBand(forecaster, made, 0.8);
 * assertEquals(made.value.every((value, i) => low[i] <= value && value <= high[i]), true);
 * ```
 */
export function forecastBand(
  forecaster: Forecaster,
  forecasts: Pick<Forecasts, "value" | "anchor">,
  coverage = 0.8,
): { low: Float64Array; high: Float64Array; coverage: number } {
  const scale = targetScale(forecaster.target);
  const edge = (error: number): Float64Array =>
    forecasts.value.map((value, i) => {
      const anchor = forecasts.anchor[i];
      return scale.value(scale.relative(value, anchor) + error, anchor);
    });
  const { low, high } = bandErrors(forecaster, coverage);
  return { low: edge(low), high: edge(high), coverage };
}

/**
 * Volatility a bar whose square is the variance expected of closes: exp(m + s²) of a log volatility m forecast with errors of
 * deviation s, by the lognormal mean, times what closes moved beyond ranges on validation. It is what a size or a limit
 * needs; exp(m) is the median of the ranges'.
 *
 * @param forecaster A forecaster of log volatility.
 * @param forecasts From {@linkcode forecast}.
 * @returns Fractions a bar, `[decisions]`; NaN where nothing was forecast.
 * @throws {RangeError} The forecaster forecasts something else.
 *
 * @example
 * ```ts
 * import { forecast, openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { expectedVolatility } from "@adaptrade/adaptrade/forecast";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const made = await forecast(engine, forecaster, candles);
 * assertEquals(expectedVolatility(forecaster, made).every((volatility) => volatility > 0), true);
 * ```
 */
export function expectedVolatility(forecaster: Forecaster, forecasts: Pick<Forecasts, "value">): Float64Array {
  if (forecaster.target.kind !== "logVolatility") {
    throw new RangeError(
      `Cannot expect a volatility: the forecaster must forecast logVolatility, got ${forecaster.target.kind}`,
    );
  }
  const { deviation, closeScale } = forecaster.residual;
  return forecasts.value.map((value) => closeScale * Math.exp(value + deviation ** 2));
}
