/**
 * The pool that an example was asked for, with what its user should know of it before waiting for it.
 * @module
 */
import { openPool, type Pool } from "@adaptrade/adaptrade/pool";
import { UsageError } from "./cli.ts";

/** Warnings of a pool, and what to do where nobody works for it yet. */
export async function poolNotes(pool: Pool): Promise<readonly string[]> {
  if ((await pool.workers()).length > 0) return pool.info.warnings;
  const { host } = new URL(pool.info.at);
  return [
    ...pool.info.warnings,
    `No worker has joined ${pool.info.at} yet, so this waits; "deno task worker nats://TOKEN@${host}" runs one`,
  ];
}

/**
 * Opens a pool, here or at a server, and tells its notes.
 * @throws {UsageError} It is none, or does not take this process: whoever runs the example can mend that.
 */
export async function openChosenPool(at: string, workers: number | undefined): Promise<Pool> {
  const pool = await openPool(at, workers === undefined ? {} : { workers }).catch((cause: Error) => {
    throw new UsageError(cause.message);
  });
  for (const note of await poolNotes(pool)) console.warn(note);
  return pool;
}
