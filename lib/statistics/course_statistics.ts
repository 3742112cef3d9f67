/**
 * What a backtest's course says beyond its figures: tails, drawdowns, trades, costs, and what of it is the market. It computes
 * no interval and no test; see `compared_statistics.ts`.
 * @module
 */
import type { Trade } from "../trading/trade.ts";
import { type BenchmarkStatistics, benchmarkStatistics } from "./benchmark.ts";
import { breakEvenCost, type TradedCourse } from "./break_even_cost.ts";
import { type Drawdown, worstDrawdowns } from "./drawdowns.ts";
import type { Figure } from "./figure.ts";
import { riskFreeReturn } from "./risk_free.ts";
import { type TailRisk, tailRisk } from "./tail_risk.ts";
import { type TradeStatistics, tradeStatistics } from "./trade_statistics.ts";
import { atTwiceCosts, type CostedCourse, type TwiceCosts } from "./twice_costs.ts";

/** What a course says beyond its figures. */
export interface CourseStatistics {
  /** Tails of the net returns at 5%, Omega at the risk-free rate, Ulcer index. */
  readonly tails: TailRisk;
  /** The five deepest drawdowns, deepest first. */
  readonly drawdowns: readonly Drawdown[];
  /** What single trades amount to. */
  readonly tradeStatistics: TradeStatistics;
  /** What it would have come to at twice the costs. */
  readonly atTwiceCosts: TwiceCosts;
  /** Cost per unit of value traded at which nothing is left of its gain. */
  readonly breakEvenCost: Figure;
  /** The strategy against its benchmark on the same bars; null without one. */
  readonly againstBenchmark: BenchmarkStatistics | null;
}

/** What is read of a backtest. */
export interface Course extends CostedCourse, TradedCourse {
  /** Open time of each bar, ms UTC, `[bars]`. */
  readonly time: Float64Array;
  /** Trades, in the order they were closed. */
  readonly trades: readonly Trade[];
}

/**
 * Describes a course.
 *
 * @param course A result of a backtest.
 * @param started When the first decision was taken, ms UTC: the time of the initial capital.
 * @param benchmark Net returns of a benchmark on the same bars, `[bars]`; null without one.
 */
export function courseStatistics(course: Course, started: number, benchmark: Float64Array | null): CourseStatistics {
  const { netReturns, periodsPerYear, riskFreeRate, time, initialCapital, equity, trades } = course;
  const [times, values] = [new Float64Array(time.length + 1), new Float64Array(time.length + 1)];
  times[0] = started;
  times.set(time, 1);
  values[0] = initialCapital;
  values.set(equity, 1);
  return {
    tails: tailRisk(netReturns, { threshold: riskFreeReturn(riskFreeRate, periodsPerYear) }),
    drawdowns: worstDrawdowns(times, values),
    tradeStatistics: tradeStatistics(trades),
    atTwiceCosts: atTwiceCosts(course),
    breakEvenCost: breakEvenCost(course),
    againstBenchmark: benchmark && benchmarkStatistics(netReturns, benchmark, { periodsPerYear, riskFreeRate }),
  };
}
