/**
 * The falls of an equity curve: when each began, how deep it went, and when (or whether) it was made good.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** One fall, from a peak to the value that makes it good. */
export interface Drawdown {
  /** Time of the peak, ms UTC. */
  readonly from: number;
  /** Time of the lowest value, ms UTC. */
  readonly bottom: number;
  /** Time of the first value at or above the peak again, ms UTC; null where there is none yet. */
  readonly recovered: number | null;
  /** Lowest value / peak − 1, below 0. */
  readonly depth: number;
  /** Bars from the peak to the lowest value. */
  readonly barsDown: number;
  /** Bars from the peak to the recovery, or to the last bar where there is none yet. */
  readonly barsUnder: number;
}

/** What {@linkcode worstDrawdowns} takes. */
export interface WorstDrawdownsOptions {
  /** Most drawdowns to give, at least 1 (default 5). */
  readonly most?: number;
}

const WORST_DRAWDOWNS_KEYS: OptionKeys<WorstDrawdownsOptions> = { most: true };

/**
 * Finds the deepest drawdowns, none within another.
 *
 * @param time When each value was reached, ms UTC, ascending, `[values]`: for a backtest its `decisionTime`.
 * @param equity Equity at each time, the initial capital first, `[values]`.
 * @param options How many at most.
 * @returns Deepest first; as deep ones in their order. Empty for an equity that never fell.
 * @throws {RangeError} `most` is not a positive integer.
 * @throws {TypeError} The lengths differ.
 *
 * @example
 * ```ts
 * import { worstDrawdowns } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const time = Float64Array.of(1, 2, 3, 4, 5);
 * const [deepest] = worstDrawdowns(time, Float64Array.of(100, 128, 96, 128, 120));
 * assertEquals(deepest, { from: 2, bottom: 3, recovered: 4, depth: -0.25, barsDown: 1, barsUnder: 2 });
 * ```
 */
export function worstDrawdowns(
  time: Float64Array,
  equity: Float64Array,
  options: WorstDrawdownsOptions = {},
): Drawdown[] {
  requireKnownKeys("Cannot find drawdowns", "options", options, WORST_DRAWDOWNS_KEYS);
  const { most = 5 } = options;
  if (!Number.isInteger(most) || most < 1) {
    throw new RangeError(`Cannot find drawdowns: most must be an integer of at least 1, got ${String(most)}`);
  }
  if (time.length !== equity.length) {
    throw new TypeError(`Cannot find drawdowns: expected ${time.length} values of equity, received ${equity.length}`);
  }
  const found: Drawdown[] = [];
  let [peak, bottom] = [0, 0];
  const close = (end: number, isRecovered: boolean): void => {
    if (!(equity[bottom] < equity[peak])) return;
    found.push({
      from: time[peak],
      bottom: time[bottom],
      recovered: isRecovered ? time[end] : null,
      depth: equity[bottom] / equity[peak] - 1,
      barsDown: bottom - peak,
      barsUnder: end - peak,
    });
  };
  for (let i = 1; i < equity.length; i++) {
    if (equity[i] >= equity[peak]) {
      close(i, true);
      [peak, bottom] = [i, i];
    } else if (equity[i] < equity[bottom]) bottom = i;
  }
  close(equity.length - 1, false);
  return found.sort((a, b) => a.depth - b.depth).slice(0, most);
}
