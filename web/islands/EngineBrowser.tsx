/**
 * "Train in this browser": the library itself, loaded on the click, trains on the visitor's GPU with the server's kernels,
 * and is compared with the server.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { BrowserTraining } from "../components/browser_engine.ts";
import { EngineFacts } from "../components/EngineFacts.tsx";
import { figure } from "../components/format.ts";
import { Icon } from "../components/Icon.tsx";
import { LineChart } from "../components/LineChart.tsx";
import type { Reference } from "../worker/engine.ts";

/** Twins of `AGREEMENT` and `PROBLEM_STEPS` in `engine_problem.ts`, which is loaded on the click only. */
const AGREEMENT = 1e-4;
const STEPS = 20;

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "working"; readonly words: string; readonly done: number }
  | { readonly kind: "failed"; readonly words: string }
  | { readonly kind: "done"; readonly training: BrowserTraining; readonly reference: Reference };

/** The browser's part of the page. */
export default function EngineBrowser(): JSX.Element {
  const state = useSignal<State>({ kind: "idle" });
  const work = (words: string, done = 0) => state.value = { kind: "working", words, done };

  const train = async () => {
    try {
      work("Asking the server for its answer");
      const reference = await fetchReference();
      work("Loading the library");
      const { trainInBrowser } = await import("../components/browser_engine.ts");
      work("Opening the engine; the first shaders take a moment");
      const training = await trainInBrowser(reference.answer, (done) => work("Training", done));
      state.value = { kind: "done", training, reference };
    } catch (error) {
      state.value = { kind: "failed", words: (error as Error).message };
    }
  };
  const { kind } = state.value;
  return (
    <section class="card stack" aria-labelledby="browser-engine">
      <header>
        <h2 id="browser-engine">In this browser</h2>
        <p>the same kernels, on the GPU of the machine you sit at</p>
      </header>
      <p class="muted">
        Loads the library into this page, takes an exact meta-gradient and {STEPS}{" "}
        meta-steps on a fixed problem, and compares them with the server. No data leaves the page.
      </p>
      <div class="row">
        <button type="button" class="button primary" disabled={kind === "working"} onClick={train}>
          <Icon name="play" />
          {kind === "working" ? "Training" : "Train in this browser"}
        </button>
        {state.value.kind === "working" && (
          <>
            <progress value={state.value.done} max={STEPS} aria-label="Meta-steps in this browser" />
            <span role="status">{state.value.words}</span>
          </>
        )}
      </div>
      {state.value.kind === "failed" && <p class="notice" data-tone="bad" role="alert">{state.value.words}</p>}
      {state.value.kind === "done" && <Result training={state.value.training} reference={state.value.reference} />}
    </section>
  );
}

async function fetchReference(): Promise<Reference> {
  const response = await fetch("/api/engine/reference").catch(() => null);
  if (response === null) throw new Error("The dashboard's server does not answer. Is it still running?");
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? `The server answered ${response.status}.`);
  return answer;
}

function Result(
  { training, reference }: { readonly training: BrowserTraining; readonly reference: Reference },
): JSX.Element {
  const { info, fallback, comparison, answer, stepMs } = training;
  const agrees = comparison.gradient <= AGREEMENT;
  return (
    <>
      {fallback !== null && (
        <p class="notice" data-tone="warn">
          No WebGPU here, so the CPU engine trained with{" "}
          {info.threads === 1 ? "one thread" : `${info.threads} threads`}. {fallback}
        </p>
      )}
      <p class="notice" data-tone={agrees ? "good" : "bad"} role="status">
        {agrees
          ? `The gradients agree: ${figure(comparison.gradient)} apart, at most ${AGREEMENT} allowed.`
          : `The gradients disagree: ${
            figure(comparison.gradient)
          } apart, at most ${AGREEMENT} allowed. Do not train here.`}
      </p>
      <dl class="figures">
        <div>
          <dt>Relative error of the meta-gradient</dt>
          <dd data-testid="gradient-error">{comparison.gradient.toExponential(2)}</dd>
        </div>
        <div>
          <dt>Of the loss at the start</dt>
          <dd>{comparison.loss.toExponential(2)}</dd>
        </div>
        <div>
          <dt>Of the losses along {STEPS} steps</dt>
          <dd>{comparison.steps.toExponential(2)}</dd>
        </div>
        <div>
          <dt>A meta-step here</dt>
          <dd>
            {figure(stepMs)} <small>ms</small>
          </dd>
        </div>
      </dl>
      <div class="grid wide">
        <div>
          <LineChart
            label={`Meta-loss of ${STEPS} meta-steps, here and on the server`}
            x={answer.losses.map((_, step) => step + 1)}
            series={[
              { label: "this browser", values: answer.losses, color: 1 },
              { label: "the server", values: reference.answer.losses, color: 3, points: true },
            ]}
          />
        </div>
        <div class="stack">
          <h3>This browser</h3>
          <EngineFacts info={info} />
          <h3>The server</h3>
          <EngineFacts info={reference.info} />
        </div>
      </div>
    </>
  );
}
