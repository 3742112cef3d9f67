/**
 * Training runs in SQLite: what was asked for, how far it is, the curve, the checkpoints. Trainer and observers are different
 * processes that meet in this file alone: the trainer writes, the observers read and leave requests. It trains nothing, and
 * does not look into configs and checkpoints.
 *
 * A run has one owner at a time, a token of the process that trains it. Writes of a former owner are refused
 * ({@linkcode OwnershipError}), so two processes never train one run, whatever was killed or restarted.
 * @module
 */
import { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
import { RUN_MIGRATIONS } from "./runs_schema.ts";

/** Where a run stands. `queued` waits for a trainer; `paused` and `stopped` can go on from their checkpoint. */
export type RunStatus = "queued" | "running" | "paused" | "stopped" | "done" | "failed";

/** What an observer may ask of a running trainer. */
export type RunRequest = "pause" | "stop";

/** A run as stored. */
export interface RunRecord {
  /** Its id. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Where it stands. */
  readonly status: RunStatus;
  /** What was asked for, JSON of the caller's making. */
  readonly config: unknown;
  /** Outer steps made. */
  readonly step: number;
  /** Outer steps asked for. */
  readonly steps: number;
  /** When it was made, ms UTC. */
  readonly createdAt: number;
  /** When it last changed, ms UTC. */
  readonly updatedAt: number;
  /** What was asked of the trainer and not yet done. */
  readonly request: RunRequest | null;
  /** Token of the process that trains it, or null. */
  readonly owner: string | null;
  /** Why it failed, or null. */
  readonly error: string | null;
  /** What came of it, JSON of the trainer's making, or null. */
  readonly result: unknown;
  /** Words that people put on it to find it again, in alphabetical order, none twice. */
  readonly tags: readonly string[];
}

/** One point of a run's curve. */
export interface RunPoint {
  /** Outer steps made. */
  readonly step: number;
  /** Mean meta-loss of the steps since the last point, or null. */
  readonly train: number | null;
  /** Loss on the validation tasks, or null. */
  readonly validation: number | null;
  /** Whatever else was measured, JSON of the caller's making. */
  readonly detail: unknown;
}

/** A checkpoint as stored. */
export interface RunCheckpoint {
  /** Outer steps made when it was taken. */
  readonly step: number;
  /** Validation loss then, or null. */
  readonly validation: number | null;
  /** What `encodeState` or `encodeForecaster` gave. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The last state, or the one with the lowest validation loss. */
export type CheckpointKind = "latest" | "best";

/** What the trainer reports at once: all of it is kept, or nothing. */
export interface RunReport {
  /** Outer steps made. */
  readonly step: number;
  /** A point of the curve. */
  readonly point?: RunPoint;
  /** Checkpoints to replace. */
  readonly checkpoints?: Readonly<Partial<Record<CheckpointKind, RunCheckpoint>>>;
  /** What came of it, JSON. */
  readonly result?: unknown;
}

/** Thrown where a process writes to a run that another one has taken over. */
export class OwnershipError extends Error {
  /** Makes the error. */
  constructor(id: string) {
    super(`Cannot write to run ${id}: another process has taken it over`);
    this.name = "OwnershipError";
  }
}

/** The open store. */
export interface RunStore extends Disposable {
  /** Adds a queued run. */
  create(run: { readonly name: string; readonly config: unknown; readonly steps: number }): RunRecord;
  /** A run, or undefined. */
  get(id: string): RunRecord | undefined;
  /** All runs, newest first. */
  list(): RunRecord[];
  /** Points of a run behind a step, ascending; `most` thins them evenly, keeping the last. */
  points(id: string, options?: { readonly after?: number; readonly most?: number }): RunPoint[];
  /** A checkpoint, or undefined. */
  checkpoint(id: string, kind: CheckpointKind): RunCheckpoint | undefined;
  /** Makes `owner` the trainer of a run and sets it running; forgets points behind the last checkpoint. */
  claim(id: string, owner: string): void;
  /** Keeps what the trainer reports. @throws {OwnershipError} */
  report(id: string, owner: string, report: RunReport): void;
  /** The trainer ends its work with a status. @throws {OwnershipError} */
  finish(id: string, owner: string, status: RunStatus, error?: string): void;
  /** Asks the trainer of a running run for something; a queued run changes at once. */
  request(id: string, request: RunRequest): void;
  /** Queues a run that is not done, to go on from its checkpoint. */
  queue(id: string): void;
  /** Calls a run by another name. */
  rename(id: string, name: string): void;
  /** Puts these tags on a run in place of those it has. */
  tag(id: string, tags: readonly string[]): void;
  /** Removes a run with its points and checkpoints. */
  remove(id: string): void;
  /** A number that changes whenever another process has written to the file. */
  version(): number;
}

type Row = Record<string, unknown>;

/**
 * Opens the store, and makes it if it is not there.
 *
 * @example
 * ```ts
 * import { openRuns } from "@adaptrade/adaptrade/store";
 * import { assertEquals } from "@std/assert";
 *
 * using runs = await openRuns(":memory:");
 * const { id } = runs.create({ name: "mine", config: { lr: 0.01 }, steps: 100 });
 * assertEquals(runs.get(id)?.name, "mine");
 * ```
 */
export async function openRuns(path: string, options: DatabaseOptions = {}): Promise<RunStore> {
  return storeOf(await openDatabase(path, RUN_MIGRATIONS, options));
}

function storeOf(db: Database): RunStore {
  const get = (id: string) => {
    const row = db.prepare("SELECT * FROM runs WHERE id = ?").get(id) as Row | undefined;
    return row && runOf(row);
  };
  const owned = (id: string, owner: string) => {
    if (get(id)?.owner !== owner) throw new OwnershipError(id);
  };
  return {
    get,
    create({ name, config, steps }) {
      const id = newId();
      db.prepare(
        "INSERT INTO runs (id, name, status, config, steps, created_at, updated_at) VALUES (?, ?, 'queued', ?, ?, ?, ?)",
      ).run(id, name, JSON.stringify(config), steps, Date.now(), Date.now());
      return get(id)!;
    },
    list: () => (db.prepare("SELECT * FROM runs ORDER BY created_at DESC, id DESC").all() as Row[]).map(runOf),
    points: (id, { after = -1, most } = {}) => readPoints(db, id, after, most),
    checkpoint(id, kind) {
      const row = db.prepare("SELECT step, validation, bytes FROM run_checkpoints WHERE run = ? AND kind = ?")
        .get(id, kind) as unknown as RunCheckpoint | undefined;
      return row && { step: row.step, validation: row.validation, bytes: new Uint8Array(row.bytes) };
    },
    claim: (id, owner) =>
      db.transaction(() => {
        db.prepare(
          `DELETE FROM run_points WHERE run = ?1 AND step >
             coalesce((SELECT step FROM run_checkpoints WHERE run = ?1 AND kind = 'latest'), -1)`,
        ).run(id);
        db.prepare(
          `UPDATE runs SET owner = ?, status = 'running', error = NULL, updated_at = ?, step =
             coalesce((SELECT step FROM run_checkpoints WHERE run = runs.id AND kind = 'latest'), 0) WHERE id = ?`,
        ).run(owner, Date.now(), id);
      }),
    report: (id, owner, report) => db.transaction(() => (owned(id, owner), writeReport(db, id, report))),
    finish: (id, owner, status, error) =>
      db.transaction(() => {
        owned(id, owner);
        db.prepare("UPDATE runs SET status = ?, error = ?, request = NULL, owner = NULL, updated_at = ? WHERE id = ?")
          .run(status, error ?? null, Date.now(), id);
      }),
    request(id, request) {
      db.prepare(
        `UPDATE runs SET updated_at = ?1,
           status = CASE WHEN status = 'running' THEN status WHEN ?2 = 'pause' THEN 'paused' ELSE 'stopped' END,
           request = CASE WHEN status = 'running' THEN ?2 END
         WHERE id = ?3 AND (status IN ('running', 'queued') OR (status = 'paused' AND ?2 = 'stop'))`,
      ).run(Date.now(), request, id);
    },
    queue(id) {
      db.prepare(
        "UPDATE runs SET status = 'queued', request = NULL, owner = NULL, error = NULL, updated_at = ? WHERE id = ? AND status <> 'done'",
      ).run(Date.now(), id);
    },
    rename: (id, name) =>
      void db.prepare("UPDATE runs SET name = ?, updated_at = ? WHERE id = ?").run(name, Date.now(), id),
    tag: (id, tags) =>
      void db.prepare("UPDATE runs SET tags = ?, updated_at = ? WHERE id = ?")
        .run(JSON.stringify([...new Set(tags)].sort()), Date.now(), id),
    remove: (id) => void db.prepare("DELETE FROM runs WHERE id = ?").run(id),
    version: () => Number(db.prepare("PRAGMA data_version").get()?.data_version),
    [Symbol.dispose]: () => db.close(),
  };
}

function readPoints(db: Database, id: string, after: number, most: number | undefined): RunPoint[] {
  const rows = db.prepare(
    "SELECT step, train, validation, detail FROM run_points WHERE run = ? AND step > ? ORDER BY step",
  ).all(id, after) as Row[];
  return thin(rows, most).map((row) => ({
    step: row.step as number,
    train: row.train as number | null,
    validation: row.validation as number | null,
    detail: JSON.parse(row.detail as string),
  }));
}

function writeReport(db: Database, id: string, { step, point, checkpoints = {}, result }: RunReport): void {
  db.prepare("UPDATE runs SET step = ?, updated_at = ? WHERE id = ?").run(step, Date.now(), id);
  if (result !== undefined) db.prepare("UPDATE runs SET result = ? WHERE id = ?").run(JSON.stringify(result), id);
  if (point) {
    db.prepare("INSERT OR REPLACE INTO run_points (run, step, train, validation, detail) VALUES (?, ?, ?, ?, ?)")
      .run(id, point.step, point.train, point.validation, JSON.stringify(point.detail));
  }
  for (const [kind, checkpoint] of Object.entries(checkpoints)) {
    db.prepare("INSERT OR REPLACE INTO run_checkpoints (run, kind, step, validation, bytes) VALUES (?, ?, ?, ?, ?)")
      .run(id, kind, checkpoint.step, checkpoint.validation, checkpoint.bytes);
  }
}

/** Every n-th from the end, so that the last is kept. */
function thin<Point>(points: Point[], most: number | undefined): Point[] {
  if (most === undefined || points.length <= most) return points;
  const every = Math.ceil(points.length / most);
  return points.filter((_, index) => (points.length - 1 - index) % every === 0);
}

function runOf(row: Row): RunRecord {
  return {
    id: row.id as string,
    name: row.name as string,
    status: row.status as RunStatus,
    config: JSON.parse(row.config as string),
    step: row.step as number,
    steps: row.steps as number,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
    request: row.request as RunRequest | null,
    owner: row.owner as string | null,
    error: row.error as string | null,
    result: row.result === null ? null : JSON.parse(row.result as string),
    tags: JSON.parse(row.tags as string),
  };
}

/** Ten characters of base 36: unique enough for one file, short enough for an address. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => (byte % 36).toString(36)).join("");
}
