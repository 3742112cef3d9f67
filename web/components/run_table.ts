/**
 * The rows of the table of runs: searched, filtered, put together by seed, sorted. Draws nothing.
 * @module
 */
import type { RunSummary } from "../server/run_events.ts";
import { marketName } from "./format.ts";
import { METHOD_WORDS, seedGroup, TARGET_WORDS } from "./run_settings.ts";
import { sortedBy, type SortOrder } from "./SortableHead.tsx";

/** A row: a run, or runs that differ in their seed alone. */
export interface RunRow {
  /** Its runs, newest first. */
  readonly runs: readonly [RunSummary, ...RunSummary[]];
  /** Mean loss of those that have one; null before the first. */
  readonly loss: number | null;
  /** Mean share of the loss of saying nothing that is saved; null before the first. */
  readonly saved: number | null;
  /** Mean share of squared error saved on the unseen market; null before the first. */
  readonly unseen: number | null;
}

/** What is shown of the runs. */
export interface RunFilter {
  /** Words that each have to stand in name or settings. */
  readonly text: string;
  /** Status, or "" for any. */
  readonly status: string;
  /** Tag, or "" for any. */
  readonly tag: string;
  /** Target, or "" for any. */
  readonly target: string;
  /** Whether runs that differ in their seed alone are one row. */
  readonly grouped: boolean;
}

/** What is shown before anything is asked for. */
export const ALL_RUNS: RunFilter = { text: "", status: "", tag: "", target: "", grouped: false };

/** How runs are sorted before anything is asked for. */
export const NEWEST_FIRST: SortOrder<RunColumn> = { by: "created", descending: true };

/** Columns that sort: head, what they sort by, whether they are numbers. */
export const RUN_COLUMNS = {
  name: ["Run", ({ runs: [{ name }] }: RunRow) => name.toLowerCase(), false],
  status: ["Status", ({ runs: [{ status }] }: RunRow) => status, false],
  loss: ["Loss", ({ loss }: RunRow) => loss, true],
  saved: ["Against nothing", ({ saved }: RunRow) => saved, true],
  unseen: ["Unseen market", ({ unseen }: RunRow) => unseen, true],
  target: ["Forecast", ({ runs: [{ config }] }: RunRow) => config === null ? null : TARGET_WORDS[config.target], false],
  horizon: ["Bars", ({ runs: [{ config }] }: RunRow) => config?.horizon ?? null, true],
  method: ["Method", ({ runs: [{ config }] }: RunRow) => config === null ? null : METHOD_WORDS[config.method], false],
  seeds: ["Networks", ({ runs: [{ config }] }: RunRow) => config?.seeds ?? null, true],
  steps: ["Steps", ({ runs: [{ steps }] }: RunRow) => steps, true],
  seed: ["Seed", ({ runs: [{ config }] }: RunRow) => config?.seed ?? null, true],
  created: ["Started, UTC", ({ runs: [{ createdAt }] }: RunRow) => createdAt, true],
} as const;

/** The name of a column. */
export type RunColumn = keyof typeof RUN_COLUMNS;

/** How a run may stand. */
export const STATUSES: readonly RunSummary["status"][] = ["queued", "running", "paused", "stopped", "done", "failed"];

/** What an address asks the table for; a choice that there is not is none. */
export function runsAsked(query: URLSearchParams): {
  readonly filter: RunFilter;
  readonly order: SortOrder<RunColumn>;
} {
  const by = query.get("sort") ?? "";
  return {
    filter: {
      text: query.get("search") ?? "",
      status: STATUSES.find((status) => status === query.get("status")) ?? "",
      tag: query.get("tag") ?? "",
      target: Object.keys(TARGET_WORDS).find((target) => target === query.get("forecast")) ?? "",
      grouped: query.get("seeds") === "together",
    },
    order: Object.hasOwn(RUN_COLUMNS, by)
      ? { by: by as RunColumn, descending: query.get("order") !== "up" }
      : NEWEST_FIRST,
  };
}

/** An address that asks for a filter and an order; what else it asks for stays. */
export function runsAddress(address: string, filter: RunFilter, order: SortOrder<RunColumn>): string {
  const url = new URL(address);
  const isNewest = order.by === NEWEST_FIRST.by && order.descending === NEWEST_FIRST.descending;
  const asked = {
    search: filter.text,
    status: filter.status,
    tag: filter.tag,
    forecast: filter.target,
    seeds: filter.grouped ? "together" : "",
    sort: isNewest ? "" : order.by,
    order: isNewest || order.descending ? "" : "up",
  };
  for (const [name, value] of Object.entries(asked)) {
    if (value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

/** How the runs of a row stand, the most frequent first. */
export function statusesOf({ runs }: RunRow): { readonly status: RunSummary["status"]; readonly count: number }[] {
  const groups = Map.groupBy(runs, ({ status }) => status);
  return [...groups].map(([status, { length: count }]) => ({ status, count })).sort((a, b) => b.count - a.count);
}

/** The rows that a filter leaves, in an order. */
export function runRows(runs: readonly RunSummary[], filter: RunFilter, order: SortOrder<RunColumn>): RunRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const left = runs.filter((run) => {
    if (filter.status !== "" && run.status !== filter.status) return false;
    if (filter.target !== "" && run.config?.target !== filter.target) return false;
    if (filter.tag !== "" && !run.tags.includes(filter.tag)) return false;
    const text = textOf(run);
    return words.every((word) => text.includes(word));
  });
  const groups = new Map<string, RunSummary[]>();
  for (const run of left) {
    const key = filter.grouped && run.config !== null ? seedGroup(run.config) : run.id;
    groups.set(key, [...groups.get(key) ?? [], run]);
  }
  const rows = [...groups.values()].map((group) => rowOf(group as unknown as RunRow["runs"]));
  return sortedBy(rows, RUN_COLUMNS[order.by][1], order.descending);
}

function rowOf(runs: RunRow["runs"]): RunRow {
  const mean = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    runs,
    loss: mean(runs.map(({ best }) => best)),
    saved: mean(runs.map(({ best, anchor }) => best === null || anchor === null ? null : 1 - best / anchor)),
    unseen: mean(runs.map(({ verdict }) => verdict?.less ?? null)),
  };
}

/** Every tag that a run has, in alphabetical order. */
export function tagsOf(runs: readonly RunSummary[]): string[] {
  return [...new Set(runs.flatMap(({ tags }) => tags))].sort();
}

function textOf({ name, status, config, markets, unseen, tags }: RunSummary): string {
  const settings = config === null
    ? "earlier version"
    : `${METHOD_WORDS[config.method]} ${TARGET_WORDS[config.target]}`;
  const words = [...markets.map(marketName), marketName(unseen), ...tags];
  return `${name} ${status} ${settings} ${words.join(" ")}`.toLowerCase();
}
