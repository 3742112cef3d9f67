/**
 * A table as it begins and what its caller says of it: what every decision about it goes by. Types alone.
 * @module
 */
import type { DateOrder } from "../parse_date.ts";
import type { ColumnNames } from "./fields.ts";
import type { DecimalSign } from "./numbers.ts";
import type { Cell } from "./times.ts";

/** What a table does not say about itself; of every kind of file. */
export interface TableOptions {
  /** Name of the market. Where a column of symbols has several, the one of this name is read. */
  readonly symbol: string;
  /** Bar length, such as `1h`; by default the difference that at least half of the neighbouring rows share. */
  readonly interval?: string;
  /**
   * Columns by field, where they are not called as vendors call them: `{ close: "Adj Close" }`; or the fields of a file
   * without a header in order, such as `["time", "open", "high", "low", "close", "", "volume"]`, "" for what is not read.
   */
  readonly columns?: ColumnNames;
  /** Whether 1/2/2024 is day first or month first; by default a day above 12 decides, or the file is refused. */
  readonly dateOrder?: DateOrder;
  /** Decimal sign; by default the numbers decide, or the file is refused. */
  readonly decimal?: DecimalSign;
  /** Whether prices are those of the adjusted close, each bar scaled by it (default false). */
  readonly adjusted?: boolean;
  /** What becomes of rows without any price: an error (default), or left out and counted. */
  readonly nulls?: "error" | "drop";
}

/** The table as it begins. */
export interface TableHead {
  /** What messages call it. */
  readonly source: string;
  /** What its rows are called. */
  readonly unit: "line" | "row";
  /** Its header, if it has one, and where that stands. */
  readonly header?:
    | { readonly cells: readonly string[]; readonly line: number; readonly timePlace?: number }
    | undefined;
  /** Its first rows with their lines; at least one. */
  readonly rows: readonly { readonly cells: readonly Cell[]; readonly line: number }[];
  /** Whether a dot in a number can be nothing but a decimal sign. */
  readonly dots: boolean;
  /** What the caller said. */
  readonly options: TableOptions;
}
