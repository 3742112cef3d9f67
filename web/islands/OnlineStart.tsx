/**
 * The form that starts a paper trader: one click replays a sample market; live trading and everything else is to choose. The server
 * checks.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Icon } from "../components/Icon.tsx";
import { send } from "../components/live.ts";
import type { MarketChoice } from "../server/markets.ts";
import type { OnlineSettings } from "../server/online_config.ts";

interface OnlineStartProps {
  readonly markets: readonly MarketChoice[];
  /** Runs with a checkpoint. */
  readonly runs: readonly { readonly id: string; readonly name: string }[];
  readonly defaults: OnlineSettings;
}

const SPEEDS = [[1, "1 bar a second"], [5, "5 bars a second"], [20, "20 bars a second"], [100, "100 bars a second"], [
  0,
  "As fast as it goes",
]] as const;
const INTERVALS = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d"];
const CATEGORIES = [["linear", "Linear"], ["spot", "Spot"], ["inverse", "Inverse"]] as const;

/** The numbers behind "More settings": field, label, step of the input. */
const NUMBERS = [
  ["capital", "Capital", "any"],
  ["threshold", "Stay flat below a forecast return of", "any"],
  ["risk", "Volatility a year to hold at, by a forecast of it", "any"],
  ["fee", "Fee, share of what is traded", "any"],
  ["slippage", "Slippage, likewise", "any"],
  ["stop", "Stop, times the volatility (0: none)", "any"],
  ["members", "Models in the ensemble", 1],
  ["seed", "Seed", 1],
] as const;

/** The numbers of a fresh network. */
const FRESH = [
  ["hidden", "Hidden units", 1],
  ["innerSteps", "Inner steps", 1],
  ["innerLr", "Inner learning rate to begin with", "any"],
] as const;

/** The form. */
export default function OnlineStart({ markets, runs, defaults }: OnlineStartProps): JSX.Element {
  const settings = useSignal<OnlineSettings>(defaults);
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const set = (change: Partial<OnlineSettings>) => settings.value = { ...settings.value, ...change };
  const current = settings.value;

  const start = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    problem.value = null;
    try {
      const { id } = await send<{ id: string }>("/api/online", current);
      location.href = `/online/${id}`;
    } catch (error) {
      problem.value = (error as Error).message;
      busy.value = false;
    }
  };
  const numberField = ([field, label, step]: (typeof NUMBERS | typeof FRESH)[number]) => (
    <label key={field} class="field">
      <span>{label}</span>
      <input
        type="number"
        step={step}
        min={0}
        value={current[field]}
        onInput={(event) =>
          set({ [field]: event.currentTarget.valueAsNumber })}
      />
    </label>
  );
  return (
    <form class="card form" onSubmit={start} aria-labelledby="start-title">
      <h2 id="start-title">Start a trader</h2>
      <label class="field">
        <span>Bars from</span>
        <select
          value={current.source}
          onChange={(event) => set({ source: event.currentTarget.value as OnlineSettings["source"] })}
        >
          <option value="replay">A replay of a market</option>
          <option value="live">Bybit, live</option>
        </select>
        <span class="hint">
          {current.source === "replay"
            ? "The same code as live, at a speed you choose."
            : "Needs the internet. Closed bars alone act; a broken connection is mended and the gap refilled."}
        </span>
      </label>
      {current.source === "replay" ? replayFields(current, set, markets) : liveFields(current, set)}
      <label class="field">
        <span>Learner</span>
        <select value={current.run} onChange={(event) => set({ run: event.currentTarget.value })}>
          <option value="">Fresh network</option>
          {runs.map(({ id, name }) => <option key={id} value={id}>{`The forecaster of ${name}`}</option>)}
        </select>
        <span class="hint">
          {runs.length === 0
            ? "Train a run on the overview to trade by its forecasts."
            : "A fresh network learns as it goes; a forecaster only adapts, and trades what its backtest does."}
        </span>
      </label>
      <details>
        <summary>More settings</summary>
        <fieldset>
          <legend class="visually-hidden">More settings</legend>
          <label class="field">
            <span>Name (empty: its market's)</span>
            <input
              maxLength={120}
              value={current.name}
              onInput={(event) => set({ name: event.currentTarget.value })}
            />
          </label>
          {current.run === "" && FRESH.map(numberField)}
          {NUMBERS.map(numberField)}
        </fieldset>
      </details>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      <button type="submit" class="button primary" disabled={busy.value}>
        <Icon name="play" />
        {busy.value ? "Starting" : "Start trading"}
      </button>
    </form>
  );
}

type Set = (change: Partial<OnlineSettings>) => void;

function replayFields(current: OnlineSettings, set: Set, markets: readonly MarketChoice[]): JSX.Element {
  return (
    <>
      <label class="field">
        <span>Market</span>
        <select value={current.market} onChange={(event) => set({ market: event.currentTarget.value })}>
          {markets.map(({ id, label }) => <option key={id} value={id}>{label}</option>)}
        </select>
      </label>
      <label class="field">
        <span>Speed</span>
        <select value={current.speed} onChange={(event) => set({ speed: Number(event.currentTarget.value) })}>
          {SPEEDS.map(([speed, name]) => <option key={speed} value={speed}>{name}</option>)}
        </select>
        <span class="hint">The first 320 bars only warm it up and run at once.</span>
      </label>
    </>
  );
}

function liveFields(current: OnlineSettings, set: Set): JSX.Element {
  return (
    <>
      <label class="field">
        <span>Symbol</span>
        <input
          value={current.symbol}
          required
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => set({ symbol: event.currentTarget.value })}
        />
      </label>
      <div class="pair">
        <label class="field">
          <span>Interval</span>
          <select value={current.interval} onChange={(event) => set({ interval: event.currentTarget.value })}>
            {INTERVALS.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        <label class="field">
          <span>Category</span>
          <select
            value={current.category}
            onChange={(event) => set({ category: event.currentTarget.value as OnlineSettings["category"] })}
          >
            {CATEGORIES.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
          </select>
        </label>
      </div>
    </>
  );
}
