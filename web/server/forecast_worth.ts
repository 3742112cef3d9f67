/**
 * What a run's forecasts are worth beside the cheap methods': the verdict on a market, what was saved month by month, and the same
 * saving on every market of the run. Cheap methods are fitted once a run, and a market is judged once, whoever asks.
 * @module
 */
import { type Candles, DataError } from "@adaptrade/adaptrade";
import { type ForecastComparison, prepareComparison, type PreparedComparison } from "@adaptrade/adaptrade/forecast";
import { forecastView } from "./forecast_view.ts";
import { keepLast, labCandlesOf, labEngine, type LabModel, labModel } from "./lab_model.ts";
import { firstDecision, keyOf } from "./run_forecasts.ts";
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

/** What a market's forecasts are worth. */
export interface ForecastWorth {
  /** What they are worth beside the cheap methods, or why nothing can be said yet. */
  readonly verdict: RunVerdict | { readonly problem: string };
  /** What the reference said at each decision of the view, `[decisions]`; null where it cannot be judged. */
  readonly reference: readonly (number | null)[];
  /** What was saved by month, oldest first. */
  readonly months: readonly MonthSkill[];
}

/** What was saved on one market. */
export interface MarketSkill {
  /** Id of the market. */
  readonly id: string;
  /** Decisions after the training whose outcome is known. */
  readonly rows: number;
  /** Squared error saved against the reference, a share; null where there is no decision. */
  readonly less: number | null;
  /** What it is saved against; null where there is no decision. */
  readonly reference: string | null;
  /** In words why there is no decision; null where there are some. */
  readonly why: string | null;
}

/** Comparisons kept: the markets of a large run and a few more. */
const MOST_KEPT = 40;

const comparisons = keepLast<ForecastComparison>(MOST_KEPT);
const ready = new WeakMap<LabModel, Promise<PreparedComparison>>();

/** What every method of a run is fitted as; it takes longer than judging a market. */
function preparedFor(model: LabModel): Promise<PreparedComparison> {
  const { forecaster, markets: pool } = model;
  const found = ready.get(model) ??
    labEngine().then((engine) => prepareComparison(engine, forecaster, { pool }));
  ready.set(model, found);
  found.catch(() => ready.delete(model));
  return found;
}

/** A market's comparison from a time on; in words why there is none. */
async function judge(
  model: LabModel,
  { market, candles, from }: { readonly market: string; readonly candles: Candles; readonly from: number },
): Promise<ForecastComparison | { readonly problem: string }> {
  try {
    return await comparisons(`${keyOf(model, market, candles)} ${from}`, async () => {
      const prepared = await preparedFor(model);
      return await prepared.compare([candles], { from, keep: true });
    });
  } catch (error) {
    if (error instanceof DataError || error instanceof RangeError) return { problem: error.message };
    throw error;
  }
}

/** What the forecasts of a run on a market are worth. */
export async function forecastWorth(run: string, market: string): Promise<ForecastWorth> {
  const model = await labModel(run);
  const candles = await labCandlesOf(market);
  const { time } = await forecastView(run, market);
  const from = firstDecision(candles, model.forecaster.trainedOn.trainedUntil);
  const judged = await judge(model, { market, candles, from });
  if ("problem" in judged) return { verdict: judged, reference: time.map(() => null), months: [] };
  return {
    verdict: verdictOf(model.forecaster, judged),
    reference: referenceSeries(model, judged, time),
    months: monthsOf(model, judged),
  };
}

/** What the reference said at each decision that could be judged. */
function referenceSeries(model: LabModel, comparison: ForecastComparison, time: readonly number[]): (number | null)[] {
  const { index } = referenceOf(model.forecaster, comparison);
  const { of } = targetValues(model.config.target);
  const decisions = comparison.decisions!;
  const byTime = new Map(Array.from(decisions.time, (at, i) => [at, of(decisions.values[index][i])]));
  return time.map((at) => {
    const value = byTime.get(at) ?? NaN;
    return Number.isFinite(value) ? value : null;
  });
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

/**
 * What a run saves on one of its markets, that it trained on or kept unseen, after its training.
 *
 * @throws {RangeError} It is none of the run's markets.
 */
export async function marketSkill(run: string, market: string): Promise<MarketSkill> {
  const model = await labModel(run);
  const { forecaster, config: { unseen, markets } } = model;
  if (market !== unseen && !markets.includes(market)) {
    throw new RangeError(`Cannot judge ${market}: expected one of the run's markets`);
  }
  const none = (why: string): MarketSkill => ({ id: market, rows: 0, less: null, reference: null, why });
  const candles = await labCandlesOf(market);
  const { trainedUntil } = forecaster.trainedOn;
  if (candles.time[candles.time.length - 1] <= trainedUntil) return none("ends before");
  const judged = await judge(model, { market, candles, from: trainedUntil });
  if ("problem" in judged) return none(judged.problem);
  const [{ mine, other, rows }] = sums(model, judged, () => market).values();
  const { name: reference } = referenceOf(forecaster, judged);
  return { id: market, rows, less: 1 - mine / other, reference, why: null };
}
