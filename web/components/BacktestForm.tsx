/**
 * The form that starts a backtest: run and market, the rest with sane defaults. Percentages are typed as people say them; the
 * server checks. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { BacktestRequest } from "../server/backtest_request.ts";
import type { RunChoice } from "../server/run_choices.ts";
import type { MarketChoice } from "../server/markets.ts";
import { Icon } from "./Icon.tsx";

interface BacktestFormProps {
  readonly runs: readonly RunChoice[];
  readonly markets: readonly MarketChoice[];
  readonly defaults: BacktestRequest;
  readonly start: (request: BacktestRequest) => Promise<void>;
}

type Field = keyof BacktestRequest;

const SIZING: Readonly<
  Record<BacktestRequest["sizing"], readonly [name: string, scale: string | null, start: number]>
> = {
  threshold: ["All or nothing", null, 0.01],
  proportional: ["In proportion to the forecast", "Forecast of a full position, %", 0.01],
  volatility: ["Towards a volatility", "Deviation a bar to aim at, %", 0.01],
  kelly: ["A share of Kelly", "Share of Kelly, %", 0.25],
};

const STOPS: Readonly<
  Record<BacktestRequest["stop"], readonly [name: string, distance: string | null, start: number]>
> = {
  none: ["None", null, 0.03],
  fixed: ["Fixed", "Distance from the entry, %", 0.03],
  trailing: ["Trailing", "Distance from the best price, %", 0.03],
  volatility: ["Volatility", "Multiple of the volatility a bar", 2],
};

/** The form. */
export function BacktestForm({ runs, markets, defaults, start }: BacktestFormProps): JSX.Element {
  const request = useSignal(defaults);
  const busy = useSignal(false);
  const current = request.value;
  const set = (change: Partial<BacktestRequest>) => request.value = { ...request.value, ...change };
  const chooseRun = (id: string) =>
    set({ run: id, market: runs.find((run) => run.id === id)?.unseen ?? current.market });
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    await start(request.value);
    busy.value = false;
  };
  const number = (field: Field, label: string, { scale = 100, step = "any" as "any" | number } = {}) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={0}
        step={step}
        value={Number((Number(current[field]) * scale).toPrecision(12))}
        onInput={(event) => set({ [field]: event.currentTarget.valueAsNumber / scale })}
      />
    </label>
  );
  const isReturn = runs.find(({ id }) => id === current.run)?.target === "return";
  const [, scaleLabel] = SIZING[current.sizing];
  const [, distanceLabel] = STOPS[current.stop];
  return (
    <form class="card form" onSubmit={submit} aria-labelledby="backtest-title">
      <h2 id="backtest-title">Start a backtest</h2>
      {runs.length === 0
        ? (
          <p class="muted">
            No run has a trained network yet. <a href="/" aria-current={false}>Start a run</a> first.
          </p>
        )
        : (
          <label class="field">
            <span>Run</span>
            <select value={current.run} onChange={(event) => chooseRun(event.currentTarget.value)}>
              {runs.map(({ id, name, step }) => <option key={id} value={id}>{`${name} (${step} steps)`}</option>)}
            </select>
          </label>
        )}
      <label class="field">
        <span>Market</span>
        <select value={current.market} onChange={(event) => set({ market: event.currentTarget.value })}>
          {markets.map(({ id, label }) => (
            <option key={id} value={id}>
              {id === runs.find((run) => run.id === current.run)?.unseen ? `${label} (never seen)` : label}
            </option>
          ))}
        </select>
      </label>
      <div class="field-pair">
        <label class="field">
          <span>Stop</span>
          <select
            value={current.stop}
            onChange={(event) => {
              const stop = event.currentTarget.value as BacktestRequest["stop"];
              set({ stop, stopDistance: STOPS[stop][2] });
            }}
          >
            {Object.entries(STOPS).map(([kind, [name]]) => <option key={kind} value={kind}>{name}</option>)}
          </select>
        </label>
        {number("takeProfit", "Take-profit, % (0: none)")}
      </div>
      {distanceLabel !== null &&
        number("stopDistance", distanceLabel, { scale: current.stop === "volatility" ? 1 : 100 })}
      {isReturn
        ? (
          <>
            <label class="field">
              <span>Size</span>
              <select
                value={current.sizing}
                onChange={(event) => {
                  const sizing = event.currentTarget.value as BacktestRequest["sizing"];
                  set({ sizing, sizingScale: SIZING[sizing][2] });
                }}
              >
                {Object.entries(SIZING).map(([kind, [name]]) => <option key={kind} value={kind}>{name}</option>)}
              </select>
            </label>
            {scaleLabel !== null && number("sizingScale", scaleLabel)}
          </>
        )
        : number("risk", "Held at a volatility a year of, %")}
      <details>
        <summary>Costs</summary>
        <fieldset>
          <legend class="visually-hidden">Costs</legend>
          {number("fee", "Fee of an order, %")}
          {number("spread", "Spread, % (half of it is paid)")}
          {number("slippage", "Slippage of an order, %")}
        </fieldset>
      </details>
      <details>
        <summary>More settings</summary>
        <fieldset>
          <legend class="visually-hidden">More settings</legend>
          <label class="field">
            <span>Test from</span>
            <input type="date" value={current.from} onInput={(event) => set({ from: event.currentTarget.value })} />
            <span class="hint">Empty: from the first bar that training and selection did not use.</span>
          </label>
          {isReturn && (
            <>
              <label class="field">
                <span>Positions</span>
                <select
                  value={current.mode}
                  onChange={(event) => set({ mode: event.currentTarget.value as BacktestRequest["mode"] })}
                >
                  <option value="long-short">Long and short</option>
                  <option value="long-flat">Long or flat</option>
                </select>
              </label>
              {number("threshold", "Stay flat within a forecast of ±, %")}
            </>
          )}
          {number("every", "Bars between decisions", { scale: 1, step: 1 })}
        </fieldset>
      </details>
      <button type="submit" class="button primary" disabled={busy.value || runs.length === 0}>
        <Icon name="play" />
        Start the backtest
      </button>
    </form>
  );
}
