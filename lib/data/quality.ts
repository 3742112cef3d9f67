/**
 * A report on what looks wrong in a series: it finds, it never repairs. Thresholds are constants below, in robust units
 * where they concern returns, so that one bad tick does not hide the next.
 * @module
 */
import { marketCalendar } from "./calendar.ts";
import type { Candles } from "./candles.ts";
import type { Dialect } from "./dialect.ts";
import { intervalMs, isRegular } from "./interval.ts";
import { describeValue, requireKnownKeys } from "../options.ts";
import { findGaps } from "./quality_gaps.ts";
import { findJumps } from "./quality_jumps.ts";

/** What a finding is about. `possible-split` and `possible-relisting` are jumps with a likely cause. */
export type FindingKind =
  | "order"
  | "duplicate"
  | "overlap"
  | "irregular"
  | "gap"
  | "non-finite"
  | "non-positive"
  | "negative-volume"
  | "high-low"
  | "jump"
  | "possible-split"
  | "possible-relisting"
  | "flat"
  | "unclosed";

/** One thing that looks wrong. */
export interface Finding {
  /** What it is about. */
  readonly kind: FindingKind;
  /** Index of the bar; for a gap the first bar behind it. */
  readonly index: number;
  /** Open time of that bar, ms UTC. */
  readonly time: number;
  /** What was found, with its figures. */
  readonly message: string;
}

/** What {@linkcode checkCandles} found. */
export interface QualityReport {
  /** The market. */
  readonly symbol: string;
  /** Its bar length. */
  readonly interval: string;
  /** Number of bars. */
  readonly bars: number;
  /** Open time of the first bar, ms UTC; null without bars. */
  readonly from: number | null;
  /** Open time of the last bar, ms UTC; null without bars. */
  readonly to: number | null;
  /** Whether the bars are those of a market that never closes or of an exchange; null without bars. */
  readonly calendar: "24/7" | "exchange" | null;
  /** Findings by bar, then by kind in the order of {@linkcode FindingKind}. */
  readonly findings: readonly Finding[];
  /** How many findings of each kind; kinds without any are absent. */
  readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  /** True without findings. */
  readonly ok: boolean;
  /** How the file was understood that the bars were read from; absent where they come from elsewhere. */
  readonly dialect?: Dialect;
}

/** Options of {@linkcode checkCandles}. */
export interface QualityOptions {
  /** The present, ms UTC; a last bar that ends behind it is unclosed. Default: the clock. */
  readonly now?: number;
}

const PRICES = ["open", "high", "low", "close"] as const;

function requireEqualLengths(candles: Candles): void {
  for (const field of [...PRICES, "volume"] as const) {
    if (candles[field].length === candles.time.length) continue;
    throw new TypeError(
      `Cannot check candles: expected ${candles.time.length} values in ${field} as in time, got ${
        candles[field].length
      }`,
    );
  }
}

/** Findings about one bar and the one before it. */
function checkBar(candles: Candles, i: number, add: (kind: FindingKind, message: string) => void): void {
  const { time } = candles;
  const step = intervalMs(candles.interval);
  if (i > 0) {
    const difference = time[i] - time[i - 1];
    if (difference < 0) add("order", `opens ${-difference} ms before the bar before it`);
    else if (difference === 0) add("duplicate", "has the same time as the bar before it");
    // Daylight saving moves local midnights by an hour, which is less than a tenth of a day.
    else if (difference < 0.9 * step) {
      add("overlap", `opens ${difference} ms after the bar before it, less than ${step}`);
    }
  }
  const values = ([...PRICES, "volume"] as const).map((field) => [field, candles[field][i]] as const);
  const infinite = values.filter(([, value]) => !Number.isFinite(value));
  if (!Number.isFinite(time[i])) add("non-finite", `time is ${time[i]}`);
  if (infinite.length > 0) add("non-finite", infinite.map(([field, value]) => `${field} is ${value}`).join(", "));
  const low = values.filter(([field, value]) => field !== "volume" && value <= 0);
  if (low.length > 0) add("non-positive", low.map(([field, value]) => `${field} is ${value}`).join(", "));
  if (candles.volume[i] < 0) add("negative-volume", `volume is ${candles.volume[i]}`);
  const [open, high, bottom, close] = PRICES.map((field) => candles[field][i]);
  if (high < Math.max(open, close, bottom) || bottom > Math.min(open, close)) {
    add("high-low", `open ${open}, high ${high}, low ${bottom}, close ${close}: high is not highest or low not lowest`);
  }
}

/**
 * Looks a series over: order, duplicates, overlaps, bars of unequal length, gaps (weekends and up to two holidays in a row are none on an
 * exchange), values that are not finite, not positive or out of high and low, jumps, likely splits, a likely change of the
 * instrument behind a hole, a price that never moves, and a last bar that is not closed yet.
 *
 * @param candles The series; never changed.
 * @param options The present.
 * @returns Findings, each with its bar.
 * @throws {TypeError} The arrays differ in length, or an option is unknown.
 * @throws {RangeError} The interval is not a name such as `"1h"`.
 *
 * @example
 * ```ts
 * import { checkCandles, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * assertEquals(checkCandles(dax).ok, true);
 * ```
 */
export function checkCandles(candles: Candles, options: QualityOptions = {}): QualityReport {
  requireKnownKeys("Cannot check candles", "options", options, { now: true });
  if (typeof candles !== "object" || candles === null) {
    throw new TypeError(
      `Cannot check candles: expected candles { time, open, ... }, received ${describeValue(candles)}`,
    );
  }
  requireEqualLengths(candles);
  const { time, symbol, interval } = candles;
  const step = intervalMs(interval);
  const bars = time.length;
  const findings: Finding[] = [];
  const add = (kind: FindingKind, index: number, message: string): void => {
    findings.push({ kind, index, time: time[index], message });
  };
  for (let i = 0; i < bars; i++) checkBar(candles, i, (kind, message) => add(kind, i, message));
  const ordered = bars > 0 && time.every((t, i) => Number.isFinite(t) && (i === 0 || t >= time[i - 1]));
  if (ordered && !isRegular(time, step)) {
    const words = `most bars lie further apart than ${interval} and not on that grid: a horizon in bars has no length`;
    add("irregular", bars - 1, words);
  }
  const calendar = ordered ? marketCalendar(candles) : undefined;
  const gaps = calendar ? findGaps(candles, calendar) : new Map<number, number>();
  for (const [index, missing] of gaps) {
    const [one, many] = calendar?.roundTheClock ? ["bar", "bars"] : ["trading day or bar", "trading days or bars"];
    add("gap", index, `${missing} ${missing === 1 ? `${one} is` : `${many} are`} missing before it`);
  }
  for (const { kind, index, message } of findJumps(candles, gaps)) add(kind, index, message);
  if (bars > 1 && candles.close.every((close) => close === candles.close[0])) {
    add("flat", bars - 1, `the price never moves: every close is ${candles.close[0]}`);
  }
  const now = options.now ?? Date.now();
  if (bars > 0 && time[bars - 1] + step > now) {
    add("unclosed", bars - 1, `ends ${time[bars - 1] + step - now} ms from now: its prices are not final`);
  }
  findings.sort((a, b) => a.index - b.index);
  const counts: Partial<Record<FindingKind, number>> = {};
  for (const { kind } of findings) counts[kind] = (counts[kind] ?? 0) + 1;
  return {
    symbol,
    interval,
    bars,
    from: bars > 0 ? time[0] : null,
    to: bars > 0 ? time[bars - 1] : null,
    calendar: calendar ? (calendar.roundTheClock ? "24/7" : "exchange") : null,
    findings,
    counts,
    ok: findings.length === 0,
    ...(candles.dialect ? { dialect: candles.dialect } : {}),
  };
}
