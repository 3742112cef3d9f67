/** A feed over a local server that answers as Bybit documents, read into arrays: what the tests of the feed share. */
import type { Candles } from "../../../lib/data/candles.ts";
import { candlesOf } from "../../../lib/data/bar.ts";
import { bybitFeed } from "../../../lib/online/live/bybit_feed.ts";
import type { BybitFeedOptions } from "../../../lib/online/live/bybit_feed_state.ts";
import type { FeedEvent } from "../../../lib/online/live/feed_events.ts";
import type { Moment } from "../../../lib/online/live/moment.ts";
import { type LocalBybit, serveBybit } from "./bybit_server.ts";
import { FIRST, type ManualClock, manualClock, STEP } from "./fixtures.ts";

/** A feed that is being read. */
export interface Live {
  readonly server: LocalBybit;
  readonly clock: ManualClock;
  readonly options: BybitFeedOptions;
  readonly events: FeedEvent[];
  readonly moments: Moment[];
  /** What the feed ends with, should it fail by itself. */
  readonly outcome: Promise<unknown>;
  /** Ends the feed; what it ended with. */
  stop(): Promise<unknown>;
}

/** A feed of hourly markets, of which the first `history` bars have closed, read into an array. */
export function live(markets: readonly Candles[], history: number, options: Partial<BybitFeedOptions> = {}): Live {
  const now = FIRST + history * STEP;
  const server = serveBybit(markets, now);
  const clock = manualClock(now);
  const ended = new AbortController();
  const events: FeedEvent[] = [];
  const all: BybitFeedOptions = {
    symbols: markets.map(({ symbol }) => symbol),
    interval: "60",
    start: FIRST,
    streamUrl: server.stream,
    baseUrl: server.rest,
    clock,
    signal: ended.signal,
    onEvent: (event) => events.push(event),
    ...options,
  };
  const moments: Moment[] = [];
  const reading = (async () => {
    for await (const moment of bybitFeed(all)) moments.push(moment);
  })();
  const outcome = reading.catch((error) => error);
  return {
    server,
    clock,
    options: all,
    events,
    moments,
    outcome,
    async stop(): Promise<unknown> {
      ended.abort(new DOMException("Enough", "AbortError"));
      const error = await outcome;
      await server[Symbol.asyncDispose]();
      return error;
    },
  };
}

/** Kinds of events, in order. */
export function kinds(events: readonly FeedEvent[]): string[] {
  return events.map(({ kind }) => kind);
}

/** Bars as the feed gave them, market by market. */
export function barsIn(moments: readonly Moment[], symbol: string): Candles {
  const own = moments.flatMap(({ bars }) => bars.filter((one) => one.symbol === symbol).map(({ bar }) => bar));
  return candlesOf({ symbol, interval: "1h" }, own);
}
