/**
 * Checks of what a caller says about a table. It reads nothing.
 * @module
 */
import { intervalMs } from "../interval.ts";
import type { TableOptions } from "./head.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import type { NamedColumns } from "./fields.ts";

const CHOICES = {
  dateOrder: ["dmy", "mdy"],
  decimal: [".", ","],
  nulls: ["error", "drop"],
  adjusted: [true, false],
} as const;

/** Every option of a reader of tables. */
export const TABLE_KEYS: OptionKeys<TableOptions> = {
  symbol: true,
  interval: true,
  columns: true,
  dateOrder: true,
  decimal: true,
  adjusted: true,
  nulls: true,
};

const COLUMN_KEYS: OptionKeys<NamedColumns> = {
  time: true,
  open: true,
  high: true,
  low: true,
  close: true,
  volume: true,
  adjusted: true,
  symbol: true,
};

function checkColumns(columns: TableOptions["columns"]): void {
  if (columns === undefined) return;
  if (!Array.isArray(columns)) requireKnownKeys("Cannot read candles", "columns", columns as NamedColumns, COLUMN_KEYS);
  const odd = Object.values(columns).find((name) => typeof name !== "string");
  if (odd === undefined) return;
  throw new TypeError(
    `Cannot read candles: expected columns to be names by field, such as { close: "Adj Close" }, or a list of fields, ` +
      `received ${JSON.stringify(odd)} among them`,
  );
}

/**
 * Checks the options of a reader.
 *
 * @throws {TypeError} No symbol, an unknown option, or a value of the wrong kind.
 * @throws {RangeError} The interval is not a name such as `"1h"`.
 */
export function checkOptions(options: TableOptions): void {
  requireKnownKeys("Cannot read candles", "options", options, TABLE_KEYS);
  if (typeof options?.symbol !== "string" || options.symbol === "") {
    throw new TypeError(`Cannot read candles: symbol must be a name, got ${JSON.stringify(options?.symbol)}`);
  }
  if (options.interval !== undefined) intervalMs(options.interval);
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof typeof CHOICES];
    if (value === undefined || (choices as readonly unknown[]).includes(value)) continue;
    const expected = choices.map((choice) => JSON.stringify(choice)).join(" or ");
    throw new TypeError(`Cannot read candles: ${name} must be ${expected}, got ${JSON.stringify(value)}`);
  }
  checkColumns(options.columns);
}
