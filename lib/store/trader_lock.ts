/**
 * Who uses a trader's file, told by a lock that the system drops with the process, even one that is killed: those who have the
 * file open share it, and who would remove the file must have it alone. It is a lock of SQLite's on an empty file beside it.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { DataError } from "../data/candles.ts";
import { hostModule } from "../runtime.ts";
import { loadSqlite, type Sqlite } from "./sqlite.ts";

function lockFile(path: string): string {
  return `${path}-lock`;
}

function lock({ DatabaseSync }: Sqlite, path: string, statement: string): DatabaseSync {
  const connection = new DatabaseSync(lockFile(path));
  try {
    connection.exec(`PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; ${statement}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Holds a trader's file as one of its users, until it is disposed or the process ends.
 *
 * @param path The trader's file.
 * @throws {DataError} The file is being removed, or no lock can be made beside it.
 */
export async function shareTraderFile(path: string): Promise<Disposable> {
  const sqlite = await loadSqlite(`Cannot open the trader's file ${path}`);
  try {
    const connection = lock(sqlite, path, "BEGIN; SELECT count(*) FROM sqlite_master;");
    return {
      [Symbol.dispose]: (): void => {
        if (connection.isOpen) connection.close();
      },
    };
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name === "NotCapable") throw cause;
    throw new DataError(`Cannot open the trader's file ${path}: it cannot be locked: ${cause.message}`, { cause });
  }
}

/**
 * Removes a trader's file, and what belongs to it, where nobody uses it. A file that is not there is none to remove.
 *
 * @param path The trader's file.
 * @throws {DataError} A trader runs on it, here or in another process.
 *
 * @example
 * ```ts
 * import { openTraderStore } from "@adaptrade/adaptrade";
 * import { removeTraderFile } from "@adaptrade/adaptrade/store";
 * import { assertRejects } from "@std/assert";
 *
 * const path = `${await Deno.makeTempDir()}/trader.db`;
 * const store = await openTraderStore(path);
 * await assertRejects(() => removeTraderFile(path), Error, "a trader runs on it");
 * store.close();
 * await removeTraderFile(path);
 * ```
 */
export async function removeTraderFile(path: string): Promise<void> {
  const { rm, stat } = await hostModule(`Cannot remove ${path}`, "node:fs", () => import("node:fs/promises"));
  const missing = await stat(path).then(() => false, ({ code }) => code === "ENOENT");
  if (missing) return;
  const sqlite = await loadSqlite(`Cannot remove the trader's file ${path}`);
  let connection: DatabaseSync;
  try {
    connection = lock(sqlite, path, "BEGIN EXCLUSIVE;");
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.includes("locked")) throw cause;
    throw new DataError(`Cannot remove the trader's file ${path}: a trader runs on it; stop it first`, { cause });
  }
  try {
    for (const file of [path, `${path}-wal`, `${path}-shm`]) await rm(file, { force: true });
  } finally {
    connection.close();
  }
  await rm(lockFile(path), { force: true });
}
