/**
 * The training pool: markets made ready, scales fitted on their training rows alone, and the linear rule that networks may
 * add to. It refuses rows whose label was not known when training ends.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { isCloseOnly } from "../features/bar_variance.ts";
import type { Steps } from "../event_loop.ts";
import { random } from "../net/random.ts";
import { decisionRow, type LinearRule, meansOrNone, type ScaledMarket, scaleMarket } from "./decisions.ts";
import { addRow, openSums, regress } from "./least_squares.ts";
import { type MarketSums, sumMarkets } from "./market_means.ts";
import {
  copyNumbers,
  type FeatureOptions,
  historyStart,
  type MarketTable,
  marketTable,
  relativeLabel,
  requireRows,
  rowOf,
  ROWS_A_STEP,
} from "./market_table.ts";
import { fitPool, type PoolScaler, scaleLabel } from "./pool_scaler.ts";
import { type TargetConfig, targetScale } from "./target.ts";
import { drawStart, labelledRange } from "./training_tasks.ts";

/** Rows that scales and linear rules are fitted on, at most. */
const SAMPLE_ROWS = 20_000;
const SAMPLE_SEED = 7;

/** Markets made ready to be learned over. */
export interface Pool {
  /** The markets, scaled. */
  readonly markets: readonly ScaledMarket[];
  /** Sums over them, for the means beside any market; null where there are too few. */
  readonly sums: MarketSums | null;
  /** Their scales. */
  readonly scaler: PoolScaler;
  /** Names of own columns, then of those over the other markets. */
  readonly columns: readonly string[];
  /** Own columns. */
  readonly own: number;
  /** Whether closes alone are read. */
  readonly closeOnly: boolean;
}

/** How a pool is read. */
export interface PoolOptions extends FeatureOptions {
  /** What is forecast. */
  readonly target: TargetConfig;
  /** Labels known before this time are fitted on, ms UTC. */
  readonly to: number;
  /** Share of rows whose history is cut. */
  readonly cutShare: number;
  /** Whether means over the other markets are read. */
  readonly marketWide: boolean;
}

/** A row of the pool's training time, for fits. */
interface SampledRow {
  readonly market: number;
  readonly start: number;
  readonly bar: number;
}

/** Bars of the training time, spread evenly over the markets, with histories cut as the training's are. */
function sampleRows(
  tables: readonly MarketTable[],
  options: Pick<PoolOptions, "target" | "to" | "cutShare">,
): SampledRow[] {
  const { target: { horizon }, to, cutShare } = options;
  const stream = random(SAMPLE_SEED);
  const ranges = tables.map((table) => labelledRange(table, to, horizon));
  const total = ranges.reduce((sum, { first, end }) => sum + Math.max(0, end - first), 0);
  const stride = Math.max(1, Math.ceil(total / SAMPLE_ROWS));
  const rows: SampledRow[] = [];
  ranges.forEach(({ first, end }, market) => {
    for (let bar = first; bar < end; bar += stride) {
      const start = drawStart(stream, tables[market], { bar, cutShare });
      if (!Number.isNaN(tables[market].labels[bar])) rows.push({ market, start, bar });
    }
  });
  return rows;
}

/**
 * Makes a pool of markets.
 *
 * @throws {DataError} No market has labelled rows before the training's end.
 */
export function* openPool(candles: readonly Candles[], options: PoolOptions): Steps<Pool> {
  const { target, marketWide } = options;
  const closeOnly = options.closeOnly ?? candles.some(isCloseOnly);
  const tables: MarketTable[] = [];
  for (const market of candles) tables.push(yield* marketTable(market, target, { ...options, closeOnly }));
  tables.forEach(requireRows);
  const sums = marketWide ? sumMarkets(tables) : null;
  const own = tables[0].names.length;
  const shared = marketWide ? tables[0].shared : 0;
  const cols = own + shared;
  const scale = targetScale(target);
  const means = tables.map((table) => meansOrNone(sums, table));
  const rows = sampleRows(tables, options);
  const values = new Float64Array(rows.length * cols);
  const relative: number[] = [];
  const raw = { values, offset: 0 };
  for (const [i, { market, start, bar }] of rows.entries()) {
    if (i % ROWS_A_STEP === 0) yield;
    raw.offset = relative.length * cols;
    const anchor = rowOf(tables[market], { start, bar }, raw);
    const lacks = shared > 0 && !(means[market].counts[bar] > 0);
    const label = relativeLabel(tables[market], scale, bar, anchor);
    if (Number.isNaN(label) || lacks) continue;
    copyNumbers(means[market].values, bar * shared, { values, offset: raw.offset + own }, shared);
    relative.push(label);
  }
  if (relative.length < 30) {
    throw new DataError(
      `Cannot learn over ${candles.map(({ symbol }) => symbol).join(", ")}: needs 30 labelled rows known by ` +
        `${new Date(options.to).toISOString()}, got ${relative.length}`,
    );
  }
  const { names } = tables[0];
  const level = names.indexOf("level");
  const fading = {
    columns: tables[0].risk ? [level, ...(shared > 0 ? [own + level] : [])] : [],
    history: tables[0].risk ? names.indexOf("history") : -1,
  };
  const scaler = fitPool(values.subarray(0, relative.length * cols), Float64Array.from(relative), {
    centred: scale.centred,
    fading,
  });
  const markets: ScaledMarket[] = [];
  for (const [i, table] of tables.entries()) {
    markets.push(scaleMarket(table, means[i], { scaler, scale }));
    yield;
  }
  return {
    markets,
    sums,
    scaler,
    columns: [...names, ...names.slice(0, shared).map((name) => `market_${name}`)],
    own,
    closeOnly,
  };
}

/** Columns of the pooled heterogeneous autoregression among a pool's: own ladder and level, and the other markets' where they are read. */
export function harColumns(pool: Pick<Pool, "markets" | "own">, marketWide: boolean): readonly number[] {
  const [{ table }] = pool.markets;
  return marketWide ? [...table.layout.har, ...table.layout.har.map((column) => pool.own + column)] : table.layout.har;
}

/**
 * Fits a linear rule of each set of columns on the pool's training rows, labels in deviations, cut. The rows are made once for
 * all of them.
 */
export function* fitRules(
  pool: Pick<Pool, "markets" | "scaler">,
  sets: readonly (readonly number[])[],
  options: Pick<PoolOptions, "target" | "to" | "cutShare"> & {
    /** Ridge penalty on slopes (default 0). */
    readonly penalty?: number;
    /** Length of every history in bars, instead of cuts at random. */
    readonly history?: number;
  },
): Steps<LinearRule[]> {
  const { history, penalty = 0 } = options;
  const fits = sets.map(({ length }) => ({ sums: openSums(length), picked: new Float64Array(length) }));
  const cols = pool.scaler.x.mean.length;
  const x = new Float32Array(cols);
  const at = { start: 0, bar: 0 };
  const out = { values: x, offset: 0, cols };
  for (const [i, row] of sampleRows(pool.markets.map(({ table }) => table), options).entries()) {
    if (i % ROWS_A_STEP === 0) yield;
    const market = pool.markets[row.market];
    const { bar } = row;
    at.start = history === undefined ? row.start : historyStart(market.table, bar, history);
    at.bar = bar;
    const anchor = decisionRow(market, at, out);
    const relative = relativeLabel(market.table, market.scale, bar, anchor);
    if (Number.isNaN(relative)) continue;
    const label = scaleLabel(pool.scaler, relative);
    fits.forEach(({ sums, picked }, i) => {
      sets[i].forEach((column, j) => picked[j] = x[column]);
      addRow(sums, picked, 0, label);
    });
  }
  return fits.map(({ sums }, i) => ({ columns: sets[i], beta: regress(sums, { penalty }) }));
}

/** Lengths of history in bars at which a rule that changes with it is fitted; the last knot is the whole history. */
const HISTORY_KNOTS = [3, 5, 10, 20, 60];
/** Ridge penalty there: with few bars the rungs of a ladder coincide, and slopes that cancel must not be large. */
const KNOT_PENALTY = 10;

/**
 * Fits a linear rule of each set of columns for each of some lengths of history, as one that changes between them: few bars say
 * less of a market, and what they say counts otherwise.
 */
export function* fitRulesByHistory(
  pool: Pick<Pool, "markets" | "scaler">,
  sets: readonly (readonly number[])[],
  options: Pick<PoolOptions, "target" | "to" | "cutShare">,
): Steps<LinearRule[]> {
  const { fading: { history: column }, x: { mean, scale } } = pool.scaler;
  if (column < 0) return yield* fitRules(pool, sets, options);
  const ridge = { ...options, penalty: KNOT_PENALTY };
  const fitted: LinearRule[][] = [];
  for (const history of HISTORY_KNOTS) fitted.push(yield* fitRules(pool, sets, { ...ridge, history }));
  fitted.push(yield* fitRules(pool, sets, { ...ridge, cutShare: 0 }));
  const lengths = [...HISTORY_KNOTS, 2 * pool.markets[0].table.layout.lookback];
  const knots = lengths.map((length) => Math.fround((Math.log(length) - mean[column]) / scale[column]));
  return sets.map((columns, i) => {
    const width = columns.length + 1;
    const beta = new Float64Array(knots.length * width);
    fitted.forEach((rules, knot) => beta.set(rules[i].beta, knot * width));
    return { columns, beta, byHistory: { column, knots } };
  });
}

/** The mean of two rules with the same knots, as one: the second has all columns of the first. */
export function meanOfRules(few: LinearRule, many: LinearRule): LinearRule {
  const [width, wide] = [few.columns.length + 1, many.columns.length + 1];
  const places = [0, ...few.columns.map((column) => 1 + many.columns.indexOf(column))];
  const beta = many.beta.map((one) => one / 2);
  for (let knot = 0; knot * wide < beta.length; knot++) {
    places.forEach((place, j) => beta[knot * wide + place] += few.beta[knot * width + j] / 2);
  }
  return { ...many, beta };
}
