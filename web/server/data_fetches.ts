/**
 * Fetches from Bybit: each in a worker process, with its progress, until it is done, cancelled or has failed. They live in memory:
 * a server's end ends them and leaves nothing behind.
 * @module
 */
import { bybitInterval, intervalMs } from "@adaptrade/adaptrade/data";
import { HttpError } from "fresh";
import type { FetchLine, FetchRequest } from "../worker/data_fetch.ts";
import { fileOfSameMarket, incomingPath, marketFileName, placeMarket } from "./data_names.ts";
import { bybitServers } from "./bybit_servers.ts";
import { hostOf } from "./child_process.ts";
import { startProcess } from "./json_process.ts";
import { requireSettings, type SettingNames } from "./settings.ts";

/** What the form asks for. */
export interface FetchForm {
  /** The symbol, such as `BTCUSDT`. */
  readonly symbol: string;
  /** Bar length, such as `1h`. */
  readonly interval: string;
  /** Kind of contract. */
  readonly category: FetchRequest["category"];
  /** First day, `2024-01-01`, UTC. */
  readonly start: string;
  /** Day behind the last, likewise; empty for the present. */
  readonly end: string;
  /** Whether it may take the place of a market of the same name. */
  readonly replace: boolean;
}

const NAMES: SettingNames<FetchForm> = ["symbol", "interval", "category", "start", "end", "replace"];

/** A fetch, as the page shows it. */
export interface FetchJob {
  /** Its id. */
  readonly id: string;
  /** What is fetched, in words. */
  readonly title: string;
  /** Where it stands. */
  readonly status: "running" | "done" | "failed" | "cancelled";
  /** Bars held so far. */
  readonly fetched: number;
  /** Bars that the whole range would hold. */
  readonly total: number;
  /** Id of the market once it is done. */
  readonly market: string | null;
  /** Why it failed, in words. */
  readonly error: string | null;
}

const WORKER = new URL("../worker/data_fetch.ts", import.meta.url);
/** More would ask more often than Bybit likes. */
const MOST_RUNNING = 2;
const MOST_KEPT = 6;
/** Six years of minutes. */
const MOST_BARS = 3_200_000;

let jobs: readonly FetchJob[] = [];
const kills = new Map<string, () => void>();
const listeners = new Set<() => void>();

/** Calls `then` whenever a fetch has moved. */
export function onFetch(then: () => void): void {
  listeners.add(then);
}

/** The fetches, newest first. */
export function listFetches(): readonly FetchJob[] {
  return jobs;
}

function put(job: FetchJob): void {
  const others = jobs.filter(({ id }) => id !== job.id);
  const at = jobs.findIndex(({ id }) => id === job.id);
  jobs = at < 0 ? [job, ...others].slice(0, MOST_KEPT) : jobs.with(at, job);
  for (const tell of listeners) tell();
}

/**
 * Checks what a form asks for.
 *
 * @throws {TypeError} It is no such form.
 * @throws {FieldError} It holds a field that is not known.
 * @throws {RangeError} A field is out of range.
 */
export function parseFetch(
  input: unknown,
  now: number = Date.now(),
): Omit<FetchRequest, "path" | "baseUrl"> & { readonly replace: boolean; readonly name: string } {
  const { symbol, interval, category, start, end, replace } = requireSettings("Cannot fetch", input, NAMES);
  const name = String(symbol ?? "").trim().toUpperCase();
  if (!/^[A-Z0-9-]{2,30}$/.test(name)) {
    throw new RangeError("Cannot fetch: expected a symbol of letters and digits, such as BTCUSDT");
  }
  if (category !== "linear" && category !== "spot" && category !== "inverse") {
    throw new RangeError(`Cannot fetch: expected linear, spot or inverse, received ${String(category)}`);
  }
  const length = bybitInterval(String(interval ?? "")).name;
  const from = dayOf(start, "a first day");
  const to = end === "" || end === undefined ? now : Math.min(now, dayOf(end, "a last day"));
  if (from >= to) {
    throw new RangeError("Cannot fetch: expected the first day to lie before the end, and not ahead of us");
  }
  const bars = Math.ceil((to - from) / intervalMs(length));
  if (bars > MOST_BARS) {
    throw new RangeError(`Cannot fetch: expected at most ${MOST_BARS} bars at once, the range holds ${bars}`);
  }
  const kind = category === "linear" ? "" : `_${category}`;
  return {
    symbol: name,
    interval: length,
    category,
    start: from,
    end: to,
    replace: replace === true,
    name: marketFileName(`${name}${kind}_${length}.csv`),
  };
}

function dayOf(value: unknown, what: string): number {
  const time = typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
  if (Number.isNaN(time)) {
    throw new RangeError(`Cannot fetch: expected ${what} such as 2024-01-31, got "${String(value)}"`);
  }
  return time;
}

/**
 * Starts a fetch.
 *
 * @throws {RangeError} What is asked for is out of range.
 * @throws {HttpError} Two run already, or there is such a market and it is not to be replaced (409).
 */
export function startFetch(input: unknown): FetchJob {
  const { name, replace, ...range } = parseFetch(input);
  if (jobs.filter(({ status }) => status === "running").length >= MOST_RUNNING) {
    throw new HttpError(409, `${MOST_RUNNING} fetches are under way. Wait for one to end, or cancel it.`);
  }
  requireFree(name, replace);
  const [from, to] = [range.start, range.end].map((time) => new Date(time).toISOString().slice(0, 10));
  const job: FetchJob = {
    id: crypto.randomUUID(),
    title: `${range.symbol} ${range.interval} (${range.category}), ${from} to ${to}`,
    status: "running",
    fetched: 0,
    total: Math.ceil((range.end - range.start) / intervalMs(range.interval)),
    market: null,
    error: null,
  };
  put(job);
  void run(job, range, { name, replace });
  return job;
}

function requireFree(name: string, replace: boolean): void {
  const old = fileOfSameMarket(name);
  if (old === null || replace) return;
  throw new HttpError(409, `There is a market ${old} already. Tick "Replace" to fetch it anew.`);
}

async function run(
  job: FetchJob,
  range: Omit<FetchRequest, "path" | "baseUrl">,
  { name, replace }: { readonly name: string; readonly replace: boolean },
): Promise<void> {
  const path = incomingPath();
  const request: FetchRequest = { ...range, path, baseUrl: bybitServers().baseUrl };
  const { lines, kill } = startProcess<FetchLine>(WORKER, request, { write: [path], net: [hostOf(request.baseUrl)] });
  kills.set(job.id, kill);
  let current = job;
  try {
    for await (const line of lines) {
      if (line.kind === "failed") throw new Error(line.error);
      if (line.kind === "progress") current = { ...current, fetched: line.fetched, total: line.total };
      else {
        requireFree(name, replace);
        placeMarket(path, name);
        current = { ...current, fetched: line.bars, status: "done", market: `file:${name}` };
      }
      put(current);
    }
  } catch (error) {
    const cancelled = !kills.has(job.id);
    put({
      ...current,
      status: cancelled ? "cancelled" : "failed",
      error: cancelled ? null : (error as Error).message,
    });
  } finally {
    kills.delete(job.id);
    await Deno.remove(path).catch(() => {});
  }
}

/** Ends a fetch; nothing of it is kept. Returns whether it was running. */
export function cancelFetch(id: string): boolean {
  const kill = kills.get(id);
  if (kill === undefined) return false;
  kills.delete(id);
  kill();
  return true;
}
