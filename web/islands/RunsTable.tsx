/**
 * The runs of the overview, kept up to date by the server's stream. Shows; starts and stops nothing.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { duration, figure, marketName, signedPercent, timeUtc } from "../components/format.ts";
import { useEvents } from "../components/live.ts";
import { Sparkline } from "../components/Sparkline.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import type { RunSummary } from "../server/run_events.ts";

/** The table. */
export default function RunsTable(props: { readonly runs: readonly RunSummary[] }): JSX.Element {
  const runs = useSignal(props.runs);
  useEvents("/api/runs/events", { runs: (data: readonly RunSummary[]) => runs.value = data });
  if (runs.value.length === 0) {
    return (
      <section class="empty" aria-label="Runs">
        <h2>No run yet</h2>
        <p>
          Press <strong>Start training</strong>{" "}
          to train on the embedded sample markets: it takes a few seconds to a minute and needs no data of yours. The
          run then says by how much its forecasts beat the cheap ones, and forecasts any market, a file of yours too.
        </p>
      </section>
    );
  }
  return (
    <section class="card" aria-label="Runs">
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Runs, scrollable">
        <table>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Status</th>
              <th scope="col">Validation loss</th>
              <th scope="col" class="number">Loss</th>
              <th scope="col" class="number">Unseen market</th>
              <th scope="col" class="number">Steps</th>
              <th scope="col" class="number">Time left</th>
            </tr>
          </thead>
          <tbody>{runs.value.map((run) => <Row key={run.id} run={run} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ run }: { readonly run: RunSummary }): JSX.Element {
  const left = run.status === "running" && run.stepsPerSecond ? (run.steps - run.step) / run.stepsPerSecond : null;
  return (
    <tr>
      <th scope="row">
        <a href={`/runs/${run.id}`}>{run.name}</a>
        <div class="muted small">
          {run.config === null ? "earlier version" : run.config.method}, unseen {marketName(run.unseen)},{" "}
          {timeUtc(run.createdAt)} UTC
        </div>
      </th>
      <td>
        <StatusBadge status={run.status} request={run.request} />
      </td>
      <td>
        <Sparkline values={run.spark} label={`Validation loss of ${run.name}, now ${figure(run.spark.at(-1))}`} />
      </td>
      <td class="number">
        {figure(run.best)} {run.anchor !== null && <span class="muted">of {figure(run.anchor)}</span>}
      </td>
      <td class="number">
        {run.verdict === null ? "–" : `${signedPercent(-run.verdict.less, 1)} against ${run.verdict.reference}`}
      </td>
      <td class="number">
        {run.step} <span class="muted">of {run.steps}</span>
      </td>
      <td class="number">{duration(left)}</td>
    </tr>
  );
}
