// Σ|position| passes maxGross at no timestamp, over markets that are open at different times.
import fc from "fast-check";
import { assert } from "@std/assert";
import {
  executePortfolio,
  type PortfolioExecutionOptions,
  type PortfolioResult,
} from "../../lib/backtest/portfolio.ts";
import type { PortfolioMarket } from "../../lib/backtest/portfolio_walk.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { HOUR, randomWalk } from "../features/markets.ts";

/** One market: the hours at which it has a bar, and what it wants there. */
const market = fc.array(
  fc.record({ gap: fc.constantFrom<number>(1, 1, 1, 2, 5), size: fc.constantFrom<number>(-1, -0.4, 0, 0.7, 1, 1) }),
  { minLength: 3, maxLength: 30 },
);
const markets = fc.array(market, { minLength: 2, maxLength: 4 });
const weighting: fc.Arbitrary<NonNullable<PortfolioExecutionOptions["weighting"]>> = fc.constantFrom(
  { kind: "equal" },
  { kind: "inverse-volatility" },
  { kind: "return-over-risk" },
  { kind: "return-over-risk", riskAversion: 1, turnoverPenalty: 0 },
);
const rebalance = fc.constantFrom<NonNullable<PortfolioExecutionOptions["rebalance"]>>("always", "never", {
  kind: "band",
});

/** Markets with these bars; prices stand still, or walk at random. */
function portfolio(
  drawn: readonly (typeof market extends fc.Arbitrary<infer T> ? T : never)[],
  { still, longOnly }: { readonly still: boolean; readonly longOnly: boolean },
): PortfolioMarket[] {
  return drawn.map((bars, m) => {
    const walk = randomWalk(bars.length, m, `M${m}`);
    const time = new Float64Array(bars.length);
    bars.forEach(({ gap }, i) => time[i] = (i === 0 ? walk.time[0] : time[i - 1]) + gap * HOUR);
    const flat = new Float64Array(bars.length).fill(100);
    const prices = still ? { open: flat, high: flat, low: flat, close: flat } : {};
    const candles: Candles = { ...walk, ...prices, time };
    const sizes = Float64Array.from(bars, ({ size }) => longOnly ? Math.abs(size) : size);
    return {
      candles,
      start: 0,
      sizes,
      predictions: sizes.map((size) => 0.01 * size),
      volatility: Float64Array.from(bars, (_, i) => 0.004 + 0.02 * ((i * 7 + m * 3) % 5) / 5),
      horizon: 1,
    };
  });
}

function worst({ exposure }: PortfolioResult): number {
  return Math.max(...exposure);
}

Deno.test("executePortfolio() stays within maxGross whatever the calendars, weights and rules, where prices stand still", () => {
  fc.assert(
    fc.property(markets, weighting, rebalance, fc.constantFrom(0.5, 1, 1.7), (drawn, weights, rule, maxGross) => {
      const options = { costs: {}, weighting: weights, rebalance: rule, maxGross };
      const result = executePortfolio(portfolio(drawn, { still: true, longOnly: false }), options);
      assert(worst(result) <= maxGross + 1e-9, `${worst(result)} of ${maxGross}`);
    }),
    { seed: 31, numRuns: 300 },
  );
});

Deno.test("executePortfolio() of longs stays within maxGross as prices move and markets close", () => {
  let [reached, runs] = [0, 0];
  fc.assert(
    fc.property(markets, weighting, rebalance, (drawn, weights, rule) => {
      const options = { costs: {}, weighting: weights, rebalance: rule };
      const result = executePortfolio(portfolio(drawn, { still: false, longOnly: true }), options);
      assert(worst(result) <= 1 + 1e-9, `${worst(result)}`);
      runs++;
      if (worst(result) > 0.9) reached++;
    }),
    { seed: 32, numRuns: 300 },
  );
  assert(reached > runs / 4, `the limit was near in ${reached} of ${runs}`);
});

Deno.test("executePortfolio() is within maxGross whenever every market trades, shorts, costs and limit orders included", () => {
  const rules = fc.constantFrom<PortfolioExecutionOptions>(
    { costs: { takerFee: 0.002 } },
    { costs: { takerFee: 0.002, minOrder: 0.3 } },
    { costs: {}, fill: "close" },
    { costs: { makerFee: 0.001 }, entry: { kind: "limit", offset: 0.002 } },
  );
  fc.assert(
    fc.property(markets, weighting, rebalance, rules, (drawn, weights, rule, others) => {
      const gaps = drawn.map((bars) => bars.map((bar) => ({ ...bar, gap: 1 })));
      const result = executePortfolio(portfolio(gaps, { still: false, longOnly: false }), {
        ...others,
        weighting: weights,
        rebalance: rule,
      });
      const shortest = Math.min(...drawn.map((bars) => bars.length));
      const open = Math.max(...result.exposure.slice(0, shortest));
      assert(open <= 1 + 1e-9, `${open}`);
    }),
    { seed: 33, numRuns: 300 },
  );
});
