/**
 * Where a trial comes from: the trials that it goes on from, the first one first, with what was changed on the way. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { TrialView } from "../server/searches.ts";
import { figure } from "./format.ts";
import { lineageOf, settingText, trialStatus } from "./search_trials.ts";
import { StatusBadge } from "./StatusBadge.tsx";

interface SearchLineageProps {
  readonly trials: readonly TrialView[];
  /** The trial. */
  readonly id: number;
  /** The best trial. */
  readonly best: number | null;
}

/** The lineage. */
export function SearchLineage({ trials, id, best }: SearchLineageProps): JSX.Element {
  const children = trials.filter(({ parent }) => parent === id).map((trial) => trial.id);
  return (
    <section class="card stack" aria-label="Lineage">
      <header>
        <h2>{`Lineage of trial ${id}${id === best ? ", the best" : ""}`}</h2>
        <p>
          {children.length === 0 ? "No trial goes on from it." : `Trials that go on from it: ${children.join(", ")}.`}
        </p>
      </header>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Lineage, scrollable">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">Trial</th>
              <th scope="col">Status</th>
              <th scope="col" class="number">Budget</th>
              <th scope="col" class="number">Loss</th>
              <th scope="col">Configuration</th>
            </tr>
          </thead>
          <tbody>
            {lineageOf(trials, id).map(({ trial, changed }, i) => (
              <tr key={trial.id}>
                <th scope="row" class="number">{trial.id}</th>
                <td>
                  <StatusBadge status={trialStatus(trial)} />
                </td>
                <td class="number">{figure(trial.budget)}</td>
                <td class="number">{figure(trial.loss)}</td>
                <td>{configurationWords(trial, i === 0 ? Object.keys(trial.configuration) : changed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function configurationWords({ configuration }: TrialView, names: readonly string[]): string {
  if (names.length === 0) return "as the one before";
  return names.map((name) => `${name} ${settingText(configuration[name])}`).join(", ");
}
