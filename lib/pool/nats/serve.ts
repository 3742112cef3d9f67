/**
 * A worker: it joins a server's pool, takes jobs off its queue as threads become free, and gives back what it has not done when
 * it ends.
 * @module
 */
import { openCrew } from "../crew.ts";
import { fingerprint } from "../fingerprint.ts";
import { type PoolBuild, requireBuild } from "../job_engine.ts";
import { untilAborted } from "../../event_loop.ts";
import type { PoolWorker } from "../pool.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import { parseAddress, serverWarning } from "./address.ts";
import { openBroker } from "./broker.ts";
import { joinPool, rejoin } from "./member.ts";
import { openBlobs, openWork } from "./work.ts";

/** What {@linkcode serveJobs} takes. */
export interface ServeOptions {
  /** Jobs that run at once, each on a thread (default: all cores). */
  readonly threads?: number;
  /** Modules that export job kinds of one's own, by absolute specifier. */
  readonly kinds?: readonly string[];
  /** Build of the CPU kernels (default: the fastest that this machine runs). */
  readonly build?: PoolBuild;
  /** Name for logs and lists (default: one drawn). */
  readonly name?: string;
  /** How long a job's worker may be silent before another gets it, ms (default 10,000); whoever is first at the server decides. */
  readonly silence?: number;
  /** Ends it: jobs that run are given back to the queue. */
  readonly signal?: AbortSignal;
  /** Told what happens, one line each. */
  readonly onEvent?: (line: string) => void;
}

const KEYS: OptionKeys<ServeOptions> = {
  threads: true,
  kinds: true,
  build: true,
  name: true,
  silence: true,
  signal: true,
  onEvent: true,
};

/** How long a worker waits for a job before it asks again, ms. */
const PULL_MS = 5000;

/**
 * Runs jobs of a server until the signal is aborted.
 *
 * @param at `nats://TOKEN@HOST:PORT`.
 * @param options Threads, kinds of one's own, build, name.
 * @returns When the signal was aborted and its jobs were given back.
 * @throws {Error} No server answers there.
 * @throws {FingerprintError} The pool computes with another build or runtime.
 *
 * @example
 * ```ts ignore
 * const ends = new AbortController();
 * Deno.addSignalListener("SIGTERM", () => ends.abort());
 * await serveJobs("nats://TOKEN@10.0.0.5", { signal: ends.signal, onEvent: console.log });
 * ```
 */
export async function serveJobs(at: string, options: ServeOptions = {}): Promise<void> {
  requireKnownKeys("Cannot run jobs", "options", options, KEYS);
  const {
    threads = globalThis.navigator?.hardwareConcurrency ?? 1,
    kinds = [],
    build,
    name = `worker-${crypto.randomUUID().slice(0, 8)}`,
    signal = new AbortController().signal,
    onEvent = () => {},
  } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(
      `Cannot run jobs: expected threads to be an integer of at least 1, received ${String(threads)}`,
    );
  }
  requireBuild("Cannot run jobs", build);
  const address = parseAddress(at);
  const own = await fingerprint(build);
  const broker = await openBroker(address, { name, silence: options.silence });
  const blobs = openBlobs(broker);
  const crew = openCrew({ threads, kinds, build, blob: blobs.get });
  try {
    await joinPool(broker, own);
    const warning = serverWarning(address.host, broker.version);
    if (warning) onEvent(warning);
    const work = openWork({ broker, crew, blob: blobs.get, name, signal, onEvent });
    broker.hear("cancel.*", (id) => work.cancel(id));
    broker.hear("runs.*", (id, _, answer) => work.runs(id) ? answer(name) : undefined);
    broker.hear("drop.*", (hash) => {
      blobs.forget(hash);
      crew.forget(hash);
    });
    broker.hear("hello", (_, __, answer) => {
      const { running, done } = work.counts();
      answer(JSON.stringify({ name, threads, running, done } satisfies PoolWorker));
    });
    await broker.flush();
    onEvent(`${name}: ${threads} ${threads === 1 ? "thread" : "threads"} at ${address.server}, ${own}`);
    let again = new AbortController();
    broker.onChange(() => {
      again.abort(new DOMException("the connection was lost", "AbortError"));
      again = new AbortController();
    });
    const take = async (): Promise<void> => {
      while (!signal.aborted) {
        try {
          const asked = (await broker.consumer()).next({ expires: PULL_MS });
          const lost = AbortSignal.any([signal, again.signal]);
          // What comes when nobody waits for it any more goes back.
          asked.then((message) => lost.aborted && message?.nak(), () => {});
          const message = await untilAborted(asked, lost);
          if (message) await work.run(message);
        } catch (error) {
          if (signal.aborted) return;
          onEvent(`${name}: waits for the server: ${(error as Error).message}`);
          await rejoin(broker, own, signal);
        }
      }
    };
    const takes = Promise.all(Array.from({ length: threads }, take));
    await Promise.race([takes, new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))]);
    // What runs is given back; a server that is not there gives it to others by itself.
    await broker.unlessLost(() => takes);
  } finally {
    await crew[Symbol.asyncDispose]();
    await broker.close();
  }
}
