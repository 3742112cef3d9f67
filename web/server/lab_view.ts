/**
 * What the lab shows of a moment: the forecast as it is made, with its band, and for 0 to 20 inner steps what the networks would
 * say, from the meta-learned start and from the pretrained one. Every number of steps comes in one answer, so that a slider needs
 * no server.
 * @module
 */
import type { Candles } from "@adaptrade/adaptrade";
import { forecastBand, type Forecasts, type StepCurve } from "@adaptrade/adaptrade/forecast";
import { labEngine, labMarket, type LabModel, labModel } from "./lab_model.ts";
import { type LabQuery, MOST_STEPS } from "./lab_query.ts";
import { readsInOnePass, type TargetKind } from "./run_config.ts";
import { edgesOf, firstDecision, runForecasts } from "./run_forecasts.ts";
import { targetValues } from "./target_values.ts";

/** One layer's part in an adaptation, a mean over the networks. */
export interface LabLayer {
  /** ‖θ_K − θ_0‖ over the layer. */
  readonly change: number;
  /** The same divided by ‖θ_0‖; null where that is 0. */
  readonly relative: number | null;
}

/** A start, adapted in 0, 1, 2, … steps, up to `MOST_STEPS`, or 1 of a method of one pass; the trust region is not applied. */
export interface LabCurve {
  /** What would be forecast. */
  readonly predictions: readonly number[];
  /** Mean loss on the rows adapted on; empty where there is nothing to adapt on. */
  readonly supportLoss: readonly number[];
  /** Whether a network would have moved further than is believed, by steps. */
  readonly beyond: readonly boolean[];
  /** Layers from input to output, by steps; none where no layer moves. */
  readonly layers: readonly (readonly LabLayer[])[];
}

/** What a run knows of a moment: a forecast of bars that it trained or was selected on flatters it. */
export type SeenBefore = "unseen market" | "trained on" | "selected on" | "after training";

/** A moment, forecast. Values are what people read: fractions of volatilities and returns, units of volumes. */
export interface LabView {
  /** Open time of the bar at whose close the forecast is made, ms UTC. */
  readonly time: number;
  /** Open time of the bar whose close completes what is forecast, ms UTC. */
  readonly knownAt: number;
  /** What is forecast. */
  readonly target: TargetKind;
  /** Bars that the forecast looks ahead. */
  readonly horizon: number;
  /** Open time of each support row, ms UTC. */
  readonly supportTime: readonly number[];
  /** Whether there are rows enough, and ones that say something, to adapt on. */
  readonly adapts: boolean;
  /** What came; null where the data end before it. */
  readonly actual: number | null;
  /** The forecast as it is made, with its 80% band; an edge is null where everything on its side is covered. */
  readonly forecast: { readonly value: number; readonly low: number | null; readonly high: number | null };
  /** Forecasts after the training whose outcome was known by then: the band follows them, and is that of validation before the first. */
  readonly judged: number;
  /** The forecast had nothing been adapted. */
  readonly unadapted: number;
  /** The level that it is relative to, known at the decision: what says nothing. */
  readonly anchor: number;
  /** Whether adapting was held back. */
  readonly limited: boolean;
  /** Networks. */
  readonly networks: number;
  /** Other markets that had the bar. */
  readonly others: number;
  /** Inner steps that validation chose; 0 where adapting did not pay. */
  readonly steps: number;
  /** Whether the run has seen these bars. */
  readonly seen: SeenBefore;
  /** The loss of saying nothing of the rows adapted on; null where there is none. */
  readonly silentLoss: number | null;
  /** The meta-learned start. */
  readonly learned: LabCurve;
  /** The pretrained start that it began with. */
  readonly pretrained: LabCurve;
}

/** The moment of a query, forecast in every number of steps. */
export async function labView(query: LabQuery): Promise<LabView> {
  const model = await labModel(query.run);
  const { candles, inspection } = await labMarket(model, query.market);
  const { forecaster, config: { target } } = model;
  const most = readsInOnePass(model.config.method) ? 1 : MOST_STEPS;
  const found = await inspection.describe(await labEngine(), { at: query.time, most });
  const { forecasts } = found;
  const { of } = targetValues(target);
  const { low: [low], high: [high], judged } = await bandAt(model, { market: query.market, candles, forecasts });
  const curve = ({ value, moved, supportLoss, layers }: StepCurve): LabCurve => ({
    predictions: Array.from(value, of),
    supportLoss: Array.from(supportLoss),
    beyond: Array.from(moved, (move) => move > forecaster.trust.limit),
    layers,
  });
  const [time] = forecasts.time;
  return {
    time,
    knownAt: forecasts.knownAt[0],
    target,
    horizon: forecasts.horizon,
    supportTime: Array.from(found.supportTime),
    adapts: found.adapts,
    actual: Number.isNaN(forecasts.labels[0]) ? null : of(forecasts.labels[0]),
    forecast: { value: of(forecasts.value[0]), low, high },
    judged,
    unadapted: of(forecasts.unadapted[0]),
    anchor: target === "return" ? 0 : of(forecasts.anchor[0]),
    limited: forecasts.limited[0] === 1,
    networks: forecaster.members.length,
    others: forecasts.others[0],
    steps: forecaster.steps,
    seen: seenBefore(model, query.market, time),
    silentLoss: found.silentLoss,
    learned: curve(found.learned),
    pretrained: curve(found.pretrained),
  };
}

/**
 * The band of one forecast: behind the end of training as the forecast page has it, by the hits and misses known by then; of a bar
 * that was trained or selected on, where outcomes are no news, that of validation.
 */
async function bandAt(
  model: LabModel,
  { market, candles, forecasts }: { readonly market: string; readonly candles: Candles; readonly forecasts: Forecasts },
): Promise<ReturnType<typeof edgesOf> & { readonly judged: number }> {
  const { forecaster, config: { target } } = model;
  const [time] = forecasts.time;
  const { said, band } = time < firstDecision(candles, forecaster.trainedOn.trainedUntil)
    ? { said: forecasts, band: forecastBand(forecaster, forecasts) }
    : await runForecasts(model, market, candles);
  const at = said.time.indexOf(time);
  const part = { low: band.low.subarray(at, at + 1), high: band.high.subarray(at, at + 1) };
  const judged = said.labels.filter((label, i) => said.knownAt[i] <= time && Number.isFinite(label)).length;
  return { ...edgesOf(target, part), judged };
}

/** What a run knows of a bar. */
export function seenBefore({ config, forecaster }: LabModel, market: string, time: number): SeenBefore {
  if (!config.markets.includes(market)) return "unseen market";
  const { validationFrom, trainedUntil } = forecaster.trainedOn;
  return time < validationFrom ? "trained on" : time <= trainedUntil ? "selected on" : "after training";
}

/** Why a forecast is what it is. Values are in the forecaster's unit, in which parts add up: logs of volatilities and volumes. */
export interface LabExplanation {
  /** Inner steps that it is about. */
  readonly steps: number;
  /** What is forecast. */
  readonly target: TargetKind;
  /** The forecast. */
  readonly prediction: number;
  /** The forecast where every column is at the pool's mean. */
  readonly baseline: number;
  /** What each column added to it (integrated gradients). */
  readonly features: readonly { readonly name: string; readonly value: number }[];
  /** The forecast less what it is when the row is left out of the support, by row. */
  readonly influence: readonly { readonly time: number; readonly value: number }[];
}

/**
 * Explains the forecast of a moment.
 *
 * @param query where to look
 * @param steps inner steps
 * @throws {RangeError} The steps are no whole number from 0 to 20.
 */
export async function labExplanation(query: LabQuery, steps: unknown): Promise<LabExplanation> {
  if (typeof steps !== "number" || !Number.isInteger(steps) || steps < 0 || steps > MOST_STEPS) {
    throw new RangeError(`Cannot explain: expected 0 to ${MOST_STEPS} steps, received ${String(steps)}`);
  }
  const model = await labModel(query.run);
  const { inspection } = await labMarket(model, query.market);
  const engine = await labEngine();
  const { value, baseline, columns, contributions, influence } = await inspection.explain(engine, {
    at: query.time,
    steps,
  });
  const { supportTime } = await inspection.describe(engine, { at: query.time, most: 0 });
  const times = supportTime.subarray(supportTime.length - influence.length);
  return {
    steps,
    target: model.config.target,
    prediction: value,
    baseline,
    features: columns.map((name, i) => ({ name, value: contributions[i] })),
    influence: Array.from(influence, (value, i) => ({ time: times[i], value })),
  };
}
