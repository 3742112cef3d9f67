/**
 * A coordinator: it queues jobs on a server, waits for their results and writes them down. Whatever the server loses it asks for
 * again; nothing depends on it.
 * @module
 */
import { copyOf, hashOf } from "../blob.ts";
import { fingerprint } from "../fingerprint.ts";
import { jobBytes } from "../job.ts";
import type { Journal } from "../journal.ts";
import type { PoolBuild } from "../job_engine.ts";
import { mapCalls, type NamedJob, poolClosed, requireOpen } from "../map_jobs.ts";
import { JobError, type Pool, type PoolWorker } from "../pool.ts";
import { type Promised, promised } from "../promised.ts";
import { parseAddress, serverWarning } from "./address.ts";
import { type Broker, openBroker } from "./broker.ts";
import { readEntry, type ResultEntry } from "./entry.ts";
import { joinPool, rejoin } from "./member.ts";

/** What a pool on a server is opened with. */
export interface NatsPoolOptions {
  /** Build of the CPU kernels that its workers must have. */
  readonly build: PoolBuild | undefined;
  /** How long a job's worker may be silent before another gets it, ms, where this process makes the queue. */
  readonly silence: number | undefined;
  /** How long a try of a job may run, ms. */
  readonly timeLimit: number | undefined;
  /** Opens what it keeps; closed with it. */
  readonly journal: (fingerprint: string) => Promise<Journal>;
  /** Told of a second result that differs from the first. */
  readonly onConflict: (conflict: JobConflict) => void;
}

/** A second result that differs from the first, which stays: the kind is not deterministic, or a machine is at fault. */
export interface JobConflict {
  /** The job's id. */
  readonly id: string;
  /** Name of the worker whose result came second. */
  readonly worker: string;
  /** SHA-256 of the first result. */
  readonly first: string;
  /** SHA-256 of the second one. */
  readonly second: string;
}

/** Jobs that are queued at once. */
const AT_ONCE = 4096;
/** How often what is missing is asked for again, ms: results are told as they come, so this is for what was lost alone. */
const SWEEP_MS = 3000;
/** Jobs that are asked for again at a time, in turn; all of them where the connection was lost. */
const SWEEP_JOBS = 256;
/** How long a pool that is closed waits for the server to hear what is cancelled, ms. */
const CANCEL_MS = 2000;
/** How long workers have to say that they are there, ms. */
const HELLO_MS = 300;

interface Waiting extends Promised<Uint8Array> {
  readonly named: NamedJob;
}

/** What a coordinator works with. */
export interface Coordinator extends Pick<NatsPoolOptions, "timeLimit" | "onConflict"> {
  /** The server; closed with the pool. */
  readonly broker: Broker;
  /** The pool's fingerprint. */
  readonly own: string;
  /** What it keeps; closed with it. */
  readonly journal: Journal;
  /** Where it is. */
  readonly info: Pool["info"];
}

/** Opens a pool on a server. */
export async function openNatsPool(at: string, options: NatsPoolOptions): Promise<Pool> {
  const address = parseAddress(at);
  const own = await fingerprint(options.build);
  const broker = await openBroker(address, { name: "coordinator", silence: options.silence });
  try {
    await joinPool(broker, own);
    const warning = serverWarning(address.host, broker.version);
    const info = { at: `nats://${address.server}`, warnings: warning ? [warning] : [] };
    return coordinate({ ...options, broker, own, journal: await options.journal(own), info });
  } catch (error) {
    await broker.close();
    throw error;
  }
}

/** The pool of a server that was joined. */
export function coordinate({ broker, own, journal, info, timeLimit, onConflict }: Coordinator): Pool {
  const waiting = new Map<string, Set<Waiting>>();
  const ends = new AbortController();

  async function settle(id: string, entry: ResultEntry): Promise<void> {
    if (!waiting.has(id)) return;
    let bytes: Uint8Array | undefined;
    if (entry.sort === "bytes") bytes = entry.bytes;
    else if (entry.sort === "blob") bytes = await broker.longResult(entry.hash);
    // A poisoned job may be asked for again, and a result whose bytes were lost must be made again.
    if (bytes === undefined) await broker.forget(id);
    const all = [...waiting.get(id) ?? []];
    if (all.length === 0) return;
    if (entry.sort === "blob" && bytes === undefined) return await broker.queue(id, all[0].named.job, timeLimit);
    waiting.delete(id);
    for (const { named: { job }, resolve, reject } of all) {
      if (entry.sort === "poison") reject(new JobError({ job, id, tries: entry.tries, reason: entry.error }));
      else resolve(bytes!);
    }
  }

  /** Takes a job's result, or sees to it that the job is queued. */
  async function ask({ id, job }: NamedJob): Promise<void> {
    const found = await broker.result(id);
    if (found) await settle(id, readEntry(found));
    else if (waiting.has(id)) await broker.queue(id, job, timeLimit);
  }

  broker.hear("done.*", (id, told) => {
    const [wait] = waiting.get(id) ?? [];
    if (!wait) return;
    const settled = told.length > 0 ? settle(id, readEntry(told)) : ask(wait.named);
    settled.catch(() => {/* the sweep asks again */});
  });
  broker.hear("need.*", async (hash, _, answer) => {
    const [wait] = waiting.get(hash) ?? [];
    const bytes = wait ? jobBytes(wait.named.job) : journal.blob(hash);
    if (!bytes) return;
    await broker.putBlob(hash, bytes).then(() => answer("put"), () => {/* the worker asks again */});
  });
  broker.hear("conflict.*", (id, data) => onConflict({ id, ...JSON.parse(new TextDecoder().decode(data)) }));

  const cancelling = new Set<Promise<void>>();
  let sweeping: Promise<void> | undefined;
  let [cursor, lost] = [0, false];
  const nextToAsk = (): readonly NamedJob[] => {
    const all = Array.from(waiting.values(), ([{ named }]) => named);
    const from = lost || cursor >= all.length ? 0 : cursor;
    const part = lost ? all : all.slice(from, from + SWEEP_JOBS);
    [cursor, lost] = [from + part.length, false];
    return part;
  };
  const sweepOnce = async (): Promise<void> => {
    try {
      // First of all: where the server has lost its data, who asks for some of them is not answered.
      if (lost) await rejoin(broker, own, ends.signal);
    } catch (error) {
      for (const set of waiting.values()) for (const { reject } of set) reject(error);
      waiting.clear();
    }
    try {
      for (const named of nextToAsk()) if (waiting.has(named.id)) await ask(named);
    } catch {
      lost = true;
    }
  };
  const sweep = (): void => void (sweeping ??= sweepOnce().finally(() => sweeping = undefined));
  broker.onChange(() => {
    lost = true;
    sweep();
  });
  const sweeps = setInterval(sweep, SWEEP_MS);

  async function run(named: NamedJob, signal: AbortSignal): Promise<Uint8Array> {
    const { id } = named;
    const wait: Waiting = { ...promised<Uint8Array>(), named };
    waiting.set(id, (waiting.get(id) ?? new Set()).add(wait));
    const abort = (): void => {
      const others = waiting.get(id);
      others?.delete(wait);
      wait.reject(signal.reason);
      if (!others || others.size > 0) return;
      waiting.delete(id);
      const cancelled = broker.unlessLost(() => broker.unqueue(id)).then(() => broker.tell(`cancel.${id}`))
        .catch(() => {/* its result is then for nobody */})
        .finally(() => cancelling.delete(cancelled));
      cancelling.add(cancelled);
    };
    signal.addEventListener("abort", abort, { once: true });
    ask(named).catch(() => {/* the sweep asks again */});
    try {
      return await wait.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  const workers = async (): Promise<PoolWorker[]> => {
    requireOpen("list workers", ends.signal);
    const answers = await broker.askAll("hello", HELLO_MS);
    return answers.map((data) => JSON.parse(new TextDecoder().decode(data)));
  };
  return {
    info,
    fingerprint: () => Promise.resolve(own),
    workers,
    async put(bytes) {
      const copy = copyOf(bytes);
      const hash = await hashOf(copy);
      requireOpen("put a blob", ends.signal);
      const isKept = journal.blob(hash) !== undefined;
      journal.keepBlob(hash, copy);
      if (isKept) return hash;
      await broker.unlessLost(() => broker.putBlob(hash, copy)).catch(
        () => {/* the worker that needs it asks for it */},
      );
      return hash;
    },
    async drop(hash) {
      if (ends.signal.aborted || !journal.dropBlob(hash)) return;
      await broker.unlessLost(() => broker.dropBlob(hash)).catch(() => {/* the server forgets it in time */});
      broker.tell(`drop.${hash}`);
    },
    async get(hash) {
      requireOpen("get a blob", ends.signal);
      const bytes = journal.blob(hash) ?? await broker.blob(hash);
      if (bytes) return bytes.slice();
      throw new RangeError(`Cannot get a blob: expected a hash from put(), received ${hash}`);
    },
    ...mapCalls(journal.through(run), { atOnce: AT_ONCE, closed: ends.signal }),
    async [Symbol.asyncDispose]() {
      clearInterval(sweeps);
      ends.abort(poolClosed());
      let late: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise((resolve) => void (late = setTimeout(resolve, CANCEL_MS)));
      // Before the connection closes: what is asked on one that closes may never be answered.
      await Promise.race([broker.unlessLost(() => Promise.all([...cancelling, sweeping])), patience]);
      clearTimeout(late);
      await broker.close();
      journal[Symbol.dispose]();
    },
  };
}
