/**
 * Heads of columns that sort their table: a click, or Enter, sorts by one, a second one the other way round. They sort nothing
 * themselves; see `sortedBy`. For islands.
 * @module
 */
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";

/** By which column, and which way. */
export interface SortOrder<Column extends string> {
  /** The column. */
  readonly by: Column;
  /** Whether the largest comes first. */
  readonly descending: boolean;
}

interface SortableHeadProps<Column extends string> {
  readonly column: Column;
  readonly label: string;
  readonly order: SortOrder<Column>;
  readonly onSort: (order: SortOrder<Column>) => void;
  readonly numbers: boolean;
}

interface SortableHeadsProps<Column extends string> {
  /** Of each column its name, and then its head, what it sorts by (for `sortedBy`), whether its cells are numbers, and what its table adds. */
  readonly columns: Iterable<
    readonly [string, readonly [label: string, value: unknown, numbers: boolean, ...unknown[]]]
  >;
  /** By which column its table is sorted now. */
  readonly order: Signal<SortOrder<Column>>;
}

/** A head for each column. */
export function SortableHeads<Column extends string>({ columns, order }: SortableHeadsProps<Column>): JSX.Element {
  return (
    <>
      {Array.from(columns, ([column, [label, , numbers]]) => (
        <SortableHead
          key={column}
          column={column as Column}
          label={label}
          numbers={numbers}
          order={order.value}
          onSort={(next) => order.value = next}
        />
      ))}
    </>
  );
}

function SortableHead<Column extends string>(
  { column, label, order, onSort, numbers }: SortableHeadProps<Column>,
): JSX.Element {
  const sorted = order.by === column;
  const direction = order.descending ? "descending" : "ascending";
  return (
    <th scope="col" class={numbers ? "number" : undefined} aria-sort={sorted ? direction : "none"}>
      <button
        type="button"
        class="sort"
        onClick={() => onSort({ by: column, descending: sorted ? !order.descending : numbers })}
      >
        {label}
        <span aria-hidden="true">{sorted ? order.descending ? " ↓" : " ↑" : ""}</span>
      </button>
    </th>
  );
}

/** Rows by the value that each has in a column: numbers by size, text by the alphabet, what is null last either way. */
export function sortedBy<Row>(
  rows: readonly Row[],
  value: (row: Row) => number | string | null,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return rows.map((row) => ({ row, key: value(row) })).sort(({ key: a }, { key: b }) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en"));
  }).map(({ row }) => row);
}
