/**
 * What the forecasts that a backtest trades are worth beside every cheap method's. It takes as long as the backtest, and is the same
 * whatever is paid and whenever it leaves: one backtest hands it on to the next, which makes it anew only of something else.
 * @module
 */
import {
  type Candles,
  compareForecasts,
  DataError,
  type Engine,
  forecast,
  type Forecaster,
} from "@adaptrade/adaptrade";
import { conformalBand } from "@adaptrade/adaptrade/forecast";
import type { ForecastReport } from "@adaptrade/adaptrade/report";
import { createHash } from "node:crypto";

/** What was said, and of what. */
export interface JudgedForecasts {
  /** Hash of the forecaster, the beginning and every bar. */
  readonly of: string;
  /** The tear sheet's part; null where nothing can be said. */
  readonly report: ForecastReport | null;
}

/** What is judged. */
interface TradedForecasts {
  readonly forecaster: Forecaster;
  /** The forecaster, as `encodeForecaster` gave it. */
  readonly bytes: Uint8Array;
  readonly market: Candles;
  /** The markets that it was trained on. */
  readonly pool: readonly Candles[];
  /** First decision, ms UTC. */
  readonly from: number;
}

/** Judges forecasts, or gives what the backtest before said of the very same. */
export async function judgedForecasts(
  engine: Engine,
  traded: TradedForecasts,
  before: JudgedForecasts | null,
): Promise<JudgedForecasts> {
  const of = hashOf(traded);
  return before?.of === of ? before : { of, report: await reportOn(engine, traded) };
}

function hashOf({ bytes, market, pool, from }: TradedForecasts): string {
  const hash = createHash("sha256").update(bytes).update(JSON.stringify([from, pool.length]));
  for (const { symbol, interval, time, open, high, low, close, volume } of [market, ...pool]) {
    hash.update(JSON.stringify([symbol, interval, time.length]));
    for (const { buffer, byteOffset, byteLength } of [time, open, high, low, close, volume]) {
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }
  return hash.digest("hex");
}

async function reportOn(
  engine: Engine,
  { forecaster, market, pool, from }: TradedForecasts,
): Promise<ForecastReport | null> {
  try {
    const comparison = await compareForecasts(engine, forecaster, [market], { pool, from });
    const others = pool.filter(({ symbol }) => symbol !== market.symbol);
    const forecasts = await forecast(engine, forecaster, market, { from, others });
    return { comparison, forecasts, band: conformalBand(forecaster, forecasts), notes: forecaster.notes };
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
}
