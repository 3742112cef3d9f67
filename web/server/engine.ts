/**
 * What the engine page asks of the server: which engines open, the reference for the browser's comparison, the benchmark.
 * Each runs in a process of its own (`worker/engine.ts`), one at a time, so that a benchmark is not disturbed by a probe;
 * answers that do not change are kept. It loads no engine itself.
 * @module
 */
import type { BenchmarkRow, EngineProbe, Reference } from "../worker/engine.ts";
import { type EventChannel, openChannel } from "./sse.ts";

/** A benchmark asked for. */
export interface BenchmarkRequest {
  /** The engine. */
  readonly backend: "auto" | "webgpu" | "cpu";
  /** Threads of the CPU engine; 0 for all cores. */
  readonly threads: number;
}

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

const WORKER = new URL("../worker/engine.ts", import.meta.url).href;

let queue: Promise<unknown> = Promise.resolve();
let probes: Promise<readonly EngineProbe[]> | undefined;
let reference: Promise<Reference> | undefined;
let benchmark: Benchmark = { status: "idle", request: null, rows: [], error: null };
let channel: EventChannel | undefined;

/** Every engine of this machine with its self-test; `again` runs it anew. */
export function probeEngines(again = false): Promise<readonly EngineProbe[]> {
  if (again) probes = undefined;
  const found = probes ??= collect<EngineProbe>(["probe"]);
  found.catch(() => probes = undefined);
  return found;
}

/** What the server's own engine makes of the fixed problem. */
export function engineReference(): Promise<Reference> {
  const found = reference ??= collect<Reference>(["reference"]).then(([only]) => only);
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
 * @throws {RangeError} There is no such engine, or `threads` is no count.
 * @throws {TypeError} `input` is no object.
 */
export function startBenchmark(input: unknown): Benchmark {
  if (benchmark.status === "running") return benchmark;
  const request = parseRequest(input);
  show({ status: "running", request, rows: [], error: null });
  collect<BenchmarkRow>(
    ["bench", request.backend, String(request.threads)],
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
  if (typeof input !== "object" || input === null) {
    throw new TypeError("Cannot start a benchmark: expected an object of settings");
  }
  const { backend = "auto", threads = 0 } = input as Partial<BenchmarkRequest>;
  if (!["auto", "webgpu", "cpu"].includes(backend)) {
    throw new RangeError(`Cannot start a benchmark: expected backend to be auto, webgpu or cpu, received ${backend}`);
  }
  if (!Number.isInteger(threads) || threads < 0 || threads > 1024) {
    throw new RangeError(`Cannot start a benchmark: expected threads from 0 (all) to 1024, received ${threads}`);
  }
  return { backend, threads };
}

/** Runs the worker after those before it; resolves with all its lines. */
function collect<Line>(args: readonly string[], onLine: (line: Line) => void = () => {}): Promise<Line[]> {
  const result = queue.then(() => runWorker(args, onLine));
  queue = result.catch(() => {});
  return result;
}

async function runWorker<Line>(args: readonly string[], onLine: (line: Line) => void): Promise<Line[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", WORKER, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const lines: Line[] = [];
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    for (const part of parts) {
      lines.push(JSON.parse(part));
      onLine(lines.at(-1)!);
    }
  }
  const { code } = await child.status;
  if (code !== 0) throw new Error(inWords(await errors, code));
  return lines;
}

/** The message of an uncaught error, without its stack. */
function inWords(errors: string, code: number): string {
  const message = /^error: Uncaught.*?(?:\w*Error): (.*)$/m.exec(errors)?.[1];
  return message ?? `The engine's process ended unexpectedly (exit code ${code}).`;
}
