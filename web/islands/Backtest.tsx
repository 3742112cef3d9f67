/**
 * The backtest page: the form, what runs now with its progress, the finished ones, and the chosen result. A result stands in
 * the address, and the server keeps it, so a reload shows it again.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { BacktestForm } from "../components/BacktestForm.tsx";
import { BacktestResult } from "../components/BacktestResult.tsx";
import { completeView } from "../components/earlier_backtest.ts";
import { NoRun } from "../components/NoRun.tsx";
import type { MarketSpans } from "../components/market_spans.ts";
import { momentUtc, signedPercent } from "../components/format.ts";
import { send, useEvents } from "../components/live.ts";
import type { BacktestJob } from "../server/backtest_jobs.ts";
import type { BacktestRequest } from "../server/backtest_request.ts";
import type { BacktestSummary, BacktestView } from "../server/backtest_view.ts";
import type { RunChoice } from "../server/run_choices.ts";
import type { MarketChoice } from "../server/markets.ts";

/** A finished backtest in the list. */
export type BacktestLine = Pick<BacktestSummary, "id" | "runName" | "symbol" | "createdAt"> & {
  /** Net Sharpe ratio of the model; null where undefined. */
  readonly sharpe: number | null;
  /** Its net return; null where undefined. */
  readonly totalReturn: number | null;
};

interface BacktestProps {
  readonly runs: readonly RunChoice[];
  readonly markets: readonly MarketChoice[];
  /** First and last bars, as far as they are known. */
  readonly spans: MarketSpans;
  readonly defaults: BacktestRequest;
  readonly jobs: readonly BacktestJob[];
  readonly finished: readonly BacktestLine[];
  /** The result to show, or null. */
  readonly view: BacktestView | null;
  /** Whether the address asks for a result that there is not. */
  readonly gone: boolean;
}

const GONE = "There is no such backtest. It may have been deleted.";

/** The page. */
export default function Backtest(props: BacktestProps): JSX.Element {
  const jobs = useSignal(props.jobs);
  const finished = useSignal(props.finished);
  const shown = useSignal(props.view?.id ?? null);
  const view = useSignal(props.view);
  const started = useSignal<string | null>(null);
  const problem = useSignal(props.gone ? GONE : null);

  const open = async (id: string) => {
    shown.value = id;
    try {
      const answer = await readView(id);
      if (shown.value !== id) return;
      problem.value = null;
      view.value = answer;
    } catch (error) {
      if (shown.value !== id) return;
      problem.value = (error as Error).message;
      [shown.value, view.value] = [null, null];
    }
  };
  // Each result is a step back of its own.
  const show = (id: string) => {
    if (id !== shown.value || view.value === null) history.pushState(null, "", `/backtest?id=${id}`);
    return open(id);
  };
  const list = async () => finished.value = (await getJson<BacktestSummary[]>("/api/backtest")).map(lineOf);
  useEvents("/api/backtest/events", {
    jobs: (data: readonly BacktestJob[]) => jobs.value = data,
    finished: (id: string) => {
      void list();
      if (id === started.value) void show(id);
    },
  });
  useEffect(() => {
    const back = () => {
      const id = new URL(location.href).searchParams.get("id") ?? props.view?.id ?? null;
      if (id !== null) void open(id);
      else [shown.value, view.value] = [null, null];
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  const start = async (request: BacktestRequest) => {
    problem.value = null;
    started.value = (await send<BacktestJob>("/api/backtest", request)).id;
  };
  const forget = (line: BacktestLine) => {
    const { symbol, runName, id } = line;
    if (confirm(`Delete the backtest of ${symbol}, ${runName}? It stays counted as a trial.`)) void remove(id);
  };
  const remove = async (id: string) => {
    try {
      problem.value = null;
      await send(`/api/backtest/${id}/delete`);
      if (shown.value === id) {
        [shown.value, view.value] = [null, null];
        history.replaceState(null, "", "/backtest");
      }
      await list();
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  return (
    <div class="split">
      <div class="stack">
        {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
        {jobs.value.map((job) => <Job key={job.id} job={job} remove={remove} />)}
        {view.value === null
          ? (shown.value === null
            ? props.runs.length === 0 && finished.value.length === 0
              ? <NoRun label="Result" />
              : <NoResult any={finished.value.length > 0} />
            : <p class="muted" role="status">Reading the result</p>)
          : (
            <BacktestResult
              key={view.value.id}
              view={view.value}
              others={finished.value.filter(({ id }) => id !== view.value?.id).map((line) => ({
                id: line.id,
                name: `${line.symbol}, ${line.runName}, ${momentUtc(line.createdAt)}`,
              }))}
              read={readView}
            />
          )}
      </div>
      <div class="stack">
        <BacktestForm
          runs={props.runs}
          markets={props.markets}
          spans={props.spans}
          defaults={props.defaults}
          start={start}
        />
        {finished.value.length > 0 && (
          <Finished lines={finished.value} shown={shown.value} show={show} forget={forget} />
        )}
      </div>
    </div>
  );
}

async function readView(id: string): Promise<BacktestView> {
  return completeView(await getJson<BacktestView>(`/api/backtest/${id}/view`));
}

async function getJson<Answer>(path: string): Promise<Answer> {
  const response = await fetch(path);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** A finished backtest as the list shows it. */
function lineOf({ id, runName, symbol, createdAt, strategies: [{ metrics }] }: BacktestSummary): BacktestLine {
  return { id, runName, symbol, createdAt, sharpe: metrics.sharpe.value, totalReturn: metrics.totalReturn.value };
}

function Job(
  { job, remove }: { readonly job: BacktestJob; readonly remove: (id: string) => void },
): JSX.Element {
  const { id, runName, market, status, share, stage, error } = job;
  const name = `${runName} on ${market.replace(/^\w+:/, "")}`;
  if (status === "failed") {
    return (
      <div class="notice row between" data-tone="bad" role="alert">
        <span>{`${name}: ${error}`}</span>
        <button type="button" class="button" onClick={() => remove(id)}>Dismiss</button>
      </div>
    );
  }
  return (
    <section class="card stack" aria-label="Running backtest">
      <div class="row between">
        <div role="status">
          <strong>{name}</strong> <span class="muted">{stage}</span>
        </div>
        <button type="button" class="button" onClick={() => remove(id)}>Cancel</button>
      </div>
      <progress value={share} max={1} aria-label={`${Math.round(100 * share)}% done`} />
    </section>
  );
}

function NoResult({ any }: { readonly any: boolean }): JSX.Element {
  return (
    <section class="empty" aria-label="Result">
      <h2>No result shown</h2>
      <p>
        {any
          ? "Choose a finished backtest from the list, or start another one with the form."
          : "Choose a run and a market in the form and start: the forecaster adapts at every bar after its training, beside every baseline."}
      </p>
    </section>
  );
}

function Finished(
  { lines, shown, show, forget }: {
    readonly lines: readonly BacktestLine[];
    readonly shown: string | null;
    readonly show: (id: string) => void;
    readonly forget: (line: BacktestLine) => void;
  },
): JSX.Element {
  return (
    <section class="card" aria-label="Finished backtests">
      <header>
        <h2>Finished</h2>
        <p>net of costs</p>
      </header>
      <ul class="plain-list">
        {lines.map((line) => {
          const { id, runName, symbol, createdAt, sharpe, totalReturn } = line;
          const figures = `Sharpe ${sharpe === null ? "–" : sharpe.toFixed(2)}, ${signedPercent(totalReturn, 1)}`;
          return (
            <li key={id}>
              <button
                type="button"
                class="list-choice"
                aria-current={id === shown ? "true" : undefined}
                onClick={() => show(id)}
              >
                <strong>{`${symbol}, ${runName}`}</strong>
                <span class="small muted">{`${figures}; ${momentUtc(createdAt)}`}</span>
              </button>
              <button
                type="button"
                class="button small"
                aria-label={`Delete ${symbol}, ${runName}`}
                onClick={() => forget(line)}
              >
                Delete
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
