/**
 * What a worker does with one message of the queue: run the job, write the first result, acknowledge then alone. What goes wrong
 * with the server is never the job's fault: the job stays queued.
 * @module
 */
import type { JsMsg } from "@nats-io/jetstream";
import { BlobCache, hashOf, sameBytes } from "../blob.ts";
import type { Crew, RunOptions } from "../crew.ts";
import type { Job } from "../job.ts";
import { writeError } from "../messages.ts";
import { MOST_TRIES } from "../pool.ts";
import { type Broker, INLINE_BYTES, TIME_LIMIT } from "./broker.ts";
import { readEntry, type ResultEntry, writeEntry } from "./entry.ts";

/** How long the coordinator may take to put a blob again, ms. */
const NEED_MS = 5000;
/** Entries up to this are told with the news; who waits for a longer one fetches it, once. */
const TOLD_BYTES = 8 * 1024;
/** Delay of what is given back because of the server, ms. */
const LATER_MS = 1000;
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
  /** Jobs that run now, and those that were finished. */
  counts(): { readonly running: number; readonly done: number };
}

/** What work is done with. */
export interface WorkOptions {
  /** The server. */
  readonly broker: Broker;
  /** The threads. */
  readonly crew: Crew;
  /** The worker's name. */
  readonly name: string;
  /** Ends it: jobs that run are given back. */
  readonly signal: AbortSignal;
  /** Told what happens. */
  readonly onEvent: (line: string) => void;
}

/** Opens the work of one worker. */
export function openWork({ broker, crew, name, signal, onEvent }: WorkOptions): Work {
  const running = new Map<string, AbortController>();
  let done = 0;

  /** A result as it is written; a long one is put beside its entry first. */
  async function entryOf(bytes: Uint8Array): Promise<ResultEntry> {
    if (bytes.length <= INLINE_BYTES) return { sort: "bytes", bytes };
    const hash = await hashOf(bytes);
    await broker.putBlob(hash, bytes);
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

  async function finish(message: JsMsg, id: string, ends: AbortSignal): Promise<void> {
    const limit = message.headers?.get(TIME_LIMIT);
    const found = await attempt(JSON.parse(new TextDecoder().decode(message.data)), message.info.deliveryCount, {
      signal: ends,
      ...(limit ? { timeLimit: Number(limit) } : {}),
    });
    if (!found) return message.nak();
    await write(id, found instanceof Uint8Array ? await entryOf(found) : found);
    message.ack();
    done++;
  }

  return {
    async run(message) {
      const id = message.subject.slice(message.subject.lastIndexOf(".") + 1);
      // An earlier delivery runs here still: what the server knew of it was lost.
      const silence = await broker.silence();
      if (running.has(id)) return message.nak(silence);
      const cancelled = new AbortController();
      running.set(id, cancelled);
      const beat = setInterval(() => message.working(), silence / 3);
      try {
        await finish(message, id, AbortSignal.any([signal, cancelled.signal]));
      } catch (error) {
        if (cancelled.signal.aborted) message.term();
        else message.nak(signal.aborted ? 0 : LATER_MS);
        if (!cancelled.signal.aborted && !signal.aborted && (error as Error).name !== BLOB_MISSING) throw error;
      } finally {
        clearInterval(beat);
        running.delete(id);
      }
    },
    cancel: (id) => running.get(id)?.abort(new DOMException("Cancelled", "AbortError")),
    counts: () => ({ running: running.size, done }),
  };
}
