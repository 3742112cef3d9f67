/**
 * Closed bars from Bybit as they close: history over REST first, then the public websocket, with no hole between them or ever
 * after. What the stream missed is asked for over REST before any later bar is handed out. It needs no key and trades nothing.
 * Source: https://bybit-exchange.github.io/docs/v5/ws/connect, .../websocket/public/kline
 * @module
 */
import { fetchBybit } from "../../data/bybit.ts";
import { barsOf } from "../../data/bar.ts";
import { DataError } from "../../data/candles.ts";
import { bybitInterval, intervalMs } from "../../data/interval.ts";
import { random } from "../../net/random.ts";
import type { BybitMessage } from "./bybit_message.ts";
import { type BybitSocket, openBybitSocket } from "./bybit_socket.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import type { FeedEvent, FeedEventKind } from "./feed_events.ts";
import type { Moment } from "./moment.ts";
import { MomentBook } from "./moment_book.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";

/** What {@linkcode bybitFeed} takes. */
export interface BybitFeedOptions {
  /** Symbols, such as `BTCUSDT`, at least one. */
  readonly symbols: readonly string[];
  /** `1m 3m 5m 15m 30m 1h 2h 4h 6h 12h 1d 1w`, or Bybit's code for it (`60`, `D`). */
  readonly interval: string;
  /** No bar that opens before it, ms UTC: where the history begins, or behind the last bar acted on. */
  readonly start: number;
  /** Kind of contract (default `linear`). */
  readonly category?: "spot" | "linear" | "inverse";
  /** Websocket server (default `wss://stream.bybit.com`). */
  readonly streamUrl?: string | URL;
  /** REST server (default `https://api.bybit.com`). */
  readonly baseUrl?: string | URL;
  /** ms between pings (default 20,000, as Bybit asks). */
  readonly pingEvery?: number;
  /** A connection silent for this long, ms, is dead; a bar overdue for this long is asked for over REST (default 60,000). */
  readonly staleAfter?: number;
  /** How long the other markets' bars of a time may lag behind the first, ms, before REST is asked (default 5,000). */
  readonly grace?: number;
  /** Times that REST is asked for a lagging market's bar before its moment goes without it (default 3). */
  readonly tries?: number;
  /** First and longest wait before connecting again, ms; it doubles, times a random factor in [0.5, 1) (default 1,000, 60,000). */
  readonly backoff?: readonly [number, number];
  /** Seed of that factor (default 0). */
  readonly seed?: number;
  /** The time to live by (default the machine's). */
  readonly clock?: Clock;
  /** Ends the feed: the iteration throws its reason. */
  readonly signal?: AbortSignal;
  /** Told what happens besides bars. */
  readonly onEvent?: (event: FeedEvent) => void;
}

const BYBIT_FEED_KEYS: OptionKeys<BybitFeedOptions> = {
  symbols: true,
  interval: true,
  start: true,
  category: true,
  streamUrl: true,
  baseUrl: true,
  pingEvery: true,
  staleAfter: true,
  grace: true,
  tries: true,
  backoff: true,
  seed: true,
  clock: true,
  signal: true,
  onEvent: true,
};

/** The last time that a Date can hold. Bybit's own clock says what has closed by now; this machine's may be off. */
const LAST_DATE_MS = 8.64e15;

/** The connection is gone: connect again. */
class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

interface Feed extends Required<Omit<BybitFeedOptions, "start" | "interval" | "signal" | "onEvent">> {
  readonly interval: { readonly name: string; readonly code: string };
  readonly step: number;
  readonly signal?: AbortSignal;
  readonly book: MomentBook;
  readonly tell: (kind: FeedEventKind, text: string) => void;
  /** How long to wait before try `attempt`, ms. */
  readonly pause: (attempt: number) => number;
  /** Whether Bybit has answered before: from then on a failure is taken to pass. */
  answered: boolean;
}

function configure(options: BybitFeedOptions): Feed {
  requireKnownKeys("Cannot open a feed", "options", options, BYBIT_FEED_KEYS);
  const { symbols, start, onEvent, signal, clock = SYSTEM_CLOCK, seed = 0 } = options;
  const { pingEvery = 20_000, staleAfter = 60_000, grace = 5000, tries = 3, backoff = [1000, 60_000] } = options;
  if (symbols.length === 0 || symbols.some((symbol) => typeof symbol !== "string" || symbol === "")) {
    throw new TypeError(`Cannot open a feed: expected symbols, received ${JSON.stringify(symbols)}`);
  }
  if (new Set(symbols).size < symbols.length) {
    throw new RangeError(`Cannot open a feed: expected different symbols, received ${symbols.join(", ")}`);
  }
  if (!Number.isFinite(start)) throw new RangeError(`Cannot open a feed: expected start in ms, received ${start}`);
  for (const [name, value] of Object.entries({ pingEvery, staleAfter, grace, tries, "backoff[0]": backoff[0] })) {
    if (!(value > 0 && value < Infinity)) {
      throw new RangeError(`Cannot open a feed: expected ${name} to be finite and above 0, received ${value}`);
    }
  }
  const interval = bybitInterval(options.interval);
  const step = intervalMs(interval.name);
  const jitter = random(seed);
  return {
    symbols,
    interval,
    step,
    category: options.category ?? "linear",
    streamUrl: options.streamUrl ?? "wss://stream.bybit.com",
    baseUrl: options.baseUrl ?? "https://api.bybit.com",
    pingEvery,
    staleAfter,
    grace,
    tries,
    backoff,
    seed,
    clock,
    signal,
    book: new MomentBook(symbols, { step, start }),
    tell: (kind, text) => onEvent?.(Object.freeze({ kind, at: clock.now(), text })),
    pause: (attempt) => Math.min(backoff[1], backoff[0] * 2 ** attempt) * (0.5 + 0.5 * jitter.uniform()),
    answered: false,
  };
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
  const feed = configure(options);
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
    topics: feed.symbols.map((symbol) => `kline.${feed.interval.code}.${symbol}`),
  });
}

/** Waits for the first answer to the subscription, or for bars, which say the same. */
async function subscribed(feed: Feed, socket: BybitSocket): Promise<void> {
  for (;;) {
    const event = await socket.next();
    if (event.kind === "closed") throw new ConnectionLost(event.why);
    if (event.kind === "timeout") continue;
    receive(feed, event);
    if (event.kind === "bars" || (event.kind === "answer" && event.op === "subscribe")) return;
  }
}

/** Hands out moments for as long as the connection lasts. The stream is subscribed to, so what REST has not yet will come. */
async function* follow(feed: Feed, socket: BybitSocket, onAlive: () => void): AsyncGenerator<Moment, never, void> {
  const { book, clock, step, staleAfter, grace, tries } = feed;
  await refill(feed);
  let asked = 0;
  let due = clock.now() + step + staleAfter;
  let laggingUntil: number | undefined;
  for (;;) {
    for (let next = book.take(); next; next = book.take()) {
      due = Math.max(clock.now(), next.time + 2 * step) + staleAfter;
      [asked, laggingUntil] = [0, undefined];
      yield next;
    }
    const { lack } = book;
    if (lack === "earlier bars") {
      await refill(feed);
      continue;
    }
    if (lack === "other markets") laggingUntil ??= clock.now() + grace;
    const event = await socket.next(laggingUntil ?? due);
    if (event.kind === "closed") throw new ConnectionLost(event.why);
    if (event.kind !== "timeout") {
      onAlive();
      receive(feed, event);
      continue;
    }
    await refill(feed);
    if (lack === "other markets" && ++asked >= tries) book.cover(book.latest);
    [due, laggingUntil] = [clock.now() + staleAfter, undefined];
  }
}

/** Takes what a message brings. */
function receive(feed: Feed, message: BybitMessage): void {
  if (message.kind === "malformed") return feed.tell("malformed", message.why);
  if (message.kind === "answer") {
    if (message.success) return;
    throw new DataError(`Cannot follow ${feed.symbols.join(", ")}: Bybit refused to ${message.op}: "${message.text}"`);
  }
  for (const { symbol, code, bar, closed } of message.bars) {
    if (!closed) continue;
    const refusal = code === feed.interval.code ? feed.book.add({ symbol, bar }) : "unknown";
    if (refusal === undefined) continue;
    const kind = refusal === "duplicate" || refusal === "late" ? refusal : "foreign";
    feed.tell(kind, `${symbol} ${code}: bar of ${new Date(bar.time).toISOString()} (${refusal})`);
  }
}

/**
 * Asks REST for every closed bar since the last moment handed out, of every market, until it answers. Of each market, all bars
 * up to its own latest are then here, and all that had closed when it was asked: another market's bar was seen, so those
 * before it had. What closed while the next market was being asked for is left to the stream, or to another refill.
 */
async function refill(feed: Feed): Promise<void> {
  const { book, clock, step, category, baseUrl, signal } = feed;
  let taken = 0;
  let covered = Infinity;
  for (const symbol of feed.symbols) {
    const closed = book.latest - step;
    for (let attempt = 0;; attempt++) {
      try {
        const candles = await fetchBybit({
          symbol,
          interval: feed.interval.name,
          start: book.from,
          end: LAST_DATE_MS,
          category,
          baseUrl,
          signal,
          sleep: clock.sleep,
        });
        for (const bar of barsOf(candles)) if (book.add({ symbol, bar }) === undefined) taken++;
        covered = Math.min(covered, Math.max(closed, candles.time.at(-1) ?? -Infinity));
        break;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof DataError) || !feed.answered) throw error;
        feed.tell("refill failed", error.message);
        await clock.sleep(feed.pause(attempt), signal);
      }
    }
  }
  feed.answered = true;
  book.cover(covered);
  feed.tell("refilled", `${taken} bars over REST`);
}
