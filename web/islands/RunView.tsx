/**
 * A run as it trains: its curves arrive by the server's stream, from the first point on, so a reload loses nothing.
 * @module
 */
import type { RunPoint } from "@adaptrade/adaptrade/store";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { counted, duration, figure, marketName, percent } from "../components/format.ts";
import { type ChartSeries, LineChart } from "../components/LineChart.tsx";
import { send, useEvents } from "../components/live.ts";
import { NameHeading } from "../components/NameHeading.tsx";
import { ENGINE_WORDS, RUN_SETTINGS, TARGET_WORDS } from "../components/run_settings.ts";
import { RunControls } from "../components/RunControls.tsx";
import { EARLIER_RUN } from "../server/earlier_run.ts";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { TaskLosses } from "../components/TaskLosses.tsx";
import { RunVerdict } from "../components/RunVerdict.tsx";
import type { RunConfig } from "../server/run_config.ts";
import type { RunDetail } from "../server/run_events.ts";
import type { PointDetail } from "../worker/measure.ts";
import { ChartCard } from "../components/ChartCard.tsx";
import { Fact, Facts } from "../components/Facts.tsx";

const PHASES = { pretrain: "pretraining", meta: "meta-training", validate: "validation" } as const;

interface Point extends RunPoint {
  readonly detail: PointDetail;
}

/** Known points with new ones: a run taken up again sends some of them anew. */
function merge(known: readonly Point[], news: readonly Point[]): readonly Point[] {
  return [...known.filter(({ step }) => step < news[0].step), ...news];
}

/** The run. */
export default function RunView(
  props: { readonly run: RunDetail; readonly points: readonly Point[] },
): JSX.Element {
  const run = useSignal(props.run);
  const points = useSignal(props.points);
  const connected = useSignal(true);
  const gone = useSignal(false);
  const problem = useSignal<string | null>(null);
  useEvents(`/api/runs/${props.run.id}/events`, {
    run: (data: RunDetail) => run.value = data,
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
  const { name, status, request, step, steps, best, anchor, config, error } = run.value;
  const last = points.value.at(-1);
  const validation = points.value.findLast(({ validation }) => validation !== null)?.validation;
  const running = status === "running";
  const speed = last?.detail.stepsPerSecond ?? null;
  return (
    <div class="stack">
      <header class="page-head">
        <div>
          <div class="row">
            <NameHeading
              name={name}
              rename={async (name) => {
                await send(`/api/runs/${run.value.id}/rename`, { name });
                run.value = { ...run.value, name };
              }}
            />
            <span role="status">
              <StatusBadge status={status} request={request} />
            </span>
          </div>
          <p>
            {config === null ? "" : `${TARGET_WORDS[config.target]}, ${counted(config.horizon, "bar")} ahead, `}
            on {run.value.markets.map(marketName).join(", ")}; never sees {marketName(run.value.unseen)}
          </p>
        </div>
        <RunControls run={run.value} act={act} />
      </header>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      {config === null && <p class="notice" data-tone="warn" role="status">{EARLIER_RUN}</p>}
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
          <Fact name="Outer steps" value={String(step)} note={`of ${steps}`} />
          {config !== null && (
            <Fact
              name="Network"
              value={last === undefined ? "–" : `${last.detail.member} of ${config.seeds}`}
              note={last && PHASES[last.detail.phase]}
            />
          )}
          <Fact name="Validation loss" value={figure(validation)} note={`forecaster ${figure(best)}`} />
          <Fact name="Saying nothing" value={figure(anchor)} note={againstAnchor(best ?? validation, anchor)} />
          {running && <Fact name="Throughput" value={figure(speed)} note="steps/s" />}
          {running && <Fact name="Time left" value={speed ? duration((steps - step) / speed) : "–"} />}
          <Fact name="Engine" value={last === undefined ? "–" : ENGINE_WORDS[last.detail.backend]} />
        </dl>
      </section>
      <RunVerdict run={run.value} />
      {config !== null && <Settings id={run.value.id} config={config} />}
      {last === undefined ? <Waiting status={status} /> : <Charts points={points.value} last={last} />}
    </div>
  );
}

function Settings({ id, config }: { readonly id: string; readonly config: RunConfig }): JSX.Element {
  return (
    <section class="card" aria-label="Settings">
      <header>
        <h2>Settings</h2>
        <a class="button small" href={`/?like=${id}`}>Run again with these settings</a>
      </header>
      <Facts look="settings" of={RUN_SETTINGS.map(([name, value]) => [name, value(config)])} />
    </section>
  );
}

/** How far a loss is from the one of saying nothing, in words. */
function againstAnchor(loss: number | null | undefined, anchor: number | null): string | undefined {
  if (loss === null || loss === undefined || anchor === null) return undefined;
  return `${percent(Math.abs(1 - loss / anchor))} ${loss <= anchor ? "below" : "above"} it`;
}

/** Each network's losses as lines of their own: the next one starts anew. */
function lossSeries(points: readonly Point[]): ChartSeries[] {
  const members = [...new Set(points.map(({ detail }) => detail.member ?? 1))];
  const of = (member: number, value: (point: Point) => number | null) =>
    points.map((point) => (point.detail.member ?? 1) === member ? value(point) : null);
  return [
    ...members.map((member): ChartSeries => ({
      label: members.length > 1 ? `network ${member}` : "validation",
      values: of(member, ({ validation }) => validation),
      color: (member - 1) % 5 + 1,
    })),
    { label: "saying nothing", values: points.map(({ detail }) => detail.anchorLoss ?? null), color: 6, dashed: true },
  ];
}

/** What the training's own loss has to come below; points of earlier versions lack it. */
function silentLine(points: readonly Point[]): ChartSeries {
  return {
    label: "saying nothing",
    values: points.map(({ detail }) => detail.silentLoss ?? null),
    color: 6,
    dashed: true,
  };
}

/** Each learned rate: a colour a layer; of several inner steps the first is solid, the last dashed, those between are pale. */
function rateSeries(points: readonly Point[], rates: PointDetail["rates"]): ChartSeries[] {
  const last = Math.max(...rates.map(({ step }) => step));
  return rates.map(({ layer, step }, index): ChartSeries => ({
    label: last > 0 ? `layer ${layer + 1}, step ${step + 1}` : `layer ${layer + 1}`,
    values: points.map(({ detail }) => detail.rates[index]?.mean ?? null),
    color: layer % 6 + 1,
    dashed: step > 0 && step === last,
    faint: step > 0 && step < last,
  }));
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
  const validation = points.findLast(({ validation }) => validation !== null)?.validation;
  const rates = points.findLast(({ detail }) => detail.rates.length > 0)?.detail.rates ?? [];
  const shares = points.map(({ detail }) => detail.firstOrder);
  const share = shares.findLast((value) => value !== null);
  return (
    <div class="grid wide">
      <ChartCard
        title="Validation loss"
        note="in squared deviations of the labels; below the dashed line something is learned"
      >
        <LineChart
          label={`Validation loss by outer step, now ${figure(validation)}; saying nothing has ${
            figure(last.detail.anchorLoss)
          }`}
          x={x}
          sync="run"
          series={lossSeries(points)}
        />
      </ChartCard>
      <ChartCard
        title="Training loss"
        note="mean over the steps since the last point, by the loss that is trained; dashed: had they said nothing"
      >
        <LineChart
          label={`Training loss by outer step, now ${figure(last.train)}`}
          x={x}
          sync="run"
          series={[
            { label: "training", values: points.map(({ train }) => train), color: 2 },
            ...(last.detail.silentLoss == null ? [] : [silentLine(points)]),
          ]}
        />
      </ChartCard>
      <ChartCard title="Losses of the last batch" note="one bar a task">
        <TaskLosses losses={last.detail.taskLosses} silent={last.detail.silentLoss ?? null} />
      </ChartCard>
      {rates.length > 0 && (
        <ChartCard title="Learned rates" note="mean inner learning rate by layer and step">
          <LineChart
            label="Inner learning rates by outer step"
            x={x}
            log="wide"
            sync="run"
            series={rateSeries(points, rates)}
          />
        </ChartCard>
      )}
      <ChartCard title="Gradient norm" note="outer gradient, before clipping">
        <LineChart
          label={`Outer gradient norm by outer step, now ${figure(last.detail.gradNorm)}`}
          x={x}
          sync="run"
          series={[{ label: "norm", values: points.map(({ detail }) => detail.gradNorm), color: 3 }]}
        />
      </ChartCard>
      {share && (
        <ChartCard title="First order against exact" note="of the gradient by the start, on a batch of tasks">
          <LineChart
            label={`First-order against exact meta-gradient: cosine now ${figure(share.cosine)}`}
            x={x}
            sync="run"
            series={[
              {
                label: "cosine",
                values: shares.map((value) => value?.cosine ?? null),
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
