/**
 * A run's forecasts of a market from the end of its training on, with the band that follows their hits and misses: made once, for
 * the forecast page and for the lab, which so show the same band at the same bar. It judges nothing.
 * @module
 */
import { type Candles, forecast } from "@adaptrade/adaptrade";
import { type ConformalBand, conformalBand, type Forecasts } from "@adaptrade/adaptrade/forecast";
import type { TargetKind } from "./run_config.ts";
import { targetValues } from "./target_values.ts";
import { keepLast, labEngine, type LabModel } from "./lab_model.ts";

/** Forecasts and their band, `[decisions]` each. */
export interface RunForecasts {
  /** What was said. */
  readonly said: Forecasts;
  /** 80% of outcomes within, at each decision by the outcomes known by then. */
  readonly band: ConformalBand;
}

/** More decisions would make a page slow, and nobody sees them at once. */
const MOST_DECISIONS = 3000;

const kept = keepLast<RunForecasts>(8);

/** First decision shown: the end of training, or earlier where the market has no bar behind it; the most recent of very many. */
export function firstDecision({ time }: Candles, trainedUntil: number): number {
  const last = time[time.length - 1];
  const from = last > trainedUntil ? trainedUntil : time[0];
  return Math.max(from, time[Math.max(0, time.length - MOST_DECISIONS)]);
}

/** What is kept of a market under a run: another key once the run or the market goes on. */
export function keyOf({ id, forecaster }: LabModel, market: string, { time }: Candles): string {
  return [id, forecaster.members.length, market, time.length, time[time.length - 1]].join(" ");
}

/** The forecasts of a run on a market. */
export function runForecasts(model: LabModel, market: string, candles: Candles): Promise<RunForecasts> {
  return kept(keyOf(model, market, candles), async () => {
    const { forecaster, markets: others } = model;
    const from = firstDecision(candles, forecaster.trainedOn.trainedUntil);
    const said = await forecast(await labEngine(), forecaster, candles, { from, others });
    return { said, band: conformalBand(forecaster, said) };
  });
}

/** A band's edges as people read them, `[decisions]`; null where there is none, or none that a page could show: a level's at 0. */
export function edgesOf(
  target: TargetKind,
  { low, high }: { readonly low: Float64Array; readonly high: Float64Array },
): { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] } {
  const { of } = targetValues(target);
  const shown = (edge: number): number | null => {
    const value = of(edge);
    return !Number.isFinite(value) || (target !== "return" && value === 0) ? null : value;
  };
  return { low: Array.from(low, shown), high: Array.from(high, shown) };
}
