/**
 * The form that starts a run: defaults that train on the sample with one click, everything else to change. The server checks.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Icon } from "../components/Icon.tsx";
import { send } from "../components/live.ts";
import type { MarketChoice } from "../server/markets.ts";
import type { RunConfig } from "../server/run_config.ts";

interface StartRunProps {
  readonly markets: readonly MarketChoice[];
  readonly presets: readonly { readonly name: string; readonly description: string }[];
  readonly defaults: RunConfig;
}

const BUDGETS = [[300, "Quick look"], [1000, "Standard"], [5000, "Thorough"], [20000, "Long"]] as const;

/** The numbers behind "More settings": field, label, step of the input. */
const NUMBERS = [
  ["tasks", "Tasks in a batch", 1],
  ["innerSteps", "Inner steps", 1],
  ["innerLr", "Inner learning rate", "any"],
  ["outerLr", "Outer learning rate (0: the method's own)", "any"],
  ["supportRows", "Support bars", 1],
  ["queryRows", "Query bars", 1],
  ["horizon", "Bars ahead", 1],
  ["seed", "Seed", 1],
] as const;

/** The form. */
export default function StartRun({ markets: choices, presets, defaults }: StartRunProps): JSX.Element {
  const config = useSignal<RunConfig>(defaults);
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const named = useSignal(false);
  const set = (change: Partial<RunConfig>) => config.value = { ...config.value, ...change };
  const current = config.value;
  // Those that are ticked stay so while the unseen one is looked for: the arrow keys pass over every market.
  const markets = current.markets.filter((id) => id !== current.unseen);

  const start = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    problem.value = null;
    try {
      const name = named.value ? current.name : `${current.preset} on ${markets.length} markets`;
      const run = await send<{ id: string }>("/api/runs", { ...current, markets, name });
      location.href = `/runs/${run.id}`;
    } catch (error) {
      problem.value = (error as Error).message;
      busy.value = false;
    }
  };
  const toggle = (id: string, on: boolean) =>
    set({ markets: on ? [...current.markets, id] : current.markets.filter((market) => market !== id) });

  return (
    <form class="card form" onSubmit={start} aria-labelledby="start-title">
      <h2 id="start-title">Start a run</h2>
      <label class="field">
        <span>Method</span>
        <select
          value={current.preset}
          onChange={(event) => set({ preset: event.currentTarget.value as RunConfig["preset"] })}
        >
          {presets.map(({ name }) => <option key={name} value={name}>{name}</option>)}
        </select>
        <span class="hint">{presets.find(({ name }) => name === current.preset)?.description}</span>
      </label>
      <label class="field">
        <span>Budget</span>
        <select value={current.steps} onChange={(event) => set({ steps: Number(event.currentTarget.value) })}>
          {BUDGETS.map(([steps, name]) => <option key={steps} value={steps}>{`${name}: ${steps} steps`}</option>)}
        </select>
      </label>
      <label class="field">
        <span>Market kept unseen</span>
        <select value={current.unseen} onChange={(event) => set({ unseen: event.currentTarget.value })}>
          {choices.map(({ id, label }) => <option key={id} value={id}>{label}</option>)}
        </select>
        <span class="hint">Never trained on; the lab and the backtest adapt to it.</span>
      </label>
      <details>
        <summary>Markets to train on ({markets.length})</summary>
        <fieldset>
          <legend class="visually-hidden">Markets to train on</legend>
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
        </fieldset>
      </details>
      <details>
        <summary>More settings</summary>
        <fieldset>
          <legend class="visually-hidden">More settings</legend>
          <label class="field">
            <span>Name</span>
            <input
              value={named.value ? current.name : ""}
              placeholder="Made from the settings"
              onInput={(event) => {
                named.value = event.currentTarget.value !== "";
                set({ name: event.currentTarget.value });
              }}
            />
          </label>
          {NUMBERS.map(([field, label, step]) => (
            <label key={field} class="field">
              <span>{label}</span>
              <input
                type="number"
                step={step}
                min={0}
                value={current[field]}
                onInput={(event) => set({ [field]: event.currentTarget.valueAsNumber })}
              />
            </label>
          ))}
          <label class="field">
            <span>Engine</span>
            <select
              value={current.backend}
              onChange={(event) => set({ backend: event.currentTarget.value as RunConfig["backend"] })}
            >
              <option value="auto">Automatic: GPU where there is one</option>
              <option value="webgpu">GPU</option>
              <option value="cpu">CPU</option>
            </select>
          </label>
        </fieldset>
      </details>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      <button type="submit" class="button primary" disabled={busy.value}>
        <Icon name="play" />
        {busy.value ? "Starting" : "Start training"}
      </button>
    </form>
  );
}
