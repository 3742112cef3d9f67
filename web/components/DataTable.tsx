/**
 * The table of markets: the sample's and the files', with span, interval and quality.
 * @module
 */
import type { JSX } from "preact";
import type { DataRow } from "../server/data_markets.ts";
import { bytes, dateUtc } from "./format.ts";
import { QualityBadge } from "./QualityBadge.tsx";

interface DataTableProps {
  readonly rows: readonly DataRow[];
  /** Called with the row to delete. */
  readonly remove: (row: DataRow) => void;
}

/** The table. */
export function DataTable({ rows, remove }: DataTableProps): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Markets, scrollable">
      <table>
        <caption>All times are UTC. A market's name leads to its quality report and price.</caption>
        <thead>
          <tr>
            <th scope="col">Market</th>
            <th scope="col">Quality</th>
            <th scope="col" class="number">Bars</th>
            <th scope="col">Interval</th>
            <th scope="col">Span</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { id, symbol, description, size, summary, error } = row;
            return (
              <tr key={id}>
                <th scope="row">
                  <a class="long-name" href={`/data/market?id=${encodeURIComponent(id)}`}>{symbol}</a>
                  <div class="muted small anywhere">
                    {size === null ? description : `${description}, ${bytes(size)}`}
                  </div>
                </th>
                <td>
                  <QualityBadge found={summary?.found ?? null} error={error} />
                </td>
                <td class="number">{summary ? summary.bars.toLocaleString("en") : "–"}</td>
                <td>{summary?.interval ?? "–"}</td>
                <td>
                  {summary?.from != null
                    ? (
                      <>
                        <span class="nowrap">{dateUtc(summary.from)}</span>{" "}
                        <span class="nowrap">to {dateUtc(summary.to!)}</span>
                      </>
                    )
                    : "–"}
                </td>
                <td class="number">
                  {size === null ? <span class="muted small">sample</span> : (
                    <button
                      type="button"
                      class="button danger"
                      aria-label={`Delete ${description}`}
                      onClick={() => remove(row)}
                    >
                      Delete
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
