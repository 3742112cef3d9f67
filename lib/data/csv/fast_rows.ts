/**
 * Rows of plain bytes straight into a store: no string is made of a row of unquoted digits with a numeric or ISO time. A row
 * that holds anything else is left to its twin, `table/rows.ts`, which reads the same float64 from it or says what is wrong.
 * @module
 */
import { COLUMN, countUnit, marketOf, NUMBERS, type TableRows } from "../table/rows.ts";
import { closeRow } from "../table/store.ts";
import { dayMs } from "../parse_date.ts";
import { type TimeUnit, timeUnit, unitToMs } from "../time_unit.ts";

/** What a column's bytes are read as. */
const [SKIP, NUMBER, TIME, CLOSED, SYMBOL] = [0, 1, 2, 3, 4];

/** A table's rows as bytes. */
export interface FastPlan {
  /** Kind of each column, `[width]`. */
  readonly kinds: Uint8Array;
  /** Column of the store that each is written to, `[width]`. */
  readonly targets: Uint8Array;
  /** Byte between cells. */
  readonly separator: number;
  /** Byte before a fraction. */
  readonly decimal: number;
  /** Rows and their counts. */
  readonly rows: TableRows;
  /** Where the reading is. */
  readonly cursor: { position: number; line: number };
  /** The last day read, as yyyymmdd, its midnight, and where the last ISO time ended. No row makes an object. */
  readonly day: { key: number; ms: number; end: number };
}

const encoder = new TextEncoder();
const [LF, CR, QUOTE, MINUS, ZERO] = [10, 13, 34, 45, 48];
const [COLON, SLASH, DOT, BLANK, LETTER_T, LETTER_Z] = [58, 47, 46, 32, 84, 90];

/** Whole numbers up to here are exact, and so is their quotient by a power of ten up to 10²²: one rounding, as in Number(). */
const EXACT = 2 ** 53;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * A plan for rows of bytes, or undefined where bytes alone do not do: a clock in its own column, day and month open.
 */
export function planFastRows(rows: TableRows, separator: string, cursor: FastPlan["cursor"]): FastPlan | undefined {
  const { places, width, decimal, order } = rows.layout;
  if (places.clock !== undefined || order === "open") return;
  const kinds = new Uint8Array(width);
  const targets = new Uint8Array(width);
  kinds[places.time!] = TIME;
  targets[places.time!] = COLUMN.time;
  if (places.closed !== undefined) kinds[places.closed] = CLOSED;
  if (places.symbol !== undefined) kinds[places.symbol] = SYMBOL;
  for (const field of NUMBERS) {
    const place = places[field];
    if (place === undefined) continue;
    kinds[place] = NUMBER;
    targets[place] = COLUMN[field];
  }
  return {
    kinds,
    targets,
    separator: separator.charCodeAt(0),
    decimal: decimal.decimal.charCodeAt(0),
    rows,
    cursor,
    day: { key: 0, ms: NaN, end: 0 },
  };
}

/** Two digits at a place, or NaN. */
function two(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at] - ZERO, bytes[at + 1] - ZERO];
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? 10 * a + b : NaN;
}

/** Midnight of a day; the last one is kept. */
function midnight(plan: FastPlan, year: number, month: number, day: number): number {
  const key = (year * 100 + month) * 100 + day;
  if (key !== plan.day.key) {
    plan.day.key = key;
    plan.day.ms = dayMs(year, month, day) ?? NaN;
  }
  return plan.day.ms;
}

/** An ISO date, or date and time to the second, in UTC; NaN for anything else. Sets `plan.day.end`. */
function readIso(bytes: Uint8Array, at: number, plan: FastPlan): number {
  const dash = bytes[at + 4];
  if (bytes[at + 7] !== dash || (dash !== MINUS && dash !== SLASH && dash !== DOT)) return NaN;
  const year = 100 * two(bytes, at) + two(bytes, at + 2);
  const ms = midnight(plan, year, two(bytes, at + 5), two(bytes, at + 8));
  plan.day.end = at + 10;
  const between = bytes[at + 10];
  if ((between !== LETTER_T && between !== BLANK) || bytes[at + 13] !== COLON) return ms;
  const [hour, minute] = [two(bytes, at + 11), two(bytes, at + 14)];
  const withSeconds = bytes[at + 16] === COLON;
  const second = withSeconds ? two(bytes, at + 17) : 0;
  const end = at + (withSeconds ? 19 : 16);
  plan.day.end = bytes[end] === LETTER_Z ? end + 1 : end;
  return hour < 24 && minute < 60 && second < 60 ? ms + ((hour * 60 + minute) * 60 + second) * 1000 : NaN;
}

/**
 * Reads rows from the cursor on while they are plain, and moves it behind the last of them.
 *
 * @param plan The plan.
 * @param bytes UTF-8.
 * @param to Behind the last line end in them.
 */
export function readFastRows(plan: FastPlan, bytes: Uint8Array, to: number): void {
  const { kinds, targets, separator, decimal, rows, cursor } = plan;
  // A row of another market is the careful way's: it comes back with that market as the last.
  const market = rows.layout.places.symbol === undefined ? marketOf(rows, "") : rows.last;
  if (market === undefined) return;
  const { store } = market;
  const symbol = encoder.encode(market.symbol);
  const width = kinds.length;
  const keepsVolume = rows.layout.places.volume !== undefined;
  let { position, line } = cursor;
  while (position < to) {
    const { current, at } = store;
    const start = position;
    let p = position;
    let unit: TimeUnit | undefined;
    for (let column = 0; column < width; column++) {
      const kind = kinds[column];
      if (kind === SKIP) {
        let byte = bytes[p];
        while (byte !== separator && byte !== LF && byte !== CR && byte !== QUOTE) byte = bytes[++p];
      } else if (kind === NUMBER) {
        const negative = bytes[p] === MINUS;
        if (negative) p++;
        const first = p;
        let value = 0;
        let digit = bytes[p] - ZERO;
        while (digit >= 0 && digit <= 9) {
          value = value * 10 + digit;
          digit = bytes[++p] - ZERO;
        }
        let digits = p - first;
        let places = 0;
        if (bytes[p] === decimal) {
          const dot = p;
          digit = bytes[++p] - ZERO;
          while (digit >= 0 && digit <= 9) {
            value = value * 10 + digit;
            digit = bytes[++p] - ZERO;
          }
          places = p - dot - 1;
          digits += places;
        }
        if (digits === 0 || places > 22 || value >= EXACT) break;
        if (places > 0) value /= POWERS[places];
        current[targets[column]][at] = negative ? -value : value;
      } else if (kind === TIME) {
        const first = p;
        let value = 0;
        let digit = bytes[p] - ZERO;
        while (digit >= 0 && digit <= 9) {
          value = value * 10 + digit;
          digit = bytes[++p] - ZERO;
        }
        let ms: number;
        if (p - first === 4) {
          ms = readIso(bytes, first, plan);
          p = plan.day.end;
        } else if (p - first === 8 && value >= 19_000_000) {
          ms = midnight(plan, Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100);
        } else if (p - first >= 9 && p - first <= 16) {
          unit = timeUnit(value);
          ms = unit === undefined ? NaN : unitToMs(value, unit);
        } else break;
        if (!Number.isInteger(ms)) break;
        current[COLUMN.time][at] = ms;
      } else if (kind === SYMBOL) {
        let i = 0;
        while (i < symbol.length && bytes[p] === symbol[i]) {
          i++;
          p++;
        }
        if (i < symbol.length) break;
      } else if (bytes[p++] !== ZERO + 1) break;
      if (column === width - 1) {
        const end = bytes[p];
        if (end !== LF && end !== CR) break;
        p += end === CR && bytes[p + 1] === LF ? 2 : 1;
        if (keepsVolume) market.hasVolume = true;
        if (unit !== undefined) countUnit(rows, unit);
        closeRow(store, line);
        position = p;
        line++;
      } else if (bytes[p] !== separator) break;
      else p++;
    }
    if (position === start) break;
  }
  cursor.position = position;
  cursor.line = line;
}
