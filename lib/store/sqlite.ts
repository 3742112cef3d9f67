/**
 * The host's SQLite, loaded when a file is opened. A runtime without it is told which has it; there is no second way to store.
 * @module
 */
import { hostModule } from "../runtime.ts";

/** The module. */
export type Sqlite = typeof import("node:sqlite");

/**
 * Loads it.
 *
 * @param what What was asked for, as the message begins.
 * @throws {Error} The runtime has none.
 */
export function loadSqlite(what: string): Promise<Sqlite> {
  return hostModule(what, "node:sqlite (Deno, Bun and Node from 22.13 have it)", () => import("node:sqlite"));
}
