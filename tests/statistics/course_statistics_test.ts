// Trades, costs and the risk-free rate, by hand and as a whole.
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { backtestPositions } from "../../lib/backtest/backtest.ts";
import { compareResults } from "../../lib/backtest/compare_results.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import { random } from "../../lib/net/random.ts";
import { benchmarkStatistics } from "../../lib/statistics/benchmark.ts";
import { metricIntervals } from "../../lib/statistics/metric_intervals.ts";
import { metrics } from "../../lib/statistics/metrics.ts";
import { excessReturns, riskFreeReturn } from "../../lib/statistics/risk_free.ts";
import { sharpeEstimate } from "../../lib/statistics/sharpe_estimate.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";
import { atTwiceCosts } from "../../lib/statistics/twice_costs.ts";
import { tradeStatistics } from "../../lib/statistics/trade_statistics.ts";
import type { Trade } from "../../lib/trading/trade.ts";
import { HOUR, randomWalk } from "../features/markets.ts";

function trade(net: number, hours: number, change: Partial<Trade> = {}): Trade {
  return {
    market: "X",
    side: "long",
    entryTime: 0,
    entryPrice: 100,
    exitTime: hours * HOUR,
    exitPrice: 100,
    exitReason: "signal",
    quantity: 1,
    pnl: net + 1,
    cost: 1,
    stop: null,
    takeProfit: null,
    worst: 98,
    best: 103,
    ...change,
  };
}

Deno.test("tradeStatistics() by hand: wins and losses net of costs, streaks, holding, excursions of both sides", () => {
  const trades = [
    trade(10, 1),
    trade(20, 2, { worst: 90, best: 110 }),
    trade(-5, 3, { side: "short", worst: 104, best: 97 }),
    trade(0, 4),
    trade(-15, 10),
    trade(7, 0, { exitTime: null, exitPrice: null, exitReason: null }),
  ];
  const before = structuredClone(trades);
  const found = tradeStatistics(trades);
  assertEquals([found.closed, found.open, found.longestWins, found.longestLosses], [5, 1, 2, 1]);
  const values = Object.fromEntries(
    Object.entries(found).flatMap(([name, figure]) => typeof figure === "number" ? [] : [[name, figure.value]]),
  );
  assertEquals([values.winRate, values.expectancy, values.averageWin, values.averageLoss], [0.5, 2, 15, -10]);
  assertEquals([values.payoff, values.medianHolding, values.longestHolding], [1.5, 3 * HOUR, 10 * HOUR]);
  assertEquals(values.meanHolding, 4 * HOUR);
  assertAlmostEquals(values.worstAdverse!, -0.1, 1e-12);
  assertAlmostEquals(values.meanAdverse!, -(0.02 * 3 + 0.1 + 0.04) / 5, 1e-12);
  assertAlmostEquals(values.bestFavourable!, 0.1, 1e-12);
  assertAlmostEquals(values.meanFavourable!, (0.03 * 3 + 0.1 + 0.03) / 5, 1e-12);
  assertEquals(trades, before);
  const none = tradeStatistics([trades[5]]);
  assertEquals([none.closed, none.expectancy], [0, { value: null, reason: "no closed trade" }]);
  assertEquals(tradeStatistics([trades[0]]).payoff, { value: null, reason: "no trade lost" });
});

Deno.test("atTwiceCosts() is what trading at twice the costs gives, to first order", () => {
  const candles = randomWalk(600, 4);
  const walk = walkForward(candles, { supportRows: 20 });
  const stream = random(1);
  const wanted = walk.time.map(() => stream.integer(3) - 1);
  const at = (takerFee: number) => backtestPositions("x", candles, { walk, wanted, options: { costs: { takerFee } } });
  const { totalReturn, sharpe } = atTwiceCosts(at(0.0002));
  const twice = at(0.0004).metrics;
  assertAlmostEquals(totalReturn.value!, twice.totalReturn!, 1e-3);
  assertAlmostEquals(sharpe.value!, twice.sharpe!, 0.02);
});

Deno.test("atTwiceCosts() leaves nothing below nothing, and says why a ratio is undefined", () => {
  const course = { periodsPerYear: 252, riskFreeRate: 0 };
  const ruined = atTwiceCosts({ ...course, grossReturns: Float64Array.of(0, 1), netReturns: Float64Array.of(-0.6, 1) });
  assertEquals(ruined.totalReturn.value, -1);
  const flat = new Float64Array(3);
  assertEquals(atTwiceCosts({ ...course, grossReturns: flat, netReturns: flat }).sharpe.reason, "returns do not vary");
});

Deno.test("a risk-free rate is taken off Sharpe and Sortino, their intervals, and nothing else", () => {
  const stream = random(2);
  const returns = Float64Array.from({ length: 300 }, () => 0.001 + 0.01 * stream.normal());
  const options = { periodsPerYear: 252, riskFreeRate: 0.05 };
  const rate = riskFreeReturn(0.05, 252);
  assertAlmostEquals((1 + rate) ** 252, 1.05, 1e-12);
  const excess = excessReturns(returns, 0.05, 252);
  const [found, plain, shifted] = [
    metrics(returns, options),
    metrics(returns, { periodsPerYear: 252 }),
    metrics(excess, { periodsPerYear: 252 }),
  ];
  assertAlmostEquals(found.sharpe!, shifted.sharpe!, 1e-9);
  assertAlmostEquals(found.sortino!, shifted.sortino!, 1e-9);
  const { sharpe: _a, sortino: _b, ...others } = found;
  const { sharpe: _c, sortino: _d, ...same } = plain;
  assertEquals(others, same);
  const interval = sharpeInterval(returns, { ...options, seed: 3 });
  assertEquals(interval, sharpeInterval(excess, { periodsPerYear: 252, seed: 3 }));
  const { sharpe } = metricIntervals(returns, { ...options, seed: 3 });
  assertAlmostEquals(sharpe!.low, interval.low!, 1e-9);
  assertThrows(() => metrics(returns, { ...options, riskFreeRate: -1 }), RangeError, "riskFreeRate");
  assertThrows(() => sharpeInterval(returns, { ...options, riskFreeRate: NaN }), RangeError, "riskFreeRate");
});

Deno.test("a strategy that never trades has no ratio beyond a risk-free rate, however long it did nothing", () => {
  for (const bars of [2, 100, 5000]) {
    const idle = new Float64Array(bars);
    const options = { periodsPerYear: 252, riskFreeRate: 0.02 };
    assertEquals(metrics(idle, options).reasons.sharpe, "returns do not vary");
    assertEquals(sharpeEstimate(excessReturns(idle, 0.02, 252)).sharpe, null);
    assertEquals(sharpeInterval(idle, options).low, null);
  }
});

Deno.test("compareResults() holds each strategy against the market, and all its ratios beyond the risk-free rate", () => {
  const candles = randomWalk(400, 7);
  const walk = walkForward(candles, { supportRows: 20 });
  const run = (position: number, riskFreeRate = 0) =>
    backtestPositions("held", candles, {
      walk,
      wanted: new Float64Array(walk.time.length).fill(position),
      options: { costRate: 0.001, riskFreeRate },
    });
  const quick = { shuffles: 20, resamples: 100 };
  const { strategies: [long, short], benchmark } = compareResults([run(1), run(-1)], candles, quick);
  assertEquals(benchmark.length, long.result.time.length);
  const last = long.result.time.length - 1;
  // Filled at the first open: what followed is the market's own return.
  assertAlmostEquals(benchmark[last], candles.close[399] / candles.close[398] - 1, 1e-12);
  assertAlmostEquals(long.againstBenchmark!.beta.value!, 1, 0.02);
  assertAlmostEquals(short.againstBenchmark!.beta.value!, -1, 0.05);
  const { periodsPerYear } = long.result;
  assertEquals(
    long.againstBenchmark,
    benchmarkStatistics(long.result.netReturns, benchmark, { periodsPerYear, riskFreeRate: 0 }),
  );
  assertEquals([long.tradeStatistics.open, long.tradeStatistics.closed], [1, 0]);
  assertEquals(long.drawdowns[0].depth.toFixed(12), long.result.metrics.maxDrawdown!.toFixed(12));
  const costly = compareResults([run(1, 0.5)], candles, quick).strategies[0];
  assertEquals(costly.result.riskFreeRate, 0.5);
  assertEquals(costly.result.metrics.sharpe! < long.result.metrics.sharpe!, true);
  assertEquals(costly.probabilisticSharpe.value! < long.probabilisticSharpe.value!, true);
});
