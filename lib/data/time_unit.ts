/**
 * Numbers as times: seconds, ms, µs or ns since 1970, told apart by magnitude within 1980 to 2100, where the four ranges do
 * not touch. A number outside them is no time: it is never taken for one in 1970.
 * @module
 */

/** Unit of a numeric time. */
export type TimeUnit = "s" | "ms" | "us" | "ns";

/** 1980-01-01 and 2101-01-01 in seconds. */
const FIRST = 315_532_800;
const LAST = 4_133_980_800;

/** The unit in which a number is a time from 1980 to 2100, or undefined. */
export function timeUnit(value: number): TimeUnit | undefined {
  if (value < FIRST) return undefined;
  if (value < LAST) return "s";
  if (value >= FIRST * 1e3 && value < LAST * 1e3) return "ms";
  if (value >= FIRST * 1e6 && value < LAST * 1e6) return "us";
  return value >= FIRST * 1e9 && value < LAST * 1e9 ? "ns" : undefined;
}

/** What a number of a unit is divided by to give ms. A division, as 1e-3 is no exact factor: µs must come out whole. */
const PER_MS: Readonly<Record<TimeUnit, number>> = { s: 1e-3, ms: 1, us: 1e3, ns: 1e6 };

/**
 * A time in ms from a number of a unit. Parts of a ms stay, but for those below what a float64 can tell: of fractions of a
 * second, and of ns, whose last digits it does not hold.
 */
export function unitToMs(value: number, unit: TimeUnit): number {
  const ms = unit === "s" ? value * 1000 : value / PER_MS[unit];
  return (unit === "s" || unit === "ns") && Math.abs(ms - Math.round(ms)) < 1e-3 ? Math.round(ms) : ms;
}
