// Weights that know correlation, in a portfolio: on one clock, from bars up to the decision alone.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { alignedReturns } from "../../lib/backtest/aligned_returns.ts";
import { executePortfolio, type PortfolioExecutionOptions } from "../../lib/backtest/portfolio.ts";
import { trailingVolatility } from "../../lib/features/trailing_volatility.ts";
import { random } from "../../lib/net/random.ts";
import { shrunkCovariance } from "../../lib/trading/covariance.ts";
import { minimumVarianceWeights } from "../../lib/trading/minimum_variance.ts";
import { portfolioTargets, type PortfolioWeighting } from "../../lib/trading/portfolio_weights.ts";
import { barsFrom, closesOnly, firstBars, HOUR } from "../features/markets.ts";

const KINDS = ["minimum-variance", "risk-parity", "hierarchical"] as const;
const BARS = 300;

/** Two markets that are nearly one, and one of its own. */
function twins() {
  const [stream, shared] = [random(1), random(2)];
  const moves = Array.from({ length: BARS }, () => 0.01 * shared.normal());
  const walk = (symbol: string, share: number) => {
    let price = 100;
    return closesOnly(
      moves.map((move) => price *= 1 + share * move + (share > 0 ? 0.001 : 0.01) * stream.normal()),
      symbol,
    );
  };
  return [walk("A", 1), walk("B", 1), walk("C", 0)];
}

const markets = twins();

function portfolio(options: PortfolioExecutionOptions, candles = markets, side = [1, 1, 1]) {
  const decided = candles.map((one, i) => ({
    candles: one,
    start: 100,
    sizes: new Float64Array(one.time.length - 100).fill(side[i]),
    volatility: trailingVolatility(one.close, 20).slice(100),
    horizon: 1,
  }));
  return executePortfolio(decided, {
    costs: {},
    rebalance: { kind: "always" },
    fill: "close",
    periodsPerYear: 8760,
    ...options,
  });
}

Deno.test("executePortfolio() gives a market of its own more than twins that share one risk", () => {
  for (const kind of KINDS) {
    const { positions } = portfolio({ weighting: { kind, window: 60 } });
    const [a, b, alone] = positions.subarray(3 * 150, 3 * 151);
    assertAlmostEquals(a + b + alone, 1, 0.01);
    // Alone it has √2 of a twin's weight by risk parity, 0.41; twice it by the others.
    assert(alone > 0.38 && a < 0.32 && b < 0.32, `${kind}: ${a}, ${b}, ${alone}`);
  }
});

Deno.test("executePortfolio() takes a short of one twin as a hedge of the other", () => {
  const { positions } = portfolio({ weighting: { kind: "minimum-variance", window: 60 } }, markets, [1, -1, 1]);
  const [a, b, alone] = positions.subarray(3 * 150, 3 * 151);
  assert(a > 0.4 && b < -0.4, `${a} and ${b}`);
  assert(alone < 0.1, `${alone}`);
});

Deno.test("executePortfolio() weighs by bars up to the decision alone, bitwise", () => {
  const cut = 200;
  const changed = markets.map((candles) => {
    const close = candles.close.map((price, i) => i > cut ? price * (1 + i % 3) : price);
    return { ...candles, open: close, high: close, low: close, close };
  });
  const before = structuredClone(markets);
  for (const kind of KINDS) {
    const options = { weighting: { kind, window: 60 } } as const;
    const decided = (result: ReturnType<typeof portfolio>) => result.positions.slice(0, 3 * (cut - 100));
    assertEquals(decided(portfolio(options, changed)), decided(portfolio(options)));
  }
  assertEquals(markets, before);
});

Deno.test("alignedReturns() is 0 where a market had no bar, and begins where all have begun", () => {
  const [a, b] = markets;
  const late = barsFrom(b, 200);
  const rare = { ...a, symbol: "RARE" };
  const every = (values: Float64Array) => values.filter((_, i) => i % 2 === 0);
  const half = {
    ...rare,
    time: every(a.time),
    open: every(a.open),
    high: every(a.high),
    low: every(a.low),
    close: every(a.close),
    volume: every(a.volume),
  };
  const aligned = alignedReturns([a, late, half]);
  const at = a.time[260];
  const rows = aligned.upTo(at, [0, 1, 2], 100)!;
  // The late market's first return is at its second bar, 201: sixty timestamps to 260.
  assertEquals(rows.map(({ length }) => length), [60, 60, 60]);
  assertAlmostEquals(rows[0][59], a.close[260] / a.close[259] - 1, 1e-15);
  assertEquals([rows[2][58], rows[2][59]], [0, half.close[130] / half.close[129] - 1]);
  assertEquals(aligned.upTo(at, [0, 1, 2], 30)!.map(({ length }) => length), [30, 30, 30]);
  assertEquals(aligned.upTo(a.time[219], [0, 1], 100), undefined, "nineteen rows are too few");
  assertEquals(aligned.upTo(a.time[219] + HOUR, [0, 1], 100)!.length, 2);
});

Deno.test("portfolioTargets() divides by the shrunk covariance, equally where there is none, and refuses a short window", () => {
  const returns = (i: number) => markets[i].close.slice(1).map((price, t) => price / markets[i].close[t] - 1);
  const known = { prediction: NaN, volatility: 0.01, horizon: 1, held: 0 };
  const weighed = [0, 1, 2].map((i) => ({ ...known, size: 0.5, returns: returns(i) }));
  const rows = Float64Array.from({ length: 3 * (BARS - 1) }, (_, k) => returns(k % 3)[Math.floor(k / 3)]);
  const weights = minimumVarianceWeights(shrunkCovariance(rows, 3).covariance);
  const weighting: PortfolioWeighting = { kind: "minimum-variance" };
  portfolioTargets(weighed, { weighting }).forEach((target, i) => assertAlmostEquals(target, weights[i] / 2, 1e-12));
  const unknown = weighed.map(({ returns: _, ...market }) => market);
  assertEquals(portfolioTargets(unknown, { weighting }), [0, 1, 2].map(() => 0.5 * (1 / 3)));
  const still = weighed.map((market) => ({ ...market, returns: new Float64Array(50) }));
  for (const kind of KINDS) assertEquals(portfolioTargets(still, { weighting: { kind } })[0], 0.5 * (1 / 3));
  assertThrows(
    () => portfolioTargets([], { weighting: { kind: "risk-parity", window: 10 } }),
    RangeError,
    "at least 20",
  );
});

Deno.test("executePortfolio() divides equally until markets have 20 bars together", () => {
  const young = markets.map((candles) => firstBars(candles, 130));
  const decided = young.map((candles) => ({
    candles,
    start: 5,
    sizes: new Float64Array(125).fill(1),
    volatility: new Float64Array(125).fill(0.01),
    horizon: 1,
  }));
  const { positions } = executePortfolio(decided, { costs: {}, fill: "close", weighting: { kind: "risk-parity" } });
  positions.subarray(3, 6).forEach((position) => assertAlmostEquals(position, 1 / 3, 0.01));
  assert(positions[positions.length - 1] > 1 / 3 + 0.02, `${positions[positions.length - 1]}`);
});

Deno.test("a custom weighting that gives what is held leaves the units, and one that gives 0 sells them", () => {
  const until = (decisions: number): PortfolioWeighting => {
    let made = 0;
    return {
      kind: "custom",
      name: "bought once",
      weigh: (known) =>
        known.length === 0 ? [] : known.map(({ held }) => made++ < 6 ? 0.3 : made <= decisions ? held : 0),
    };
  };
  const bought = portfolio({ weighting: until(Infinity) });
  // Two decisions of 0.3: the second brings back what has drifted past the band, if anything.
  assert(bought.fills.length >= 3 && bought.fills.length <= 6, `${bought.fills.length} fills`);
  assertEquals(new Set(bought.fills.map(({ time }) => time)).size <= 2, true);
  const sold = portfolio({ weighting: until(300) });
  assertEquals(sold.fills.length, bought.fills.length + 3);
  assertEquals([...sold.positions.subarray(sold.positions.length - 3)], [0, 0, 0]);
});
