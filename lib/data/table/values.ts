/**
 * Tables whose cells are values already (JSON, Parquet) through the same decisions and the same checks as CSV.
 * @module
 */
import { DataError } from "../candles.ts";
import type { Dialect } from "../dialect.ts";
import type { TableOptions } from "./head.ts";
import { decideTable } from "./layout.ts";
import type { TableMarkets } from "./markets.ts";
import { addRow, openRows } from "./rows.ts";
import type { Cell } from "./times.ts";

/** Where a table of values comes from. */
export interface ValueSource {
  /** Kind of file. */
  readonly format: "json" | "parquet";
  /** Encoding of the text. */
  readonly encoding?: Dialect["encoding"];
  /** Its name, for errors. */
  readonly source: string;
  /** What the caller said. */
  readonly options: TableOptions;
}

/** Rows by which a table is judged. */
const HEAD_ROWS = 2000;

/** Rows of values. */
export type ValueRows = readonly (readonly Cell[])[];

/**
 * Reads a table of values.
 *
 * @param header Names of the columns, where they have some.
 * @param batches Its rows, each as wide as the header; the first batch decides.
 * @param from Where it comes from.
 * @throws {DataError} It has no rows, its columns cannot be told, or a cell cannot be read.
 */
export async function readTable(
  header: readonly string[] | undefined,
  batches: Iterable<ValueRows> | AsyncIterable<ValueRows>,
  { format, encoding, source, options }: ValueSource,
): Promise<TableMarkets> {
  let table: TableMarkets | undefined;
  let line = 0;
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    if (table === undefined) {
      const rows = batch.slice(0, HEAD_ROWS).map((cells, i) => ({ cells, line: i + 1 }));
      const { layout, facts } = decideTable({
        source,
        unit: "row",
        header: header && { cells: header, line: 0 },
        rows,
        dots: true,
        options,
      });
      table = { rows: openRows(layout), facts: { format, ...(encoding ? { encoding } : {}), ...facts } };
    }
    for (const cells of batch) addRow(table.rows, cells, ++line);
  }
  if (table === undefined) throw new DataError(`Cannot read ${source}: expected rows, found none`);
  return table;
}
