/**
 * Bars of a market as a blob: what `forecast` and `backtest` read. How a file of them was understood does not travel.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { packValue, unpackValue } from "./pack.ts";

/** Bars as bytes; the same bars give the same ones, wherever they were read from. */
export function packCandles(candles: Candles): Uint8Array<ArrayBuffer> {
  const { symbol, interval, time, open, high, low, close, volume, closeOnly = false } = candles;
  return packValue({ symbol, interval, closeOnly, time, open, high, low, close, volume });
}

/** The bars that {@linkcode packCandles} wrote. */
export function unpackCandles(bytes: Uint8Array): Candles {
  const { closeOnly, ...candles } = unpackValue<Candles & { readonly closeOnly: boolean }>(bytes);
  return closeOnly ? { ...candles, closeOnly } : candles;
}
