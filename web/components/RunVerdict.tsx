/**
 * What a finished run is worth: its forecasts of the market that it never saw beside every cheap method's. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { RunDetail } from "../server/run_events.ts";
import { counted, dateUtc } from "./format.ts";
import { MethodTable } from "./MethodTable.tsx";
import { VerdictWords } from "./VerdictWords.tsx";

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
  const { symbol, from, to, rows, horizon, scores } = result;
  return (
    <section class="card stack" aria-label="Verdict">
      <header>
        <h2>On {symbol}, never seen</h2>
        <p>{`${dateUtc(from)} to ${dateUtc(to)}, ${counted(rows, "forecast")} of ${counted(horizon, "bar")}`}</p>
      </header>
      <VerdictWords verdict={result} />
      <MethodTable scores={scores} />
      <p>
        <a class="button primary" href={`/forecast?run=${id}`}>See the forecasts, or forecast a file of yours</a>
      </p>
    </section>
  );
}
