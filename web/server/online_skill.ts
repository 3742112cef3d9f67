/**
 * What a paper trader's forecasts have been worth, from the bars and forecasts in its file: of returns beside no move, of volatility
 * beside RiskMetrics. Only ever reads.
 * @module
 */
import { barVariances, riskMetricsVolatility } from "@adaptrade/adaptrade/features";
import { comparePooledLosses } from "@adaptrade/adaptrade/statistics";
import type { Database } from "@adaptrade/adaptrade/store";
import type { OnlineForecasting } from "../components/online_forecast.ts";

/** How forecasts have fared against saying the least. */
export interface OnlineSkill {
  /** Forecasts whose outcome is known and that were judged. */
  readonly count: number;
  /** Whether earlier ones were left out. */
  readonly latest: boolean;
  /** Squared error saved against the reference, a share; below 0 where there was more. */
  readonly saved: number;
  /** What they are judged against. */
  readonly reference: "no move" | "RiskMetrics";
  /** Whether what was saved is more than chance, at 5%; null where that was not asked. */
  readonly beyondChance: boolean | null;
}

/** Bars of volatility that are judged at most, the last ones: a page asks every other second. */
const MOST_BARS = 20_000;
/** Outcomes that must be known before RiskMetrics' bias is. */
const FEWEST_OUTCOMES = 20;
const SIGNIFICANT = 0.05;

/** How the forecasts of a trader have fared; null before the first that can be judged, and where there is no reference. */
export function skillOf(life: Database, forecasts: OnlineForecasting): OnlineSkill | null {
  const { target, horizon, closeOnly } = forecasts;
  if (target === "return") return returnSkill(life, horizon);
  // Reports of before that was told say not what the forecaster calls the volatility of a bar.
  return target !== "logVolatility" || closeOnly === undefined ? null : volatilitySkill(life, { horizon, closeOnly });
}

/** A forecast of a bar is judged by the return to the close so many bars on. */
function returnSkill(life: Database, horizon: number): OnlineSkill | null {
  const { count, own, zero } = life.prepare(
    `SELECT count(*) AS count, sum((value - return) * (value - return)) AS own, sum(return * return) AS zero
     FROM (SELECT p.value, lead(b.close, ?) OVER (PARTITION BY b.market ORDER BY b.time) / b.close - 1 AS return
           FROM bars b LEFT JOIN predictions p USING (market, time))
     WHERE value IS NOT NULL AND return IS NOT NULL`,
  ).get(horizon) as unknown as { readonly count: number; readonly own: number; readonly zero: number };
  if (count === 0 || !(zero > 0)) return null;
  return { count, latest: false, saved: 1 - own / zero, reference: "no move", beyondChance: null };
}

interface BarRow {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly value: number | null;
}

/**
 * A forecast of log volatility is judged by what came over its bars, as the forecaster counts it, beside RiskMetrics with the bias
 * that its outcomes known by then have shown: closes alone, which is what it reads, may move less than ranges.
 */
function volatilitySkill(
  life: Database,
  { horizon, closeOnly }: { readonly horizon: number; readonly closeOnly: boolean },
): OnlineSkill | null {
  const rows = (life.prepare(
    `SELECT b.time, b.open, b.high, b.low, b.close, p.value FROM bars b LEFT JOIN predictions p USING (market, time)
     ORDER BY b.time DESC LIMIT ?`,
  ).all(MOST_BARS) as unknown as BarRow[]).reverse();
  const column = (of: (row: BarRow) => number): Float64Array => Float64Array.from(rows, of);
  const candles = {
    symbol: "",
    interval: "",
    time: column(({ time }) => time),
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
    volume: new Float64Array(rows.length),
  };
  const { total } = barVariances(candles, { closeOnly });
  const levels = riskMetricsVolatility(candles).map(Math.log);
  const came = total.map((_, t) => {
    const ahead = total.subarray(t + 1, t + 1 + horizon);
    const sum = ahead.reduce((sum, variance) => sum + variance, 0);
    return ahead.length === horizon && sum > 0 ? 0.5 * Math.log(sum / horizon) : NaN;
  });
  const [time, mine, other]: number[][] = [[], [], []];
  let [biases, known] = [0, 0];
  rows.forEach(({ value }, t) => {
    const bias = t >= horizon ? came[t - horizon] - levels[t - horizon] : NaN;
    if (Number.isFinite(bias)) [biases, known] = [biases + bias, known + 1];
    const said = levels[t] + biases / known;
    if (value === null || known < FEWEST_OUTCOMES || !Number.isFinite(said) || Number.isNaN(came[t])) return;
    time.push(candles.time[t]);
    mine.push((value - came[t]) ** 2);
    other.push((said - came[t]) ** 2);
  });
  const whole = other.reduce((sum, error) => sum + error, 0);
  if (!(whole > 0)) return null;
  const [at, own, theirs] = [time, mine, other].map((list) => Float64Array.from(list));
  const { statistic, pValue } = comparePooledLosses(at, own, theirs, { overlap: horizon });
  return {
    count: own.length,
    latest: rows.length === MOST_BARS,
    saved: 1 - own.reduce((sum, error) => sum + error, 0) / whole,
    reference: "RiskMetrics",
    beyondChance: statistic !== null && statistic < 0 && pValue! < SIGNIFICANT,
  };
}
