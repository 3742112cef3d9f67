/**
 * Searches in SQLite: what each was asked, every decision before it is run, every result as it comes. A search that was killed is
 * replayed from it and decides the same. It runs nothing.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { Json } from "../pool/job.ts";
import { type Database, type DatabaseOptions, openDatabase } from "../store/database.ts";
import type { ScoredTrial, SearchLog } from "./search_log.ts";
import type { Trial } from "./search_method.ts";
import type { Configuration } from "./space.ts";

/** Migration `i` makes schema version `i + 1`; only ever appended to. */
const SEARCH_MIGRATIONS: readonly string[] = [
  `CREATE TABLE searches (
     name TEXT PRIMARY KEY,
     description TEXT NOT NULL,
     status TEXT NOT NULL CHECK (status IN ('running', 'done')),
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE search_trials (
     search TEXT NOT NULL REFERENCES searches (name) ON DELETE CASCADE,
     id INTEGER NOT NULL,
     round INTEGER NOT NULL,
     bracket INTEGER NOT NULL,
     rung INTEGER NOT NULL,
     budget REAL NOT NULL,
     configuration TEXT NOT NULL,
     parent INTEGER,
     decided_at INTEGER NOT NULL,
     ended_at INTEGER,
     loss REAL,
     detail TEXT,
     state BLOB,
     PRIMARY KEY (search, id)
   ) STRICT;`,
];

/** A search as kept. */
export interface SearchRecord {
  /** Its name. */
  readonly name: string;
  /** What it was asked: space, method, objective and seed. */
  readonly description: Json;
  /** Whether there is more to run. */
  readonly status: "running" | "done";
  /** Trials decided. */
  readonly decided: number;
  /** Trials finished. */
  readonly finished: number;
  /** When it was begun, ms UTC. */
  readonly createdAt: number;
  /** When it last changed, ms UTC. */
  readonly updatedAt: number;
}

/** A trial as kept. */
export interface TrialRow extends ScoredTrial {
  /** When it was decided, ms UTC. */
  readonly decidedAt: number;
  /** When it ended, ms UTC; null while it has not: its loss and detail are null then too. */
  readonly endedAt: number | null;
}

/** The open store. */
export interface SearchStore extends Disposable {
  /**
   * The log of a search, begun or gone on with.
   * @throws {DataError} There is another one of that name.
   */
  log(name: string, description: Json): SearchLog;
  /** All searches, newest first. */
  list(): SearchRecord[];
  /** The trials of a search, by id. */
  trials(name: string): TrialRow[];
  /** The state that a trial left, or null. */
  state(name: string, id: number): Uint8Array | null;
  /** Removes a search with its trials. */
  remove(name: string): void;
  /** A number that changes whenever another process has written to the file. */
  version(): number;
}

type Row = Record<string, unknown>;

function trialOf(row: Row): TrialRow {
  return {
    id: row.id as number,
    round: row.round as number,
    bracket: row.bracket as number,
    rung: row.rung as number,
    budget: row.budget as number,
    configuration: JSON.parse(row.configuration as string) as Configuration,
    parent: row.parent as number | null,
    loss: row.loss as number | null,
    detail: row.detail === null ? null : JSON.parse(row.detail as string) as Json,
    decidedAt: row.decided_at as number,
    endedAt: row.ended_at as number | null,
  };
}

const COLUMNS = "id, round, bracket, rung, budget, configuration, parent, loss, detail, decided_at, ended_at";

function trialsOf(db: Database, name: string): TrialRow[] {
  return (db.prepare(`SELECT ${COLUMNS} FROM search_trials WHERE search = ? ORDER BY id`).all(name) as Row[]).map(
    trialOf,
  );
}

function stateOf(db: Database, name: string, id: number): Uint8Array | null {
  const row = db.prepare("SELECT state FROM search_trials WHERE search = ? AND id = ?").get(name, id) as
    | Row
    | undefined;
  return row?.state ? new Uint8Array(row.state as Uint8Array) : null;
}

/** What of a trial was decided, as text: what must be the same when it is decided again. */
function decision({ id, round, bracket, rung, budget, configuration, parent }: Trial): string {
  return JSON.stringify([id, round, bracket, rung, budget, configuration, parent]);
}

function logOf(db: Database, name: string): SearchLog {
  const touch = (): void => void db.prepare("UPDATE searches SET updated_at = ? WHERE name = ?").run(Date.now(), name);
  return {
    decide: (trials) =>
      db.transaction(() => {
        const known = new Map(trialsOf(db, name).map((row) => [row.id, row]));
        const add = db.prepare(
          `INSERT INTO search_trials (search, id, round, bracket, rung, budget, configuration, parent, decided_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        );
        const finished: ScoredTrial[] = [];
        for (const trial of trials) {
          const { id, round, bracket, rung, budget, configuration, parent } = trial;
          const before = known.get(id);
          if (!before) {
            add.run(name, id, round, bracket, rung, budget, JSON.stringify(configuration), parent, Date.now());
          } else if (decision(before) !== decision(trial)) {
            throw new DataError(
              `Cannot go on with the search ${name}: expected trial ${id} to be ${
                decision(before)
              } as decided before, ` +
                `received ${decision(trial)}; it was begun by another version of its method`,
            );
          } else if (before.endedAt !== null) {
            const { decidedAt: _decided, endedAt: _ended, ...rest } = before;
            finished.push(rest);
          }
        }
        touch();
        return finished;
      }),
    finish({ id }, { loss, detail, state }) {
      db.transaction(() => {
        db.prepare("UPDATE search_trials SET loss = ?, detail = ?, state = ?, ended_at = ? WHERE search = ? AND id = ?")
          .run(loss, JSON.stringify(detail), state, Date.now(), name, id);
        touch();
      });
    },
    state: (id) => stateOf(db, name, id),
    end() {
      db.prepare("UPDATE searches SET status = 'done', updated_at = ? WHERE name = ?").run(Date.now(), name);
    },
  };
}

function storeOf(db: Database): SearchStore {
  return {
    log(name, description) {
      const text = JSON.stringify(description);
      db.transaction(() => {
        const row = db.prepare("SELECT description FROM searches WHERE name = ?").get(name) as Row | undefined;
        if (row && row.description !== text) {
          throw new DataError(
            `Cannot go on with the search ${name}: expected what it was asked before, ${row.description}, received ${text}; ` +
              "give this one another name",
          );
        }
        db.prepare("INSERT OR IGNORE INTO searches VALUES (?, ?, 'running', ?, ?)").run(
          name,
          text,
          Date.now(),
          Date.now(),
        );
      });
      return logOf(db, name);
    },
    list: () =>
      (db.prepare(
        `SELECT name, description, status, created_at, updated_at, count(id) AS decided, count(ended_at) AS finished
         FROM searches LEFT JOIN search_trials ON search = name GROUP BY name ORDER BY created_at DESC, name`,
      ).all() as Row[]).map((row) => ({
        name: row.name as string,
        description: JSON.parse(row.description as string) as Json,
        status: row.status as "running" | "done",
        decided: row.decided as number,
        finished: row.finished as number,
        createdAt: row.created_at as number,
        updatedAt: row.updated_at as number,
      })),
    trials: (name) => trialsOf(db, name),
    state: (name, id) => stateOf(db, name, id),
    remove: (name) => void db.prepare("DELETE FROM searches WHERE name = ?").run(name),
    version: () => Number(db.prepare("PRAGMA data_version").get()?.data_version),
    [Symbol.dispose]: () => db.close(),
  };
}

/**
 * Opens a file of searches, and makes it if it is not there. Several processes may have it open at once.
 *
 * @param path The SQLite file, or `":memory:"`.
 * @param options Waiting and writing.
 * @throws {DataError} The file cannot be opened, or is no such file.
 *
 * @example
 * ```ts
 * import { openSearches } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * using searches = await openSearches(":memory:");
 * searches.log("first", { seed: 1 });
 * assertEquals(searches.list().map(({ name, status }) => [name, status]), [["first", "running"]]);
 * ```
 */
export async function openSearches(path: string, options: DatabaseOptions = {}): Promise<SearchStore> {
  return storeOf(await openDatabase(path, SEARCH_MIGRATIONS, options));
}
