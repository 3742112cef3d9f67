/**
 * The form that starts a run: defaults that train on the sample with one click, everything else to change. The server checks.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Field, FieldProblem, FormNotice, type FormProblem, formProblem, problemId } from "../components/Field.tsx";
import { RUN_LABELS, shownNumber } from "../components/form_fields.ts";
import { endsBeforeTest, type MarketSpans } from "../components/market_spans.ts";
import { counted } from "../components/format.ts";
import { Icon } from "../components/Icon.tsx";
import { send } from "../components/live.ts";
import { METHOD_WORDS } from "../components/run_settings.ts";
import type { MarketChoice } from "../server/markets.ts";
import type { RunConfig } from "../server/run_config.ts";

interface StartRunProps {
  readonly markets: readonly MarketChoice[];
  /** First and last bars, as far as they are known. */
  readonly spans: MarketSpans;
  readonly defaults: RunConfig;
  /** What each method does, by name, in the order of the list. */
  readonly methods: readonly MethodChoice[];
  /** Whether the method was asked for, so that it is shown at once. */
  readonly methodAsked: boolean;
}

/** A method to choose. */
export interface MethodChoice {
  /** Its name in code. */
  readonly method: RunConfig["method"];
  /** What it does. */
  readonly word: string;
  /** Whether it makes no inner steps. */
  readonly onePass: boolean;
}

const TARGETS: Readonly<Record<RunConfig["target"], readonly [name: string, hint: string, horizon: number]>> = {
  logVolatility: ["Volatility", "How violent the next bars will be.", 5],
  logVolume: ["Volume", "How much will be traded over the next bars.", 5],
  return: ["Return", "The control: short returns can hardly be forecast, and the run says so.", 1],
};

const BUDGETS = [
  [300, "Quick look"],
  [1500, "Daily bars"],
  [4000, "Shorter bars"],
  [10000, "Long"],
] as const;

const NETWORKS = [[1, "one, to try"], [3, "quick"], [5, "the library's own"], [10, "steadier"]] as const;

/** The numbers behind "More settings", and the step of their inputs. */
const NUMBERS = [["tasks", 1], ["innerSteps", 1], ["innerLr", "any"], ["supportRows", 1], ["seed", 1]] as const;

/** Those of them that say nothing of a method without inner steps. */
const INNER: readonly string[] = ["innerSteps", "innerLr"];

/** The form. */
export default function StartRun(
  { markets: choices, spans, defaults, methods, methodAsked }: StartRunProps,
): JSX.Element {
  const config = useSignal<RunConfig>(defaults);
  const problem = useSignal<FormProblem | null>(null);
  const busy = useSignal(false);
  const named = useSignal(false);
  const set = (change: Partial<RunConfig>) => {
    config.value = { ...config.value, ...change };
    problem.value = null;
  };
  const current = config.value;
  const chosen = methods.find(({ method }) => method === current.method)!;
  // Those that are ticked stay so while the unseen one is looked for: the arrow keys pass over every market.
  const markets = current.markets.filter((id) => id !== current.unseen);

  const start = async (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    busy.value = true;
    problem.value = null;
    try {
      const name = named.value
        ? current.name
        : `${TARGETS[current.target][0]}, ${counted(current.horizon, "bar")}, ${
          METHOD_WORDS[current.method]
        } on ${markets.length} markets`;
      const run = await send<{ id: string }>("/api/runs", { ...current, markets, name });
      location.href = `/runs/${run.id}`;
    } catch (error) {
      problem.value = formProblem(error, form);
      busy.value = false;
    }
  };
  const toggle = (id: string, on: boolean) =>
    set({ markets: on ? [...current.markets, id] : current.markets.filter((market) => market !== id) });

  return (
    <form class="card form" onSubmit={start} aria-labelledby="start-title">
      <h2 id="start-title">Start a run</h2>
      <Field name="target" label={RUN_LABELS.target} hint={TARGETS[current.target][1]} problem={problem.value}>
        <select
          value={current.target}
          onChange={(event) => {
            const target = event.currentTarget.value as RunConfig["target"];
            set({ target, horizon: TARGETS[target][2] });
          }}
        >
          {Object.entries(TARGETS).map(([kind, [name]]) => <option key={kind} value={kind}>{name}</option>)}
        </select>
      </Field>
      <div class="field-pair">
        <Field name="horizon" label={RUN_LABELS.horizon} problem={problem.value}>
          <input
            type="number"
            min={1}
            step={1}
            value={shownNumber(current.horizon)}
            onInput={(event) => set({ horizon: event.currentTarget.valueAsNumber })}
          />
        </Field>
        <Field name="seeds" label={RUN_LABELS.seeds} problem={problem.value}>
          <select value={current.seeds} onChange={(event) => set({ seeds: Number(event.currentTarget.value) })}>
            {NETWORKS.map(([seeds, name]) => <option key={seeds} value={seeds}>{`${seeds}: ${name}`}</option>)}
          </select>
        </Field>
      </div>
      <Field name="steps" label={RUN_LABELS.steps} problem={problem.value}>
        <select value={current.steps} onChange={(event) => set({ steps: Number(event.currentTarget.value) })}>
          {BUDGETS.map(([steps, name]) => <option key={steps} value={steps}>{`${name}: ${steps} steps`}</option>)}
        </select>
      </Field>
      <Field
        name="unseen"
        label={RUN_LABELS.unseen}
        hint="Never trained on; what the run is worth is said of it."
        problem={problem.value}
      >
        <select value={current.unseen} onChange={(event) => set({ unseen: event.currentTarget.value })}>
          {choices.map(({ id, label }) => {
            const reason = endsBeforeTest(spans, id, current.markets.filter((market) => market !== id));
            return (
              <option key={id} value={id} disabled={reason !== null}>
                {reason === null ? label : `${label} (${reason})`}
              </option>
            );
          })}
        </select>
      </Field>
      <details>
        <summary>Markets to train on ({markets.length})</summary>
        <fieldset name="markets" aria-describedby={problemId("markets")}>
          <legend class="visually-hidden">{RUN_LABELS.markets}</legend>
          {choices.filter(({ id }) => id !== current.unseen).map(({ id, label }) => (
            <label key={id} class="check">
              <input
                type="checkbox"
                checked={current.markets.includes(id)}
                onChange={(event) => toggle(id, event.currentTarget.checked)}
              />
              <span>{label}</span>
            </label>
          ))}
          <FieldProblem name="markets" problem={problem.value} />
        </fieldset>
      </details>
      <details open={methodAsked}>
        <summary>More settings</summary>
        <fieldset>
          <legend class="visually-hidden">More settings</legend>
          <Field name="method" label={RUN_LABELS.method} hint={chosen.word} problem={problem.value}>
            <select
              value={current.method}
              onChange={(event) => set({ method: event.currentTarget.value as RunConfig["method"] })}
            >
              {methods.map(({ method }) => <option key={method} value={method}>{METHOD_WORDS[method]}</option>)}
            </select>
          </Field>
          <p class="small">
            <a href="/methods" aria-current={false}>All methods, and when to use which</a>
          </p>
          <Field name="name" label={RUN_LABELS.name} problem={problem.value}>
            <input
              value={named.value ? current.name : ""}
              placeholder="Made from the settings"
              onInput={(event) => {
                named.value = event.currentTarget.value !== "";
                set({ name: event.currentTarget.value });
              }}
            />
          </Field>
          {NUMBERS.filter(([field]) => !chosen.onePass || !INNER.includes(field)).map(([field, step]) => (
            <Field key={field} name={field} label={RUN_LABELS[field]} problem={problem.value}>
              <input
                type="number"
                step={step}
                min={0}
                value={shownNumber(current[field])}
                onInput={(event) =>
                  set({ [field]: event.currentTarget.valueAsNumber })}
              />
            </Field>
          ))}
          <Field name="backend" label={RUN_LABELS.backend} problem={problem.value}>
            <select
              value={current.backend}
              onChange={(event) => set({ backend: event.currentTarget.value as RunConfig["backend"] })}
            >
              <option value="auto">Automatic: GPU where there is one</option>
              <option value="webgpu">GPU</option>
              <option value="cpu">CPU</option>
            </select>
          </Field>
        </fieldset>
      </details>
      <FormNotice problem={problem.value} />
      <button type="submit" class="button primary" disabled={busy.value}>
        <Icon name="play" />
        {busy.value ? "Starting" : "Start training"}
      </button>
    </form>
  );
}
