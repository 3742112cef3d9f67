/**
 * What a finished run is worth: its forecasts of the market that it never saw beside every cheap method's, in one sentence and a
 * table. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { RunDetail } from "../server/run_events.ts";
import { dateUtc, figure, percent } from "./format.ts";

/** The verdict; nothing before the run's end. */
export function RunVerdict({ run }: { readonly run: RunDetail }): JSX.Element | null {
  const { result, id } = run;
  if (result === null) return null;
  if ("problem" in result) {
    return (
      <section class="card stack" aria-label="Verdict">
        <header>
          <h2>On the market kept unseen</h2>
        </header>
        <p class="notice" data-tone="warn">Nothing can be said of it. {result.problem}.</p>
        <p>
          <a class="button primary" href={`/forecast?run=${id}`}>Forecast another market</a>
        </p>
      </section>
    );
  }
  const { symbol, from, to, rows, horizon, reference, less, beyondChance, sentences, scores } = result;
  const most = Math.max(...scores.map(({ mse }) => mse));
  const own = scores[scores.length - 1];
  return (
    <section class="card stack" aria-label="Verdict">
      <header>
        <h2>On {symbol}, never seen</h2>
        <p>{`${dateUtc(from)} to ${dateUtc(to)}, ${rows} forecasts of ${horizon} bars`}</p>
      </header>
      <p>
        <span class="badge" data-tone={beyondChance ? "good" : "warn"}>
          {beyondChance ? `beats ${reference}` : less > 0 ? "ahead, not beyond chance" : `does not beat ${reference}`}
        </span>{" "}
        <strong data-testid="verdict">
          {`${percent(Math.abs(less))} ${less >= 0 ? "less" : "more"} squared error than ${reference}`}
        </strong>
      </p>
      <ul class="sentences">{sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
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
                  <td class="number">{name === own.name ? "–" : percent(1 - own.mse / mse).replace("-", "−")}</td>
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
          Diebold-Mariano: below −2 the forecaster is better beyond chance. All are fitted before the test and chosen on
          validation.
        </p>
      </details>
      <p>
        <a class="button primary" href={`/forecast?run=${id}`}>See the forecasts, or forecast a file of yours</a>
      </p>
    </section>
  );
}
