/**
 * The job `study`: one market of a study. A market that cannot be studied (too short, bars of another length) is a finding, not a
 * failure; all else that is thrown ends the study.
 * @module
 */
import { type Candles, DataError } from "../../data/candles.ts";
import { decodeForecaster } from "../../forecast/forecaster_file.ts";
import type { Forecaster } from "../../forecast/forecaster.ts";
import { unpackCandles } from "../../pool/candles_blob.ts";
import type { Job, Json } from "../../pool/job.ts";
import { defineJobKind, type JobKind } from "../../pool/job_kind.ts";
import { packValue, unpackValue } from "../../pool/pack.ts";
import { type MarketStudy, studyMarket, type StudyMarketOptions } from "./study_market.ts";

const KIND = "study";
const VERSION = 1;

/** Series of a studied market that are kept, `[decisions]`. */
export interface StudySeries {
  /** Open time of the bar at whose close each decision was taken, ms UTC. */
  readonly time: Float64Array;
  /** Forecasts, in the target's unit. */
  readonly value: Float64Array;
  /** The same unadapted. */
  readonly unadapted: Float64Array;
  /** What came; NaN where it is not known yet. */
  readonly labels: Float64Array;
}

/** What a job came to: figures and series, or why there are none. */
export type StudyOutcome = { readonly study: MarketStudy; readonly series: StudySeries } | { readonly refused: string };

/** Forecasters that this thread has decoded; a blob that it forgets takes its own along. */
const DECODED = new WeakMap<Uint8Array, Promise<Forecaster>>();

function forecasterOf(blob: Uint8Array): Promise<Forecaster> {
  const found = DECODED.get(blob) ?? decodeForecaster(blob);
  DECODED.set(blob, found);
  return found;
}

async function outcomeOf(run: () => Promise<StudyOutcome>): Promise<StudyOutcome> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { refused: error.message };
  }
}

/** Runs it: inputs are the forecaster, the market and the others. */
export const studyKind: JobKind = defineJobKind({
  kind: KIND,
  version: VERSION,
  async run([forecaster, candles, ...others], { params }, { engine, signal }) {
    const model = await forecasterOf(forecaster);
    const [market, ...means]: Candles[] = [candles, ...others].map(unpackCandles);
    const options = { ...params as StudyMarketOptions, others: means, signal };
    return packValue(
      await outcomeOf(async () => {
        const { study, forecasts } = await studyMarket(await engine(), model, market, options);
        const { time, value, unadapted, labels } = forecasts;
        return { study, series: { time, value, unadapted, labels } };
      }),
    );
  },
});

/** The job of a market; inputs by hash. */
export function studyJob(
  inputs: { readonly forecaster: string; readonly market: string; readonly others: readonly string[] },
  options: StudyMarketOptions,
): Job {
  const { forecaster, market, others } = inputs;
  const params = JSON.parse(JSON.stringify(options)) as Json;
  return { kind: KIND, version: VERSION, inputs: [forecaster, market, ...others], params, seed: 0 };
}

/** What a job of {@linkcode studyJob} gave. */
export function readStudy(bytes: Uint8Array): StudyOutcome {
  return unpackValue<StudyOutcome>(bytes);
}
