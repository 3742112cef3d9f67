/**
 * Results of jobs in SQLite: what a coordinator knows, whatever becomes of workers and servers. The first result of a job stays;
 * a second one that differs is a fault, and is kept as one. It runs nothing.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { type Database, type DatabaseOptions, openDatabase } from "./database.ts";

/** Migration `i` makes schema version `i + 1`; only ever appended to. */
const JOB_MIGRATIONS: readonly string[] = [
  `CREATE TABLE pool (fingerprint TEXT NOT NULL) STRICT;
   CREATE TABLE results (
     id TEXT PRIMARY KEY,
     kind TEXT NOT NULL,
     bytes BLOB NOT NULL,
     recorded_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE failures (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL,
     kind TEXT NOT NULL,
     error TEXT NOT NULL,
     recorded_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE blobs (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;`,
];

/** A job's result. */
export interface JobResult {
  /** The job's id. */
  readonly id: string;
  /** Its kind. */
  readonly kind: string;
  /** What it gave. */
  readonly bytes: Uint8Array;
}

/** A job that failed in each of its tries. */
export interface FailedJob {
  /** The job's id. */
  readonly id: string;
  /** Its kind. */
  readonly kind: string;
  /** Why. */
  readonly error: string;
  /** When that was written down, ms UTC. */
  readonly recordedAt: number;
}

/** The open file. */
export interface JobStore extends Disposable {
  /** The bytes of a job that is done; undefined of one that is not. */
  result(id: string): Uint8Array | undefined;
  /** Keeps results, all or none. @returns Ids of those that had other bytes before, which stay. */
  keep(results: readonly JobResult[]): string[];
  /** Writes a failure down; the job may be tried again later. */
  fail(job: { readonly id: string; readonly kind: string; readonly error: string }): void;
  /** All failures, oldest first. */
  failures(): FailedJob[];
  /** Jobs that are done. */
  readonly done: number;
  /** Keeps a blob under its hash. */
  keepBlob(hash: string, bytes: Uint8Array): void;
  /** Forgets a blob. */
  dropBlob(hash: string): void;
  /** A blob that was kept. */
  blob(hash: string): Uint8Array | undefined;
}

/**
 * Opens the file of a coordinator's results, and makes it if it is not there.
 *
 * @param path The SQLite file, or `":memory:"`.
 * @param fingerprint What the workers compute with; a file holds results of one.
 * @param options Waiting.
 * @returns The store; dispose it when done.
 * @throws {DataError} It is no such file, or its results are of another fingerprint.
 *
 * @example
 * ```ts
 * import { openJobStore } from "@adaptrade/adaptrade/store";
 * import { assertEquals } from "@std/assert";
 *
 * const store = await openJobStore(":memory:", "simd, Deno/2.9.6");
 * store.keep([{ id: "a", kind: "forecast", bytes: Uint8Array.of(1) }]);
 * assertEquals(store.keep([{ id: "a", kind: "forecast", bytes: Uint8Array.of(2) }]), ["a"]);
 * assertEquals(store.result("a"), Uint8Array.of(1));
 * store[Symbol.dispose]();
 * ```
 */
export async function openJobStore(
  path: string,
  fingerprint: string,
  options: Pick<DatabaseOptions, "busyTimeout"> = {},
): Promise<JobStore> {
  const db = await openDatabase(path, JOB_MIGRATIONS, options);
  const found = db.transaction(() => {
    const row = db.prepare("SELECT fingerprint FROM pool").get();
    if (!row) db.prepare("INSERT INTO pool (fingerprint) VALUES (?)").run(fingerprint);
    return row?.fingerprint ?? fingerprint;
  });
  if (found !== fingerprint) {
    db.close();
    throw new DataError(
      `Cannot open the results in ${path}: expected workers of the fingerprint ${found}, received ${fingerprint}; results ` +
        "of both may differ in their last bits, so give the build that it was begun with, or another file",
    );
  }
  return storeOf(db);
}

function storeOf(db: Database): JobStore {
  const bytesOf = (sql: string, key: string): Uint8Array | undefined => {
    const row = db.prepare(sql).get(key) as { readonly bytes: Uint8Array } | undefined;
    return row?.bytes;
  };
  const result = (id: string): Uint8Array | undefined => bytesOf("SELECT bytes FROM results WHERE id = ?", id);
  return {
    result,
    keep(results) {
      const add = db.prepare("INSERT INTO results (id, kind, bytes, recorded_at) VALUES (?, ?, ?, ?)");
      return db.transaction(() =>
        results.flatMap(({ id, kind, bytes }) => {
          const known = result(id);
          if (!known) add.run(id, kind, bytes, Date.now());
          else if (known.length !== bytes.length || known.some((byte, i) => byte !== bytes[i])) return [id];
          return [];
        })
      );
    },
    fail({ id, kind, error }) {
      db.prepare("INSERT INTO failures (id, kind, error, recorded_at) VALUES (?, ?, ?, ?)")
        .run(id, kind, error, Date.now());
    },
    failures() {
      const rows = db.prepare("SELECT * FROM failures ORDER BY number").all() as Record<string, unknown>[];
      return rows.map(({ id, kind, error, recorded_at }) => ({
        id: id as string,
        kind: kind as string,
        error: error as string,
        recordedAt: recorded_at as number,
      }));
    },
    get done() {
      return Number(db.prepare("SELECT count(*) AS count FROM results").get()!.count);
    },
    keepBlob(hash, bytes) {
      db.prepare("INSERT OR IGNORE INTO blobs (hash, bytes) VALUES (?, ?)").run(hash, bytes);
    },
    dropBlob(hash) {
      db.prepare("DELETE FROM blobs WHERE hash = ?").run(hash);
    },
    blob: (hash) => bytesOf("SELECT bytes FROM blobs WHERE hash = ?", hash),
    [Symbol.dispose]: () => db.close(),
  };
}
