/**
 * The benchmark's rows as a table with a bar each: how many tasks a second every batch size reaches.
 * @module
 */
import type { JSX } from "preact";
import type { BenchmarkRow } from "../worker/engine.ts";
import { figure } from "./format.ts";

interface BenchmarkTableProps {
  readonly rows: readonly BenchmarkRow[];
  /** Whether more rows will come. */
  readonly running: boolean;
  /** What was measured. */
  readonly engine: string;
}

/** The table. */
export function BenchmarkTable({ rows, running, engine }: BenchmarkTableProps): JSX.Element {
  const speed = ({ tasks, ms }: BenchmarkRow) => tasks / ms * 1000;
  const most = Math.max(...rows.map(speed));
  return (
    <div class="table-scroll" role="region" aria-label="Figures of the benchmark" tabIndex={0}>
      <table class="benchmark">
        <caption class="hint">
          {engine}: median of five parts, and their range{running && "; more to come"}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="number">Tasks</th>
            <th scope="col" class="number">ms a step</th>
            <th scope="col" class="number">Range, ms</th>
            <th scope="col" class="number">Steps/s</th>
            <th scope="col">Tasks/s</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.tasks}>
              <th scope="row" class="number">{row.tasks}</th>
              <td class="number">{figure(row.ms)}</td>
              <td class="number">{row.range.map(figure).join("–")}</td>
              <td class="number">{figure(1000 / row.ms)}</td>
              <td>
                <span class="meter">
                  <span class="bar" style={{ width: `${speed(row) / most * 100}%` }} aria-hidden="true" />
                </span>
                {figure(Math.round(speed(row)))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
