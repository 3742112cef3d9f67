/**
 * The rows of a market as candles: day and month decided, oldest first, the bar length told, and what was decided said. It is
 * one for every kind of table, so CSV, Parquet and JSON are held to the same.
 * @module
 */
import { type Candles, DataError } from "../candles.ts";
import type { Dialect } from "../dialect.ts";
import { findOtherInterval, inferInterval, intervalMs, isRegular } from "../interval.ts";
import type { DateOrder } from "../parse_date.ts";
import { COLUMN, type MarketRows, rowError, shown, type TableLayout, type TableRows } from "./rows.ts";
import { lineOf, storeRows, takeColumn } from "./store.ts";
import { findSplits, scaleByAdjusted } from "./adjusted.ts";

/** What a caller wants of a table beside its rows. */
export interface FinishOptions {
  /** Name of the market. */
  readonly symbol: string;
  /** Bar length, where it was told. */
  readonly interval?: string;
  /** Whether prices are scaled by the adjusted close. */
  readonly adjusted?: boolean;
}

/** What is known of the source, for its dialect. */
export type SourceFacts = Omit<
  Dialect,
  "timeUnits" | "dateOrder" | "order" | "adjusted" | "leftOut"
>;

/** End of the span in which times lie that were written in a unit too small: ms taken for s reach to here in 2100. */
const EPOCH_SPAN = 49 * 86_400_000;

/** The order of day and month that the dates leave, or an error. */
function decideOrder({ layout }: TableRows, market: MarketRows, dotted: boolean): DateOrder | undefined {
  if (layout.order !== "open") return layout.order;
  const { dmy, mdy } = market.impossible;
  if (mdy !== undefined) return "dmy";
  if (dmy !== undefined) return "mdy";
  if (dotted) return "dmy";
  throw new DataError(
    `Cannot read ${layout.source}: its dates may be day first or month first, and no day above 12 decides it; ` +
      `pass dateOrder: "dmy" or "mdy"`,
  );
}

/** Whether times ascend (1) or descend (-1) throughout; else an error that names two lines. */
function directionOf(layout: TableLayout, { store }: MarketRows, time: Float64Array): 1 | -1 {
  const direction = time.length > 1 && time[1] < time[0] ? -1 : 1;
  for (let i = 1; i < time.length; i++) {
    if ((time[i] - time[i - 1]) * direction > 0) continue;
    const how = time[i] === time[i - 1] ? "the same time as" : direction > 0 ? "a time before" : "a time after";
    throw rowError(
      layout,
      lineOf(store, i),
      `expected times in ${direction > 0 ? "ascending" : "descending"} order, got ${how} ` +
        `${layout.unit} ${lineOf(store, i - 1)} (${new Date(time[i]).toISOString()})` +
        (layout.suspect
          ? `; if its column "${shown(layout.suspect)}" tells markets apart, name it: columns: { symbol }`
          : ""),
    );
  }
  return direction;
}

/** Ticks of .NET (100 ns since year 1) from 1998 to 2100 are as large as ns of these times, late 1989 to 1990. */
const TICKS = [6.3e11, 6.63e11] as const;

/** Refuses numbers that may be something else as well as times since 1970. */
function checkTimes({ layout, units }: TableRows, time: Float64Array): void {
  const [first] = time;
  if (units.length === 1 && units[0] === "ns" && first >= TICKS[0] && time[time.length - 1] < TICKS[1]) {
    throw new DataError(
      `Cannot read ${layout.source}: its times may be ns since 1970 or ticks of 100 ns since year 1; write them as dates`,
    );
  }
  // 2024013112 is an hour of a day, not a second of 2034.
  const isHour = (t: number): boolean =>
    /^20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])$/.test(String(t / 1000));
  if (first >= 2e12 && time.every(isHour)) {
    throw new DataError(
      `Cannot read ${layout.source}: its times (${first / 1000}) may be hours of days or seconds since 1970; ` +
        `write them as 2024-01-31 12:00`,
    );
  }
}

/** Rows that say against an interval which was told: of fewer, two may just lie near. */
const LEAST_ROWS = 4;

/** The bar length, told or taken from the times. */
function intervalOf({ layout }: TableRows, time: Float64Array, given: string | undefined): string {
  const interval = inferInterval(time);
  if (given !== undefined) {
    const step = intervalMs(given);
    if (!isRegular(time, step)) {
      throw new DataError(
        `Cannot read ${layout.source}: interval is ${given}, but most rows lie further apart and not on that grid`,
      );
    }
    if (interval !== undefined && intervalMs(interval) < step && time.length >= LEAST_ROWS) {
      throw new DataError(`Cannot read ${layout.source}: interval is ${given}, but its rows lie ${interval} apart`);
    }
    return given;
  }
  const change = interval === undefined ? undefined : findOtherInterval(time, intervalMs(interval));
  if (change !== undefined) {
    throw new DataError(
      `Cannot read ${layout.source}: its bars are of two lengths: ${interval}, and ${change.ms / 1000} s from ` +
        `${
          new Date(time[change.index]).toISOString()
        } on; keep those of one length, or pass interval if the others are holes`,
    );
  }
  if (interval !== undefined) return interval;
  throw new DataError(
    time.length === 1
      ? `Cannot read ${layout.source}: expected at least 2 rows to tell the interval, got 1; pass interval`
      : `Cannot read ${layout.source}: its rows lie at no constant interval of less than 28 days that half of them share ` +
        `(bars of unequal length have no horizon); pass interval if there is one`,
  );
}

/** Columns recognised by shape have to hold what the shape says, to the last row. */
function checkShape(layout: TableLayout, candles: Candles, lineAt: (bar: number) => number): void {
  const { open, high, low, close } = candles;
  for (let i = 0; i < close.length; i++) {
    if (high[i] >= Math.max(open[i], close[i]) && low[i] <= Math.min(open[i], close[i])) continue;
    throw rowError(
      layout,
      lineAt(i),
      `without a header the columns were taken for time, open, high, low, close, but here the third is not the highest or ` +
        `the fourth not the lowest; pass columns: ["time", "open", ...]`,
    );
  }
}

/** A number of things. */
function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** What {@linkcode notesOf} goes by. */
interface Noted {
  readonly facts: SourceFacts;
  readonly order: DateOrder | undefined;
  readonly time: Float64Array;
}

/** Notes on what was read besides, left out, or not there. */
function notesOf(rows: TableRows, market: MarketRows, { facts, order, time }: Noted): string[] {
  const { layout, leftOut, units } = rows;
  const notes = [...facts.notes];
  if (time[0] >= 0 && time[time.length - 1] < EPOCH_SPAN) {
    notes.push(
      "all its dates lie in the first weeks of 1970: were they written in another unit than they were counted in?",
    );
  }
  if (units.length > 1) notes.push(`the unit of its times changes: ${units.slice(0, 6).join(", then ")}`);
  if (layout.order === "open") {
    notes.push(`dates were read ${order === "dmy" ? "day" : "month"} first`);
  }
  if (rows.markets.size > 1) {
    const { header, places } = layout;
    notes.push(
      `its column "${header?.[places.symbol!] ?? places.symbol}" holds ${rows.markets.size} markets, each read apart`,
    );
  }
  if (leftOut.nulls > 0) notes.push(`left out: ${counted(leftOut.nulls, "row")} without prices`);
  if (leftOut.unclosed > 0) notes.push(`left out: ${counted(leftOut.unclosed, "bar")} that had not closed`);
  if (rows.repeatedHeaders > 0) notes.push(`left out: ${counted(rows.repeatedHeaders, "repeated header")}`);
  if (rows.footers > 0) notes.push(`left out: ${counted(rows.footers, "line")} of text below the table`);
  if (layout.places.volume !== undefined && !market.hasVolume) {
    notes.push("its volume is empty throughout and read as 0");
  } else if (market.noVolume > 0) {
    notes.push(`a missing volume is read as 0, first in ${layout.unit} ${market.noVolume}`);
  }
  return notes;
}

/**
 * Makes candles of a market's rows; the store is empty then.
 *
 * @param rows The table.
 * @param market Which of its markets.
 * @param facts What is known of the source, and whether its dates have dots.
 * @param options Symbol, interval, adjusted.
 * @throws {DataError} Times are in no order, day and month stay open, the bar length cannot be told, the shape does not hold.
 */
export function finishMarket(
  rows: TableRows,
  market: MarketRows,
  { dotted, ...facts }: SourceFacts & { readonly dotted: boolean },
  options: FinishOptions,
): Candles {
  const { layout } = rows;
  const { store } = market;
  const count = storeRows(store);
  if (count === 0) throw new DataError(`Cannot read ${layout.source}: expected rows behind the header, found none`);
  if (market.hasVolume && market.noVolume > 0 && layout.nulls === "error") {
    throw rowError(
      layout,
      market.noVolume,
      `expected a number for volume, got none (other rows have one); nulls: "drop" reads it as 0`,
    );
  }
  const order = decideOrder(rows, market, dotted);
  const raw = takeColumn(store, layout.order === "open" && order === "mdy" ? COLUMN.monthFirst : COLUMN.time);
  const direction = directionOf(layout, market, raw);
  const reversed = direction < 0;
  const time = reversed ? raw.reverse() : raw;
  checkTimes(rows, time);
  const column = (place: number): Float64Array => takeColumn(store, place, reversed);
  const { places } = layout;
  const closeOnly = places.open === undefined;
  const close = column(COLUMN.close);
  const interval = intervalOf(rows, time, options.interval);
  const prices = {
    open: closeOnly ? close.slice() : column(COLUMN.open),
    high: closeOnly ? close.slice() : column(COLUMN.high),
    low: closeOnly ? close.slice() : column(COLUMN.low),
    close,
  };
  const lineAt = (bar: number): number => lineOf(store, reversed ? count - 1 - bar : bar);
  const notes = notesOf(rows, market, { facts, order, time });
  const { notes: _, ...known } = facts;
  let candles: Candles = {
    symbol: options.symbol,
    interval,
    time,
    ...prices,
    volume: places.volume === undefined ? new Float64Array(count) : column(COLUMN.volume),
    ...(closeOnly ? { closeOnly } : {}),
  };
  if (facts.columnsBy === "shape") checkShape(layout, candles, lineAt);
  if (places.adjusted !== undefined) {
    const adjusted = column(COLUMN.adjusted);
    if (options.adjusted) {
      candles = scaleByAdjusted(candles, adjusted, (bar, words) => rowError(layout, lineAt(bar), words));
    } else notes.push(...findSplits(candles, adjusted));
  } else if (options.adjusted) {
    throw new DataError(
      `Cannot read ${layout.source}: adjusted asks for a column of adjusted closes, found none; ` +
        `columns: { adjusted: "NAME" } would name it`,
    );
  }
  const dialect: Dialect = Object.freeze({
    ...known,
    timeUnits: [...rows.units],
    ...(layout.order !== undefined && order !== undefined ? { dateOrder: order } : {}),
    order: reversed ? "newest first" : "oldest first",
    adjusted: options.adjusted === true,
    leftOut: { ...rows.leftOut },
    notes,
  });
  return { ...candles, dialect };
}
