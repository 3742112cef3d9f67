/**
 * The data page's markets: which there are, and what is known of each. Files are read by a worker process, one at a time and in
 * the background; what it found is kept in memory until the file changes. The server itself never holds a file.
 * @module
 */
import { DataError } from "@adaptrade/adaptrade";
import { SAMPLE_INFO } from "@adaptrade/adaptrade/data";
import type { InspectionLine, InspectionTarget } from "../worker/data_inspect.ts";
import type { MarketSpans } from "../components/market_spans.ts";
import type { Inspection } from "./data_inspection.ts";
import { type JsonProcess, startProcess } from "./json_process.ts";
import { listMarkets, symbolOf } from "./markets.ts";
import { marketFile } from "./paths.ts";

/** What the table shows of a market's inspection. */
export type InspectionSummary = Omit<Inspection, "findings" | "preview">;

/** A row of the table. */
export interface DataRow {
  /** Id; see `markets.ts`. */
  readonly id: string;
  /** Symbol. */
  readonly symbol: string;
  /** What it is, for a sample market; the file's name for others. */
  readonly description: string;
  /** Bytes of the file; null for a sample market. */
  readonly size: number | null;
  /** What is known of it; null while it is being read, or if it cannot be. */
  readonly summary: InspectionSummary | null;
  /** Why it cannot be read, or null. */
  readonly error: string | null;
}

type Outcome = Pick<InspectionLine, "inspection" | "error">;

const WORKER = new URL("../worker/data_inspect.ts", import.meta.url);

/** What was found, by id; `stamp` tells one version of a file from the next. */
const known = new Map<string, { readonly stamp: string; readonly outcome: Outcome }>();
const waiting = new Map<string, { readonly target: InspectionTarget; readonly stamp: string }>();
const readers = new Set<() => void>();
let working = false;

/** Calls `then` whenever another market has been inspected. */
export function onInspected(then: () => void): void {
  readers.add(then);
}

/** Starts the process that reads files: it may read these, and do nothing else. */
function startReading(targets: readonly InspectionTarget[]): JsonProcess<InspectionLine> {
  return startProcess(WORKER, targets, { read: targets.flatMap(({ path }) => path ?? []) });
}

/** Reads one file in a process of its own; nothing is kept. @throws {DataError} It is no candles; in the reader's words. */
export async function inspectFile(path: string, name: string): Promise<Inspection> {
  const target: InspectionTarget = { id: name, symbol: symbolOf(name), path, name };
  for await (const { inspection, error } of startReading([target]).lines) {
    if (inspection !== null) return inspection;
    throw new DataError(error!);
  }
  throw new DataError(`Cannot read ${name}: the process that reads it said nothing`);
}

interface Listed {
  readonly target: InspectionTarget;
  readonly stamp: string;
  readonly size: number | null;
  readonly description: string;
}

async function listTargets(): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const { id } of await listMarkets()) {
    const name = id.slice(id.indexOf(":") + 1);
    if (id.startsWith("sample:")) {
      const description = SAMPLE_INFO.find(({ symbol }) => symbol === name)!.name;
      listed.push({ target: { id, symbol: name, path: null, name }, stamp: "sample", size: null, description });
      continue;
    }
    const path = marketFile(name);
    const info = await Deno.stat(path).catch(() => null);
    if (info === null) continue;
    const stamp = `${info.size} ${info.mtime?.getTime()}`;
    listed.push({
      target: { id, symbol: symbolOf(name), path, name },
      stamp,
      size: info.size,
      description: name,
    });
  }
  return listed;
}

function outcomeOf({ target, stamp }: Listed): Outcome | null {
  const held = known.get(target.id);
  return held?.stamp === stamp ? held.outcome : null;
}

/** All markets. Those not inspected yet are, in the background; `onInspected` tells when. */
export async function listData(): Promise<DataRow[]> {
  const listed = await listTargets();
  return listed.map((one) => {
    const { target: { id, symbol }, size, description } = one;
    const outcome = outcomeOf(one);
    if (outcome === null) enqueue(one);
    const summary = outcome?.inspection ?? null;
    return { id, symbol, description, size, summary: summary && summaryOf(summary), error: outcome?.error ?? null };
  });
}

/** First and last bar of the markets that have been read; the others are, in the background. */
export async function marketSpans(): Promise<MarketSpans> {
  const rows = await listData();
  return Object.fromEntries(
    rows.flatMap(({ id, summary }) => {
      const { from = null, to = null } = summary ?? {};
      return from === null || to === null ? [] : [[id, { from, to }]];
    }),
  );
}

function summaryOf({ findings: _findings, preview: _preview, ...summary }: Inspection): InspectionSummary {
  return summary;
}

/** Everything known of a market; waits until it has been read. @throws {DataError} There is none, or it cannot be read. */
export async function inspectMarket(id: string): Promise<Inspection> {
  const listed = (await listTargets()).find(({ target }) => target.id === id);
  if (listed === undefined) throw new DataError(`There is no market ${id}. It may have been deleted.`);
  for (;;) {
    const outcome = outcomeOf(listed);
    if (outcome?.error) throw new DataError(outcome.error);
    if (outcome?.inspection) return outcome.inspection;
    enqueue(listed);
    const { promise, resolve } = Promise.withResolvers<void>();
    readers.add(resolve);
    await promise;
    readers.delete(resolve);
  }
}

/** Keeps what an upload's own check has found, so that the file is not read again. */
export async function keepInspection(name: string, inspection: Inspection): Promise<void> {
  const listed = (await listTargets()).find(({ target }) => target.id === `file:${name}`);
  if (listed) known.set(listed.target.id, { stamp: listed.stamp, outcome: { inspection, error: null } });
}

function enqueue({ target, stamp }: Listed): void {
  waiting.set(target.id, { target, stamp });
  void work();
}

async function work(): Promise<void> {
  if (working) return;
  working = true;
  while (waiting.size > 0) {
    const batch = new Map(waiting);
    const keep = (id: string, outcome: Outcome): void => {
      known.set(id, { stamp: batch.get(id)!.stamp, outcome });
      if (waiting.get(id)?.stamp === batch.get(id)!.stamp) waiting.delete(id);
      batch.delete(id);
      for (const tell of [...readers]) tell();
    };
    try {
      const targets = [...batch.values()].map(({ target }) => target);
      for await (const { id, ...outcome } of startReading(targets).lines) keep(id, outcome);
      if (batch.size > 0) throw new Error("The process that reads markets left some out");
    } catch (error) {
      // The first that is left is the one it failed on; the others get a process of their own.
      const [failed] = batch.keys();
      if (failed !== undefined) keep(failed, { inspection: null, error: (error as Error).message });
    }
  }
  working = false;
}
