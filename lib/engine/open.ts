/**
 * Chooses a backend. The one place that knows them all; it loads only the one it opens.
 * @module
 */
import { type Engine, NoGpuError } from "./engine.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { guardEngine } from "./guarded.ts";

/** What {@linkcode openEngine} takes. */
export interface OpenEngineOptions {
  /**
   * `auto` (default): WebGPU when there is a hardware adapter, else the CPU. By name: that one or an error; `naive` is the
   * float64 reference, which is slow.
   */
  readonly backend?: "auto" | "webgpu" | "cpu" | "naive";
  /** Threads of the CPU engine, the caller included, at least 1 (default: all cores). */
  readonly threads?: number;
}

/** More than any machine has: each is a worker with memory of its own. */
const MOST_THREADS = 1024;

const OPEN_ENGINE_KEYS: OptionKeys<OpenEngineOptions> = { backend: true, threads: true };

/**
 * Opens an engine. Dispose it when done: `await using engine = await openEngine()`.
 *
 * `auto` never takes a software adapter; asked for by name, `webgpu` takes any adapter and `engine.info.isFallback` tells.
 *
 * @throws {NoGpuError} `webgpu` was asked for by name and there is no adapter; the message says what to install.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts
 * import { openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * assertEquals(engine.info.backend, "cpu");
 * ```
 */
export async function openEngine(options: OpenEngineOptions = {}): Promise<Engine> {
  requireKnownKeys("Cannot open an engine", "options", options, OPEN_ENGINE_KEYS);
  const { backend = "auto", threads } = options;
  if (!["auto", "webgpu", "cpu", "naive"].includes(backend)) {
    throw new RangeError(`Cannot open an engine: backend must be auto, webgpu, cpu or naive, got ${String(backend)}`);
  }
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS)) {
    throw new RangeError(
      `Cannot open an engine: threads must be an integer of at least 1 and at most ${MOST_THREADS}, got ${
        String(threads)
      }`,
    );
  }
  if (backend === "naive") {
    const { openNaiveEngine } = await import("./naive/engine.ts");
    return guardEngine(openNaiveEngine());
  }
  if (backend !== "cpu") {
    const { openWebGpuEngine } = await import("./webgpu/open.ts");
    try {
      return guardEngine(await openWebGpuEngine({ allowFallback: backend === "webgpu" }));
    } catch (error) {
      if (backend === "webgpu" || !(error instanceof NoGpuError)) throw error;
    }
  }
  const { openCpuEngine } = await import("./cpu/open.ts");
  return guardEngine(await openCpuEngine(threads === undefined ? {} : { threads }));
}
