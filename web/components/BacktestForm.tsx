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
import { Field, FormNotice, type FormProblem, formProblem } from "./Field.tsx";
import { backtestField, REENTRY, shownNumber, SIZING, STOPS } from "./form_fields.ts";
import { endsBeforeTest, type MarketSpans } from "./market_spans.ts";
import { Icon } from "./Icon.tsx";

interface BacktestFormProps {
  readonly runs: readonly RunChoice[];
  readonly markets: readonly MarketChoice[];
  readonly spans: MarketSpans;
  readonly defaults: BacktestRequest;
  /** Queues it; what is refused is thrown. */
  readonly start: (request: BacktestRequest) => Promise<void>;
}

type FieldName = keyof BacktestRequest;

/** The form. */
export function BacktestForm({ runs, markets, spans, defaults, start }: BacktestFormProps): JSX.Element {
  const request = useSignal(defaults);
  const busy = useSignal(false);
  const problem = useSignal<FormProblem | null>(null);
  const current = request.value;
  const set = (change: Partial<BacktestRequest>) => {
    request.value = { ...request.value, ...change };
    problem.value = null;
  };
  const chooseRun = (id: string) =>
    set({ run: id, market: runs.find((run) => run.id === id)?.unseen ?? current.market });
  const submit = async (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    busy.value = true;
    problem.value = null;
    try {
      await start(request.value);
    } catch (error) {
      problem.value = formProblem(error, form);
    }
    busy.value = false;
  };
  const words = (field: FieldName) => backtestField(field, current);
  const number = (field: FieldName, step: "any" | number = "any") => (
    <Field name={field} label={words(field).label} problem={problem.value}>
      <input
        type="number"
        min={0}
        step={step}
        value={shownNumber(Number(current[field]), words(field).scale)}
        onInput={(event) =>
          set({ [field]: event.currentTarget.valueAsNumber / words(field).scale })}
      />
    </Field>
  );
  const run = runs.find(({ id }) => id === current.run);
  const isReturn = run?.target === "return";
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
          <Field name="run" label={words("run").label} problem={problem.value}>
            <select value={current.run} onChange={(event) => chooseRun(event.currentTarget.value)}>
              {runs.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
            </select>
          </Field>
        )}
      <Field name="market" label={words("market").label} problem={problem.value}>
        <select value={current.market} onChange={(event) => set({ market: event.currentTarget.value })}>
          {markets.map(({ id, label }) => {
            const reason = run === undefined ? null : endsBeforeTest(spans, id, run.markets, current.from);
            const note = reason ?? (id === run?.unseen ? "never seen" : null);
            return (
              <option key={id} value={id} disabled={reason !== null}>
                {note === null ? label : `${label} (${note})`}
              </option>
            );
          })}
        </select>
      </Field>
      <div class="field-pair">
        <Field name="stop" label={words("stop").label} problem={problem.value}>
          <select
            value={current.stop}
            onChange={(event) => {
              const stop = event.currentTarget.value as BacktestRequest["stop"];
              set({ stop, stopDistance: STOPS[stop][2] });
            }}
          >
            {Object.entries(STOPS).map(([kind, [name]]) => <option key={kind} value={kind}>{name}</option>)}
          </select>
        </Field>
        {number("takeProfit")}
      </div>
      {STOPS[current.stop][1] !== null &&
        number("stopDistance")}
      {(current.stop !== "none" || current.takeProfit > 0) && (
        <Field name="reentry" label={words("reentry").label} problem={problem.value}>
          <select
            value={current.reentry}
            onChange={(event) =>
              set({ reentry: event.currentTarget.value as BacktestRequest["reentry"] })}
          >
            {Object.entries(REENTRY).map(([kind, [name, ofOneSide]]) => (
              <option key={kind} value={kind}>{isReturn ? name : ofOneSide}</option>
            ))}
          </select>
        </Field>
      )}
      {isReturn
        ? (
          <>
            <Field name="sizing" label={words("sizing").label} problem={problem.value}>
              <select
                value={current.sizing}
                onChange={(event) => {
                  const sizing = event.currentTarget.value as BacktestRequest["sizing"];
                  set({ sizing, sizingScale: SIZING[sizing][2] });
                }}
              >
                {Object.entries(SIZING).map(([kind, [name]]) => <option key={kind} value={kind}>{name}</option>)}
              </select>
            </Field>
            {SIZING[current.sizing][1] !== null && number("sizingScale")}
          </>
        )
        : number("risk")}
      <details>
        <summary>Costs</summary>
        <fieldset>
          <legend class="visually-hidden">Costs</legend>
          {number("fee")}
          {number("spread")}
          {number("slippage")}
        </fieldset>
      </details>
      <details>
        <summary>More settings</summary>
        <fieldset>
          <legend class="visually-hidden">More settings</legend>
          <Field
            name="from"
            label={words("from").label}
            hint="Empty: from the first bar that training and selection did not use."
            problem={problem.value}
          >
            <input type="date" value={current.from} onInput={(event) => set({ from: event.currentTarget.value })} />
          </Field>
          {isReturn && (
            <>
              <Field name="mode" label={words("mode").label} problem={problem.value}>
                <select
                  value={current.mode}
                  onChange={(event) => set({ mode: event.currentTarget.value as BacktestRequest["mode"] })}
                >
                  <option value="long-short">Long and short</option>
                  <option value="long-flat">Long or flat</option>
                </select>
              </Field>
              {number("threshold")}
            </>
          )}
          {number("every", 1)}
        </fieldset>
      </details>
      <FormNotice problem={problem.value} />
      <button type="submit" class="button primary" disabled={busy.value || runs.length === 0}>
        <Icon name="play" />
        Start the backtest
      </button>
    </form>
  );
}
