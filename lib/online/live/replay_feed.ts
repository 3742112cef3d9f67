/**
 * Price histories played back as a live feed would give them, at a multiple of their own speed or as fast as they are taken.
 * @module
 */
import type { Candles } from "../../data/candles.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { type Moment, momentsOf } from "./moment.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import { openTurns } from "../../event_loop.ts";

/** What {@linkcode replayFeed} takes. */
export interface ReplayOptions {
  /** Times as fast as the market was, at least 0; 0 (default) is as fast as the moments are taken. */
  readonly speed?: number;
  /** Only moments later than this, ms UTC: where a trader goes on. */
  readonly after?: number;
  /** The time to wait by (default the machine's). */
  readonly clock?: Clock;
  /** Ends the replay: the iteration throws its reason. */
  readonly signal?: AbortSignal;
}

const REPLAY_KEYS: OptionKeys<ReplayOptions> = { speed: true, after: true, clock: true, signal: true };

/**
 * Plays histories back.
 *
 * @param markets Histories of different markets.
 * @param options Speed and start.
 * @throws {RangeError} The speed is negative or not finite, or two histories are of one market.
 *
 * @example
 * ```ts
 * import { replayFeed, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * for await (const { time, bars: [{ symbol }] } of replayFeed([dax])) {
 *   assertEquals([time, symbol], [dax.time[0], "DAX"]);
 *   break;
 * }
 * ```
 */
export async function* replayFeed(
  markets: readonly Candles[],
  options: ReplayOptions = {},
): AsyncGenerator<Moment, void, void> {
  requireKnownKeys("Cannot replay", "options", options, REPLAY_KEYS);
  const { speed = 0, after, clock = SYSTEM_CLOCK, signal } = options;
  if (!(speed >= 0 && speed < Infinity)) {
    throw new RangeError(`Cannot replay: expected speed to be finite and at least 0, received ${speed}`);
  }
  const symbols = markets.map(({ symbol }) => symbol);
  if (new Set(symbols).size < symbols.length) {
    throw new RangeError(`Cannot replay: expected different markets, received ${symbols.join(", ")}`);
  }
  let last: number | undefined;
  const turn = openTurns();
  for (const next of momentsOf(markets, after === undefined ? {} : { after })) {
    await turn();
    signal?.throwIfAborted();
    if (speed > 0 && last !== undefined) await clock.sleep((next.time - last) / speed, signal);
    last = next.time;
    yield next;
  }
}
