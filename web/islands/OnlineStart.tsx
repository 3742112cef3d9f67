/**
 * The form that starts a paper trader: one click replays a sample market; live trading and everything else is to choose. The server
 * checks.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Field, FormNotice, type FormProblem, formProblem } from "../components/Field.tsx";
import { ONLINE_LABELS, shownNumber } from "../components/form_fields.ts";
import { Icon } from "../components/Icon.tsx";
import { send } from "../components/live.ts";
import type { MarketChoice } from "../server/markets.ts";
import type { OnlineSettings } from "../server/online_config.ts";
import type { RunChoice } from "../server/run_choices.ts";

interface OnlineStartProps {
  readonly markets: readonly MarketChoice[];
  /** Runs with a checkpoint. */
  readonly runs: readonly Pick<RunChoice, "id" | "name" | "target">[];
  readonly defaults: OnlineSettings;
}

const SPEEDS = [[1, "1 bar a second"], [5, "5 bars a second"], [20, "20 bars a second"], [100, "100 bars a second"], [
  0,
  "As fast as it goes",
]] as const;
const INTERVALS = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d"];
const CATEGORIES = [["linear", "Linear"], ["spot", "Spot"], ["inverse", "Inverse"]] as const;

/** The numbers behind "More settings", and the step of their inputs. */
const NUMBERS = [["capital", "any"], ["fee", "any"], ["slippage", "any"], ["stop", "any"]] as const;

/** The numbers of a fresh network. */
const FRESH = [["hidden", 1], ["innerSteps", 1], ["innerLr", "any"], ["members", 1], ["seed", 1]] as const;

/** How positions are sized: by returns, and by volatility. */
const SIZED = { return: [["threshold", "any"]], logVolatility: [["risk", "any"]], logVolume: [] } as const;

/** The form. */
export default function OnlineStart({ markets, runs, defaults }: OnlineStartProps): JSX.Element {
  const settings = useSignal<OnlineSettings>(defaults);
  const problem = useSignal<FormProblem | null>(null);
  const busy = useSignal(false);
  const set = (change: Partial<OnlineSettings>) => {
    settings.value = { ...settings.value, ...change };
    problem.value = null;
  };
  const current = settings.value;

  const start = async (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    busy.value = true;
    problem.value = null;
    try {
      const { id } = await send<{ id: string }>("/api/online", current);
      location.href = `/online/${id}`;
    } catch (error) {
      problem.value = formProblem(error, form);
      busy.value = false;
    }
  };
  const target = runs.find(({ id }) => id === current.run)?.target ?? "return";
  const numberField = ([field, step]: (typeof NUMBERS | typeof FRESH | typeof SIZED[RunChoice["target"]])[number]) => (
    <Field key={field} name={field} label={ONLINE_LABELS[field]} problem={problem.value}>
      <input
        type="number"
        step={step}
        min={0}
        value={shownNumber(current[field])}
        onInput={(event) => set({ [field]: event.currentTarget.valueAsNumber })}
      />
    </Field>
  );
  const shared = { current, set, problem: problem.value };
  return (
    <form class="card form" onSubmit={start} aria-labelledby="start-title">
      <h2 id="start-title">Start a trader</h2>
      <Field
        name="source"
        label={ONLINE_LABELS.source}
        hint={current.source === "replay"
          ? "The same code as live, at a speed you choose."
          : "Needs the internet. Closed bars alone act; a broken connection is mended and the gap refilled."}
        problem={problem.value}
      >
        <select
          value={current.source}
          onChange={(event) => set({ source: event.currentTarget.value as OnlineSettings["source"] })}
        >
          <option value="replay">A replay of a market</option>
          <option value="live">Bybit, live</option>
        </select>
      </Field>
      {current.source === "replay" ? <ReplayFields {...shared} markets={markets} /> : <LiveFields {...shared} />}
      <Field
        name="run"
        label={ONLINE_LABELS.run}
        hint={runs.length === 0
          ? "Train a run on the overview to trade by its forecasts."
          : "A fresh network learns as it goes; a forecaster only adapts, and trades what its backtest does."}
        problem={problem.value}
      >
        <select value={current.run} onChange={(event) => set({ run: event.currentTarget.value })}>
          <option value="">Fresh network</option>
          {runs.map(({ id, name }) => <option key={id} value={id}>{`The forecaster of ${name}`}</option>)}
        </select>
      </Field>
      <details>
        <summary>More settings</summary>
        <fieldset>
          <legend class="visually-hidden">More settings</legend>
          <Field name="name" label={ONLINE_LABELS.name} problem={problem.value}>
            <input
              maxLength={120}
              value={current.name}
              onInput={(event) => set({ name: event.currentTarget.value })}
            />
          </Field>
          {current.run === "" && FRESH.map(numberField)}
          {SIZED[target].map(numberField)}
          {NUMBERS.map(numberField)}
        </fieldset>
      </details>
      <FormNotice problem={problem.value} />
      <button type="submit" class="button primary" disabled={busy.value}>
        <Icon name="play" />
        {busy.value ? "Starting" : "Start trading"}
      </button>
    </form>
  );
}

interface SourceProps {
  readonly current: OnlineSettings;
  readonly set: (change: Partial<OnlineSettings>) => void;
  readonly problem: FormProblem | null;
}

function ReplayFields(
  { current, set, problem, markets }: SourceProps & { readonly markets: readonly MarketChoice[] },
): JSX.Element {
  return (
    <>
      <Field name="market" label={ONLINE_LABELS.market} problem={problem}>
        <select value={current.market} onChange={(event) => set({ market: event.currentTarget.value })}>
          {markets.map(({ id, label }) => <option key={id} value={id}>{label}</option>)}
        </select>
      </Field>
      <Field
        name="speed"
        label={ONLINE_LABELS.speed}
        hint={current.run === ""
          ? "The first 320 bars only warm it up and run at once."
          : "The first 320 bars run at once."}
        problem={problem}
      >
        <select value={current.speed} onChange={(event) => set({ speed: Number(event.currentTarget.value) })}>
          {SPEEDS.map(([speed, name]) => <option key={speed} value={speed}>{name}</option>)}
        </select>
      </Field>
    </>
  );
}

function LiveFields({ current, set, problem }: SourceProps): JSX.Element {
  return (
    <>
      <Field name="symbol" label={ONLINE_LABELS.symbol} problem={problem}>
        <input
          value={current.symbol}
          required
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => set({ symbol: event.currentTarget.value })}
        />
      </Field>
      <div class="pair">
        <Field name="interval" label={ONLINE_LABELS.interval} problem={problem}>
          <select value={current.interval} onChange={(event) => set({ interval: event.currentTarget.value })}>
            {INTERVALS.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </Field>
        <Field name="category" label={ONLINE_LABELS.category} problem={problem}>
          <select
            value={current.category}
            onChange={(event) => set({ category: event.currentTarget.value as OnlineSettings["category"] })}
          >
            {CATEGORIES.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
          </select>
        </Field>
      </div>
    </>
  );
}
