/**
 * When a server's connection is lost, and when the server answers again. What was asked of it before may never be answered: it is
 * asked anew, and so may be done twice, or it is let be.
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
  /** What comes of a request that may as well not be made; undefined where the connection is lost, or is before an answer is there. */
  unlessLost<T>(request: () => Promise<T>): Promise<T | undefined>;
}

/** A request that JetStream answers as soon as it is there, which is after the server, and how long it may take, ms. */
const PROBE = { subject: "$JS.API.INFO", timeout: 250 };
const TOLD = Symbol("something has changed");

/** News that requests wait for beside their answers. */
function openNews(): { tell(): void; orAnswer<T>(request: () => Promise<T>): Promise<T | typeof TOLD> } {
  const waiting = new Set<Promised<typeof TOLD>>();
  return {
    tell() {
      for (const { resolve } of waiting) resolve(TOLD);
    },
    async orAnswer(request) {
      const news = promised<typeof TOLD>();
      waiting.add(news);
      try {
        return await Promise.race([request(), news.promise]);
      } finally {
        waiting.delete(news);
      }
    },
  };
}

/**
 * Watches a connection; `restore` makes what a server that answers again may have lost, before anyone hears of it: who asks one for
 * a part of what it has lost may not be answered.
 */
export function watchReturns(connection: NatsConnection, restore: () => Promise<unknown>): Returns {
  const callbacks: (() => void)[] = [];
  const [lost, back] = [openNews(), openNews()];
  let isLost = false;
  const answers = async (): Promise<void> => {
    while (!connection.isClosed()) {
      try {
        return void await connection.request(PROBE.subject, undefined, PROBE);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, PROBE.timeout / 5));
      }
    }
  };
  const tellBack = (): void => {
    back.tell();
    for (const callback of callbacks) callback();
  };
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === "disconnect") {
        isLost = true;
        lost.tell();
      } else if (type === "reconnect") {
        await answers();
        await restore().catch(() => {/* who needs it meets what is wrong */});
        isLost = false;
        tellBack();
      }
    }
    await connection.closed();
    tellBack();
  })();
  return {
    onChange: (callback) => void callbacks.push(callback),
    async again(request) {
      for (;;) {
        const answer = await back.orAnswer(request);
        if (answer !== TOLD) return answer;
      }
    },
    async unlessLost(request) {
      const answer = isLost ? TOLD : await lost.orAnswer(request);
      return answer === TOLD ? undefined : answer;
    },
  };
}
