/**
 * What a live feed of Bybit's is told, and what it keeps while it is open. It connects to nothing; see `bybit_feed.ts`.
 * @module
 */
import { bybitInterval, intervalMs } from "../../data/interval.ts";
import { random } from "../../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import type { FeedEvent, FeedEventKind } from "./feed_events.ts";
import { MomentBook } from "./moment_book.ts";

/** What `bybitFeed` takes. */
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

/** A feed that is open. */
export interface Feed extends Required<Omit<BybitFeedOptions, "start" | "interval" | "signal" | "onEvent">> {
  readonly interval: { readonly name: string; readonly code: string };
  readonly step: number;
  readonly signal?: AbortSignal | undefined;
  readonly book: MomentBook;
  readonly tell: (kind: FeedEventKind, text: string) => void;
  /** How long to wait before try `attempt`, ms. */
  readonly pause: (attempt: number) => number;
  /** Bars given up in a row, by market. */
  readonly silent: Map<string, number>;
  /** Whether Bybit has answered before: from then on a failure is taken to pass. */
  answered: boolean;
}

/** Checks options and fills in their defaults. */
export function openFeed(options: BybitFeedOptions): Feed {
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
    silent: new Map(),
    answered: false,
  };
}
