/**
 * Closed bars from Bybit as they close: history over REST first, then the public websocket, with no hole between them or ever
 * after. What the stream missed is asked for over REST before any later bar is handed out. It needs no key and trades nothing.
 * Source: https://bybit-exchange.github.io/docs/v5/ws/connect, .../websocket/public/kline
 * @module
 */
import { DataError } from "../../data/candles.ts";
import { type BybitFeedOptions, type Feed, openFeed } from "./bybit_feed_state.ts";
import type { BybitMessage } from "./bybit_message.ts";
import { giveUp, refill } from "./bybit_refill.ts";
import { type BybitSocket, openBybitSocket, type SocketEvent } from "./bybit_socket.ts";
import { elapsedOf } from "./clock.ts";
import type { Moment } from "./moment.ts";

/** The connection is gone: connect again. */
class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/**
 * Follows markets on Bybit. Only closed bars (`confirm: true`) are handed out, each once, oldest first, all markets' bars of one
 * time together. A connection that breaks, or says nothing for a minute, is made again with growing waits; duplicates,
 * out-of-order bars and messages that make no sense are told to `onEvent` and skipped.
 *
 * A market whose bar is still missing when Bybit has been asked for it `tries` times is left out of that moment.
 *
 * @param options Symbols, interval, start.
 * @returns Moments without end, until `signal` is aborted.
 * @throws {DataError} Bybit refuses the subscription, or cannot be reached over REST at the very start.
 * @throws {RangeError} The interval or another option is out of range.
 * @throws {TypeError} There is no symbol.
 *
 * @example
 * ```ts ignore
 * import { bybitFeed } from "@adaptrade/adaptrade";
 *
 * const start = Date.now() - 30 * 86_400_000;
 * for await (const { time, bars } of bybitFeed({ symbols: ["BTCUSDT"], interval: "1h", start })) {
 *   console.log(new Date(time), bars[0].bar.close);
 * }
 * ```
 */
export async function* bybitFeed(options: BybitFeedOptions): AsyncGenerator<Moment, never, void> {
  const feed = openFeed(options);
  for (let attempt = 0;; attempt++) {
    feed.signal?.throwIfAborted();
    const socket = connect(feed);
    const abort = (): void => socket.close("aborted");
    feed.signal?.addEventListener("abort", abort, { once: true });
    try {
      await subscribed(feed, socket);
      feed.tell("connected", `subscribed to ${feed.symbols.join(", ")}`);
      yield* follow(feed, socket, () => attempt = 0);
    } catch (error) {
      feed.signal?.throwIfAborted();
      if (!(error instanceof ConnectionLost)) throw error;
      feed.tell("disconnected", error.message);
    } finally {
      feed.signal?.removeEventListener("abort", abort);
      socket.close("done");
    }
    await feed.clock.sleep(feed.pause(attempt), feed.signal);
  }
}

function connect(feed: Feed): BybitSocket {
  return openBybitSocket({
    ...feed,
    url: new URL(`/v5/public/${feed.category}`, feed.streamUrl),
    topics: feed.book.symbols.map((symbol) => topicOf(feed, symbol)),
  });
}

function topicOf({ interval }: Feed, symbol: string): string {
  return `kline.${interval.code}.${symbol}`;
}

/** Waits until every subscription is answered; bars say the same as an answer. One that was refused is tried market by market. */
async function subscribed(feed: Feed, socket: BybitSocket): Promise<void> {
  const deadline = elapsedOf(feed.clock) + feed.staleAfter;
  /** Markets asked for one by one, in the order of the requests; none while all were asked for at once. */
  let asked: string[] = [];
  for (;;) {
    const event = await socket.next(deadline);
    if (event.kind === "closed") throw new ConnectionLost(event.why);
    if (event.kind === "timeout") throw new ConnectionLost(`no answer to the subscription for ${feed.staleAfter} ms`);
    if (event.kind !== "answer" || event.op !== "subscribe") {
      receive(feed, event);
      if (event.kind === "bars" && asked.length === 0) return;
      continue;
    }
    const symbol = asked.shift();
    if (!event.success) {
      if (!feed.answered) throw refusedBy(feed, event);
      feed.tell("refused", `${symbol ?? "subscription"}: "${event.text}"`);
      if (symbol === undefined && feed.book.symbols.length > 1) {
        asked = [...feed.book.symbols];
        for (const one of asked) socket.subscribe(topicOf(feed, one));
        continue;
      }
      if (symbol === undefined) throw new ConnectionLost(`subscription refused: "${event.text}"`);
    }
    if (asked.length === 0) return;
  }
}

function refusedBy({ book }: Feed, { op, text }: { readonly op: string; readonly text: string }): DataError {
  return new DataError(`Cannot follow ${book.symbols.join(", ")}: Bybit refused to ${op}: "${text}"`);
}

/** Hands out moments for as long as the connection lasts. The stream is subscribed to, so what REST has not yet will come. */
async function* follow(feed: Feed, socket: BybitSocket, onAlive: () => void): AsyncGenerator<Moment, never, void> {
  const { book, clock, step, staleAfter, grace, tries } = feed;
  await refill(feed);
  let asked = 0;
  let due = elapsedOf(clock) + step + staleAfter;
  let laggingUntil: number | undefined;
  for (;;) {
    // All that has arrived is read first: a moment knows whether the bars after it have closed, too.
    for (let event = await socket.next(-Infinity); isNews(event); event = await socket.next(-Infinity)) {
      onAlive();
      receive(feed, event);
    }
    const next = book.take();
    if (next) {
      // The machine's clock may be off, or jump: the next bar closes within one bar's length all the same.
      const left = Math.min(Math.max(next.time + 2 * step - clock.now(), 0), step);
      due = elapsedOf(clock) + left + staleAfter;
      [asked, laggingUntil] = [0, undefined];
      for (const { symbol } of next.bars) feed.silent.delete(symbol);
      yield next;
      continue;
    }
    const { lack } = book;
    if (lack === "earlier bars") {
      await refill(feed);
      continue;
    }
    if (lack === "other markets") laggingUntil ??= elapsedOf(clock) + grace;
    const event = await socket.next(laggingUntil ?? due);
    if (event.kind === "closed") throw new ConnectionLost(event.why);
    if (isNews(event)) {
      onAlive();
      receive(feed, event);
      continue;
    }
    await refill(feed);
    if (lack === "other markets" && ++asked >= tries) giveUp(feed, book.latest);
    [due, laggingUntil] = [elapsedOf(clock) + staleAfter, undefined];
  }
}

function isNews(event: SocketEvent): event is BybitMessage {
  return event.kind !== "closed" && event.kind !== "timeout";
}

/** Takes what a message brings. */
function receive(feed: Feed, message: BybitMessage): void {
  if (message.kind === "malformed") return feed.tell("malformed", message.why);
  if (message.kind === "answer") {
    if (!message.success) feed.tell("refused", `to ${message.op}: "${message.text}"`);
    return;
  }
  for (const { symbol, code, bar, closed } of message.bars) {
    if (!closed) continue;
    const refusal = code === feed.interval.code ? feed.book.add({ symbol, bar }) : "unknown";
    if (refusal === undefined) continue;
    const kind = refusal === "duplicate" || refusal === "late" ? refusal : "foreign";
    feed.tell(kind, `${symbol} ${code}: bar of ${new Date(bar.time).toISOString()} (${refusal})`);
  }
}
