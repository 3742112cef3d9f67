/**
 * What the first rows of a table decide for all of it: which column is what, the decimal sign, day and month. Columns without
 * a header are recognised by their shape alone where it leaves no doubt, and refused otherwise.
 * @module
 */
import { DataError } from "../candles.ts";
import type { CandleField, Dialect } from "../dialect.ts";
import {
  type ColumnPlaces,
  findPlaces,
  isUnnamed,
  listedPlaces,
  normalise,
  tickVolumePlace,
  volumeLike,
} from "./fields.ts";
import { decideDecimal, type DecimalDecision, isNull, parseStyledNumber } from "./numbers.ts";
import { shown, type TableLayout } from "./rows.ts";
import { recogniseShape } from "./shape.ts";
import type { TableHead } from "./head.ts";
import { type Cell, findOrder, isClock, isDotted, readTime } from "./times.ts";

/** What was decided. */
export interface TableDecision {
  /** For the rows. */
  readonly layout: TableLayout;
  /** For the dialect. */
  readonly facts: Pick<Dialect, "header" | "columns" | "columnsBy" | "notes"> & { readonly dotted: boolean };
}

const PRICES = ["open", "high", "low", "close"] as const;

/** Cells of text in the columns of numbers. */
function* numberCells(rows: TableHead["rows"], places: ColumnPlaces): Generator<string> {
  const columns = [...PRICES, "volume", "adjusted"] as const;
  for (const { cells } of rows) {
    for (const column of columns) {
      const cell = places[column] === undefined ? undefined : cells[places[column]];
      if (typeof cell === "string") yield cell;
    }
  }
}

function decimalOf({ source, rows, dots, options }: TableHead, places: ColumnPlaces): DecimalDecision {
  if (options.decimal !== undefined) return { decimal: options.decimal, decided: true };
  const decision = decideDecimal(numberCells(rows, places), dots);
  if (decision.doubtful !== undefined) {
    const line = rows.find(({ cells }) => cells.includes(decision.doubtful))?.line;
    throw new DataError(
      `Cannot read ${source}, line ${line}: "${shown(decision.doubtful)}" may be thousands or a decimal comma` +
        `${decision.decided ? " (other numbers say otherwise)" : ""}; pass decimal: "." or ","`,
    );
  }
  return decision;
}

/**
 * Where date and time are columns of their own: the time is a clock, or a number like 930 that is no time by itself, beside
 * a date.
 */
function withClock({ header, rows, source }: TableHead, places: ColumnPlaces): ColumnPlaces {
  if (places.clock !== undefined || header === undefined || places.time === undefined) return places;
  const first = rows[0].cells;
  if (!isClock(first[places.time])) return withClockBeside(header.cells, first, places);
  const names = header.cells.map(normalise);
  const date = names.findIndex((name, place) => place !== places.time && /^(date|day|datum|trade_date)$/.test(name));
  if (date < 0) {
    throw new DataError(
      `Cannot read ${source}, line ${rows[0].line}: "${
        shown(first[places.time])
      }" is a time of day, and no column has dates`,
    );
  }
  return { ...places, time: date, clock: places.time };
}

/** A column of clocks beside the dates that were found. */
function withClockBeside(header: readonly string[], first: readonly Cell[], places: ColumnPlaces): ColumnPlaces {
  const clock = header.map(normalise).findIndex((name, place) =>
    place !== places.time && /^(time|clock|time_of_day|uhrzeit|hour)$/.test(name) && isClock(first[place])
  );
  return clock < 0 || !/^(date|day|datum|trade_date|trading_date)$/.test(normalise(header[places.time!]))
    ? places
    : { ...places, clock };
}

/** MetaTrader's exports have ticks beside a volume that currencies leave at 0. */
function withTickVolume({ header, rows }: TableHead, places: ColumnPlaces): ColumnPlaces {
  if (header === undefined || places.volume === undefined) return places;
  const ticks = tickVolumePlace(header.cells);
  if (ticks < 0 || ticks === places.volume) return places;
  const empty = rows.every(({ cells }) => Number(cells[places.volume!]) === 0);
  const some = rows.some(({ cells }) => Number(cells[ticks]) > 0);
  return empty && some ? { ...places, volume: ticks } : places;
}

/** The first column where it has no name and no times: an index, whose time is elsewhere or nowhere. */
function checkIndex({ header, rows, source, options }: TableHead, places: ColumnPlaces): void {
  if (header === undefined || places.time !== 0 || !isUnnamed(normalise(header.cells[0])) || header.timePlace === 0) {
    return;
  }
  const cell = rows[0].cells[0];
  if (readTime(cell, options.dateOrder ?? "open") !== undefined || isNull(String(cell ?? ""))) return;
  throw new DataError(
    `Cannot read ${source}, line ${
      rows[0].line
    }: expected a header with a timestamp; the first column has no name and ` +
      `"${shown(cell)}" is no time; columns: { time: "NAME" } would name it`,
  );
}

/** Columns of a table, and how they were found. */
function placesOf(head: TableHead): { places: ColumnPlaces; by: Dialect["columnsBy"] } {
  const { header, rows, source, unit, options } = head;
  const width = rows[0].cells.length;
  if (Array.isArray(options.columns)) {
    return { places: listedPlaces(options.columns, width, `${source}, ${unit} ${rows[0].line}`), by: "columns" };
  }
  if (header === undefined) return { places: recogniseShape(head), by: "shape" };
  const where = unit === "line" ? `${source}, line ${header.line}` : source;
  let columns = options.columns as Record<string, string> | undefined;
  if (header.timePlace !== undefined && columns?.time === undefined) {
    columns = { ...columns, time: header.cells[header.timePlace] };
  }
  const found = findPlaces({ header: header.cells, columns, symbol: marketName(head), where });
  const places = withTickVolume(head, withClock(head, found));
  checkIndex(head, places);
  return { places, by: options.columns === undefined ? "header" : "columns" };
}

/** The market's name, for units of volume: the caller's, or what a column of symbols says. */
function marketName({ header, rows, options }: TableHead): string {
  const place = header?.cells.map(normalise).findIndex((name) => /^(symbol|ticker|pair|instrument|market)$/.test(name));
  const cell = place === undefined || place < 0 ? undefined : rows[0].cells[place];
  return typeof cell === "string" && cell.trim() !== "" ? cell : options.symbol;
}

/** A column that is not read, of a few words that come again and again: it may say which market a row is of. */
function suspectColumn({ header, rows }: TableHead, places: ColumnPlaces): string | undefined {
  const read = new Set<number | undefined>(Object.values(places));
  return header?.cells.find((_, place) => {
    if (read.has(place)) return false;
    const words = new Set<Cell>();
    for (const { cells } of rows) {
      const cell = cells[place];
      if (typeof cell !== "string" || isNull(cell) || isNumber(cell) || readTime(cell, "open") !== undefined) {
        return false;
      }
      words.add(cell);
    }
    return words.size > 1 && words.size <= rows.length / 2;
  });
}

/** What is said about a table without a volume. */
function volumeNotes(header: readonly string[] | undefined, places: ColumnPlaces): string[] {
  if (places.volume !== undefined) return [];
  const like = volumeLike(header ?? []);
  if (like.length === 0) return ["it has no volume: 0 stands for it"];
  const names = like.map((name) => `"${name.trim()}"`).join(", ");
  return [`its volume was not read: ${names} may be one; columns: { volume: ${names.split(",")[0]} } reads it`];
}

/**
 * Decides how a table is read.
 *
 * @param head The table as it begins.
 * @throws {DataError} Its columns cannot be told, or its numbers can be read in two ways.
 */
export function decideTable(head: TableHead): TableDecision {
  const { source, unit, header, rows, options } = head;
  const { places, by } = placesOf(head);
  const timeCells = rows.map(({ cells }) => cells[places.time!]);
  const layout: TableLayout = {
    source,
    unit,
    symbol: options.symbol,
    places,
    header: header?.cells,
    width: header?.cells.length ?? rows[0].cells.length,
    decimal: decimalOf(head, places),
    order: findOrder(timeCells, options.dateOrder),
    nulls: options.nulls ?? "error",
    suspect: suspectColumn(head, places),
  };
  const name = (place: number): string => header?.cells[place].trim() || `#${place + 1}`;
  const columns: Partial<Record<CandleField, string>> = {};
  for (const field of ["time", ...PRICES, "volume"] as const) {
    const place = places[field];
    if (place !== undefined) columns[field] = name(place);
  }
  if (places.clock !== undefined) columns.time = `${columns.time} and ${name(places.clock)}`;
  const notes = volumeNotes(header?.cells, places);
  if (by === "shape") notes.unshift("it has no header: its columns were told by their shape");
  return {
    layout,
    facts: {
      header: header?.line || null,
      columns,
      columnsBy: by,
      notes,
      dotted: timeCells.every((cell) => isDotted(cell) || readTime(cell, undefined) !== undefined),
    },
  };
}

function isNumber(text: string): boolean {
  return parseStyledNumber(text, ".") !== undefined || parseStyledNumber(text, ",") !== undefined;
}

/** Whether a row has what a row of candles has: a time and a number beside it. */
export function isDataRow(cells: readonly Cell[]): boolean {
  if (cells.length < 2) return false;
  const at = cells.findIndex((cell) => readTime(cell, "open") !== undefined);
  if (at < 0 || at > 3) return false;
  return cells.some((cell, place) =>
    place !== at && (typeof cell === "number" || (typeof cell === "string" && isNumber(cell)))
  );
}
