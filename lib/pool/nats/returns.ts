/**
 * When a server whose connection was lost answers again. What was asked of it before may never be answered, so it is asked anew: all
 * that goes through here may be done twice.
 * @module
 */
import type { NatsConnection } from "@nats-io/transport-node";
import { type Promised, promised } from "../promised.ts";

/** What a connection tells of itself. */
export interface Returns {
  /** Calls back whenever the server answers again after the connection was lost, and when it is closed for good. */
  onChange(callback: () => void): void;
  /** What comes of a request; made anew where the connection is lost before an answer is there. */
  again<T>(request: () => Promise<T>): Promise<T>;
}

/** A request that JetStream answers as soon as it is there, which is after the server, and how long it may take, ms. */
const PROBE = { subject: "$JS.API.INFO", timeout: 250 };
const BACK = Symbol("the server answers again");

/** Watches a connection. */
export function watchReturns(connection: NatsConnection): Returns {
  const callbacks: (() => void)[] = [];
  const requests = new Set<Promised<typeof BACK>>();
  const answers = async (): Promise<void> => {
    while (!connection.isClosed()) {
      try {
        return void await connection.request(PROBE.subject, undefined, PROBE);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, PROBE.timeout / 5));
      }
    }
  };
  const tell = (): void => {
    for (const { resolve } of requests) resolve(BACK);
    for (const callback of callbacks) callback();
  };
  void (async () => {
    for await (const { type } of connection.status()) if (type === "reconnect") await answers().then(tell);
    await connection.closed();
    tell();
  })();
  return {
    onChange: (callback) => void callbacks.push(callback),
    async again(request) {
      for (;;) {
        const back = promised<typeof BACK>();
        requests.add(back);
        try {
          const first = await Promise.race([request(), back.promise]);
          if (first !== BACK) return first;
        } finally {
          requests.delete(back);
        }
      }
    },
  };
}
