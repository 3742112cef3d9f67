/**
 * The CPU engine: SIMD WebAssembly kernels over threads. A task's whole inner loop, and the way back through it, is one call.
 * Results are the same, bit for bit, whatever the number of threads.
 * @module
 */
import type { Engine, FusedEngine } from "../engine.ts";
import { type BuildName, canShare, chooseBuild, compileBuild, type Kernels, MAX_PAGES, openMemory } from "./build.ts";
import { fusedGradient } from "./fused_gradient.ts";
import { cpuMethods } from "./methods.ts";
import { programCalls } from "./program/calls.ts";
import { openResidentPrograms } from "./program/resident.ts";
import { openHeap } from "./heap.ts";
import { machineThreads, startHelper } from "./helper.ts";
import { openPool } from "./pool.ts";
import { routeEngine } from "../route.ts";
import type { Session } from "./session.ts";
import { openResidentTraining } from "./training.ts";
import { CONTROL_BYTES } from "./worker_source.ts";
import { openTurns } from "../../event_loop.ts";

/** How a CPU engine is opened. */
export interface CpuEngineOptions {
  /** Threads, the caller included, at least 1 (default: all cores). Without shared memory there is one. */
  readonly threads?: number;
  /** The build of the kernels, by name (default: the fastest that the host runs). */
  readonly build?: BuildName;
  /** False to run everything as programs (default: the fused kernels run what they serve). */
  readonly fused?: boolean;
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
  const module = await compileBuild(build);
  const memory = openMemory(shared);
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  const heap = openHeap(memory, kernels.heapBase());
  const control = heap.take(CONTROL_BYTES);
  const turn = openTurns();
  const start = await startHelper();
  const pool = openPool(kernels, { module, memory, control, threads: shared ? wanted : 1, start, turn });
  let queue: Promise<unknown> = Promise.resolve();
  const session: Session = {
    kernels,
    heap,
    pool,
    room: { at: 0, size: 0 },
    exclusively<T>(work: () => Promise<T>): Promise<T> {
      const result = queue.then(turn).then(work);
      queue = result.catch(() => {});
      return result;
    },
  };
  const target = { relaxed: build.startsWith("relaxed"), shared };
  const fused: FusedEngine = {
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
    ...cpuMethods(session),
    openTraining(plan, learner, moments) {
      const take = fusedGradient(session, plan, learner.logLr.length);
      return Promise.resolve(openResidentTraining(session, plan, { learner, moments }, take));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await queue;
      await pool.close();
    },
  };
  const general = programCalls(session, openResidentPrograms(memory, heap, target));
  if (options.fused !== false) return routeEngine(fused, general);
  return {
    ...general,
    info: fused.info,
    get heldBytes(): number {
      return heap.bytes;
    },
    [Symbol.asyncDispose]: () => fused[Symbol.asyncDispose](),
  };
}
