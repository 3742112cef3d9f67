/**
 * What the forecast page shows of a market: the newest forecast, and all of them after the training beside what came. Values are what
 * people read: fractions of volatilities and returns, units of volumes. It judges nothing, but shows at once the verdict that a run
 * was given at its end.
 * @module
 */
import type { Candles } from "@adaptrade/adaptrade";
import { keepLast, labCandlesOf, type LabModel, labModel, runResult } from "./lab_model.ts";
import { type SeenBefore, seenBefore } from "./lab_view.ts";
import type { TargetKind } from "./run_config.ts";
import { edgesOf, keyOf, runForecasts } from "./run_forecasts.ts";
import type { RunResult, RunVerdict } from "./run_verdict.ts";
import { targetValues } from "./target_values.ts";

/** The newest forecast. */
export interface NewestForecast {
  /** Open time of the bar at whose close it is made, ms UTC. */
  readonly time: number;
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
  /** The verdict that the run was given at its end, where it is on these very forecasts; null elsewhere. */
  readonly kept: RunVerdict | null;
}

const views = keepLast<Omit<ForecastView, "kept">>(8);

/** The forecasts of a run on a market. */
export async function forecastView(run: string, market: string): Promise<ForecastView> {
  const model = await labModel(run);
  const candles = await labCandlesOf(market);
  const view = await views(keyOf(model, market, candles), () => makeView(model, market, candles));
  const result = market === model.config.unseen ? await runResult(run) : null;
  return { ...view, kept: result !== null && isOn(result, view) ? result : null };
}

/** Whether a result is a verdict on the forecasts of a view whose outcome is known, no more and no fewer. */
function isOn(
  result: RunResult,
  { time, came, value }: Pick<ForecastView, "time" | "came" | "value">,
): result is RunVerdict {
  const judged = time.filter((_, i) => came[i] !== null && value[i] !== null);
  return !("problem" in result) && result.rows === judged.length && result.from === judged[0] &&
    result.to === judged.at(-1);
}

async function makeView(model: LabModel, market: string, candles: Candles): Promise<Omit<ForecastView, "kept">> {
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
