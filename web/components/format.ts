/**
 * Numbers and times as people read them; the same on both sides, so server and browser render the same text.
 * @module
 */

function significant(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return compact(value, digits);
  const text = size !== 0 && size < 1e-3 ? value.toExponential(digits - 2) : String(Number(value.toPrecision(digits)));
  return text.replace(/^-/, "−");
}

/** "2.346B": of a million and more. */
function compact(value: number, digits: number): string {
  const words = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: digits });
  return words.format(value).replace(/^-/, "−");
}

/** Four significant digits; a dash where there is none. */
export function figure(value: number | null | undefined): string {
  return significant(value, 4);
}

/** Five of them: what a chart's legend has room for. */
export function precise(value: number | null | undefined): string {
  return significant(value, 5);
}

/** Digits of a price that are shown: those of 67123.45. */
const PRICE_DIGITS = 7;
/** More places after the point no price has. */
const MOST_PLACES = 12;

/** A price or a sum of money with as many digits as markets quote, written out however small: "67123.45", "0.0000081". */
export function price(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const whole = value === 0 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
  const text = value.toFixed(Math.max(0, Math.min(MOST_PLACES, PRICE_DIGITS - whole)));
  return (text.includes(".") ? text.replace(/\.?0+$/, "") : text).replace(/^-/, "−");
}

/** A number at a tick: all its digits, of a million and more "4.25M". */
export function tickFigure(value: number): string {
  return Math.abs(value) >= 1e6 ? compact(value, PRICE_DIGITS) : price(value);
}

/** "12.3%" of a fraction. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${(value * 100).toFixed(1)}%`.replace(/^-/, "−");
}

/** "0.055%" of a fraction, with the digits that it has. */
export function exactPercent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(6))}%`;
}

/** "+12.30": a gain or a loss. */
export function signedMoney(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

/** "1 h 05 min", "40 s" of seconds. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** "−0.40": a ratio; a dash where there is none. */
export function twoDigits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(2);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** "2024-05-01 13:45" in UTC, so that it does not depend on where it is rendered. */
export function timeUtc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** "2024-05-01 13:45 UTC": a moment where nothing around it says so. */
export function momentUtc(ms: number): string {
  return `${timeUtc(ms)} UTC`;
}

/** Whether bars of an interval are days or weeks, which have a date and no hour. */
export function isDays(interval: string): boolean {
  return /[dw]$/.test(interval);
}

/** What a bar of an interval is called where nothing around it says that times are UTC. */
export function barName(interval: string): (ms: number) => string {
  return isDays(interval) ? dateUtc : momentUtc;
}

/** What it is called in a column whose head says so. */
export function barCell(interval: string): (ms: number) => string {
  return isDays(interval) ? dateUtc : timeUtc;
}

/** "sample:DAX" or "file:BTC.csv" to what people call it. */
export function marketName(id: string): string {
  return id.replace(/^\w+:/, "").replace(/\.csv(\.gz)?$/, "");
}

/** A trader's own name, or what it trades. */
export function traderName(
  { name, source, symbol, interval, market }: {
    readonly name: string;
    readonly source: "replay" | "live";
    readonly symbol: string;
    readonly interval: string;
    readonly market: string;
  },
): string {
  return name || (source === "live" ? `${symbol} ${interval}` : marketName(market));
}

/** "+0.123%" of a fraction. */
export function signedPercent(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = (Math.abs(value) * 100).toFixed(digits);
  return Number(text) === 0 ? `${text}%` : `${value < 0 ? "−" : "+"}${text}%`;
}

/** A value of a target: "1.234%" of a volatility, "+0.123%" of a return, four digits of a volume. */
export function targetFigure(
  target: "logVolatility" | "logVolume" | "return",
  value: number | null | undefined,
): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (target === "return") return signedPercent(value);
  return target === "logVolatility" ? `${(100 * value).toFixed(3)}%` : figure(value);
}

/** "1 network", "3 networks". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** "2024-05-01" in UTC. */
export function dateUtc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** "12.3 MB" of bytes. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}
