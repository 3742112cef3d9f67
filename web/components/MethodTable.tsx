/**
 * Every method's squared error beside the forecaster's, best known last in a comparison and first here. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { VerdictScore } from "../server/run_verdict.ts";
import { figure, percent } from "./format.ts";

/** The table, folded. */
export function MethodTable({ scores }: { readonly scores: readonly VerdictScore[] }): JSX.Element {
  const most = Math.max(...scores.map(({ mse }) => mse));
  const own = scores[scores.length - 1];
  return (
    <details>
      <summary>Every method</summary>
      <div class="table-scroll" role="group" tabIndex={0} aria-label="Squared errors by method">
        <table>
          <thead>
            <tr>
              <th scope="col">Method</th>
              <th scope="col" class="number">Squared error</th>
              <th scope="col">
                <span class="visually-hidden">As a bar</span>
              </th>
              <th scope="col" class="number">Saved by the forecaster</th>
              <th scope="col" class="number">Diebold-Mariano</th>
            </tr>
          </thead>
          <tbody>
            {scores.toReversed().map(({ name, mse, statistic, pValue }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{figure(mse)}</td>
                <td>
                  <meter min={0} max={most} value={mse} aria-hidden="true" />
                </td>
                <td class="number">{name === own.name ? "–" : percent(1 - own.mse / mse)}</td>
                <td class="number">
                  {statistic === null
                    ? "–"
                    : `${statistic.toFixed(1).replace("-", "−")} (p ${
                      pValue! < 0.001 ? "< 0.001" : `= ${pValue!.toFixed(3)}`
                    })`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small muted">
        Diebold-Mariano: below −2 the forecaster is better beyond chance. All methods are fitted before the test and
        chosen on validation.
      </p>
    </details>
  );
}
