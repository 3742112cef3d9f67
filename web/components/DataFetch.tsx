/**
 * The form that fetches a market from Bybit, and the fetches with their progress. For islands only.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { FetchForm, FetchJob } from "../server/data_fetches.ts";
import { Icon } from "./Icon.tsx";
import { send } from "./live.ts";

interface DataFetchProps {
  readonly jobs: readonly FetchJob[];
  /** The form to begin with. */
  readonly defaults: FetchForm;
}

const INTERVALS = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w"];
const CATEGORIES = [["linear", "Linear"], ["spot", "Spot"], ["inverse", "Inverse"]] as const;

/** The form and the fetches. */
export function DataFetch({ jobs, defaults }: DataFetchProps): JSX.Element {
  const form = useSignal<FetchForm>(defaults);
  const problem = useSignal<string | null>(null);
  const set = (change: Partial<FetchForm>) => form.value = { ...form.value, ...change };
  const attempt = async (path: string, body: unknown) => {
    problem.value = null;
    try {
      await send(path, body);
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  const { symbol, interval, category, start, end, replace } = form.value;
  const submit = (event: Event) => {
    event.preventDefault();
    void attempt("/api/data/fetch", form.value);
  };
  return (
    <section class="card stack" aria-labelledby="fetch-title">
      <h2 id="fetch-title">Fetch from Bybit</h2>
      <form class="form" onSubmit={submit} aria-labelledby="fetch-title">
        <label class="field">
          <span>Symbol</span>
          <input
            value={symbol}
            required
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => set({ symbol: event.currentTarget.value })}
          />
        </label>
        <div class="pair">
          <label class="field">
            <span>Interval</span>
            <select value={interval} onChange={(event) => set({ interval: event.currentTarget.value })}>
              {INTERVALS.map((name) => <option key={name} value={name}>{name}</option>)}
            </select>
          </label>
          <label class="field">
            <span>Category</span>
            <select
              value={category}
              onChange={(event) => set({ category: event.currentTarget.value as FetchForm["category"] })}
            >
              {CATEGORIES.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
            </select>
          </label>
          <label class="field">
            <span>From</span>
            <input
              type="date"
              value={start}
              required
              onInput={(event) => set({ start: event.currentTarget.value })}
            />
          </label>
          <label class="field">
            <span>To, not included</span>
            <input type="date" value={end} onInput={(event) => set({ end: event.currentTarget.value })} />
          </label>
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={replace}
            onChange={(event) => set({ replace: event.currentTarget.checked })}
          />
          <span>Replace a market of the same name</span>
        </label>
        {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
        <button type="submit" class="button primary">
          <Icon name="download" /> Fetch
        </button>
      </form>
      {jobs.length > 0 && (
        <ul class="jobs" aria-label="Fetches" aria-live="polite">
          {jobs.map((job) => (
            <FetchItem
              key={job.id}
              job={job}
              cancel={() => attempt("/api/data/fetch/cancel", { id: job.id })}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function FetchItem({ job, cancel }: { readonly job: FetchJob; readonly cancel: () => void }): JSX.Element {
  const { title, status, fetched, total, market, error } = job;
  if (status === "done") {
    return (
      <li class="notice" data-tone="good">
        <a href={`/data/market?id=${encodeURIComponent(market!)}`}>{title}</a> is in: {fetched.toLocaleString("en")}
        {" "}
        bars.
      </li>
    );
  }
  if (status === "failed") {
    return (
      <li class="notice" data-tone="bad">
        <strong>{title}</strong> failed. {error}
      </li>
    );
  }
  if (status === "cancelled") return <li class="notice">{title} was cancelled; nothing was kept.</li>;
  return (
    <li>
      <div class="row between">
        <span>{title}</span>
        <button type="button" class="button" onClick={cancel} aria-label={`Cancel the fetch of ${title}`}>
          Cancel
        </button>
      </div>
      <progress value={fetched} max={total} aria-label={`Fetch of ${title}`} />
      <span class="muted small">{fetched.toLocaleString("en")} of up to {total.toLocaleString("en")} bars</span>
    </li>
  );
}
