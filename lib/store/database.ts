/**
 * A SQLite file that a kill at any moment leaves whole: write-ahead log, every commit synced, a schema that is migrated in
 * one transaction. It knows no tables of its own. `node:sqlite` is imported when a file is opened, never before, so this
 * module loads in a browser too.
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DataError } from "../data/candles.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { loadSqlite } from "./sqlite.ts";

/** How a database is opened. */
export interface DatabaseOptions {
  /** How long to wait for another process' write before giving up, ms (default 5,000). */
  readonly busyTimeout?: number;
  /** Opens a file that must exist, and refuses to write (default false). */
  readonly readOnly?: boolean;
}

const DATABASE_KEYS: OptionKeys<DatabaseOptions> = { busyTimeout: true, readOnly: true };

/** An open database. Close it, or let `using` do so. */
export interface Database extends Disposable {
  /** Path of the file. */
  readonly path: string;
  /** The statement of a text; compiled once and kept. */
  prepare(sql: string): StatementSync;
  /** Runs statements whose results do not matter. */
  exec(sql: string): void;
  /**
   * Runs `work` in one transaction: all of it is committed and synced, or (if it throws) none of it.
   * Transactions do not nest, and `work` must be synchronous.
   */
  transaction<T>(work: () => T): T;
  /** Closes the file; closing twice does no harm. */
  close(): void;
}

/** Runs `work` between BEGIN and COMMIT. BEGIN IMMEDIATE takes the write lock at once: a later upgrade could fail halfway. */
function inTransaction<T>(connection: DatabaseSync, work: () => T): T {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    if (result instanceof Promise) {
      throw new TypeError("Cannot run a transaction: expected a synchronous function, received one that is async");
    }
    connection.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite itself rolls back after some failures (a full disk); a second ROLLBACK would then hide the cause.
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

function userVersion(connection: DatabaseSync): number {
  return Number(connection.prepare("PRAGMA user_version").get()?.user_version);
}

/** Refuses a file that another program or another store made, before anything of it is changed. */
function requireOwn(connection: DatabaseSync, path: string, migrations: readonly string[]): void {
  const first = /CREATE TABLE (\w+)/i.exec(migrations[0])?.[1];
  const rows = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  const tables = rows.map(({ name }) => String(name));
  if (first === undefined || tables.length === 0 || tables.includes(first)) return;
  throw new DataError(
    `Cannot open the database ${path}: expected a file with the table ${first}, or a new one, received one with ` +
      `${tables.slice(0, 5).join(", ")}: it keeps something else`,
  );
}

function migrate(connection: DatabaseSync, path: string, migrations: readonly string[]): void {
  const refuseNewer = (version: number): void => {
    if (version > migrations.length) {
      throw new DataError(
        `Cannot open the database ${path}: expected schema version ${migrations.length} or older, received ${version}: ` +
          `a newer version of adaptrade wrote it`,
      );
    }
  };
  refuseNewer(userVersion(connection));
  if (userVersion(connection) === migrations.length) return;
  inTransaction(connection, () => {
    // Read again under the lock: another process may have migrated meanwhile.
    const version = userVersion(connection);
    refuseNewer(version);
    for (const sql of migrations.slice(version)) connection.exec(sql);
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/**
 * Opens a database, makes it if it is not there, and brings its schema up to date.
 *
 * @param path The file, or `":memory:"`. WAL puts `-wal` and `-shm` files beside it; they belong to it.
 * @param migrations SQL scripts: the first `i` of them make schema version `i` (`user_version`). Only ever append to them.
 * @param options Waiting and writing.
 * @throws {DataError} The file cannot be opened, is no database, keeps something else, or was written by a newer version of the
 * schema; or it is opened read-only at an older one.
 *
 * @example
 * ```ts
 * import { openDatabase } from "@adaptrade/adaptrade/store";
 * import { assertEquals } from "@std/assert";
 *
 * using database = await openDatabase(":memory:", ["CREATE TABLE note (text TEXT)"]);
 * database.prepare("INSERT INTO note VALUES (?)").run("first");
 * assertEquals(database.prepare("SELECT text FROM note").get()?.text, "first");
 * ```
 */
export async function openDatabase(
  path: string,
  migrations: readonly string[],
  options: DatabaseOptions = {},
): Promise<Database> {
  requireKnownKeys("Cannot open the database", "options", options, DATABASE_KEYS);
  const { busyTimeout = 5000, readOnly = false } = options;
  if (!Number.isInteger(busyTimeout) || busyTimeout < 0) {
    throw new RangeError(`Cannot open the database ${path}: expected busyTimeout in whole ms, received ${busyTimeout}`);
  }
  const { DatabaseSync } = await loadSqlite(`Cannot open the database ${path}`);
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { readOnly });
    connection.exec(`PRAGMA busy_timeout = ${busyTimeout}; PRAGMA foreign_keys = ON;`);
    requireOwn(connection, path, migrations);
    if (!readOnly) connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    if (!readOnly) migrate(connection, path, migrations);
    else if (userVersion(connection) !== migrations.length) {
      throw new DataError(
        `Cannot open the database ${path}: expected schema version ${migrations.length}, received ${
          userVersion(connection)
        }`,
      );
    }
  } catch (error) {
    connection?.close();
    if (error instanceof DataError || !(error instanceof Error) || error.name === "NotCapable") throw error;
    throw new DataError(`Cannot open the database ${path}: ${error.message}`, { cause: error });
  }
  return wrap(path, connection);
}

function wrap(path: string, connection: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>();
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    statements.clear();
    connection.close();
  };
  return {
    path,
    prepare(sql: string): StatementSync {
      const known = statements.get(sql);
      if (known) return known;
      const made = connection.prepare(sql);
      statements.set(sql, made);
      return made;
    },
    exec: (sql: string): void => connection.exec(sql),
    transaction: <T>(work: () => T): T => inTransaction(connection, work),
    close,
    [Symbol.dispose]: close,
  };
}
