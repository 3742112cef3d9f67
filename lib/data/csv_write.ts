/**
 * Candles to CSV text that `readCandlesCsv()` reads back bit for bit.
 * @module
 */
import type { Candles } from "./candles.ts";
import { timeUnit } from "./time_unit.ts";

/**
 * Writes candles as CSV: `timestamp,open,high,low,close,volume`, or `timestamp,close,volume` for a close-only series.
 * Timestamps are ms since 1970 UTC; ISO dates where one lies outside 1980 to 2100, where a number is not taken for a time.
 * Numbers have the fewest digits that give the same float64 again.
 *
 * @param candles The series, `[bars]`.
 * @returns The text, lines ended by LF.
 * @throws {RangeError} A value is not finite.
 *
 * @example
 * ```ts
 * import { candlesOf, candlesToCsv } from "@adaptrade/adaptrade/data";
 * import { assertEquals } from "@std/assert";
 *
 * const bar = { time: Date.UTC(2024, 0, 1), open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 };
 * const text = candlesToCsv(candlesOf({ symbol: "X", interval: "1d" }, [bar]));
 * assertEquals(text, "timestamp,open,high,low,close,volume\n1704067200000,1,2,0.5,1.5,10\n");
 * ```
 */
export function candlesToCsv(candles: Candles): string {
  const fields = candles.closeOnly ? ["close", "volume"] as const : ["open", "high", "low", "close", "volume"] as const;
  const asDates = candles.time.some((time) => timeUnit(time) !== "ms");
  const lines = [`timestamp,${fields.join(",")}`];
  candles.time.forEach((time, i) => {
    const values = [time, ...fields.map((field) => candles[field][i])];
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const name = ["time", ...fields][bad];
      throw new RangeError(
        `Cannot write ${candles.symbol} as CSV: expected finite numbers, got ${values[bad]} as ${name} of bar ${i}`,
      );
    }
    lines.push([asDates ? new Date(time).toISOString() : time, ...values.slice(1)].join(","));
  });
  return `${lines.join("\n")}\n`;
}
