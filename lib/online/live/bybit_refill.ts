/**
 * What the stream missed, asked for over REST until it is here or given up aloud. It knows no connection; see `bybit_feed.ts`.
 * @module
 */
import { barsOf } from "../../data/bar.ts";
import { fetchBybit } from "../../data/bybit.ts";
import { DataError } from "../../data/candles.ts";
import type { Feed } from "./bybit_feed_state.ts";

/** The last time that a Date can hold: Bybit's own clock says what has closed by now; this machine's may be off. */
const LAST_DATE_MS = 8.64e15;

/**
 * Lets go out what there is up to a time, and says of every market which bars were given up. One that has lacked as many in a
 * row as it is asked for is waited for no longer, until a bar of it comes.
 */
export function giveUp(feed: Feed, to: number): void {
  const { book, silent, tries } = feed;
  for (const symbol of book.symbols) {
    const times = book.missing(symbol, to).map((time) => new Date(time).toISOString());
    if (times.length === 0) continue;
    const which = times.length === 1
      ? `the bar of ${times[0]}`
      : `${times.length} bars from ${times[0]} to ${times.at(-1)}`;
    feed.tell("missing", `${symbol}: ${which} did not come and is given up`);
    silent.set(symbol, (silent.get(symbol) ?? 0) + times.length);
    if (silent.get(symbol)! >= tries) leaveBehind(feed, symbol, "it brings no bars any more");
  }
  book.cover(to);
}

function leaveBehind({ book, tell }: Feed, symbol: string, why: string): void {
  tell("gone", `${symbol}: ${why}; the others go on`);
  book.drop(symbol);
}

/** How REST was asked about one market: what it said, or that it does not know the market any more. */
type Asked = { readonly taken: number; readonly last: number } | "gone";

/**
 * Asks REST for the closed bars of one market since the last moment handed out, until it answers with all that must have closed
 * up to `closed`. An answer that lacks some of them, or a refusal, is asked for again `tries` times.
 */
async function askMarket(feed: Feed, symbol: string, closed: number): Promise<Asked> {
  const { book, clock, category, baseUrl, signal, tries } = feed;
  let [taken, last] = [0, -Infinity];
  for (let [attempt, lacking, refused] = [0, 0, 0];; attempt++) {
    try {
      const candles = await fetchBybit({
        symbol,
        interval: feed.interval.name,
        start: book.from,
        end: LAST_DATE_MS,
        category,
        baseUrl,
        ...(signal && { signal }),
        sleep: clock.sleep,
      });
      for (const bar of barsOf(candles)) if (book.add({ symbol, bar }) === undefined) taken++;
      last = Math.max(last, candles.time.at(-1) ?? -Infinity);
      const missing = book.missing(symbol, closed);
      if (missing.length === 0 || ++lacking >= tries) return { taken, last };
      feed.tell(
        "refill failed",
        `${symbol}: the answer lacks the bar of ${new Date(missing[0]).toISOString()}, which has closed`,
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof DataError) || !feed.answered) throw error;
      feed.tell("refill failed", error.message);
      if (isRefusal(error) && ++refused >= tries) return "gone";
    }
    // Soon at first: an answer behind the stream is a matter of moments.
    await clock.sleep(feed.pause(3 * attempt) / 10, signal);
  }
}

/** Whether Bybit answered, but knows no such market. */
function isRefusal({ message }: DataError): boolean {
  return message.includes("unknown symbol");
}

/**
 * Asks REST for every closed bar since the last moment handed out, of every market. Of each market, all bars up to its own latest
 * are then here, and all that had closed when it was asked: another market's bar was seen, so those before it had. What closed
 * while the next market was being asked for is left to the stream, or to another refill. A market that is not known any more is
 * left behind.
 *
 * @throws {DataError} No market is known any more.
 */
export async function refill(feed: Feed): Promise<void> {
  const { book, step } = feed;
  let taken = 0;
  let covered = Infinity;
  for (const symbol of book.symbols) {
    const closed = book.latest - step;
    const asked = await askMarket(feed, symbol, closed);
    if (asked === "gone") {
      leaveBehind(feed, symbol, "Bybit does not know it any more");
      continue;
    }
    taken += asked.taken;
    covered = Math.min(covered, Math.max(closed, asked.last));
  }
  if (book.symbols.length === 0) {
    throw new DataError(`Cannot follow ${feed.symbols.join(", ")}: none of them is known any more`);
  }
  feed.answered = true;
  giveUp(feed, covered);
  feed.tell("refilled", `${taken} bars over REST`);
}
