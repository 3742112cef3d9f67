/**
 * The figures behind a chart as a table, for those who do not see it or have no script: every value of a short chart, values at
 * even distances of a long one.
 * @module
 */
import type { JSX } from "preact";

/** More rows say no more: who needs every value takes the file. */
const MOST_ROWS = 40;

interface ChartTableProps {
  /** What the chart says. */
  readonly label: string;
  /** What x is, such as "Date". */
  readonly head: string;
  /** How many x there are. */
  readonly count: number;
  /** An x in words. */
  readonly nameAt: (index: number) => string;
  /** The lines. */
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  /** A value in words. */
  readonly words: (value: number | null) => string;
}

/** The table, closed until it is asked for. */
export function ChartTable({ label, head, count, nameAt, series, words }: ChartTableProps): JSX.Element {
  const every = Math.max(1, Math.ceil(count / MOST_ROWS));
  const rows = Array.from({ length: Math.ceil(count / every) }, (_, row) => count - 1 - row * every).reverse();
  return (
    <details class="chart-table">
      <summary>{every === 1 ? "Figures" : `Figures, one in ${every}`}</summary>
      <div class="table-scroll tall" role="group" tabIndex={0} aria-label={`Figures: ${label}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{head}</th>
              {series.map(({ label }) => <th key={label} scope="col" class="number">{label}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((index) => (
              <tr key={index}>
                <th scope="row" class="nowrap">{nameAt(index)}</th>
                {series.map(({ label, values }) => <td key={label} class="number">{words(values[index])}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
