/**
 * The job `forecast`: forecasts of one market by a forecaster, as `forecast()` makes them in this process.
 * @module
 */
import type { Candles } from "../../data/candles.ts";
import { forecast, type ForecastOptions, type Forecasts } from "../../forecast/forecast.ts";
import type { Forecaster } from "../../forecast/forecaster.ts";
import { decodeForecaster } from "../../forecast/forecaster_file.ts";
import { packCandles, unpackCandles } from "../candles_blob.ts";
import type { Job, Json } from "../job.ts";
import { defineJobKind, type JobKind } from "../job_kind.ts";
import { packValue, unpackValue } from "../pack.ts";
import type { Pool } from "../pool.ts";
import { sendForecaster } from "../travel.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";

const KIND = "forecast";
const VERSION = 1;

/** What of `forecast()`'s options can be sent: no functions, and markets as blobs. */
const SENT_KEYS: OptionKeys<Omit<ForecastOptions, "others" | "adaptOn" | "features" | "extra" | "signal">> = {
  from: true,
  to: true,
  every: true,
  history: true,
};

/** Runs it: inputs are the forecaster, the market and the others. */
export const forecastKind: JobKind = defineJobKind({
  kind: KIND,
  version: VERSION,
  async run([forecaster, candles, ...others], { params }, { engine, signal }) {
    const options = { ...params as ForecastOptions, others: others.map(unpackCandles), signal };
    return packValue(
      await forecast(await engine(), await decodeForecaster(forecaster), unpackCandles(candles), options),
    );
  },
});

/**
 * The job of `forecast()`.
 *
 * @param pool Where it is to run; the forecaster and the bars are put there.
 * @param of The forecaster, the market, and the other markets whose means it may read.
 * @param options As `forecast()` takes, but for functions and the signal, which `map` takes.
 * @returns The job; {@linkcode readForecasts} reads what it gives.
 * @throws {TypeError} The forecaster has a target, features or a network of one's own.
 *
 * @example
 * ```ts ignore
 * const jobs = await Promise.all(markets.map((market) => forecastJob(pool, { forecaster, market }, { from })));
 * const forecasts = (await pool.map(jobs)).map(readForecasts);
 * ```
 */
export async function forecastJob(
  pool: Pool,
  of: { readonly forecaster: Forecaster; readonly market: Candles; readonly others?: readonly Candles[] },
  options: Omit<ForecastOptions, "others" | "adaptOn" | "features" | "extra" | "signal"> = {},
): Promise<Job> {
  requireKnownKeys("Cannot make a job", "options", options, SENT_KEYS);
  const { forecaster, market, others = [] } = of;
  const sent = await sendForecaster("Cannot send a forecaster to a pool", forecaster);
  const inputs = await Promise.all([sent, ...[market, ...others].map(packCandles)].map((bytes) => pool.put(bytes)));
  return { kind: KIND, version: VERSION, inputs, params: { ...options } as Json, seed: 0 };
}

/**
 * Reads what a job of {@linkcode forecastJob} gave.
 *
 * @param bytes From `map`.
 * @returns What `forecast()` returns.
 *
 * @example
 * ```ts ignore
 * const [bytes] = await pool.map([await forecastJob(pool, { forecaster, market })]);
 * const { time, value } = readForecasts(bytes);
 * ```
 */
export function readForecasts(bytes: Uint8Array): Forecasts {
  return unpackValue<Forecasts>(bytes);
}
