/**
 * The server's engines: adapter, limits and self-test of each, and the benchmark with its rows as they come.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { BenchmarkTable } from "../components/BenchmarkTable.tsx";
import { EngineCard } from "../components/EngineCard.tsx";
import { Icon } from "../components/Icon.tsx";
import { send, useEvents } from "../components/live.ts";
import type { Benchmark } from "../server/engine.ts";
import type { BenchmarkRequest, EngineProbe } from "../worker/engine.ts";

/** The engines to choose, by the option's value. */
const CHOICES: Readonly<Record<string, readonly [name: string, request: BenchmarkRequest]>> = {
  auto: ["Automatic, as training", { backend: "auto", threads: 0 }],
  cpu: ["CPU, all cores", { backend: "cpu", threads: 0 }],
  cpu1: ["CPU, one thread", { backend: "cpu", threads: 1 }],
  webgpu: ["GPU", { backend: "webgpu", threads: 0 }],
};

/** The server's part of the page. */
export default function EngineServer(props: { readonly benchmark: Benchmark }): JSX.Element {
  const engines = useSignal<readonly EngineProbe[] | null>(null);
  const testing = useSignal(false);
  const benchmark = useSignal(props.benchmark);
  const choice = useSignal("auto");
  const problem = useSignal<string | null>(null);
  useEvents("/api/engine/events", { benchmark: (data: Benchmark) => benchmark.value = data });

  const attempt = async (work: () => Promise<unknown>) => {
    problem.value = null;
    try {
      await work();
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  const probe = (again: boolean) =>
    attempt(async () => {
      testing.value = true;
      try {
        engines.value = await send("/api/engine/probe", { again });
      } finally {
        testing.value = false;
      }
    });
  const measure = () => attempt(() => send("/api/engine/benchmark", CHOICES[choice.value][1]));
  useEffect(() => void probe(false), []);

  const { status, request, rows, error } = benchmark.value;
  const running = status === "running";
  return (
    <>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      <section class="stack" aria-labelledby="server-engines">
        <div class="row between">
          <h2 id="server-engines">On the server</h2>
          <button type="button" class="button" disabled={testing.value} onClick={() => probe(true)}>
            {testing.value ? "Testing" : "Run the self-tests again"}
          </button>
        </div>
        {engines.value === null
          ? (
            <p class="empty" role="status">
              {testing.value
                ? "Opening every engine and testing it against float64."
                : "The engines were not tested yet."}
            </p>
          )
          : (
            <div class="grid">
              {engines.value.map((engine) => <EngineCard key={engine.backend} engine={engine} />)}
            </div>
          )}
      </section>
      <section class="card stack" aria-labelledby="benchmark">
        <header>
          <h2 id="benchmark">Benchmark</h2>
          <p>one exact meta-step: 12-64-64-1, 5 inner steps, 20 rows to adapt, 10 to judge</p>
        </header>
        <div class="row align-end">
          <label class="field">
            <span>Engine</span>
            <select value={choice.value} onChange={(event) => choice.value = event.currentTarget.value}>
              {Object.entries(CHOICES).map(([value, [name]]) => <option key={value} value={value}>{name}</option>)}
            </select>
          </label>
          <button type="button" class="button primary" disabled={running} onClick={measure}>
            <Icon name="play" />
            {running ? "Measuring" : "Measure"}
          </button>
        </div>
        {error !== null && <p class="notice" data-tone="bad" role="alert">{error}</p>}
        {request === null
          ? <p class="muted">Takes a few seconds. Runs that train at the same time share the cores and slow it down.</p>
          : <BenchmarkTable rows={rows} running={running} engine={nameOf(request)} />}
      </section>
    </>
  );
}

function nameOf({ backend, threads }: BenchmarkRequest): string {
  const found = Object.values(CHOICES).find(([, one]) => one.backend === backend && one.threads === threads);
  return found?.[0] ?? `${backend}, ${threads} threads`;
}
