/**
 * One connection to Bybit's public websocket: subscribes, pings, and notices that the other end is dead. It neither reconnects
 * nor knows what was missed; see `bybit_feed.ts`.
 * @module
 */
import { type BybitMessage, readBybitMessage } from "./bybit_message.ts";
import { type Clock, elapsedOf } from "./clock.ts";

/** How a connection is kept. */
export interface SocketOptions {
  /** Where to connect. */
  readonly url: string | URL;
  /** What to subscribe to, such as `kline.60.BTCUSDT`. */
  readonly topics: readonly string[];
  /** ms between pings. */
  readonly pingEvery: number;
  /** A connection that says nothing for this long, ms, is dead. */
  readonly staleAfter: number;
  /** The time to live by. */
  readonly clock: Clock;
}

/** What a connection gives next; `timeout` when nothing came before the deadline. */
export type SocketEvent =
  | BybitMessage
  | { readonly kind: "closed"; readonly why: string }
  | { readonly kind: "timeout" };

/** An open or opening connection. */
export interface BybitSocket {
  /** The next message in the order of arrival, until the clock's elapsed time is `deadline`; after `closed` only `closed`. */
  next(deadline?: number): Promise<SocketEvent>;
  /** Asks for one topic anew; requests are answered in the order they were made. */
  subscribe(topic: string): void;
  /** Closes it. */
  close(why: string): void;
}

/** Bybit takes at most 10 topics a request on spot; linear and inverse take more. */
const TOPICS_A_REQUEST = 10;

/** Connects. Messages queue up while nobody asks for them; pings go on meanwhile. */
export function openBybitSocket(options: SocketOptions): BybitSocket {
  const { url, topics, pingEvery, staleAfter, clock } = options;
  if (!("WebSocket" in globalThis)) {
    throw new Error(`Cannot open ${url}: this runtime has no WebSocket (Deno, Bun, browsers and Node from 22 have it)`);
  }
  const socket = new WebSocket(url);
  const queue: BybitMessage[] = [];
  const ended = new AbortController();
  let closed: string | undefined;
  let heard = elapsedOf(clock);
  let wake: (() => void) | undefined;

  const close = (why: string): void => {
    if (closed !== undefined) return;
    closed = why;
    ended.abort();
    // A dead peer never answers the closing handshake: nothing waits for it.
    socket.close();
    wake?.();
  };
  /** Calls `tick` after each wait that it asks for, until the connection ends. */
  const every = async (tick: () => number): Promise<void> => {
    try {
      for (;;) await clock.sleep(tick(), ended.signal);
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    }
  };

  socket.onopen = (): void => {
    heard = elapsedOf(clock);
    for (let i = 0; i < topics.length; i += TOPICS_A_REQUEST) {
      socket.send(JSON.stringify({ op: "subscribe", args: topics.slice(i, i + TOPICS_A_REQUEST) }));
    }
    let first = true;
    every(() => {
      if (!first && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ op: "ping" }));
      first = false;
      return pingEvery;
    });
  };
  socket.onmessage = ({ data }): void => {
    heard = elapsedOf(clock);
    queue.push(
      typeof data === "string" ? readBybitMessage(data) : { kind: "malformed", why: "expected text, received bytes" },
    );
    wake?.();
  };
  socket.onerror = (event): void =>
    close("message" in event && event.message ? String(event.message) : "connection failed");
  socket.onclose = ({ code, reason }): void => close(`closed by the server (${code}${reason ? ` ${reason}` : ""})`);
  every(() => {
    const left = heard + staleAfter - elapsedOf(clock);
    if (left <= 0) close(`nothing heard for ${staleAfter} ms`);
    return Math.max(left, 0);
  });

  const next = async (deadline = Infinity): Promise<SocketEvent> => {
    for (;;) {
      const message = queue.shift();
      if (message) return message;
      if (closed !== undefined) return { kind: "closed", why: closed };
      const left = deadline - elapsedOf(clock);
      if (left <= 0) return { kind: "timeout" };
      const awake = new AbortController();
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (left < Infinity) clock.sleep(left, awake.signal).then(resolve, () => resolve());
      });
      wake = undefined;
      awake.abort();
    }
  };
  const subscribe = (topic: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ op: "subscribe", args: [topic] }));
  };
  return { next, subscribe, close };
}
