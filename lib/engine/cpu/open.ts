/**
 * The CPU engine: programs compiled to SIMD WebAssembly over threads. A task's whole inner loop, and the way back through it, is
 * one call. Results are the same, bit for bit, whatever the number of threads.
 * @module
 */
import { openTurns } from "../../event_loop.ts";
import type { Engine } from "../engine.ts";
import { type BuildName, canShare, chooseBuild, MAX_PAGES, openMemory } from "./build.ts";
import { openHeap } from "./heap.ts";
import { machineThreads, startHelper } from "./helper.ts";
import { openPool } from "./pool.ts";
import { programCalls } from "./program/calls.ts";
import { openResidentPrograms } from "./program/resident.ts";
import type { Session } from "./session.ts";
import { residentUpdate } from "./update.ts";
import { openUpdateKernels } from "./update_kernels.ts";
import { CONTROL_BYTES } from "./worker_source.ts";

/** First byte that is handed out: no block lies at 0. */
const HEAP_BASE = 64;

/** How a CPU engine is opened. */
export interface CpuEngineOptions {
  /** Threads, the caller included, at least 1 (default: all cores). Without shared memory there is one. */
  readonly threads?: number;
  /** What programs are compiled for (default: the fastest that the host runs). */
  readonly build?: BuildName;
}

/**
 * Opens the CPU engine.
 *
 * @param options Threads and build.
 * @returns The engine; disposing it ends its workers.
 * @throws {RangeError} `threads` is not a positive integer.
 */
export async function openCpuEngine(options: CpuEngineOptions = {}): Promise<Engine> {
  const wanted = options.threads ?? await machineThreads();
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw new RangeError(`Cannot open the CPU engine: threads must be an integer of at least 1, got ${wanted}`);
  }
  const build = options.build ?? chooseBuild(wanted > 1 && canShare());
  const shared = build.endsWith("Shared");
  const target = { relaxed: build.startsWith("relaxed"), shared };
  const memory = openMemory(shared);
  const heap = openHeap(memory, HEAP_BASE);
  const control = heap.take(CONTROL_BYTES);
  const turn = openTurns();
  const start = await startHelper();
  const pool = openPool({ memory, control, threads: shared ? wanted : 1, start, turn });
  let queue: Promise<unknown> = Promise.resolve();
  const session: Session = {
    heap,
    pool,
    update: residentUpdate(await openUpdateKernels(memory, target), heap),
    room: { at: 0, size: 0 },
    exclusively<T>(work: () => Promise<T>): Promise<T> {
      const result = queue.then(turn).then(work);
      queue = result.catch(() => {});
      return result;
    },
  };
  return {
    info: {
      backend: "cpu",
      adapter: target.relaxed ? "WebAssembly relaxed SIMD" : "WebAssembly SIMD",
      isFallback: false,
      threads: pool.threads,
      limits: { maxMemoryBytes: MAX_PAGES * 65536 },
    },
    get heldBytes(): number {
      return heap.bytes;
    },
    ...programCalls(session, openResidentPrograms(memory, heap, target)),
    async [Symbol.asyncDispose](): Promise<void> {
      await queue;
      await pool.close();
    },
  };
}
