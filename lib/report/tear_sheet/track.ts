/**
 * What the parts of a tear sheet read of a strategy: a backtest's result is one, and so is anything else with equity, returns,
 * positions, trades and costs.
 * @module
 */
import type { Trade } from "../../trading/trade.ts";
import type { CostBreakdown } from "../../trading/cost_model.ts";

/** What a strategy went through; series have one entry a bar. */
export interface Track {
  /** What was run, such as `meta-learned`. */
  readonly strategy: string;
  /** When the first decision was taken and each later one, ms UTC, `[bars + 1]`. */
  readonly decisionTime: Float64Array;
  /** Open time of each bar, ms UTC, ascending, `[bars]`. */
  readonly time: Float64Array;
  /** Equity before the first bar, in account currency. */
  readonly initialCapital: number;
  /** Equity at the close of each bar, net of costs, `[bars]`. */
  readonly equity: Float64Array;
  /** Net return of each bar, `[bars]`. */
  readonly netReturns: Float64Array;
  /** Return of each bar had its fills been free, `[bars]`. */
  readonly grossReturns: Float64Array;
  /** Positions as fractions of equity, `[bars]`, or `[bars, markets]` where markets share the capital. */
  readonly positions: Float64Array;
  /** Bars a year. */
  readonly periodsPerYear: number;
  /** Risk-free rate a year that ratios are taken beyond. */
  readonly riskFreeRate: number;
  /** Trades, oldest first. */
  readonly trades: readonly Trade[];
  /** Costs by kind, in account currency. */
  readonly costBreakdown: CostBreakdown;
  /** Which of the page's colours it is drawn in, from 1 (default that of its name). */
  readonly color?: number;
}

/** Colours that strategies keep in every report, whichever of them are in it. */
const COLORS: Readonly<Record<string, number>> = {
  "meta-learned": 1,
  "pretrained + fine-tuned": 2,
  "from scratch": 3,
  "zero predictor": 4,
  flat: 4,
  "buy and hold": 5,
};

/** Which of the page's colours a strategy has. */
export function colorOf(strategy: string): number {
  return COLORS[strategy] ?? 6;
}

/** Colours that the page has. */
const MOST_COLORS = 10;

/** Tracks with their colours: that of its name where it has one, else the next that none of these names has; beyond ten they repeat. */
export function withColors<T extends { readonly strategy: string }>(
  tracks: readonly T[],
): (T & { readonly color: number })[] {
  const taken = new Set(tracks.map(({ strategy }) => COLORS[strategy]));
  const free = Array.from({ length: MOST_COLORS }, (_, i) => i + 1).filter((color) => !taken.has(color));
  let next = 0;
  return tracks.map((track) => ({ ...track, color: COLORS[track.strategy] ?? free[next++ % free.length] }));
}

/** Which of the page's colours a track is drawn in. */
export function trackColor({ color, strategy }: Pick<Track, "color" | "strategy">): number {
  return color ?? colorOf(strategy);
}
