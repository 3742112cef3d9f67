/**
 * A table's time cells into ms: numbers by their own magnitude, dates by the order that the file or the caller tells, a clock
 * in a column of its own. A file that leaves day and month open is read both ways until a day above 12 decides.
 * @module
 */
import { type DateOrder, parseClock, parseDate, yearLastSeparator } from "../parse_date.ts";
import { parseNumber } from "../parse.ts";
import { type TimeUnit, timeUnit, unitToMs } from "../time_unit.ts";

/** What a cell can hold: text in CSV, values in Parquet and JSON. */
export type Cell = string | number | bigint | boolean | Date | null | undefined;

/** What is known of day and month: an order, `open` while both are possible, or nothing (no such dates). */
export type OrderState = DateOrder | "open" | undefined;

/** A number that a spreadsheet rounded (1.70407E+12) is no time: it says less than its digits do. */
function isExact(text: string): boolean {
  const match = /^[+-]?\d+(?:\.(\d*))?[eE]\+?(\d+)$/.exec(text);
  return !/[eE]/.test(text) || (match !== null && (match[1] ?? "").length >= Number(match[2]));
}

/** ms of a number in text or as a value, and its unit. */
function numericMs(cell: string | number | bigint): { readonly ms: number; readonly unit: TimeUnit } | undefined {
  const text = typeof cell === "number" ? "" : String(cell).trim();
  // ns have more digits than a float64: what is left of them in parts of a ms is told by the text.
  if (/^\d{18,19}$/.test(text)) {
    const unit = timeUnit(Number(text));
    return unit === "ns" && text.endsWith("000000") ? { ms: Number(text.slice(0, -6)), unit } : undefined;
  }
  const value = typeof cell === "number" ? cell : parseNumber(text);
  const unit = value === undefined || !isExact(text) ? undefined : timeUnit(value);
  if (value === undefined || unit === undefined) return undefined;
  const ms = unitToMs(value, unit);
  return Number.isInteger(ms) ? { ms, unit } : undefined;
}

/** A time cell, read. */
export interface TimeReading {
  /** ms since 1970 UTC, day first where that is open; NaN where it is no such date. */
  readonly ms: number;
  /** The month-first reading where the order is open, else the same. */
  readonly monthFirst: number;
  /** Unit of a numeric time. */
  readonly unit?: TimeUnit;
}

/**
 * Reads a time.
 *
 * @param cell The cell.
 * @param order Day and month.
 * @param clock The cell of the clock's column, where there is one.
 * @returns The time, or undefined where the cell is none.
 */
export function readTime(cell: Cell, order: OrderState, clock?: Cell): TimeReading | undefined {
  if (clock !== undefined) {
    const day = readTime(cell, order);
    const at = typeof clock === "string" ? parseClock(clock) : undefined;
    // A date that is impossible day first is NaN there.
    const isMidnight = [day?.ms, day?.monthFirst].every((ms) => Number.isNaN(ms) || ms! % 86_400_000 === 0);
    if (day === undefined || at === undefined || day.unit !== undefined || !isMidnight) return undefined;
    return { ms: day.ms + at, monthFirst: day.monthFirst + at };
  }
  if (cell instanceof Date) {
    const ms = cell.getTime();
    return Number.isInteger(ms) ? { ms, monthFirst: ms } : undefined;
  }
  if (typeof cell !== "string" && typeof cell !== "number" && typeof cell !== "bigint") return undefined;
  const number = numericMs(cell);
  if (number !== undefined) return { ...number, monthFirst: number.ms };
  const text = String(cell);
  if (order !== "open") {
    const ms = parseDate(text, order);
    return ms === undefined ? undefined : { ms, monthFirst: ms };
  }
  const [ms, monthFirst] = [parseDate(text, "dmy"), parseDate(text, "mdy")];
  // Two digits of a year could as well be those of a day: only an order that was told makes them a year.
  if ((ms === undefined && monthFirst === undefined) || /^\d{1,2}[-/. ]\w{1,9}[-/. ]\d{2}(?!\d)/.test(text.trim())) {
    return undefined;
  }
  return { ms: ms ?? NaN, monthFirst: monthFirst ?? NaN };
}

/** Whether a cell may be a time of day: a clock, or a number too small to be anything else. */
export function isClock(cell: Cell): boolean {
  return typeof cell === "string" && parseClock(cell) !== undefined && readTime(cell, "open") === undefined;
}

/**
 * What the first rows say of day and month.
 *
 * @param cells Time cells.
 * @param given What the caller said.
 * @returns `undefined` where no date has its year last.
 */
export function findOrder(cells: Iterable<Cell>, given: DateOrder | undefined): OrderState {
  if (given !== undefined) return given;
  for (const cell of cells) {
    const separator = typeof cell === "string" ? yearLastSeparator(cell) : undefined;
    if (separator !== undefined) return "open";
  }
  return undefined;
}

/** Whether a date is written with dots, which nobody does month first. */
export function isDotted(cell: Cell): boolean {
  return typeof cell === "string" && yearLastSeparator(cell) === ".";
}
