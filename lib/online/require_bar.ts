/**
 * The check that a bar can follow the ones before it. What a bar is stands in `lib/data/bar.ts`.
 * @module
 */
import type { Bar } from "../data/bar.ts";

/**
 * Refuses a bar that cannot follow `last`.
 *
 * @throws {TypeError} A value is not a finite number.
 * @throws {RangeError} A price is not above 0, or its time is not after the last bar's.
 */
export function requireBar(symbol: string, bar: Bar, last: Bar | undefined): void {
  const names = ["time", "open", "high", "low", "close", "volume"] as const;
  for (const name of names) {
    const value = bar?.[name];
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new TypeError(
        `Cannot observe ${symbol}: expected ${name} to be a finite number, received ${String(value)}`,
      );
    }
    if (name !== "time" && name !== "volume" && value <= 0) {
      throw new RangeError(`Cannot observe ${symbol}: expected ${name} to be above 0, received ${value}`);
    }
  }
  if (last && bar.time <= last.time) {
    throw new RangeError(`Cannot observe ${symbol}: expected a bar after ${last.time}, received one of ${bar.time}`);
  }
}
