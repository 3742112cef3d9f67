/**
 * One search, kept up to date by the server's stream: its best with the deflated figure, its settings, rungs and trials, and where
 * the chosen trial comes from.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Facts } from "../components/Facts.tsx";
import { figure, momentUtc, percent } from "../components/format.ts";
import { keptAddress } from "../components/kept_address.ts";
import { useEvents } from "../components/live.ts";
import { SearchLineage } from "../components/SearchLineage.tsx";
import { SearchRungs } from "../components/SearchRungs.tsx";
import { SearchTrials } from "../components/SearchTrials.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import type { DeflatedView, SearchView } from "../server/searches.ts";

/** Above it the best is called more than luck. */
const ENOUGH = 0.95;

/** The search. */
export default function SearchPage(props: { readonly search: SearchView }): JSX.Element {
  const search = useSignal(props.search);
  const gone = useSignal(false);
  const chosen = useSignal<number | null>(null);
  useEvents(keptAddress("/api/searches/one", props.search.summary), {
    search: (data: SearchView) => {
      search.value = data;
      gone.value = false;
    },
    gone: () => gone.value = true,
  });
  const { summary, settings, parameters, best, deflated, trials, rungs } = search.value;
  const shown = chosen.value ?? best;
  const failed = trials.filter(({ endedAt, loss }) => endedAt !== null && loss === null).length;
  return (
    <div class="stack">
      <header class="page-head">
        <div>
          <div class="row">
            <h1 class="long-name">{summary.name}</h1>
            <span role="status">
              <StatusBadge status={summary.done ? "done" : "unfinished"} />
            </span>
          </div>
          <p>
            {`${summary.method} for ${summary.objective}, begun ${momentUtc(summary.createdAt)}, last news ${
              momentUtc(summary.updatedAt)
            }`}
          </p>
        </div>
      </header>
      {gone.value && (
        <p class="notice" data-tone="warn" role="status">
          The file of this search is not there any more.
        </p>
      )}
      <section class="card stack" aria-label="Best">
        <dl class="figures">
          <div>
            <dt>Best loss</dt>
            <dd>
              {figure(summary.best)} <small>{best === null ? "no trial succeeded yet" : `trial ${best}`}</small>
            </dd>
          </div>
          <div>
            <dt>Deflated</dt>
            <dd>
              {percent(deflated?.value)} <small>{deflated === null ? "no ratio kept" : "more than luck"}</small>
            </dd>
          </div>
          <div>
            <dt>Trials</dt>
            <dd>
              {summary.finished} <small>{`of ${summary.decided} decided, ${failed} failed`}</small>
            </dd>
          </div>
        </dl>
        <p class="small muted">{deflatedWords(deflated)}</p>
      </section>
      {shown !== null && <SearchLineage trials={trials} id={shown} best={best} />}
      <SearchTrials
        trials={trials}
        parameters={parameters}
        best={best}
        chosen={shown}
        choose={(id) => chosen.value = id}
      />
      <SearchRungs rungs={rungs} />
      <section class="card" aria-label="Settings">
        <header>
          <h2>Settings</h2>
        </header>
        <Facts look="settings" of={settings} />
      </section>
    </div>
  );
}

function deflatedWords(deflated: DeflatedView | null): string {
  if (deflated === null) {
    return "The objective keeps no ratio by which the best could be weighed against the luck of having tried so often.";
  }
  const { ratio, luck, trials, value } = deflated;
  const verdict = value === null
    ? "it cannot be weighed"
    : `${percent(value)} that it is more than luck${value > ENOUGH ? "" : ", which is not enough (95%)"}`;
  return `The best of ${trials} trials has a ratio of ${
    figure(ratio)
  } a decision; the best of as many without skill would be ` +
    `expected to show ${figure(luck)}: ${verdict}.`;
}
