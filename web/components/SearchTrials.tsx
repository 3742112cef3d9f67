/**
 * The trials of a search as a table that sorts by any of their settings. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { TrialView } from "../server/searches.ts";
import { figure } from "./format.ts";
import { settingText, trialColumns, trialRows, trialStatus } from "./search_trials.ts";
import { SortableHeads, type SortOrder } from "./SortableHead.tsx";
import { StatusBadge } from "./StatusBadge.tsx";

/** Rows shown at first, and more with each click. */
const PAGE = 100;

interface SearchTrialsProps {
  readonly trials: readonly TrialView[];
  /** Names of what was chosen. */
  readonly parameters: readonly string[];
  readonly best: number | null;
  /** The trial whose lineage is shown. */
  readonly chosen: number | null;
  /** Called with the trial whose lineage is wanted. */
  readonly choose: (id: number) => void;
}

/** The table. */
export function SearchTrials({ trials, parameters, best, chosen, choose }: SearchTrialsProps): JSX.Element {
  const order = useSignal<SortOrder<string>>({ by: "id", descending: false });
  const budget = useSignal<number | null>(null);
  const most = useSignal(PAGE);
  const columns = trialColumns(parameters);
  const rows = trialRows(trials, columns, { order: order.value, budget: budget.value });
  const budgets = [...new Set(trials.map((trial) => trial.budget))].sort((a, b) => a - b);
  return (
    <section class="card stack" aria-label="Trials">
      <header>
        <h2>Trials</h2>
        <label class="log-filter">
          <span>Budget</span>
          <select
            value={budget.value ?? ""}
            onChange={({ currentTarget: { value } }) => budget.value = value === "" ? null : Number(value)}
          >
            <option value="">All</option>
            {budgets.map((value) => <option key={value} value={value}>{figure(value)}</option>)}
          </select>
        </label>
      </header>
      <p class="small muted" role="status">
        {`${rows.length} of ${trials.length}; a trial's number shows its lineage`}
      </p>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Trials, scrollable">
        <table>
          <thead>
            <tr>
              <SortableHeads columns={columns} order={order} />
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most.value).map((trial) => (
              <tr key={trial.id} aria-current={trial.id === chosen ? "true" : undefined}>
                <th scope="row" class="number nowrap">
                  {trial.id === best && <span class="muted small">best</span>}{" "}
                  <button
                    type="button"
                    class="button small"
                    aria-label={`Lineage of trial ${trial.id}`}
                    onClick={() =>
                      choose(trial.id)}
                  >
                    {trial.id}
                  </button>
                </th>
                <td>
                  <StatusBadge status={trialStatus(trial)} />
                </td>
                <td class="number">{figure(trial.loss)}</td>
                <td class="number">{figure(trial.budget)}</td>
                <td class="number">{trial.bracket}</td>
                <td class="number">{trial.rung}</td>
                <td class="number">{trial.parent ?? "–"}</td>
                {parameters.map((name) => (
                  <td key={name} class="number nowrap">{settingText(trial.configuration[name])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most.value && (
        <button type="button" class="button" onClick={() => most.value += PAGE}>
          {`Show more: ${rows.length - most.value} left`}
        </button>
      )}
    </section>
  );
}
