/**
 * What a strategy's Sharpe ratio would be by luck: its own positions on shuffled prices.
 * It keeps what is not luck (turnover, costs, the distribution of returns) and destroys only their order.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { relistings } from "../data/listings.ts";
import { type Random, random } from "../net/random.ts";
import { exitWindow } from "../trading/exits.ts";
import type { BacktestResult } from "./backtest.ts";
import { execute, type ExecutionOptions } from "./execution.ts";
import { excessReturns } from "../statistics/risk_free.ts";
import { barSharpe } from "../statistics/sharpe_interval.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** What {@linkcode randomWalkNull} takes. */
export interface RandomWalkNullOptions extends ExecutionOptions {
  /** Shuffles, at least 1 (default 500). */
  readonly shuffles?: number | undefined;
  /** Seed of the shuffles (default 0). */
  readonly seed?: number;
}

/** A strategy's net Sharpe ratio among those of its positions on shuffled prices. */
export interface RandomWalkNull {
  /** The strategy. */
  readonly strategy: string;
  /** Its own annualised net Sharpe ratio; null where undefined. */
  readonly sharpe: number | null;
  /** Annualised net Sharpe ratios on shuffled prices, ascending; undefined ones left out. */
  readonly ratios: Float64Array;
  /** Share of shuffles that did at least as well (within 1e-9), counting the strategy itself; null where its Sharpe is. */
  readonly shareAbove: number | null;
}

/** Ratios that differ by less, as a share of the ratio where that is above 1, differ by rounding alone: they are ties. */
const TIE = 1e-9;

/**
 * Bars `start` + 1 to the end of the run in shuffled order, as prices that continue from bar `start`; `lead` bars before it
 * stay. A bar that may be of another instrument than the one before opens where that closed.
 */
function shuffledPrices(
  candles: Candles,
  start: number,
  run: { bars: number; lead: number; stream: Random; relisted: readonly number[] },
): Candles {
  const { bars, lead, stream, relisted } = run;
  const order = Array.from({ length: bars }, (_, i) => start + 1 + i);
  for (let i = bars - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const part = (values: Float64Array): Float64Array => values.slice(start - lead, start + bars + 1);
  const [open, high, low, close] = [candles.open, candles.high, candles.low, candles.close].map(part);
  order.forEach((bar, i) => {
    const at = lead + i + 1;
    open[at] = close[at - 1] * (relisted.includes(bar) ? 1 : candles.open[bar] / candles.close[bar - 1]);
    close[at] = candles.closeOnly ? open[at] : open[at] * (candles.close[bar] / candles.open[bar]);
    high[at] = open[at] * (candles.high[bar] / candles.open[bar]);
    low[at] = open[at] * (candles.low[bar] / candles.open[bar]);
  });
  return { ...candles, time: part(candles.time), open, high, low, close };
}

/**
 * Replays a strategy's wanted positions on prices whose bars (the gap to the open together with the move to the close) are
 * shuffled: a random walk with the same returns. A strategy that forecasts nothing real ends up anywhere among them.
 *
 * @param result The strategy's backtest.
 * @param candles The candles it was run on.
 * @param options Fill, costs, exits and capital of the backtest; shuffles and seed.
 * @throws {RangeError} `shuffles` is not a positive integer.
 *
 * @example
 * ```ts
 * import { backtest, maml, metaInit, mlp, openEngine, randomWalkNull, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const result = await backtest(engine, state, dax, { from: Date.UTC(1998, 3), supportRows: 20 });
 * assertEquals(randomWalkNull(result, dax, { shuffles: 20, seed: 1 }).ratios.length, 20);
 * ```
 */
export function randomWalkNull(
  result: BacktestResult,
  candles: Candles,
  options: RandomWalkNullOptions = {},
): RandomWalkNull {
  requireKnownKeys("Cannot shuffle", "options", options, BACKTEST_KEYS);
  const { shuffles = 500, seed = 0, ...execution } = options;
  if (!Number.isInteger(shuffles) || shuffles < 1) {
    throw new RangeError(`Cannot shuffle: shuffles must be an integer of at least 1, got ${String(shuffles)}`);
  }
  const stream = random(seed);
  const start = candles.time.indexOf(result.decisionTime[0]);
  const { periodsPerYear, riskFreeRate } = result;
  const year = Math.sqrt(periodsPerYear);
  const lead = Math.min(start, exitWindow(execution.exits ?? {}));
  const relisted = relistings(candles);
  const ratios: number[] = [];
  for (let i = 0; i < shuffles; i++) {
    const prices = shuffledPrices(candles, start, { bars: result.time.length, lead, stream, relisted });
    const { netReturns } = execute(prices, { start: lead, positions: result.wanted }, execution);
    const ratio = barSharpe(excessReturns(netReturns, riskFreeRate, periodsPerYear)) * year;
    if (Number.isFinite(ratio)) ratios.push(ratio);
  }
  const { sharpe } = result.metrics;
  const least = sharpe === null ? Infinity : sharpe - TIE * Math.max(1, Math.abs(sharpe));
  const above = ratios.filter((ratio) => ratio >= least).length;
  return {
    strategy: result.strategy,
    sharpe,
    ratios: Float64Array.from(ratios).sort(),
    shareAbove: sharpe === null ? null : (above + 1) / (ratios.length + 1),
  };
}
