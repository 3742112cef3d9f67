/**
 * What a worker does with one message of the queue: run the job, write the first result, acknowledge then alone. What goes wrong
 * with the server is never the job's fault: the job stays queued.
 * @module
 */
import type { JsMsg } from "@nats-io/jetstream";
import { BlobCache, hashOf, sameBytes } from "../blob.ts";
import type { Crew, RunOptions } from "../crew.ts";
import { type Job, readJob } from "../job.ts";
import { writeError } from "../messages.ts";
import { MOST_TRIES } from "../pool.ts";
import { type Broker, INLINE_BYTES, TIME_LIMIT, TRIES } from "./broker.ts";
import { readEntry, type ResultEntry, writeEntry } from "./entry.ts";

/** How long the coordinator may take to put a blob again, ms. */
const NEED_MS = 5000;
/** Entries up to this are told with the news; who waits for a longer one fetches it, once. */
const TOLD_BYTES = 8 * 1024;
/** Delay of what is given back because of the server, ms. */
const LATER_MS = 1000;
/** How long other workers have to say that they run a job, ms. */
const RUNS_MS = 300;
/** Bytes of blobs that a worker keeps for all of its threads. */
const CACHE_BYTES = 256 * 2 ** 20;
const BLOB_MISSING = "BlobMissingError";

/** Blobs as a worker has them. */
export interface Blobs {
  /** Finds one: kept, on the server, or put there again by the coordinator. */
  get(hash: string): Promise<Uint8Array>;
  /** Lets go of one. */
  forget(hash: string): void;
}

/** Opens the blobs of a worker. */
export function openBlobs(broker: Broker): Blobs {
  const cache = new BlobCache(CACHE_BYTES);
  const find = async (hash: string): Promise<Uint8Array | undefined> => {
    const found = await broker.blob(hash);
    if (found || !await broker.ask(`need.${hash}`, NEED_MS)) return found;
    return await broker.blob(hash);
  };
  const missing = (hash: string, why: string): Error => {
    const error = new Error(`Cannot fetch the blob ${hash}: ${why}`);
    error.name = BLOB_MISSING;
    return error;
  };
  return {
    async get(hash) {
      const known = cache.get(hash);
      if (known) return known;
      const found = await find(hash).catch((error) => {
        throw missing(hash, error.message);
      });
      if (!found) throw missing(hash, "neither the server nor a coordinator has it");
      cache.set(hash, found);
      return found;
    },
    forget: (hash) => cache.delete(hash),
  };
}

/** The jobs of a worker. */
export interface Work {
  /** Runs a message's job; rejects only where the server could not be told. */
  run(message: JsMsg): Promise<void>;
  /** Stops a job that nobody wants. */
  cancel(id: string): void;
  /** Whether a job runs here. */
  runs(id: string): boolean;
  /** Jobs that run now, and those that were finished. */
  counts(): { readonly running: number; readonly done: number };
}

/** What work is done with. */
export interface WorkOptions {
  /** The server. */
  readonly broker: Broker;
  /** The threads. */
  readonly crew: Crew;
  /** Finds blobs. */
  readonly blob: (hash: string) => Promise<Uint8Array>;
  /** The worker's name. */
  readonly name: string;
  /** Ends it: jobs that run are given back. */
  readonly signal: AbortSignal;
  /** Told what happens. */
  readonly onEvent: (line: string) => void;
}

/** A job that runs. */
interface Running {
  /** Its latest delivery: the server forgets an earlier one with its data, and this one is then what keeps the job. */
  message: JsMsg;
  /** Ends it. */
  readonly ends: AbortController;
  /** Which of its tries this is, from 1. */
  readonly tries: number;
  /** Whether it has begun: a worker that still asks who runs the job is not the answer. */
  begun: boolean;
}

/** Waits, but not beyond an abort. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

/** Opens the work of one worker. */
export function openWork({ broker, crew, blob, name, signal, onEvent }: WorkOptions): Work {
  const running = new Map<string, Running>();
  let done = 0;

  /** A result as it is written; a long one is put beside its entry first. */
  async function entryOf(bytes: Uint8Array): Promise<ResultEntry> {
    if (bytes.length <= INLINE_BYTES) return { sort: "bytes", bytes };
    const hash = await hashOf(bytes);
    await broker.putResult(hash, bytes);
    return { sort: "blob", hash };
  }

  /** The bytes of a job, why there are none, or undefined where it is to be tried again. */
  async function attempt(
    job: Job,
    tries: number,
    run: RunOptions,
  ): Promise<Uint8Array | ResultEntry | undefined> {
    const poison = (error: Error): ResultEntry => ({ sort: "poison", tries: MOST_TRIES, error: writeError(error) });
    if (tries > MOST_TRIES) return poison(new Error("the worker that ran it ended, each time"));
    try {
      return await crew.run(job, run);
    } catch (error) {
      if (run.signal.aborted || (error as Error).name === BLOB_MISSING) throw error;
      onEvent(`${name}: ${job.kind} failed, try ${tries} of ${MOST_TRIES}: ${(error as Error).message}`);
      return tries < MOST_TRIES ? undefined : poison(error as Error);
    }
  }

  /** Writes what came of a job; where a result stands there already, compares. */
  async function write(id: string, entry: ResultEntry): Promise<void> {
    const written = writeEntry(entry);
    const first = await broker.firstResult(id, written);
    const stands = first ?? written;
    broker.tell(`done.${id}`, stands.length <= TOLD_BYTES ? stands : undefined);
    if (!first || sameBytes(first, written) || [readEntry(first), entry].some(({ sort }) => sort === "poison")) return;
    const [one, two] = await Promise.all([first, written].map(hashOf));
    onEvent(`${name}: the second result of ${id} differs from the first: its kind is not deterministic`);
    broker.tell(`conflict.${id}`, JSON.stringify({ worker: name, first: one, second: two }));
  }

  async function finish(here: Running, id: string, ends: AbortSignal): Promise<void> {
    const { message: { data, headers }, tries } = here;
    // Deliveries were lost, but not the job: who runs it will say what came of it.
    if (tries > MOST_TRIES && await broker.ask(`runs.${id}`, RUNS_MS)) return here.message.nak(await broker.silence());
    here.begun = true;
    const limit = headers?.get(TIME_LIMIT);
    const found = await attempt(readJob(data.length > 0 ? data : await blob(id)), tries, {
      signal: ends,
      ...(limit ? { timeLimit: Number(limit) } : {}),
    });
    if (!found) return here.message.nak();
    await write(id, found instanceof Uint8Array ? await entryOf(found) : found);
    here.message.ack();
    done++;
  }

  /** Gives a job back that did not fail: because of the server, a blob, or the end of this worker. */
  async function giveBack({ message, tries }: Running): Promise<void> {
    await broker.unlessLost(() => broker.giveBack(message, tries - 1)).catch(() => message.nak(LATER_MS));
  }

  return {
    async run(message) {
      const id = message.subject.slice(message.subject.lastIndexOf(".") + 1);
      const silence = await broker.silence();
      const known = running.get(id);
      if (known) {
        known.message = message;
        return message.working();
      }
      const tries = Number(message.headers?.get(TRIES) || 0) + message.info.deliveryCount;
      const here: Running = { message, ends: new AbortController(), tries, begun: false };
      running.set(id, here);
      const beat = setInterval(() => here.message.working(), silence / 3);
      try {
        await finish(here, id, AbortSignal.any([signal, here.ends.signal]));
      } catch (error) {
        if (here.ends.signal.aborted) return here.message.term();
        const isMissing = (error as Error).name === BLOB_MISSING;
        if (isMissing) await pause(LATER_MS, signal);
        if (isMissing || signal.aborted) return await giveBack(here);
        here.message.nak(LATER_MS);
        throw error;
      } finally {
        clearInterval(beat);
        running.delete(id);
      }
    },
    cancel: (id) => running.get(id)?.ends.abort(new DOMException("Cancelled", "AbortError")),
    runs: (id) => running.get(id)?.begun === true,
    counts: () => ({ running: running.size, done }),
  };
}
