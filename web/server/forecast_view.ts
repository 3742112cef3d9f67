/**
 * What the forecast page shows of a market: the newest forecast, all of them after the training beside what came, what they save
 * against the cheap methods, month by month; and the same saving on every market of the run. Values are what people read:
 * fractions of volatilities and returns, units of volumes.
 * @module
 */
import { type Candles, compareForecasts, DataError } from "@adaptrade/adaptrade";
import type { ForecastComparison } from "@adaptrade/adaptrade/forecast";
import { keepLast, labCandlesOf, labEngine, type LabModel, labModel } from "./lab_model.ts";
import { type SeenBefore, seenBefore } from "./lab_view.ts";
import type { TargetKind } from "./run_config.ts";
import { edgesOf, firstDecision, keyOf, runForecasts } from "./run_forecasts.ts";
import { referenceOf, type RunVerdict, verdictOf } from "./run_verdict.ts";
import { targetValues } from "./target_values.ts";

/** What was saved in a month. */
export interface MonthSkill {
  /** First moment of the month, ms UTC. */
  readonly time: number;
  /** Squared error saved against the reference, a share; below 0 where there was more. */
  readonly less: number;
  /** Decisions. */
  readonly rows: number;
}

/** The newest forecast. */
export interface NewestForecast {
  /** Open time of the bar at whose close it is made, ms UTC. */
  readonly time: number;
  /** Open time of the bar whose close completes what is forecast, ms UTC. */
  readonly knownAt: number;
  /** The forecast; null where the market has stood still. */
  readonly value: number | null;
  /** Lower edge of its 80% band. */
  readonly low: number | null;
  /** Upper edge. */
  readonly high: number | null;
  /** Had nothing been adapted. */
  readonly unadapted: number | null;
  /** What says nothing: the level now, or no return. */
  readonly anchor: number | null;
  /** Whether adapting was held back. */
  readonly limited: boolean;
  /** Other markets that had the bar. */
  readonly others: number;
}

/** A market's forecasts. */
export interface ForecastView {
  /** Symbol of the market. */
  readonly symbol: string;
  /** Bar length. */
  readonly interval: string;
  /** What is forecast. */
  readonly target: TargetKind;
  /** Bars ahead. */
  readonly horizon: number;
  /** Networks, and inner steps that validation chose. */
  readonly networks: number;
  /** Inner steps that validation chose; 0 where adapting did not pay. */
  readonly steps: number;
  /** What the run knows of the first of these bars. */
  readonly seen: SeenBefore;
  /** Whether some of the bars are older than the end of training: other markets' bars of those days were learned from. */
  readonly early: boolean;
  /** The newest forecast. */
  readonly newest: NewestForecast;
  /** Open time of each decision's bar, ms UTC, `[decisions]`. */
  readonly time: readonly number[];
  /** What came, `[decisions]`; null where not known yet. */
  readonly came: readonly (number | null)[];
  /** Forecasts, `[decisions]`. */
  readonly value: readonly (number | null)[];
  /** Lower edges of the 80% band, `[decisions]`. */
  readonly low: readonly (number | null)[];
  /** Upper edges, `[decisions]`. */
  readonly high: readonly (number | null)[];
  /** Had nothing been adapted, `[decisions]`. */
  readonly unadapted: readonly (number | null)[];
  /** The forecast where adapting was held back, else null, `[decisions]`. */
  readonly heldBack: readonly (number | null)[];
  /** Share of outcomes within the band, and how many were counted. */
  readonly covered: { readonly share: number; readonly count: number };
}

/** What a market's forecasts are worth, which takes longer than making them. */
export interface ForecastWorth {
  /** What they are worth beside the cheap methods, or why nothing can be said yet. */
  readonly verdict: RunVerdict | { readonly problem: string };
  /** What the reference said at each decision of the view, `[decisions]`; null where it cannot be judged. */
  readonly reference: readonly (number | null)[];
  /** What was saved by month, oldest first. */
  readonly months: readonly MonthSkill[];
}

/** Markets judged at once for the table. */
const MOST_MARKETS = 30;

const views = keepLast<ForecastView>(8);
const worths = keepLast<ForecastWorth>(8);
const skills = keepLast<readonly MarketSkill[]>();

/** The forecasts of a run on a market. */
export async function forecastView(run: string, market: string): Promise<ForecastView> {
  const model = await labModel(run);
  const candles = await labCandlesOf(market);
  return await views(keyOf(model, market, candles), () => makeView(model, market, candles));
}

/** What the forecasts of a run on a market are worth. */
export async function forecastWorth(run: string, market: string): Promise<ForecastWorth> {
  const model = await labModel(run);
  const candles = await labCandlesOf(market);
  const { time } = await forecastView(run, market);
  return await worths(keyOf(model, market, candles), () => makeWorth(model, candles, time));
}

async function makeWorth(model: LabModel, candles: Candles, time: readonly number[]): Promise<ForecastWorth> {
  const from = firstDecision(candles, model.forecaster.trainedOn.trainedUntil);
  const judged = await judge(model, candles, from);
  if ("problem" in judged) return { verdict: judged, reference: time.map(() => null), months: [] };
  return {
    verdict: verdictOf(model.forecaster, judged),
    reference: referenceSeries(model, judged, time),
    months: monthsOf(model, judged),
  };
}

async function makeView(model: LabModel, market: string, candles: Candles): Promise<ForecastView> {
  const { forecaster, config: { target, horizon } } = model;
  const { of } = targetValues(target);
  const { trainedUntil } = forecaster.trainedOn;
  const { said, band } = await runForecasts(model, market, candles);
  const shown = (values: Float64Array): (number | null)[] => Array.from(values, (value) => finite(of(value)));
  const series = {
    time: Array.from(said.time),
    came: shown(said.labels),
    value: shown(said.value),
    ...edgesOf(target, band),
    unadapted: shown(said.unadapted),
    heldBack: shown(said.value.map((value, i) => said.limited[i] === 1 ? value : NaN)),
  };
  const last = said.time.length - 1;
  return {
    symbol: candles.symbol,
    interval: candles.interval,
    target,
    horizon,
    networks: forecaster.members.length,
    steps: forecaster.steps,
    seen: seenBefore(model, market, said.time[0]),
    early: said.time[0] < trainedUntil,
    newest: {
      time: said.time[last],
      knownAt: said.knownAt[last],
      value: series.value[last],
      low: series.low[last],
      high: series.high[last],
      unadapted: series.unadapted[last],
      anchor: target === "return" ? 0 : finite(of(said.anchor[last])),
      limited: said.limited[last] === 1,
      others: said.others[last],
    },
    ...series,
    covered: coverage(series),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The comparison on one market; in words why there is none. */
async function judge(
  { forecaster, markets: pool }: LabModel,
  candles: Candles,
  from: number,
): Promise<ForecastComparison | { readonly problem: string }> {
  try {
    return await compareForecasts(await labEngine(), forecaster, [candles], { pool, from, keep: true });
  } catch (error) {
    if (error instanceof DataError || error instanceof RangeError) return { problem: error.message };
    throw error;
  }
}

/** What the reference said at each decision that could be judged. */
function referenceSeries(model: LabModel, comparison: ForecastComparison, time: readonly number[]): (number | null)[] {
  const { index } = referenceOf(model.forecaster, comparison);
  const { of } = targetValues(model.config.target);
  const decisions = comparison.decisions!;
  const byTime = new Map(Array.from(decisions.time, (at, i) => [at, finite(of(decisions.values[index][i]))]));
  return time.map((at) => byTime.get(at) ?? null);
}

/** Share of outcomes within the band. */
function coverage(
  { came, low, high }: Pick<ForecastView, "came" | "low" | "high">,
): { readonly share: number; readonly count: number } {
  let [inside, count] = [0, 0];
  came.forEach((value, i) => {
    if (value === null) return;
    count++;
    if (value >= (low[i] ?? -Infinity) && value <= (high[i] ?? Infinity)) inside++;
  });
  return { share: count === 0 ? NaN : inside / count, count };
}

/** Squared errors of the forecaster and of the reference, summed by a key of each row. */
function sums<K>(
  model: LabModel,
  comparison: ForecastComparison,
  keyOf: (row: number) => K,
): Map<K, { mine: number; other: number; rows: number }> {
  const { values, label, time } = comparison.decisions!;
  const { index } = referenceOf(model.forecaster, comparison);
  const mine = values[values.length - 1];
  const found = new Map<K, { mine: number; other: number; rows: number }>();
  for (let i = 0; i < time.length; i++) {
    const key = keyOf(i);
    const at = found.get(key) ?? { mine: 0, other: 0, rows: 0 };
    at.mine += (mine[i] - label[i]) ** 2;
    at.other += (values[index][i] - label[i]) ** 2;
    at.rows++;
    found.set(key, at);
  }
  return found;
}

function monthsOf(model: LabModel, comparison: ForecastComparison): MonthSkill[] {
  const { time } = comparison.decisions!;
  const month = (row: number): number => {
    const date = new Date(time[row]);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  };
  return [...sums(model, comparison, month)].sort(([a], [b]) => a - b)
    .map(([time, { mine, other, rows }]) => ({ time, less: 1 - mine / other, rows }));
}

/** What was saved on one market. */
export interface MarketSkill {
  /** Id of the market. */
  readonly id: string;
  /** Its symbol. */
  readonly symbol: string;
  /** Whether training never saw it. */
  readonly unseen: boolean;
  /** Decisions after the training whose outcome is known; 0 where the market ends before. */
  readonly rows: number;
  /** Squared error saved against the reference, a share; null where there is no decision. */
  readonly less: number | null;
  /** What it is saved against. */
  readonly reference: string;
}

/** What a run saves on the markets that it trained on, and on the one kept unseen, after its training. */
export async function marketSkills(run: string): Promise<readonly MarketSkill[]> {
  const model = await labModel(run);
  return await skills(`${run} ${model.forecaster.members.length}`, () => makeSkills(model));
}

async function makeSkills(model: LabModel): Promise<readonly MarketSkill[]> {
  const { forecaster, markets: pool, config: { unseen, markets: ids } } = model;
  const chosen = [unseen, ...ids].slice(0, MOST_MARKETS);
  const candles = [await labCandlesOf(unseen), ...pool].slice(0, MOST_MARKETS);
  const { trainedUntil } = forecaster.trainedOn;
  const tested = candles.map(({ time, interval }) =>
    time[time.length - 1] > trainedUntil && interval === forecaster.interval
  );
  const judged = candles.filter((_, i) => tested[i]);
  if (judged.length === 0) throw new DataError("None of the run's markets has a bar after its training");
  const comparison = await compareForecasts(await labEngine(), forecaster, judged, { pool, keep: true });
  const { market } = comparison.decisions!;
  const { name: reference } = referenceOf(forecaster, comparison);
  const found = sums(model, comparison, (row) => judged[market[row]].symbol);
  return chosen.map((id, i) => {
    const own = tested[i] ? found.get(candles[i].symbol) : undefined;
    return {
      id,
      symbol: candles[i].symbol,
      unseen: i === 0,
      rows: own?.rows ?? 0,
      less: own ? 1 - own.mine / own.other : null,
      reference,
    };
  });
}
