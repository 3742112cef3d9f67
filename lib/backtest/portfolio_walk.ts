/**
 * Markets of a portfolio on their way through the union of their timestamps: whose bar is next, what each goes for. It divides
 * capital among those that can decide, and leaves room for what the others hold; it trades nothing.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { cutCandles, relistings } from "../data/listings.ts";
import type { TrainedOn } from "../meta/trained_on.ts";
import { pickKeys } from "../options.ts";
import type { Account, BarOrder } from "../trading/account_state.ts";
import {
  covarianceWindow,
  type PortfolioTargetOptions,
  portfolioTargets,
  TARGET_KEYS,
  type WeighedMarket,
} from "../trading/portfolio_weights.ts";
import type { AlignedReturns } from "./aligned_returns.ts";
import type { MarketFinding } from "./data_findings.ts";
import { barAt } from "./execution.ts";

/** One market's decisions, before capital is divided. */
export interface PortfolioMarket {
  /** Its bars. */
  readonly candles: Candles;
  /** Index of the first bar decided on. */
  readonly start: number;
  /** Position that its own rule of size asks for at the close of each bar from there, `[decisions]`. */
  readonly sizes: Float64Array;
  /** Forecast returns, `[decisions]`; absent where nothing is forecast. */
  readonly predictions?: Float64Array;
  /** Sample deviation of 1-bar returns at each decision, `[decisions]`. */
  readonly volatility: Float64Array;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** What the model was trained on (default null: nothing is known). */
  readonly trainedOn?: TrainedOn | null;
  /** What `checkCandles` finds in the bars (default: it is asked). */
  readonly findings?: readonly MarketFinding[];
}

/** One market on its way through the bars. */
export interface Walker extends PortfolioMarket {
  /** Index of the next bar. */
  at: number;
  /** What is known since its last decision; absent before the first. */
  known?: Omit<WeighedMarket, "held">;
  /** Position to go for at its next bar; null keeps the units held. */
  target: number | null;
  /** Bars that may be of another instrument than the one before. */
  readonly relisted: readonly number[];
}

/** A market before its first bar. */
export function newWalker(market: PortfolioMarket): Walker {
  const { start: at, candles, sizes } = market;
  return { ...market, at, target: 0, relisted: relistings(cutCandles(candles, 0, at + sizes.length)) };
}

function isOver({ at, start, sizes }: Walker): boolean {
  return at >= start + sizes.length;
}

/** Bars of every market that opens at the earliest time any of them has left. */
export function nextBars(walkers: readonly Walker[]): { time: number; due: Walker[] } {
  const left = walkers.filter((walker) => !isOver(walker));
  const time = Math.min(...left.map(({ at, candles }) => candles.time[at]));
  return { time, due: left.filter(({ at, candles }) => candles.time[at] === time) };
}

/** A market's next bar, with what it goes for. */
export function orderOf({ candles, at, start, target, volatility, relisted }: Walker, interval: number): BarOrder {
  const order = {
    market: candles.symbol,
    bar: barAt(candles, at),
    interval,
    target,
    volatility: volatility[at - start - 1],
  };
  return relisted.includes(at) ? { ...order, relisted: true } : order;
}

/**
 * Sets the targets of the markets that decide now, from what is known of all that still have bars. What is held, or on order, in
 * a market that is closed now keeps its room, and so does what is held in one that has ended.
 */
export function decide(
  walkers: readonly Walker[],
  due: readonly Walker[],
  run: {
    readonly account: Pick<Account, "holdings">;
    readonly options: PortfolioTargetOptions;
    /** Returns of the walkers' markets on one clock, in their order; absent where no weight reads them. */
    readonly aligned?: AlignedReturns;
  },
): void {
  for (const walker of due) {
    const i = walker.at - walker.start;
    const { sizes, predictions, volatility, horizon } = walker;
    walker.known = { size: sizes[i], prediction: predictions?.[i] ?? NaN, volatility: volatility[i], horizon };
  }
  const heldIn = ({ candles }: Walker): number => run.account.holdings[candles.symbol]?.position ?? 0;
  const alive = walkers.filter((walker) => walker.known && !isOver(walker));
  const options = pickKeys(run.options, TARGET_KEYS);
  const returns = run.aligned?.upTo(
    due[0].candles.time[due[0].at],
    alive.map((walker) => walkers.indexOf(walker)),
    covarianceWindow(options.weighting) ?? 0,
  );
  const weighed = alive.map((walker, i) => ({
    ...walker.known!,
    held: heldIn(walker),
    ...(returns && { returns: returns[i] }),
  }));
  const { maxGross = 1, weighting } = options;
  const kept = walkers.filter((walker) => !due.includes(walker)).reduce((sum, walker) => {
    const held = Math.abs(heldIn(walker));
    return sum + (isOver(walker) ? held : Math.max(held, Math.abs(walker.target ?? 0)));
  }, 0);
  const targets = portfolioTargets(weighed, options);
  const gross = targets.reduce((sum, target, i) => sum + (due.includes(alive[i]) ? Math.abs(target) : 0), 0);
  const room = Math.max(0, maxGross - kept);
  const share = gross > room ? room / gross : 1;
  alive.forEach((walker, i) => {
    if (!due.includes(walker)) return;
    // Where no trade pays, the target is what is held: the units stay.
    const mayStay = weighting?.kind === "return-over-risk" || (weighting?.kind === "custom" && targets[i] !== 0);
    const stays = mayStay && share === 1 && targets[i] === weighed[i].held;
    walker.target = stays ? null : targets[i] * share;
  });
}
