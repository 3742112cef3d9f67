/**
 * What a pool says to a NATS server, and reads there: jobs queued, results by id, blobs by hash, news. Everything there may be lost
 * at any time: whoever needs what is gone puts it again.
 * @module
 */
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { ObjectStore } from "@nats-io/obj";
import type { Subscription } from "@nats-io/transport-node";
import { hashOf } from "../blob.ts";
import { type Job, jobBytes } from "../job.ts";
import type { PoolAddress } from "./address.ts";
import { connectTo } from "./connect.ts";
import { type Returns, watchReturns } from "./returns.ts";
import { keepStores, PREFIX, SILENCE_MS, STREAM } from "./stores.ts";

/** Bytes that go into one message; longer blobs go to the object store. */
export const INLINE_BYTES = 512 * 1024;

/** Header of a queued job: how long a try may run, ms. It is no part of the job, which is the same however long it may take. */
export const TIME_LIMIT = "Adaptrade-Time-Limit";
/** Header of a job that was given back: tries that it had before. */
export const TRIES = "Adaptrade-Tries";

/** Codes of the server's refusals. */
const TAKEN = 10071;
const FULL_SUBJECT = 10077;

/** A connection. */
export interface Broker extends Pick<Returns, "onChange" | "unlessLost"> {
  /** The server's version. */
  readonly version: string;
  /** How long a job's worker may be silent before another gets it, ms, as whoever made the queue said. */
  silence(): Promise<number>;
  /**
   * Queues a job, unless it is queued or runs; each of its tries may run for `timeLimit` ms. One that is too long for a message lies
   * as a blob under its id.
   */
  queue(id: string, job: Job, timeLimit?: number): Promise<void>;
  /** Puts a job that was taken behind the others again, with the tries that it has had: this one was none. */
  giveBack(message: JsMsg, tries: number): Promise<void>;
  /** Takes a job off the queue. */
  unqueue(id: string): Promise<void>;
  /** What workers take jobs from. */
  consumer(): Promise<Consumer>;
  /** The entry of a job. */
  result(id: string): Promise<Uint8Array | undefined>;
  /** Writes a job's entry. @returns The one that stands there already, where there is one. */
  firstResult(id: string, entry: Uint8Array): Promise<Uint8Array | undefined>;
  /** Forgets a job's entry, so that it can be run again. */
  forget(id: string): Promise<void>;
  /** Keeps a blob. */
  putBlob(hash: string, bytes: Uint8Array): Promise<void>;
  /** Deletes a blob. */
  dropBlob(hash: string): Promise<void>;
  /** A blob that is there. */
  blob(hash: string): Promise<Uint8Array | undefined>;
  /** Keeps the bytes of a result that are too long for its entry, as long as that. */
  putResult(hash: string, bytes: Uint8Array): Promise<void>;
  /** The bytes of such a result. */
  longResult(hash: string): Promise<Uint8Array | undefined>;
  /** Takes the fingerprint for the pool's. @returns The one that it has. */
  claim(fingerprint: string): Promise<string>;
  /** Tells everyone who listens. */
  tell(topic: string, data?: Uint8Array | string): void;
  /** Asks everyone who listens; the first answer, or undefined after `ms`. */
  ask(topic: string, ms: number): Promise<Uint8Array | undefined>;
  /** All answers that come within `ms`. */
  askAll(topic: string, ms: number): Promise<Uint8Array[]>;
  /** Hears what is told on a topic; `*` stands for one part of it. `answer` answers who asked. */
  hear(
    topic: string,
    hearer: (rest: string, data: Uint8Array, answer: (data: Uint8Array | string) => void) => void,
  ): Subscription;
  /** Resolves when the server has heard all that was told it, such as what is to be heard. */
  flush(): Promise<void>;
  /** Makes what is missing on the server. */
  ensure(): Promise<void>;
  /** Closes the connection. */
  close(): Promise<void>;
  /** Why the connection is closed for good; undefined while it is open, or waits for the server. */
  closed(): string | undefined;
}

function codeOf(error: unknown): number | undefined {
  return (error as { readonly code?: number })?.code;
}

/** The bytes, where they are those of the hash: what is torn is not there. */
async function whole(bytes: Uint8Array | null | undefined, hash: string): Promise<Uint8Array | undefined> {
  return bytes && await hashOf(bytes) === hash ? bytes : undefined;
}

/** Puts a long blob, unless it is there. */
async function putLong(store: ObjectStore, hash: string, bytes: Uint8Array): Promise<void> {
  if (!await store.info(hash)) await store.putBlob({ name: hash }, bytes);
}

/** The bytes under a key; the client's Buffers share memory where they are cut, so they are copied. */
async function valueAt(kv: KV, key: string): Promise<Uint8Array | undefined> {
  const entry = await kv.get(key);
  return entry?.operation === "PUT" ? new Uint8Array(entry.value) : undefined;
}

/** Connects, and makes what is missing. @throws {Error} No server answers there, or it refuses. */
export async function openBroker(
  address: PoolAddress,
  { name, silence = SILENCE_MS }: { readonly name: string; readonly silence?: number | undefined },
): Promise<Broker> {
  if (!Number.isInteger(silence) || silence < 1) {
    throw new RangeError(
      `Cannot open a pool: expected silence to be whole ms of at least 1, received ${String(silence)}`,
    );
  }
  const { errors, headers } = await import("@nats-io/transport-node");
  const connection = await connectTo(address, name);
  let closed = "it was closed";
  void connection.closed().then((error) => closed = error?.message ?? closed);
  const stores = keepStores(connection, silence);
  const { again, onChange, unlessLost } = watchReturns(connection, stores.renew);
  const kept = stores.get;
  await kept().catch(async (cause) => {
    await connection.close();
    throw new Error(
      `Cannot open a pool: the server at ${address.server} runs no JetStream (${
        (cause as Error).message
      }); start it with -js`,
      { cause },
    );
  });
  const putBlob = async (hash: string, bytes: Uint8Array): Promise<void> => {
    const { small, large } = await kept();
    if (bytes.length <= INLINE_BYTES) await again(() => small.put(hash, bytes));
    else await putLong(large, hash, bytes);
  };
  /** Publishes a job, unless it is queued. */
  const publish = async (subject: string, data: Uint8Array, notes: Readonly<Record<string, string>>): Promise<void> => {
    const noted = headers();
    for (const [name, value] of Object.entries(notes)) noted.set(name, value);
    const { js } = await kept();
    try {
      await again(() => js.publish(subject, data, { headers: noted }));
    } catch (error) {
      if (codeOf(error) !== FULL_SUBJECT) throw error;
    }
  };
  return {
    version: connection.info?.version ?? "0.0.0",
    async queue(id, job, timeLimit) {
      const bytes = jobBytes(job);
      const isLong = bytes.length > INLINE_BYTES;
      if (isLong) await putBlob(id, bytes);
      const notes: Record<string, string> = timeLimit === undefined ? {} : { [TIME_LIMIT]: String(timeLimit) };
      await publish(`${PREFIX}.jobs.${id}`, isLong ? new Uint8Array(0) : bytes, notes);
    },
    async giveBack(message, tries) {
      const limit = message.headers?.get(TIME_LIMIT);
      await message.ackAck();
      await publish(message.subject, message.data, {
        [TRIES]: String(tries),
        ...(limit ? { [TIME_LIMIT]: limit } : {}),
      });
    },
    async unqueue(id) {
      const { manager } = await kept();
      await again(() => manager.streams.purge(STREAM, { filter: `${PREFIX}.jobs.${id}` }));
    },
    silence: async () => (await kept()).silence,
    consumer: async () => (await kept()).consumer,
    async result(id) {
      const { results } = await kept();
      return await again(() => valueAt(results, id));
    },
    async firstResult(id, entry) {
      const { results } = await kept();
      try {
        await again(() => results.create(id, entry));
        return undefined;
      } catch (error) {
        // Any other failure, a timeout during a reconnect above all, does not mean that there is one: the job stays unacknowledged.
        if (codeOf(error) !== TAKEN) throw error;
        return await again(() => valueAt(results, id));
      }
    },
    async forget(id) {
      const { results } = await kept();
      await again(() => results.purge(id));
    },
    putBlob,
    async dropBlob(hash) {
      const { small, large } = await kept();
      await small.purge(hash);
      if (await large.info(hash)) await large.delete(hash);
    },
    async blob(hash) {
      const { small, large } = await kept();
      return await again(async () => await whole(await valueAt(small, hash) ?? await large.getBlob(hash), hash));
    },
    putResult: async (hash, bytes) => await putLong((await kept()).longResults, hash, bytes),
    longResult: async (hash) => await whole(await (await kept()).longResults.getBlob(hash), hash),
    async claim(fingerprint) {
      const { pool } = await kept();
      try {
        await again(() => pool.create("fingerprint", fingerprint));
        return fingerprint;
      } catch (error) {
        if (codeOf(error) !== TAKEN) throw error;
        const found = await again(() => valueAt(pool, "fingerprint"));
        return found ? new TextDecoder().decode(found) : fingerprint;
      }
    },
    tell: (topic, data) => connection.publish(`${PREFIX}.${topic}`, data),
    async ask(topic, ms) {
      try {
        return new Uint8Array((await connection.request(`${PREFIX}.${topic}`, undefined, { timeout: ms })).data);
      } catch {
        return undefined;
      }
    },
    async askAll(topic, ms) {
      const found: Uint8Array[] = [];
      try {
        const answers = await connection.requestMany(`${PREFIX}.${topic}`, undefined, {
          strategy: "timer",
          maxWait: ms,
        });
        for await (const { data } of answers) found.push(new Uint8Array(data));
      } catch (error) {
        if (!(error instanceof errors.NoRespondersError) && !connection.isClosed()) throw error;
      }
      return found;
    },
    hear: (topic, hearer) =>
      connection.subscribe(`${PREFIX}.${topic}`, {
        callback: (error, message) => {
          if (error) return;
          const rest = message.subject.slice(message.subject.lastIndexOf(".") + 1);
          hearer(rest, new Uint8Array(message.data), (data) => void message.respond(data));
        },
      }),
    onChange,
    unlessLost,
    flush: () => connection.flush(),
    async ensure() {
      await again(stores.renew);
    },
    close: () => connection.close(),
    closed: () => connection.isClosed() ? closed : undefined,
  };
}
