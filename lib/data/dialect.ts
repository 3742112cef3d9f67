/**
 * What was decided when a table of candles was read: nothing is guessed without being said here. Plain data.
 * @module
 */
import type { DateOrder } from "./parse_date.ts";
import type { TimeUnit } from "./time_unit.ts";

/** A column that candles are made of. */
export type CandleField = "time" | "open" | "high" | "low" | "close" | "volume";

/** How a source was understood. What a source does not have (a separator in Parquet) is absent. */
export interface Dialect {
  /** Kind of source. */
  readonly format: "csv" | "json" | "parquet";
  /** Encoding of the text. */
  readonly encoding?: "utf-8" | "utf-16le" | "utf-16be";
  /** What stands between two cells. */
  readonly separator?: "," | ";" | "\t" | "|";
  /** What stands before a fraction. */
  readonly decimal?: "." | ",";
  /** Line of the header in a text, from 1; null where it has none. */
  readonly header: number | null;
  /** Name of the column that each field was read from, or its number from 1 (`#2`) without a header. */
  readonly columns: Readonly<Partial<Record<CandleField, string>>>;
  /** Where the columns came from: a header, the caller's list, or their shape. */
  readonly columnsBy: "header" | "columns" | "shape";
  /** Units of numeric times, in the order they came; empty for dates. */
  readonly timeUnits: readonly TimeUnit[];
  /** Whether 1/2/2024 was read day first or month first; absent where no date depended on it. */
  readonly dateOrder?: DateOrder;
  /** Order of the rows in the source; candles are oldest first always. */
  readonly order: "oldest first" | "newest first";
  /** Whether prices were scaled by the adjusted close. */
  readonly adjusted: boolean;
  /** Rows left out: without prices (`nulls: "drop"`), and of bars that were not closed. */
  readonly leftOut: { readonly nulls: number; readonly unclosed: number };
  /** What a reader of the figures should know, in words. */
  readonly notes: readonly string[];
}
