/**
 * The workers of the pool that ADAPTRADE_POOL names, asked anew each time: whoever looks holds no connection, and a server that comes
 * back is found again. The token in the address is for the server alone.
 * @module
 */
import { openPool, type PoolWorker } from "@adaptrade/adaptrade/pool";

/** A pool's workers now. */
export interface PoolView {
  /** Those that answer, by name. */
  readonly workers: readonly PoolWorker[];
  /** Why they could not be asked; null where they could. */
  readonly problem: string | null;
}

/** The address of the pool, or null where none was chosen. `local` is none: its threads are of the process that opens it. */
export function poolAddress(): string | null {
  const at = Deno.env.get("ADAPTRADE_POOL") ?? "local";
  return at === "local" ? null : at;
}

/** Asks the workers of a pool. */
export async function listWorkers(at: string): Promise<PoolView> {
  try {
    await using pool = await openPool(at);
    const workers = await pool.workers();
    return { workers: workers.toSorted((a, b) => a.name.localeCompare(b.name, "en")), problem: null };
  } catch (error) {
    return { workers: [], problem: error instanceof Error ? error.message : String(error) };
  }
}
