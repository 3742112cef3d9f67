/**
 * Forecasts of volatility by regime: what every method said at every decision, the forecaster also adapted on rows of the regime
 * that the market is in, and how far each was off. Regimes are those known at the decision.
 * @module
 */
import { type Candles, compareForecasts, type Engine, forecast, type Forecaster } from "@adaptrade/adaptrade";
import { type Regime, regimeAt, type RegimeSeries } from "@adaptrade/adaptrade/features";
import { qlikeLosses } from "@adaptrade/adaptrade/forecast";
import { comparePooledLosses, type DieboldMariano } from "@adaptrade/adaptrade/statistics";

/** What was said at each decision whose outcome is known, market after market, each in order of time. */
export interface RegimeStudy {
  /** Bars ahead. */
  readonly horizon: number;
  /** Names of the markets. */
  readonly markets: readonly string[];
  /** Index of the market, `[rows]`. */
  readonly market: Int32Array;
  /** Open time of the bar at whose close each decision is made, ms UTC, `[rows]`. */
  readonly time: Float64Array;
  /** Regime known by then; null where none was, `[rows]`. */
  readonly regime: readonly (Regime | null)[];
  /** What came, log volatility, `[rows]`. */
  readonly label: Float64Array;
  /** What each method said, `[rows]`. */
  readonly said: Readonly<Record<string, Float64Array>>;
}

/** The forecaster adapted on the last rows, as it was trained, and on the last ones of the regime that the market is in. */
export const BY_RECENCY = "adapted on the last rows";
/** See {@linkcode BY_RECENCY}. */
export const BY_REGIME = "adapted on the regime's rows";

/** The forecaster's own rows in `compareForecasts`, and cheap methods beside it, by the names that they have here. */
const METHODS = {
  EWMA: "EWMA",
  "HAR, pooled": "HAR, pooled",
  "linear, pooled": "linear, pooled",
  unadapted: "meta-learned, unadapted",
  [BY_RECENCY]: "meta-learned",
};

/** Forecasts every market from a time on by every method. */
export async function studyRegimes(
  engine: Engine,
  forecaster: Forecaster,
  run: {
    readonly markets: readonly Candles[];
    readonly labels: readonly RegimeSeries[];
    readonly pool: readonly Candles[];
    readonly from: number;
    readonly signal: AbortSignal;
  },
): Promise<RegimeStudy> {
  const { markets, labels, pool, from, signal } = run;
  const compared = await compareForecasts(engine, forecaster, markets, { pool, from, keep: true, signal });
  const { market, time, label, values } = compared.decisions!;
  const said: Record<string, Float64Array> = {};
  for (const [name, score] of Object.entries(METHODS)) {
    said[name] = values[compared.scores.findIndex((one) => one.name === score)];
  }
  const byRegime: Map<number, number>[] = [];
  for (const [m, candles] of markets.entries()) {
    const known = Array.from(candles.time, (at) => regimeAt(labels[m], at));
    const adaptOn = (row: number, decision: number): boolean => known[row] === known[decision];
    const made = await forecast(engine, forecaster, candles, { from, others: pool, adaptOn, signal });
    byRegime.push(new Map(Array.from(made.time, (at, i) => [at, made.value[i]])));
  }
  said[BY_REGIME] = time.map((at, i) => byRegime[market[i]].get(at)!);
  return {
    horizon: compared.horizon,
    markets: compared.markets,
    market,
    time,
    regime: Array.from(time, (at, i) => regimeAt(labels[market[i]], at)),
    label,
    said,
  };
}

/** Squared errors of what was said, `[rows]`. */
export function squaredErrors(said: Float64Array, { label }: RegimeStudy): Float64Array {
  return said.map((value, i) => (value - label[i]) ** 2);
}

/** QLIKE of what was said, by the deviation of its errors before the test, `[rows]`. */
export function qlikeOf(said: Float64Array, study: RegimeStudy, testFrom: number): Float64Array {
  const before = squaredErrors(said, study).filter((_, i) => study.time[i] < testFrom);
  const deviation = Math.sqrt(before.reduce((sum, error) => sum + error, 0) / before.length);
  return qlikeLosses({ value: said, label: study.label }, deviation);
}

/** Rows of the test, of one regime or of all. */
export function testRows({ time, regime }: RegimeStudy, testFrom: number, only?: Regime): number[] {
  return [...time.keys()].filter((i) => time[i] >= testFrom && (only === undefined || regime[i] === only));
}

/** Mean of losses over rows. */
export function meanOver(losses: Float64Array, rows: readonly number[]): number {
  return rows.reduce((sum, i) => sum + losses[i], 0) / rows.length;
}

/**
 * Whether losses in the test are lower than others beyond chance, where a regime holds: elsewhere the two count as equal, so that
 * the order in time stays (Giacomini & White 2006).
 */
export function compareWhere(
  study: RegimeStudy,
  losses: { readonly mine: Float64Array; readonly other: Float64Array },
  where: { readonly testFrom: number; readonly only?: Regime },
): DieboldMariano {
  const { only, testFrom } = where;
  const rows = testRows(study, testFrom);
  const counted = (values: Float64Array): Float64Array =>
    Float64Array.from(rows, (i) => only === undefined || study.regime[i] === only ? values[i] : 0);
  const { mine, other } = losses;
  const time = Float64Array.from(rows, (i) => study.time[i]);
  return comparePooledLosses(time, counted(mine), counted(other), { overlap: study.horizon });
}
