/**
 * Joining a pool: its fingerprint is that of whoever came first, and whoever has another is refused, by name.
 * @module
 */
import type { Broker } from "./broker.ts";

/** A worker, a coordinator or a whole pool would mix fingerprints. */
export class FingerprintError extends Error {
  /** The class name, for logs. */
  override readonly name = "FingerprintError";
}

/** Takes or compares the fingerprint. @throws {FingerprintError} The pool has another. */
export async function joinPool(broker: Broker, own: string): Promise<void> {
  const found = await broker.claim(own);
  if (found === own) return;
  throw new FingerprintError(
    `Cannot join the pool: it computes with ${found}, this process with ${own}; their results may differ in the last bits. ` +
      "Give all the same adaptrade and Deno, and the build simd where processors differ; an emptied data directory begins a new pool",
  );
}

/**
 * Tries again until it succeeds or the signal is aborted; what the server lost meanwhile is made again.
 * @throws {Error} The server does not take this member any more, as where its token was changed.
 */
export async function rejoin(broker: Broker, own: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const closed = broker.closed();
    if (closed !== undefined) {
      throw new Error(`Cannot go on with the pool: its server was there again and ended the connection, "${closed}"`);
    }
    try {
      await broker.ensure();
      return await joinPool(broker, own);
    } catch (error) {
      if (error instanceof FingerprintError) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
