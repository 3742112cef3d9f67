/**
 * Bar lengths: their names ("1m", "4h", "1d", "1w"), their length in ms, and Bybit's codes for them.
 * It refuses months and years, whose length varies.
 * @module
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Bybit's interval codes and the names used here. */
const BYBIT_CODES: Readonly<Record<string, string>> = {
  "1m": "1",
  "3m": "3",
  "5m": "5",
  "15m": "15",
  "30m": "30",
  "1h": "60",
  "2h": "120",
  "4h": "240",
  "6h": "360",
  "12h": "720",
  "1d": "D",
  "1w": "W",
};

/**
 * Length of a bar.
 *
 * @param interval A positive integer and one of s, m, h, d, w: `"1h"`, `"15m"`.
 * @returns Its length in ms.
 * @throws {RangeError} The name is not of that form.
 *
 * @example
 * ```ts
 * import { intervalMs } from "@adaptrade/adaptrade/data";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(intervalMs("4h"), 14_400_000);
 * ```
 */
export function intervalMs(interval: string): number {
  const match = /^([1-9]\d{0,6})([smhdw])$/.exec(interval);
  if (!match) {
    throw new RangeError(
      `Cannot read an interval: expected a number and one of s, m, h, d, w, such as "1h", got "${String(interval)}"`,
    );
  }
  return Number(match[1]) * UNIT_MS[match[2]];
}

/**
 * Name of a bar length, in the largest unit that divides it (7 days are `"1w"`, 24 hours `"1d"`).
 *
 * @param ms A length in ms.
 * @throws {RangeError} It is not a positive whole number of seconds.
 */
export function intervalName(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms <= 0 || ms % UNIT_MS.s !== 0) {
    throw new RangeError(
      `Cannot name an interval: expected a positive whole number of seconds in ms, got ${String(ms)}`,
    );
  }
  const unit = ["w", "d", "h", "m"].find((name) => ms % UNIT_MS[name] === 0) ?? "s";
  return `${ms / UNIT_MS[unit]}${unit}`;
}

/**
 * Reads an interval as a name (`"1h"`) or as Bybit's code (`"60"`, `"D"`).
 *
 * @returns Both spellings.
 * @throws {RangeError} Bybit has no such interval, or it is the month.
 *
 * @example
 * ```ts
 * import { bybitInterval } from "@adaptrade/adaptrade/data";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bybitInterval("60"), { name: "1h", code: "60" });
 * assertEquals(bybitInterval("1d"), { name: "1d", code: "D" });
 * ```
 */
export function bybitInterval(interval: string): { readonly name: string; readonly code: string } {
  const found = Object.entries(BYBIT_CODES).find(([name, code]) => name === interval || code === interval);
  if (!found) {
    throw new RangeError(
      `Cannot ask Bybit for an interval: expected one of ${Object.keys(BYBIT_CODES).join(", ")} ` +
        `or ${Object.values(BYBIT_CODES).join(", ")}, got "${String(interval)}"`,
    );
  }
  return { name: found[0], code: found[1] };
}

/** A series has a bar length when at least this share of its neighbours lie that far apart. */
const LEAST_SHARE = 0.5;

/** A length is inferred where no more neighbours than these lie off its grid: an exchange's nights may, one in seven bars. */
const MOST_OFF_GRID = 0.25;

/** Daylight saving moves local midnights by an hour, which is less than a tenth of a day. */
const TOLERANCE = 0.1;

/**
 * The bar length of a series: the difference that at least half of the neighbours share, the shorter one of two.
 *
 * @param time Open times in ms, ascending; at least 2.
 * @returns Its name, or undefined where it has none (less than 2 bars, bars of unequal length, a part of a second, months).
 */
export function inferInterval(time: Float64Array): string | undefined {
  const counts = new Map<number, number>();
  let [last, run] = [NaN, 0];
  for (let i = 1; i <= time.length; i++) {
    const difference = i < time.length ? time[i] - time[i - 1] : NaN;
    if (difference === last) {
      run++;
      continue;
    }
    if (run > 0) counts.set(last, (counts.get(last) ?? 0) + run);
    [last, run] = [difference, 1];
  }
  const [common, count] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [];
  if (common === undefined || count === undefined || count < LEAST_SHARE * (time.length - 1)) return undefined;
  if (common <= 0 || common % UNIT_MS.s !== 0 || common >= 28 * UNIT_MS.d) return undefined;
  return offGridShare(time, common) <= MOST_OFF_GRID ? intervalName(common) : undefined;
}

/** The share of neighbours that lie further apart than a bar and no whole number of bars: neither bars of it nor holes. */
function offGridShare(time: Float64Array, step: number): number {
  let off = 0;
  for (let i = 1; i < time.length; i++) {
    const bars = (time[i] - time[i - 1]) / step;
    if (bars > 1 + TOLERANCE && Math.abs(bars - Math.round(bars)) > TOLERANCE) off++;
  }
  return time.length < 2 ? 0 : off / (time.length - 1);
}

/**
 * Whether bars of a length fit a series: at least half of the neighbours lie no further apart than it, or a whole number of
 * bars (a hole). A bar that is longer than its name says is known later than a horizon in bars would have it.
 *
 * @param time Open times in ms, ascending.
 * @param step Length of a bar in ms.
 */
export function isRegular(time: Float64Array, step: number): boolean {
  return offGridShare(time, step) <= 1 - LEAST_SHARE;
}

/** So many neighbours in a row that lie apart alike are bars, not holes. */
const LEAST_RUN = 12;

/**
 * Where a series goes on in bars of another length: the first run of neighbours that lie apart alike, and not by the interval.
 *
 * @param time Open times in ms, ascending.
 * @param step Length of a bar in ms.
 * @returns The first bar of the run and its length in ms, or undefined.
 */
export function findOtherInterval(
  time: Float64Array,
  step: number,
): { readonly index: number; readonly ms: number } | undefined {
  let run = 0;
  for (let i = 1; i < time.length; i++) {
    const ms = time[i] - time[i - 1];
    run = ms !== step && i > 1 && ms === time[i - 1] - time[i - 2] ? run + 1 : 1;
    if (run >= LEAST_RUN && ms !== step) return { index: i - run, ms };
  }
  return undefined;
}
