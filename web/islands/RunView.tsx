/**
 * A run as it trains: its curves arrive by the server's stream, from the first point on, so a reload loses nothing.
 * @module
 */
import type { RunPoint } from "@adaptrade/adaptrade";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { duration, figure, marketName } from "../components/format.ts";
import { LineChart } from "../components/LineChart.tsx";
import { send, useEvents } from "../components/live.ts";
import { RunControls } from "../components/RunControls.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { TaskLosses } from "../components/TaskLosses.tsx";
import type { RunSummary } from "../server/run_events.ts";
import type { PointDetail } from "../worker/measure.ts";
import { ChartCard } from "../components/ChartCard.tsx";

interface Point extends RunPoint {
  readonly detail: PointDetail;
}

/** Known points with new ones: a run taken up again sends some of them anew. */
function merge(known: readonly Point[], news: readonly Point[]): readonly Point[] {
  return [...known.filter(({ step }) => step < news[0].step), ...news];
}

/** The run. */
export default function RunView(props: { readonly run: RunSummary }): JSX.Element {
  const run = useSignal(props.run);
  const points = useSignal<readonly Point[]>([]);
  const connected = useSignal(true);
  const gone = useSignal(false);
  const problem = useSignal<string | null>(null);
  useEvents(`/api/runs/${props.run.id}/events`, {
    run: (data: RunSummary) => run.value = data,
    points: (data: readonly Point[]) => points.value = merge(points.value, data),
    gone: () => gone.value = true,
  }, (state) => connected.value = state);

  const act = async (action: string) => {
    problem.value = null;
    try {
      await send(`/api/runs/${run.value.id}/${action}`);
      if (action === "delete") location.href = "/";
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  const { name, status, request, step, steps, best, error } = run.value;
  const last = points.value.at(-1);
  const running = status === "running";
  const speed = last?.detail.stepsPerSecond ?? null;
  return (
    <div class="stack">
      <header class="page-head">
        <div>
          <div class="row">
            <h1>{name}</h1>
            <span role="status">
              <StatusBadge status={status} request={request} />
            </span>
          </div>
          <p>
            {run.value.preset} on {run.value.markets.map(marketName).join(", ")}; never sees{" "}
            {marketName(run.value.unseen)}
          </p>
        </div>
        <RunControls run={run.value} act={act} />
      </header>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      {error !== null && <p class="notice" data-tone="bad" role="alert">{error}</p>}
      {gone.value && <p class="notice" data-tone="warn" role="status">This run was deleted.</p>}
      {!connected.value && !gone.value && (
        <p class="notice" data-tone="warn" role="status">
          The connection to the server is lost; trying again. A run goes on from its checkpoint when the server is back.
        </p>
      )}
      <section class="card stack" aria-label="Progress">
        <progress value={step} max={steps} aria-label={`${step} of ${steps} outer steps`} />
        <dl class="figures">
          <Figure name="Outer steps" value={String(step)} note={`of ${steps}`} />
          <Figure name="Validation loss" value={figure(last?.validation)} note={`best ${figure(best)}`} />
          <Figure name="Training loss" value={figure(last?.train)} />
          <Figure name="Throughput" value={running ? figure(speed) : "–"} note="steps/s" />
          <Figure name="Time left" value={running && speed ? duration((steps - step) / speed) : "–"} />
          <Figure name="Engine" value={last?.detail.backend ?? "–"} />
        </dl>
      </section>
      {last === undefined ? <Waiting status={status} /> : <Charts points={points.value} last={last} />}
    </div>
  );
}

function Figure(
  { name, value, note }: { readonly name: string; readonly value: string; readonly note?: string },
): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} {note && <small>{note}</small>}
      </dd>
    </div>
  );
}

function Waiting({ status }: { readonly status: string }): JSX.Element {
  const words = status === "queued"
    ? "Waits for another run to end: two train at once."
    : status === "running"
    ? "The training process is starting; the first point comes in a moment."
    : "No point was reached. Resume the run to train it.";
  return (
    <section class="empty" aria-label="Curves">
      <h2>No curve yet</h2>
      <p>{words}</p>
    </section>
  );
}

function Charts({ points, last }: { readonly points: readonly Point[]; readonly last: Point }): JSX.Element {
  const x = points.map(({ step }) => step);
  const { rates } = last.detail;
  const shares = points.map(({ detail }) => detail.firstOrder);
  const share = shares.findLast((value) => value !== null);
  return (
    <div class="grid wide">
      <ChartCard title="Meta-loss" note="query loss after adaptation">
        <LineChart
          label={`Meta-loss by outer step; validation now ${figure(last.validation)}`}
          x={x}
          sync="run"
          series={[
            { label: "training", values: points.map(({ train }) => train), color: 2, faint: true },
            { label: "validation", values: points.map(({ validation }) => validation), color: 1 },
          ]}
        />
      </ChartCard>
      <ChartCard title="Losses of the last batch" note="one bar a task">
        <TaskLosses losses={last.detail.taskLosses} />
      </ChartCard>
      <ChartCard title="Learned rates" note="mean inner learning rate by layer and step">
        <LineChart
          label="Inner learning rates by outer step"
          x={x}
          log
          sync="run"
          series={rates.map(({ layer, step }, index) => ({
            label: rates.some((rate) => rate.step > 0) ? `layer ${layer + 1}, step ${step + 1}` : `layer ${layer + 1}`,
            values: points.map(({ detail }) => detail.rates[index]?.mean ?? null),
          }))}
        />
      </ChartCard>
      <ChartCard title="Gradient norm" note="outer gradient, before clipping">
        <LineChart
          label={`Outer gradient norm by outer step, now ${figure(last.detail.gradNorm)}`}
          x={x}
          sync="run"
          series={[{ label: "norm", values: points.map(({ detail }) => detail.gradNorm), color: 3 }]}
        />
      </ChartCard>
      {share && (
        <ChartCard title="First order against exact" note="of the gradient by the start, on 16 validation tasks">
          <LineChart
            label={`First-order against exact meta-gradient: cosine now ${figure(share.cosine)}`}
            x={x}
            sync="run"
            series={[
              {
                label: "cosine",
                values: shares.map((value) =>
                  value?.cosine ?? null
                ),
                color: 4,
              },
              { label: "norm ratio", values: shares.map((value) => value?.ratio ?? null), color: 5, dashed: true },
            ]}
          />
        </ChartCard>
      )}
      <ChartCard title="Throughput" note="outer steps a second, validation included">
        <LineChart
          label="Throughput by outer step"
          x={x}
          sync="run"
          series={[{ label: "steps/s", values: points.map(({ detail }) => detail.stepsPerSecond), color: 6 }]}
        />
      </ChartCard>
    </div>
  );
}
