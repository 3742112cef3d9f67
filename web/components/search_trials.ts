/**
 * The trials of a search as its page orders and follows them: columns, rows, lineage. Draws nothing.
 * @module
 */
import type { TrialView } from "../server/searches.ts";
import { figure } from "./format.ts";
import { sortedBy, type SortOrder } from "./SortableHead.tsx";

/** A column of the table of trials: its head, what it sorts by, whether its cells are numbers. */
export type TrialColumn = readonly [
  label: string,
  value: (trial: TrialView) => number | string | null,
  numbers: boolean,
];

/** How a trial stands: decided and not yet ended, ended with a loss, or without. */
export function trialStatus({ endedAt, loss }: TrialView): "due" | "done" | "failed" {
  return endedAt === null ? "due" : loss === null ? "failed" : "done";
}

/** A setting as text, short; a dash where the configuration has none. */
export function settingText(value: unknown): string {
  if (typeof value === "number") return figure(value);
  return value === undefined ? "–" : JSON.stringify(value).replaceAll('"', "");
}

/** The columns by key: what every trial has, then one for each parameter of the space. */
export function trialColumns(parameters: readonly string[]): ReadonlyMap<string, TrialColumn> {
  const own = (key: string, label: string, value: TrialColumn[1], numbers = true) =>
    [key, [label, value, numbers]] as const;
  return new Map([
    own("id", "Trial", ({ id }) => id),
    own("status", "Status", trialStatus, false),
    own("loss", "Loss", ({ loss }) => loss),
    own("budget", "Budget", ({ budget }) => budget),
    own("bracket", "Bracket", ({ bracket }) => bracket),
    own("rung", "Rung", ({ rung }) => rung),
    own("parent", "Goes on from", ({ parent }) => parent),
    ...parameters.map((name) =>
      own(`set ${name}`, name, ({ configuration }) => {
        const value = configuration[name];
        return value === undefined ? null : typeof value === "number" ? value : settingText(value);
      })
    ),
  ]);
}

/** The trials at a budget, or at any where it is null, in an order. */
export function trialRows(
  trials: readonly TrialView[],
  columns: ReadonlyMap<string, TrialColumn>,
  { order, budget }: { readonly order: SortOrder<string>; readonly budget: number | null },
): TrialView[] {
  const left = trials.filter((trial) => budget === null || trial.budget === budget);
  return sortedBy(left, columns.get(order.by)?.[1] ?? (({ id }) => id), order.descending);
}

/** A trial of a lineage. */
export interface Ancestor {
  /** The trial. */
  readonly trial: TrialView;
  /** Names of what its configuration changed from the one before it; none for the first. */
  readonly changed: readonly string[];
}

/** Where a trial comes from, the first one first, itself last. */
export function lineageOf(trials: readonly TrialView[], id: number): Ancestor[] {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  const chain: TrialView[] = [];
  // A parent was decided before its child; what claims otherwise is not followed.
  for (let trial = byId.get(id); trial !== undefined;) {
    chain.unshift(trial);
    const { id: own, parent }: TrialView = trial;
    trial = parent !== null && parent < own ? byId.get(parent) : undefined;
  }
  return chain.map((trial, i) => ({ trial, changed: i === 0 ? [] : changedNames(chain[i - 1], trial) }));
}

function changedNames({ configuration: a }: TrialView, { configuration: b }: TrialView): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}
