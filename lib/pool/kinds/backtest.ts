/**
 * The job `backtest`: a walk-forward of one market by a forecaster or a state, as `backtest()` makes it in this process.
 * @module
 */
import { backtest, type BacktestOptions, type BacktestResult } from "../../backtest/backtest.ts";
import { BACKTEST_KEYS } from "../../backtest/option_keys.ts";
import type { Candles } from "../../data/candles.ts";
import type { Forecaster } from "../../forecast/forecaster.ts";
import { decodeForecaster } from "../../forecast/forecaster_file.ts";
import { decodeState } from "../../meta/checkpoint.ts";
import type { MetaState } from "../../meta/state.ts";
import { packCandles, unpackCandles } from "../candles_blob.ts";
import type { Job, Json } from "../job.ts";
import { defineJobKind, type JobKind } from "../job_kind.ts";
import { packValue, unpackValue } from "../pack.ts";
import type { Pool } from "../pool.ts";
import { sendForecaster, sendState } from "../travel.ts";
import { requireKnownKeys } from "../../options.ts";

const KIND = "backtest";
const VERSION = 1;

const { others: _, ...OPTION_KEYS } = BACKTEST_KEYS;

interface Params {
  readonly model: "state" | "forecaster";
  readonly options: BacktestOptions;
}

/** Runs it: inputs are the model, the market and the others. */
export const backtestKind: JobKind = defineJobKind({
  kind: KIND,
  version: VERSION,
  async run([bytes, candles, ...others], { params }, { engine }) {
    const { model, options } = params as unknown as Params;
    const decoded = model === "state" ? (await decodeState(bytes)).state : await decodeForecaster(bytes);
    const all = { ...options, others: others.map(unpackCandles) };
    return packValue(await backtest(await engine(), decoded, unpackCandles(candles), all));
  },
});

/**
 * The job of `backtest()`.
 *
 * @param pool Where it is to run; the model and the bars are put there.
 * @param of A forecaster or a state, the market, and the other markets whose means it may read.
 * @param options As `backtest()` takes, in so far as it is JSON: functions do not travel.
 * @returns The job; {@linkcode readBacktest} reads what it gives.
 * @throws {TypeError} The model has a part of one's own.
 *
 * @example
 * ```ts ignore
 * const jobs = await Promise.all(markets.map((market) => backtestJob(pool, { model, market }, { costRate: 0.001 })));
 * const results = (await pool.map(jobs)).map(readBacktest);
 * ```
 */
export async function backtestJob(
  pool: Pool,
  of: { readonly model: MetaState | Forecaster; readonly market: Candles; readonly others?: readonly Candles[] },
  options: Omit<BacktestOptions, "others"> = {},
): Promise<Job> {
  requireKnownKeys("Cannot make a job", "options", options, OPTION_KEYS);
  const { model, market, others = [] } = of;
  const sent = "members" in model
    ? await sendForecaster("Cannot send a forecaster to a pool", model)
    : await sendState("Cannot send a state to a pool", model);
  const inputs = await Promise.all([sent, ...[market, ...others].map(packCandles)].map((bytes) => pool.put(bytes)));
  const params = { model: "members" in model ? "forecaster" : "state", options: { ...options } } as unknown as Json;
  return { kind: KIND, version: VERSION, inputs, params, seed: 0 };
}

/**
 * Reads what a job of {@linkcode backtestJob} gave.
 *
 * @param bytes From `map`.
 * @returns What `backtest()` returns.
 *
 * @example
 * ```ts ignore
 * const [bytes] = await pool.map([await backtestJob(pool, { model, market })]);
 * console.log(readBacktest(bytes).metrics.sharpe);
 * ```
 */
export function readBacktest(bytes: Uint8Array): BacktestResult {
  return unpackValue<BacktestResult>(bytes);
}
