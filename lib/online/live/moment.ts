/**
 * The unit in which a trader receives its markets: every bar that opened at one time, of however many markets have one.
 * Bars of one moment act together, so a replay and a live stream, where they arrive in any order, decide alike.
 * @module
 */
import type { Candles } from "../../data/candles.ts";
import { type Bar, barsOf } from "../../data/bar.ts";
import { requireKnownKeys } from "../../options.ts";

/** One closed bar and whose it is. */
export interface MarketBar {
  /** Market name. */
  readonly symbol: string;
  /** The bar. */
  readonly bar: Bar;
}

/** The bars that opened at one time. Frozen. */
export interface Moment {
  /** Their open time, ms UTC. */
  readonly time: number;
  /** One bar a market at most, in the order of the markets watched. */
  readonly bars: readonly MarketBar[];
  /**
   * False where the bars after these had closed, too, by the time these were handed out: they were missed, and what is decided at
   * their close comes too late to be traded (default true).
   */
  readonly lived?: boolean;
}

/** Puts the bars of one time in the order of the markets. */
export function moment(
  time: number,
  bars: ReadonlyMap<string, Bar>,
  { symbols, lived }: { readonly symbols: readonly string[]; readonly lived: boolean },
): Moment {
  const ordered = symbols.flatMap((symbol) => {
    const bar = bars.get(symbol);
    return bar ? [Object.freeze({ symbol, bar })] : [];
  });
  return Object.freeze({ time, bars: Object.freeze(ordered), ...(lived ? {} : { lived }) });
}

/**
 * Several price histories as moments, oldest first; a market without a bar at a time is left out of it.
 *
 * @param markets Histories of different markets.
 * @param options `after`: only moments later than this, ms UTC.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { momentsOf } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const [first] = momentsOf([dax]);
 * assertEquals([first.time, first.bars.length], [dax.time[0], 1]);
 * ```
 */
export function* momentsOf(
  markets: readonly Candles[],
  options: { readonly after?: number } = {},
): Generator<Moment, void, void> {
  requireKnownKeys("Cannot make moments", "options", options, { after: true });
  const { after = -Infinity } = options;
  const symbols = markets.map(({ symbol }) => symbol);
  const streams = markets.map((candles) => barsOf(candles));
  const heads = streams.map((stream) => stream.next());
  for (;;) {
    const time = Math.min(...heads.map((head) => head.done ? Infinity : head.value.time));
    if (time === Infinity) return;
    const bars = new Map<string, Bar>();
    heads.forEach((head, i) => {
      if (head.done || head.value.time !== time) return;
      bars.set(symbols[i], head.value);
      heads[i] = streams[i].next();
    });
    if (time > after) yield moment(time, bars, { symbols, lived: true });
  }
}
