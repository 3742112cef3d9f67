/**
 * What the engine page asks of the server: which engines open, the reference for the browser's comparison, the benchmark.
 * Each runs in a process of its own (`worker/engine.ts`), one at a time, so that a benchmark is not disturbed by a probe;
 * answers that do not change are kept. It loads no engine itself.
 * @module
 */
import type {
  BenchmarkRequest,
  BenchmarkRow,
  EngineFailure,
  EngineJob,
  EngineProbe,
  Reference,
} from "../worker/engine.ts";
import { GPU_ENV } from "./child_process.ts";
import { startProcess } from "./json_process.ts";
import { requireSettings } from "./settings.ts";
import { type EventChannel, openChannel } from "./sse.ts";

/** The last benchmark. */
export interface Benchmark {
  /** Where it stands; `idle` before the first. */
  readonly status: "idle" | "running" | "done" | "failed";
  /** What was asked for, or null before the first. */
  readonly request: BenchmarkRequest | null;
  /** One line a batch size, those measured so far. */
  readonly rows: readonly BenchmarkRow[];
  /** Why it failed, or null. */
  readonly error: string | null;
}

const WORKER = new URL("../worker/engine.ts", import.meta.url);

let queue: Promise<unknown> = Promise.resolve();
let probes: Promise<readonly EngineProbe[]> | undefined;
let reference: Promise<Reference> | undefined;
let benchmark: Benchmark = { status: "idle", request: null, rows: [], error: null };
let channel: EventChannel | undefined;

/** Every engine of this machine with its self-test; `again` runs it anew. */
export function probeEngines(again = false): Promise<readonly EngineProbe[]> {
  if (again) probes = undefined;
  const found = probes ??= collect<EngineProbe>({ kind: "probe" });
  found.catch(() => probes = undefined);
  return found;
}

/** What the server's own engine makes of the fixed problem. */
export function engineReference(): Promise<Reference> {
  const found = reference ??= collect<Reference>({ kind: "reference" }).then(([only]) => only);
  found.catch(() => reference = undefined);
  return found;
}

/** The last benchmark as it stands. */
export function lastBenchmark(): Benchmark {
  return benchmark;
}

/**
 * Starts a benchmark; its rows come by {@linkcode connectEngine}. Does nothing while one runs.
 *
 * @throws {FieldError} A setting is not known.
 * @throws {RangeError} There is no such engine, or `threads` is no count.
 * @throws {TypeError} `input` is no object.
 */
export function startBenchmark(input: unknown): Benchmark {
  const request = parseRequest(input);
  if (benchmark.status === "running") return benchmark;
  show({ status: "running", request, rows: [], error: null });
  collect<BenchmarkRow>(
    { kind: "benchmark", ...request },
    (row) => show({ ...benchmark, rows: [...benchmark.rows, row] }),
  ).then(
    () => show({ ...benchmark, status: "done" }),
    (error: Error) => show({ ...benchmark, status: "failed", error: error.message }),
  );
  return benchmark;
}

/** A stream of `benchmark` events: the last as it stands, then each change. */
export function connectEngine(): Response {
  channel ??= openChannel();
  return channel.connect([{ name: "benchmark", data: benchmark }]);
}

function show(next: Benchmark): void {
  benchmark = next;
  channel?.publish({ name: "benchmark", data: next });
}

function parseRequest(input: unknown): BenchmarkRequest {
  const settings = requireSettings<BenchmarkRequest>("Cannot start a benchmark", input, ["backend", "threads"]);
  const { backend = "auto", threads = 0 } = settings as Partial<BenchmarkRequest>;
  if (!["auto", "webgpu", "cpu"].includes(backend)) {
    throw new RangeError(`Cannot start a benchmark: expected backend to be auto, webgpu or cpu, received ${backend}`);
  }
  if (!Number.isInteger(threads) || threads < 0 || threads > 1024) {
    throw new RangeError(`Cannot start a benchmark: expected threads from 0 (all) to 1024, received ${threads}`);
  }
  return { backend, threads };
}

/** Runs the worker after those before it; resolves with all its lines. */
function collect<Line>(job: EngineJob, onLine: (line: Line) => void = () => {}): Promise<Line[]> {
  const result = queue.then(async () => {
    const lines: Line[] = [];
    for await (const line of startProcess<Line | EngineFailure>(WORKER, job, { env: [GPU_ENV] }).lines) {
      if ("error" in Object(line)) throw new Error((line as EngineFailure).error);
      lines.push(line as Line);
      onLine(line as Line);
    }
    return lines;
  });
  queue = result.catch(() => {});
  return result;
}
