/**
 * One row of a table at a time, as cells of text or values, into the store of its market: the careful way, which knows every
 * form there is and names what it cannot read. Its twin for plain bytes is `csv/fast_rows.ts`; both give the same float64.
 * @module
 */
import { DataError } from "../candles.ts";
import { FIRST_YEAR, isReadYear, LAST_YEAR } from "../parse_date.ts";
import type { ColumnPlaces } from "./fields.ts";
import { type DecimalDecision, isNull, isOpenComma, parseStyledNumber } from "./numbers.ts";
import { closeRow, openStore, type Store } from "./store.ts";
import { type Cell, type OrderState, readTime } from "./times.ts";
import type { TimeUnit } from "../time_unit.ts";

/** Columns of a market's store. `monthFirst` is the other reading of a date whose order is open. */
export const COLUMN = { time: 0, monthFirst: 1, open: 2, high: 3, low: 4, close: 5, volume: 6, adjusted: 7 } as const;

/** The fields that are numbers. */
export const NUMBERS = ["open", "high", "low", "close", "volume", "adjusted"] as const;

/** What was decided of a table before its rows are read. */
export interface TableLayout {
  /** The table, for errors. */
  readonly source: string;
  /** What its rows are called: line or row. */
  readonly unit: "line" | "row";
  /** The market that the caller asked for. */
  readonly symbol: string;
  /** Columns by role. */
  readonly places: ColumnPlaces;
  /** The header, or undefined. */
  readonly header?: readonly string[] | undefined;
  /** Cells of a row. */
  readonly width: number;
  /** Decimal sign of text. */
  readonly decimal: DecimalDecision;
  /** Day and month. */
  readonly order: OrderState;
  /** What becomes of rows without prices. */
  readonly nulls: "error" | "drop";
  /** A column of words that is not read and may say which market a row is of. */
  readonly suspect?: string | undefined;
}

/** Rows of one market. */
export interface MarketRows {
  /** Its name in the symbol column; "" without one. */
  readonly symbol: string;
  /** Its values. */
  readonly store: Store;
  /** Rows in which day and month were not one order's: line of the first where day first, and month first, is impossible. */
  readonly impossible: { dmy?: number; mdy?: number };
  /** Whether a volume was read that is not empty. */
  hasVolume: boolean;
  /** First row beside prices without a volume; 0 where there is none. */
  noVolume: number;
}

/** What reading a table has come to. It changes with every row. */
export interface TableRows {
  /** What was decided before. */
  readonly layout: TableLayout;
  /** The prices that it has. */
  readonly prices: readonly ("open" | "high" | "low" | "close")[];
  /** Markets by their name in the symbol column. */
  readonly markets: Map<string, MarketRows>;
  /** The market of the last row. */
  last: MarketRows | undefined;
  /** Units of numeric times, in the order they came. */
  readonly units: TimeUnit[];
  /** Rows left out. */
  readonly leftOut: { nulls: number; unclosed: number };
  /** Headers repeated between rows. */
  repeatedHeaders: number;
  /** A line that would be no row but may end the table, and its number. */
  footer: { readonly line: number; readonly text: string } | undefined;
  /** Rows of text that ended the table. */
  footers: number;
}

/** Begins to read a table. */
export function openRows(layout: TableLayout): TableRows {
  return {
    layout,
    prices: (["open", "high", "low", "close"] as const).filter((field) => layout.places[field] !== undefined),
    markets: new Map(),
    last: undefined,
    units: [],
    leftOut: { nulls: 0, unclosed: 0 },
    repeatedHeaders: 0,
    footer: undefined,
    footers: 0,
  };
}

/** A cell as messages show it: short, and without what a terminal would obey. */
export function shown(cell: Cell): string {
  const text = cell instanceof Date && Number.isNaN(cell.getTime()) ? "an invalid date" : String(cell ?? "");
  // deno-lint-ignore no-control-regex
  const plain = text.slice(0, 61).replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
  return text.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}

/** An error about a row. */
export function rowError({ source, unit }: TableLayout, line: number, words: string): DataError {
  return new DataError(`Cannot read ${source}, ${unit} ${line}: ${words}`);
}

function isEmpty(cell: Cell): boolean {
  return cell === null || cell === undefined || (typeof cell === "string" && cell.trim() === "");
}

/** Whether a cell says that there is no value. */
function isMissing(cell: Cell): boolean {
  return typeof cell === "string" ? isNull(cell) : cell === null || cell === undefined || Number.isNaN(cell);
}

/** The store of a market, begun where it is new. */
export function marketOf(rows: TableRows, symbol: string): MarketRows {
  if (rows.last?.symbol === symbol) return rows.last;
  let market = rows.markets.get(symbol);
  if (market === undefined) {
    const { places, order } = rows.layout;
    const present = Object.keys(COLUMN).map((name) =>
      name === "monthFirst" ? order === "open" : places[name as keyof ColumnPlaces] !== undefined
    );
    market = { symbol, store: openStore(present), impossible: {}, hasVolume: false, noVolume: 0 };
    rows.markets.set(symbol, market);
  }
  rows.last = market;
  return market;
}

/** Remembers the unit of a time. */
export function countUnit(rows: TableRows, unit: TimeUnit | undefined): void {
  if (unit !== undefined && rows.units.at(-1) !== unit) rows.units.push(unit);
}

/** Whether a row is complete: as many cells as the header, or more that are all empty. */
function checkWidth(layout: TableLayout, cells: readonly Cell[], line: number): void {
  if (cells.length === layout.width) return;
  if (cells.length > layout.width && cells.slice(layout.width).every(isEmpty)) return;
  const comma = cells.length > layout.width && layout.source !== "" && layout.decimal.decimal === ".";
  throw rowError(
    layout,
    line,
    `expected ${layout.width} cells, got ${cells.length}` +
      (comma && cells.length >= 1.5 * layout.width ? " (decimal commas in a table separated by commas?)" : ""),
  );
}

/** A number, or an error that shows the cell and the option that would help. */
function readNumber(layout: TableLayout, cell: Cell, line: number, field: string): number {
  const { decimal, decided } = layout.decimal;
  let value: number | undefined;
  if (typeof cell === "number") value = Number.isFinite(cell) ? cell : undefined;
  else if (typeof cell === "bigint") value = Number(cell);
  else if (typeof cell === "string") {
    if (!decided && isOpenComma(cell)) {
      throw rowError(
        layout,
        line,
        `"${shown(cell)}" for ${field} may be thousands or a decimal comma; pass decimal: "." or ","`,
      );
    }
    value = parseStyledNumber(cell, decimal);
  }
  if (value !== undefined) return value;
  const other = typeof cell === "string" && parseStyledNumber(cell, decimal === "." ? "," : ".") !== undefined;
  throw rowError(
    layout,
    line,
    `expected a number for ${field}, got "${shown(cell)}"` +
      (other ? ` (the file's decimal sign was taken to be "${decimal}"; pass decimal to say which it is)` : ""),
  );
}

/** Whether the bar of a row had closed when it was written. */
function isClosed(layout: TableLayout, cell: Cell, line: number): boolean {
  const text = String(cell ?? "").trim().toLowerCase();
  if (["1", "true", "yes", "t", "1.0"].includes(text)) return true;
  if (["0", "false", "no", "f", "0.0"].includes(text)) return false;
  throw rowError(layout, line, `expected 1 or 0 (a closed bar or not), got "${shown(cell)}"`);
}

/** Words for a time that cannot be read. */
function timeWords(cell: Cell, clock: Cell): string {
  const got = clock === undefined ? `"${shown(cell)}"` : `"${shown(cell)}" and "${shown(clock)}"`;
  const text = String(cell ?? "").trim();
  const number = Number(text);
  let hint = "";
  if (/^\d{4,5}(\.\d+)?$/.test(text) && number > 20_000 && number < 80_000) {
    const day = new Date(Date.UTC(1899, 11, 30) + Math.floor(number) * 86_400_000).toISOString().slice(0, 10);
    hint = `; a number so small is no plausible time since 1970: is it a spreadsheet's serial day (${day})? ` +
      `Save the column as dates such as 2024-01-31`;
  } else if (number >= 1e8 && /e/i.test(text)) {
    hint = "; an exponent leaves out digits of a time: save the column in full";
  } else if (text !== "" && Number.isFinite(number)) {
    hint = "; as a number it is no plausible time from 1980 to 2100 in any unit, or has parts of a ms";
  } else if (/^\d{1,2}[-/. ]\w{1,9}[-/. ]\d{2,4}/.test(text)) {
    hint = `; pass dateOrder: "dmy" or "mdy" if the year is last`;
  } else if (/^\d{4}[-/.]\d/.test(text) && !isReadYear(Number(text.slice(0, 4)))) {
    hint = `; dates are read from ${FIRST_YEAR} to ${LAST_YEAR}`;
  }
  return `expected a time (ISO date, or seconds, ms, µs or ns since 1970), got ${got}${hint}`;
}

/** Notes where a date is impossible day first or month first. */
function countImpossible(rows: TableRows, market: MarketRows, line: number, ms: number, monthFirst: number): void {
  if (Number.isNaN(ms)) market.impossible.dmy ??= line;
  if (Number.isNaN(monthFirst)) market.impossible.mdy ??= line;
  const { dmy, mdy } = market.impossible;
  if (dmy === undefined || mdy === undefined) return;
  const [day, month] = [mdy, dmy];
  throw rowError(
    rows.layout,
    line,
    `dates contradict each other: that of line ${day} is possible day first alone, that of line ${month} month first alone`,
  );
}

/** A line of text alone, as stands below a table. */
function isText(cells: readonly Cell[]): boolean {
  const at = cells.findIndex((cell) => !isEmpty(cell));
  const first = cells[at];
  if (typeof first !== "string") return false;
  const isComment = first.trimStart().startsWith("#");
  if (!isComment && cells.some((cell, i) => i > at && !isEmpty(cell))) return false;
  return readTime(first, "open") === undefined && (isComment || !/^[\s\d.,+-]*$/.test(first));
}

/** Whether a row has no price and may be left out. @throws {DataError} It has none and may not, or a part of them. */
function isWithoutPrices({ layout, prices }: TableRows, cells: readonly Cell[], line: number): boolean {
  const missing = prices.find((field) => isMissing(cells[layout.places[field]!]));
  if (missing === undefined) return false;
  const all = prices.every((field) => isMissing(cells[layout.places[field]!]));
  if (all && layout.nulls === "drop") return true;
  throw rowError(
    layout,
    line,
    `expected a number for ${missing}, got "${shown(cells[layout.places[missing]!])}"` +
      (all ? `; nulls: "drop" leaves out rows without prices` : ""),
  );
}

/**
 * Reads a row.
 *
 * @param rows What was read so far; it grows.
 * @param cells The row's cells.
 * @param line Its line, or its number from 1.
 * @throws {DataError} A cell cannot be read, there are too few or too many, or it stands behind the end of the table.
 */
export function addRow(rows: TableRows, cells: readonly Cell[], line: number): void {
  const { layout } = rows;
  const { places, header } = layout;
  if (cells.every(isEmpty)) return;
  if (isText(cells)) {
    rows.footer ??= { line, text: shown(cells.find((cell) => !isEmpty(cell))) };
    rows.footers++;
    return;
  }
  if (rows.footer !== undefined) {
    throw rowError(
      layout,
      rows.footer.line,
      `expected a row, got the text "${rows.footer.text}" with more rows behind it`,
    );
  }
  if (header !== undefined && cells.length === header.length && cells.every((cell, i) => cell === header[i])) {
    rows.repeatedHeaders++;
    return;
  }
  checkWidth(layout, cells, line);
  if (places.closed !== undefined && !isClosed(layout, cells[places.closed], line)) {
    rows.leftOut.unclosed++;
    return;
  }
  const clock = places.clock === undefined ? undefined : cells[places.clock] ?? "";
  const time = readTime(cells[places.time!], layout.order, clock);
  if (time === undefined) throw rowError(layout, line, timeWords(cells[places.time!], clock));
  if (isWithoutPrices(rows, cells, line)) {
    rows.leftOut.nulls++;
    return;
  }
  const market = marketOf(rows, places.symbol === undefined ? "" : String(cells[places.symbol] ?? "").trim());
  const { store } = market;
  if (layout.order === "open") countImpossible(rows, market, line, time.ms, time.monthFirst);
  store.current[COLUMN.time][store.at] = time.ms;
  if (layout.order === "open") store.current[COLUMN.monthFirst][store.at] = time.monthFirst;
  for (const field of NUMBERS) {
    const place = places[field];
    if (place === undefined) continue;
    const cell = cells[place];
    const none = (field === "volume" || field === "adjusted") && isMissing(cell);
    if (field === "volume" && none) market.noVolume ||= line;
    else if (field === "volume") market.hasVolume = true;
    const absent = field === "volume" ? 0 : NaN;
    store.current[COLUMN[field]][store.at] = none ? absent : readNumber(layout, cell, line, field);
  }
  countUnit(rows, time.unit);
  closeRow(store, line);
}
