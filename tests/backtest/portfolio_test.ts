import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { backtest } from "../../lib/backtest/backtest.ts";
import { backtestPortfolio } from "../../lib/backtest/backtest_portfolio.ts";
import { execute } from "../../lib/backtest/execution.ts";
import { executePortfolio } from "../../lib/backtest/portfolio.ts";
import type { PortfolioMarket } from "../../lib/backtest/portfolio_walk.ts";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { openEngine } from "../../lib/engine/open.ts";
import { trailingVolatility } from "../../lib/features/trailing_volatility.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { barsFrom, firstBars, randomWalk } from "../features/markets.ts";

/** A market that decides at random from bar `start` on. */
function decided(candles: Candles, start = 30, seed = 1): PortfolioMarket {
  const stream = random(seed);
  const decisions = candles.time.length - start;
  const sizes = Float64Array.from({ length: decisions }, () => stream.integer(3) - 1);
  const predictions = sizes.map((size) => 0.01 * size);
  const volatility = trailingVolatility(candles.close, 20).slice(start);
  return { candles, start, sizes, predictions, volatility, horizon: 1 };
}

const COSTS = { takerFee: 0.001, slippage: 0.0003, borrow: 0.05, funding: { rate: 0.0001 } };

Deno.test("executePortfolio() of one market is that market's execute(), bit for bit", () => {
  const market = decided(randomWalk(400, 5));
  const options = { costs: COSTS, exits: { stop: { volatility: 2 } } };
  const alone = execute(market.candles, { start: market.start, positions: market.sizes }, options);
  const portfolio = executePortfolio([market], options);
  assertEquals(portfolio.equity.slice(1), alone.equity);
  assertEquals(portfolio.positions.slice(1), alone.positions);
  assertEquals(portfolio.trades, alone.trades);
  assertEquals(portfolio.costs, alone.costs);
});

Deno.test("executePortfolio() conserves money and stays within the gross limit on markets of different spans", () => {
  const markets = [
    decided(randomWalk(300, 1), 30, 1),
    decided(barsFrom(randomWalk(300, 2), 100), 25, 2),
    decided(firstBars(randomWalk(300, 3), 200), 30, 3),
  ];
  for (const kind of ["equal", "inverse-volatility", "return-over-risk"] as const) {
    const result = executePortfolio(markets, { costs: COSTS, weighting: { kind }, maxGross: 0.8 });
    const earned = result.shares.reduce((sum, { pnl, cost }) => sum + pnl - cost, result.initialCapital);
    assertAlmostEquals(result.equity[result.equity.length - 1], earned, 1e-6);
    assertEquals(result.time.length, 270);
    assertEquals(result.positions.length, 270 * 3);
    assert(result.exposure.every((gross) => gross <= 0.8 + 1e-12));
    assert(result.exposure.some((gross) => gross > 0.2));
    assertEquals(result.trades.length, result.shares.reduce((sum, { trades }) => sum + trades, 0));
  }
});

Deno.test("executePortfolio() keeps a market whose data end at its last close, and says so (trap 11)", () => {
  const [gone, other] = [firstBars(randomWalk(100, 1, "GONE"), 60), randomWalk(100, 2, "OTHER")];
  const hold = (candles: Candles) => ({
    ...decided(candles),
    sizes: new Float64Array(candles.time.length - 30).fill(1),
  });
  const options = { costs: {}, rebalance: "never" } as const;
  const { notes, trades, fills, exposure } = executePortfolio([hold(gone), hold(other)], options);
  assertEquals(notes.length, 1);
  assert(notes[0].startsWith("GONE has no bar after 2020-09-15:"), notes[0]);
  assertEquals(trades.map(({ market, exitTime }) => [market, exitTime]), [["GONE", null], ["OTHER", null]]);
  assertEquals(fills.filter(({ market }) => market === "GONE").map(({ to }) => to.toFixed(9)), ["0.500000000"]);
  assert(exposure.every((gross) => gross <= 1 + 1e-12), "what is stuck leaves no room for more");
});

Deno.test("executePortfolio() names what does not fit", () => {
  const market = decided(randomWalk(100, 1));
  const daily = { ...market, candles: { ...market.candles, symbol: "DAILY", interval: "1d" } };
  assertThrows(() => executePortfolio([]), TypeError, "at least 1 market");
  assertThrows(() => executePortfolio([market, market]), RangeError, "WALK1 is given twice");
  assertThrows(
    () => executePortfolio([market, daily]),
    RangeError,
    "expected every market in bars of 1h, received DAILY",
  );
  assertThrows(() => executePortfolio([{ ...market, start: 50 }]), RangeError, "do not fit");
  assertThrows(() => executePortfolio([{ ...market, volatility: new Float64Array(1) }]), TypeError, "volatilities");
  assertThrows(() => executePortfolio([market], { maxGross: 0 }), RangeError, "maxGross");
});

Deno.test("backtestPortfolio() of one market forecasts what backtest() forecasts; a short market is named", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [6], outputs: 1 }), inner: { steps: 2, lr: 0.05 } }));
  const candles = randomWalk(260, 9);
  const options = { supportRows: 20, costRate: 0.0005 };
  const alone = await backtest(engine, state, candles, options);
  const seen: string[] = [];
  const short = firstBars(randomWalk(100, 3, "SHORT"), 50);
  const portfolio = await backtestPortfolio(engine, state, [candles, short], {
    ...options,
    onProgress: ({ market, done }) => seen.push(`${done} ${market}`),
  });
  assertEquals(portfolio.equity.slice(1), alone.equity);
  assertEquals(seen, ["1 WALK9", "2 SHORT"]);
  assert(portfolio.notes[0].includes("SHORT"));
  await assertRejects(() => backtestPortfolio(engine, state, [short], options), DataError, "no market can be traded");
});
