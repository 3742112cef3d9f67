/**
 * How a worker process learns that its server is gone.
 * @module
 */

/** Calls `then` when standard input closes: the server holds it open for as long as it lives, and never sends anything. */
export async function whenOrphaned(then: () => void): Promise<void> {
  for await (const _ of Deno.stdin.readable) { /* nothing is ever sent */ }
  then();
}
