/**
 * What a pool keeps on a NATS server: a queue of jobs with its readers, results, blobs, the fingerprint. It makes what is missing,
 * and leaves reading and writing to others.
 * @module
 */
import type { Consumer, JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { ObjectStore } from "@nats-io/obj";
import type { NatsConnection } from "@nats-io/transport-node";

/** How long a job's worker may be silent before another gets it, ms, where nobody says otherwise. */
export const SILENCE_MS = 10_000;
/** How long results stay, ms: within it a second one is compared with the first. */
const RESULT_TTL_MS = 10 * 60_000;
/** How long blobs stay that nobody put again, ms. */
const BLOB_TTL_MS = 24 * 3600_000;

/** What every name and subject on the server begins with. */
export const PREFIX = "adaptrade";
/** The queue. */
export const STREAM = `${PREFIX}_jobs`;
const CONSUMER = "workers";

/** What is there. */
export interface Stores {
  /** Publishes jobs. */
  readonly js: JetStreamClient;
  /** Takes jobs off the queue. */
  readonly manager: JetStreamManager;
  /** How long a job's worker may be silent before another gets it, ms, as whoever made the queue said. */
  readonly silence: number;
  /** What workers take jobs from. */
  readonly consumer: Consumer;
  /** Results by a job's id. */
  readonly results: KV;
  /** Bytes of results that are too long for one message, by hash. */
  readonly longResults: ObjectStore;
  /** The pool's fingerprint. */
  readonly pool: KV;
  /** Blobs that fit into one message, by hash. */
  readonly small: KV;
  /** Longer ones. */
  readonly large: ObjectStore;
}

/** The stores of a server, which may lose them at any time. */
export interface KeptStores {
  /** Those that are known; made before the first call returns. */
  get(): Promise<Stores>;
  /** Makes what was lost. */
  renew(): Promise<Stores>;
}

function nanos(ms: number): number {
  return ms * 1e6;
}

/** Knows the stores at a connection; `silence` is what a queue made here is given. */
export function keepStores(connection: NatsConnection, silence: number): KeptStores {
  const make = async (): Promise<Stores> => {
    const [{ jetstream, jetstreamManager }, { Kvm }, { Objm }] = await Promise.all([
      import("@nats-io/jetstream"),
      import("@nats-io/kv"),
      import("@nats-io/obj"),
    ]);
    const js = jetstream(connection);
    const manager = await jetstreamManager(connection, { checkAPI: false });
    await manager.streams.add({
      name: STREAM,
      subjects: [`${PREFIX}.jobs.*`],
      retention: "workqueue",
      discard: "new",
      discard_new_per_subject: true,
      max_msgs_per_subject: 1,
    });
    const found = await manager.consumers.info(STREAM, CONSUMER).catch(() =>
      manager.consumers.add(STREAM, {
        durable_name: CONSUMER,
        ack_policy: "explicit",
        ack_wait: nanos(silence),
        max_deliver: -1,
        max_ack_pending: 100_000,
      })
    );
    const [kv, objects] = [new Kvm(js), new Objm(js)];
    return {
      js,
      manager,
      silence: (found.config.ack_wait ?? nanos(SILENCE_MS)) / nanos(1),
      consumer: await js.consumers.get(STREAM, CONSUMER),
      results: await kv.create(`${PREFIX}_results`, { ttl: RESULT_TTL_MS, history: 1 }),
      pool: await kv.create(`${PREFIX}_pool`, { history: 1 }),
      small: await kv.create(`${PREFIX}_small`, { ttl: BLOB_TTL_MS, history: 1 }),
      large: await objects.create(`${PREFIX}_large`, { ttl: nanos(BLOB_TTL_MS) }),
      longResults: await objects.create(`${PREFIX}_long_results`, { ttl: nanos(RESULT_TTL_MS) }),
    };
  };
  let made: Promise<Stores> | undefined;
  const get = (): Promise<Stores> => {
    if (!made) {
      const making = made = make();
      making.catch(() => made === making ? made = undefined : undefined);
    }
    return made;
  };
  return {
    get,
    renew() {
      made = undefined;
      return get();
    },
  };
}
