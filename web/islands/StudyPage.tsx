/**
 * One study, kept up to date by the server's stream: what it says, how its figures spread over markets, every market, and what could
 * not be studied.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Fact, Facts } from "../components/Facts.tsx";
import { momentUtc, signedPercent, twoDigits } from "../components/format.ts";
import { keptAddress } from "../components/kept_address.ts";
import { useEvents } from "../components/live.ts";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { marketsDone } from "../components/study_columns.ts";
import { StudyMarkets } from "../components/StudyMarkets.tsx";
import { StudySpreads } from "../components/StudySpreads.tsx";
import type { StudyMarkets as Markets, StudyView } from "../server/studies.ts";

interface StudyPageProps {
  readonly study: StudyView;
  /** The first markets of the table. */
  readonly markets: Markets;
}

/** The study. */
export default function StudyPage(props: StudyPageProps): JSX.Element {
  const study = useSignal(props.study);
  const gone = useSignal(false);
  useEvents(keptAddress("/api/studies/one", props.study.summary), {
    study: (data: StudyView) => {
      study.value = data;
      gone.value = false;
    },
    gone: () => gone.value = true,
  });
  const { summary, settings, figures, refused } = study.value;
  const { name, done, planned, studied, createdAt, updatedAt } = summary;
  const ended = studied + summary.refused;
  return (
    <div class="stack">
      <header class="page-head">
        <div>
          <div class="row">
            <h1 class="long-name">{name}</h1>
            <span role="status">
              <StatusBadge status={done ? "done" : "unfinished"} />
            </span>
          </div>
          <p>{`Begun ${momentUtc(createdAt)}, last news ${momentUtc(updatedAt)}`}</p>
        </div>
      </header>
      {gone.value && (
        <p class="notice" data-tone="warn" role="status">
          The file of this study is not there any more.
        </p>
      )}
      <section class="card stack" aria-label="Findings">
        <dl class="figures noted">
          <Fact name="Markets" value={marketsDone(summary)} note={`${summary.refused} not studied`} />
          <Fact
            name="Median skill"
            value={signedPercent(figures?.skill.quantiles[2], 1)}
            note="of the error of saying nothing"
          />
          <Fact
            name="Median net Sharpe"
            value={twoDigits(figures?.sharpe?.quantiles[2])}
            note={figures?.sharpe ? "a year" : "nothing was traded"}
          />
          <Fact
            name="Median beyond holding"
            value={twoDigits(figures?.beyondHolding?.quantiles[2])}
            note={figures?.beyondHolding ? "Sharpe, a year" : undefined}
          />
        </dl>
        {!done && planned !== null && (
          <progress value={ended} max={Math.max(1, planned)} aria-label={`${ended} of ${planned} markets`} />
        )}
        {figures === null ? <p class="muted">No market has been studied yet.</p> : (
          <ul class="sentences">
            {figures.sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}
          </ul>
        )}
      </section>
      {figures !== null && <StudySpreads figures={figures} />}
      {studied > 0 && <StudyMarkets summary={summary} first={props.markets} />}
      {summary.refused > 0 && (
        <section class="card stack" aria-label="Not studied">
          <header>
            <h2>Not studied</h2>
            <p>
              {refused.length < summary.refused ? `the first ${refused.length} of ${summary.refused}` : summary.refused}
            </p>
          </header>
          <div class="table-scroll tall" tabIndex={0} role="region" aria-label="Not studied, scrollable">
            <table>
              <thead>
                <tr>
                  <th scope="col">Market</th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {refused.map(({ source, refused: why }) => (
                  <tr key={source}>
                    <th scope="row">{source}</th>
                    <td>{why}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      <section class="card" aria-label="Settings">
        <header>
          <h2>Settings</h2>
        </header>
        <Facts look="settings" of={settings} />
      </section>
    </div>
  );
}
