/**
 * The paper traders there are, in SQLite: what each was asked for, where it stands, what it told. Worker and server are different
 * processes that meet in this file; a trader's life itself (bars, forecasts, fills) is in a file of its own, `trader_store.ts`.
 *
 * A trader has one owner at a time, a token of the process that runs it; writes of a former owner are refused.
 * @module
 */
import { type Database, openDatabase } from "@adaptrade/adaptrade/store";
import type { OnlineForecasting } from "../components/online_forecast.ts";
import { keptOnline, type OnlineSettings } from "./online_config.ts";

/** Where a trader stands. `stopped` and `failed` can go on; `done` has come to the end of its replay. */
export type OnlineStatus = "running" | "stopped" | "done" | "failed";

/** A trader as stored. */
export interface OnlineRecord {
  /** Its id. */
  readonly id: string;
  /** What was asked for. */
  readonly settings: OnlineSettings;
  /** Where it stands. */
  readonly status: OnlineStatus;
  /** Whether it was asked to stop and has not yet. */
  readonly stopping: boolean;
  /** Token of the process that runs it, or null. */
  readonly owner: string | null;
  /** Why it failed, or null. */
  readonly error: string | null;
  /** What it last said of itself, or null. */
  readonly report: OnlineReport | null;
  /** When it was made, ms UTC. */
  readonly createdAt: number;
  /** When it last changed, ms UTC. */
  readonly updatedAt: number;
}

/** What a running trader says of itself now and then. */
export interface OnlineReport {
  /** Bars acted on. */
  readonly bars: number;
  /** Bars of the whole replay; null live. */
  readonly total: number | null;
  /** Open time of the last bar, ms UTC; null before the first. */
  readonly time: number | null;
  /** Equity at its close. */
  readonly equity: number;
  /** Equity at the beginning. */
  readonly capital: number;
  /** Position at its close, as a fraction of equity. */
  readonly held: number;
  /** All costs so far. */
  readonly costs: number;
  /** Meta-updates made, refused for not being finite, and forecasts withheld. */
  readonly updates: number;
  /** Updates refused. */
  readonly rejected: number;
  /** Forecasts withheld. */
  readonly withheld: number;
  /** What it forecasts; absent in reports of before forecasters traded. */
  readonly forecasts?: OnlineForecasting;
  /** Forecasts whose label is known. */
  readonly judged: number;
  /** How often the truth fell within the intervals; null shares before the first. */
  readonly calibration: readonly {
    readonly level: number;
    readonly share: number | null;
    readonly tolerance: number | null;
    /** Farthest that the share can be off whatever the market does; absent in reports of before adaptive intervals. */
    readonly bound?: number | null;
  }[];
}

/** Something that happened to a trader besides its trades. */
export interface OnlineEvent {
  /** Its number, ascending. */
  readonly id: number;
  /** Open time of the last bar before it, ms UTC; null before the first. */
  readonly time: number | null;
  /** When, by the clock, ms UTC. */
  readonly at: number;
  /** What kind: `started`, `stopped`, `gap`, `connected`, ... */
  readonly kind: string;
  /** In words. */
  readonly text: string;
}

/** Thrown where a process writes to a trader that another one has taken over. */
export class TakenOverError extends Error {
  /** Makes the error. */
  constructor(id: string) {
    super(`Cannot write to trader ${id}: another process has taken it over`);
    this.name = "TakenOverError";
  }
}

/** The open store. */
export interface OnlineStore extends Disposable {
  /** Adds a trader, not yet owned. */
  create(settings: OnlineSettings): OnlineRecord;
  /** A trader, or undefined. */
  get(id: string): OnlineRecord | undefined;
  /** All traders, newest first. */
  list(): OnlineRecord[];
  /** Makes `owner` the process that runs it. */
  claim(id: string, owner: string): void;
  /** Keeps what the worker says of the trader. @throws {TakenOverError} */
  report(id: string, owner: string, report: OnlineReport): void;
  /** Notes an event. @throws {TakenOverError} */
  tell(id: string, owner: string, event: Omit<OnlineEvent, "id">): void;
  /** The worker ends its work. @throws {TakenOverError} */
  finish(id: string, owner: string, status: OnlineStatus, error?: string): void;
  /** Asks the worker to stop. */
  stop(id: string): void;
  /** The last events, oldest first. */
  events(id: string, most: number): OnlineEvent[];
  /** Keeps other settings of a trader. */
  change(id: string, settings: OnlineSettings): void;
  /** Removes a trader and its events. */
  remove(id: string): void;
}

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE traders (
     id TEXT PRIMARY KEY,
     settings TEXT NOT NULL,
     status TEXT NOT NULL CHECK (status IN ('running', 'stopped', 'done', 'failed')),
     stopping INTEGER NOT NULL DEFAULT 0,
     owner TEXT,
     error TEXT,
     report TEXT,
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE trader_events (
     id INTEGER PRIMARY KEY,
     trader TEXT NOT NULL REFERENCES traders (id) ON DELETE CASCADE,
     time INTEGER,
     at INTEGER NOT NULL,
     kind TEXT NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_by_trader ON trader_events (trader, id);`,
];

/** Opens the store, and makes it if it is not there. */
export async function openOnlineStore(path: string): Promise<OnlineStore> {
  return storeOf(await openDatabase(path, MIGRATIONS));
}

function storeOf(db: Database): OnlineStore {
  const get = (id: string) => {
    const row = db.prepare("SELECT * FROM traders WHERE id = ?").get(id);
    return row && recordOf(row);
  };
  const owned = (id: string, owner: string) => {
    if (get(id)?.owner !== owner) throw new TakenOverError(id);
  };
  return {
    get,
    list: () => db.prepare("SELECT * FROM traders ORDER BY created_at DESC, id DESC").all().map(recordOf),
    create(settings) {
      const id = crypto.randomUUID().slice(0, 8);
      db.prepare("INSERT INTO traders (id, settings, status, created_at, updated_at) VALUES (?, ?, 'running', ?, ?)")
        .run(id, JSON.stringify(settings), Date.now(), Date.now());
      return get(id)!;
    },
    claim: (id, owner) =>
      void db.prepare(
        "UPDATE traders SET owner = ?, status = 'running', stopping = 0, error = NULL, updated_at = ? WHERE id = ?",
      ).run(owner, Date.now(), id),
    report: (id, owner, report) =>
      db.transaction(() => {
        owned(id, owner);
        db.prepare("UPDATE traders SET report = ?, updated_at = ? WHERE id = ?")
          .run(JSON.stringify(report), Date.now(), id);
      }),
    tell: (id, owner, { time, at, kind, text }) =>
      db.transaction(() => {
        owned(id, owner);
        db.prepare("INSERT INTO trader_events (trader, time, at, kind, text) VALUES (?, ?, ?, ?, ?)")
          .run(id, time, at, kind, text);
        db.prepare("UPDATE traders SET updated_at = ? WHERE id = ?").run(Date.now(), id);
      }),
    finish: (id, owner, status, error) =>
      db.transaction(() => {
        owned(id, owner);
        db.prepare(
          "UPDATE traders SET status = ?, error = ?, stopping = 0, owner = NULL, updated_at = ? WHERE id = ?",
        ).run(status, error ?? null, Date.now(), id);
      }),
    stop: (id) =>
      void db.prepare("UPDATE traders SET stopping = 1, updated_at = ? WHERE id = ? AND status = 'running'")
        .run(Date.now(), id),
    events: (id, most) =>
      (db.prepare("SELECT id, time, at, kind, text FROM trader_events WHERE trader = ? ORDER BY id DESC LIMIT ?")
        .all(id, most) as unknown as OnlineEvent[]).reverse(),
    change: (id, settings) =>
      void db.prepare("UPDATE traders SET settings = ?, updated_at = ? WHERE id = ?")
        .run(JSON.stringify(settings), Date.now(), id),
    remove: (id) => void db.prepare("DELETE FROM traders WHERE id = ?").run(id),
    [Symbol.dispose]: () => db.close(),
  };
}

function recordOf(row: Record<string, unknown>): OnlineRecord {
  return {
    id: row.id as string,
    settings: keptOnline(JSON.parse(row.settings as string)),
    status: row.status as OnlineStatus,
    stopping: row.stopping === 1,
    owner: row.owner as string | null,
    error: row.error as string | null,
    report: row.report === null ? null : JSON.parse(row.report as string),
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}
