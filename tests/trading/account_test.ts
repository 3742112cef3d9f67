import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { barsOf } from "../../lib/data/bar.ts";
import { execute, type ExecutionOptions } from "../../lib/backtest/execution.ts";
import { trailingVolatility } from "../../lib/features/trailing_volatility.ts";
import { openAccount, openTrades, stepAccount } from "../../lib/trading/account.ts";
import type { Account, BarOrder } from "../../lib/trading/account_state.ts";
import { type CostModel, totalCosts } from "../../lib/trading/cost_model.ts";
import { HOUR, randomWalk } from "../features/markets.ts";

const rate = fc.constantFrom(0, 0.0002, 0.01);
const costModel: fc.Arbitrary<CostModel> = fc.record({
  takerFee: rate,
  makerFee: fc.constantFrom(-0.0001, 0, 0.0005),
  spread: rate,
  slippage: rate,
  rangeSlippage: fc.constantFrom(0, 0.1),
  funding: fc.record({ rate: fc.constantFrom(-0.001, 0, 0.0001), hours: fc.constantFrom(1, 8) }),
  borrow: fc.constantFrom(0, 0.3),
  minOrder: fc.constantFrom(0, 0.7),
  maxPosition: fc.constantFrom(0.4, 2),
});
const distance = fc.constantFrom({ fraction: 0.01 }, { fraction: 0.08 }, { volatility: 1.5 }, { volatility: 4 });
const rules: fc.Arbitrary<ExecutionOptions> = fc.record({
  fill: fc.constantFrom("next-open" as const, "close" as const),
  costs: costModel,
  exits: fc.record({
    stop: fc.option(fc.tuple(distance, fc.boolean()).map(([d, trailing]) => ({ ...d, trailing })), { nil: undefined }),
    takeProfit: fc.option(distance, { nil: undefined }),
    reentry: fc.constantFrom("signal" as const, "bar" as const),
  }),
  brake: fc.option(fc.constant({ start: 0.02, stop: 0.3 }), { nil: undefined }),
  initialCapital: fc.constantFrom(100, 1e6),
});
const positions = fc.array(fc.constantFrom(-1.5, -1, -0.3, 0, 0.5, 1, 2), { minLength: 2, maxLength: 60 });
const LEAD = 25;

function ordersOf(seed: number, wanted: readonly number[]): BarOrder[] {
  const candles = randomWalk(LEAD + wanted.length, seed);
  const volatility = trailingVolatility(candles.close, 20);
  return [...barsOf(candles)].slice(LEAD).map((bar, i) => ({
    market: candles.symbol,
    bar,
    interval: HOUR,
    target: i === 0 ? 0 : wanted[i - 1],
    volatility: volatility[LEAD + i - 1],
  }));
}

Deno.test("stepAccount() bar by bar, through JSON at every bar, gives what execute() gives, bit for bit", () => {
  fc.assert(
    fc.property(positions, fc.integer({ min: 0, max: 999 }), rules, (wanted, seed, options) => {
      const whole = execute(randomWalk(LEAD + wanted.length, seed), {
        start: LEAD,
        positions: Float64Array.from(wanted),
      }, options);
      let account: Account = openAccount(options);
      const closed = [];
      ordersOf(seed, wanted).forEach((order, i) => {
        const step = stepAccount(JSON.parse(JSON.stringify(account)), [order], options);
        account = step.account;
        closed.push(...step.closed);
        if (i > 0) assertEquals(account.equity, whole.equity[i - 1]);
      });
      closed.push(...openTrades(account));
      assertEquals(closed, whole.trades);
      assertEquals(account.costs, whole.costBreakdown);
    }),
    { seed: 11, numRuns: 150 },
  );
});

Deno.test("stepAccount() conserves money over several markets: equity is capital plus profits less costs", () => {
  fc.assert(
    fc.property(fc.array(positions, { minLength: 1, maxLength: 4 }), rules, (wanted, options) => {
      let account = openAccount(options);
      const trades = [];
      let filled = 0;
      const streams = wanted.map((one, i) => ordersOf(i, one));
      for (let i = 0; i < Math.max(...streams.map(({ length }) => length)); i++) {
        const step = stepAccount(account, streams.flatMap((stream) => stream[i] ? [stream[i]] : []), options);
        account = step.account;
        trades.push(...step.closed);
        filled += step.fills.reduce((sum, { fee }) => sum + fee, 0);
      }
      trades.push(...openTrades(account));
      const scale = account.initialCapital;
      const total = trades.reduce((sum, { pnl, cost }) => sum + pnl - cost, scale);
      assertAlmostEquals(account.equity / scale, total / scale, 1e-9);
      const costs = trades.reduce((sum, { cost }) => sum + cost, 0);
      assertAlmostEquals(totalCosts(account.costs) / scale, costs / scale, 1e-9);
      const { fees, spread, slippage } = account.costs;
      assertAlmostEquals((fees + spread + slippage) / scale, filled / scale, 1e-9);
    }),
    { seed: 12, numRuns: 150 },
  );
});

Deno.test("stepAccount() leaves its input unchanged", () => {
  const freeze = <T>(value: T): T => {
    if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const options = freeze({ costs: { takerFee: 0.001 }, exits: { stop: { fraction: 0.001, trailing: true } } });
  let account: Account = freeze(openAccount(options));
  for (const order of ordersOf(3, [1, -1, 1, 1, 0, 1])) {
    account = freeze(stepAccount(account, [freeze(order)], options).account);
  }
  assert(totalCosts(account.costs) > 0);
});

Deno.test("stepAccount() shares one equity among markets and marks each at its own bars", () => {
  const bar = (time: number, open: number, close: number) => ({
    time,
    open,
    high: Math.max(open, close),
    low: Math.min(open, close),
    close,
    volume: 0,
  });
  const order = (market: string, at: BarOrder["bar"], target: number): BarOrder => ({
    market,
    bar: at,
    interval: HOUR,
    target,
  });
  let account = openAccount({ initialCapital: 1000 });
  const step = (...orders: BarOrder[]): void => {
    account = stepAccount(account, orders, { initialCapital: 1000 }).account;
  };
  step(order("A", bar(0, 10, 11), 0.5), order("B", bar(0, 20, 18), -0.5));
  assertAlmostEquals(account.equity, 1000 + 50 + 50, 1e-9); // 500 × 10% and −500 × −10%
  step(order("A", bar(HOUR, 11, 12.1), 0.5)); // B has no bar: its 25 units short keep their value at 18
  assertAlmostEquals(account.equity, 1100 + 55, 1e-9);
  assertAlmostEquals(account.holdings.B.value, -450, 1e-9);
  step(order("B", bar(2 * HOUR, 18, 18), -0.5));
  assertAlmostEquals(account.holdings.B.value, -0.5 * 1155, 1e-9);
});

Deno.test("stepAccount() names what is wrong with an order", () => {
  const [, order] = ordersOf(1, [1, 1]);
  const account = openAccount();
  const step = (change: Partial<BarOrder>) => () => stepAccount(account, [{ ...order, ...change }]);
  assertThrows(step({ target: NaN }), TypeError, "target of WALK1 must be finite, got NaN");
  assertThrows(step({ interval: 0 }), RangeError, "interval of WALK1");
  assertThrows(step({ bar: { ...order.bar, low: -1 } }), RangeError, "WALK1 needs a finite low above 0, got -1");
  assertThrows(() => stepAccount(account, [order, order]), RangeError, "two bars in one step");
  const later = stepAccount(account, [order]).account;
  assertThrows(() => stepAccount(later, [order]), RangeError, "needs a bar after");
});

Deno.test("openAccount() names a rule that is out of range", () => {
  const open = (options: ExecutionOptions) => () => openAccount(options);
  assertThrows(open({ costs: { takerFee: 1 } }), RangeError, "takerFee must be within [0, 1), got 1");
  assertThrows(open({ costs: { makerFee: -2 } }), RangeError, "makerFee");
  assertThrows(open({ costs: { maxPosition: 0 } }), RangeError, "maxPosition");
  assertThrows(open({ costs: { funding: { rate: 2 } } }), RangeError, "funding.rate");
  const series = { time: Float64Array.of(2, 1), rates: Float64Array.of(0, 0) };
  assertThrows(open({ costs: { funding: series } }), RangeError, "ascending times");
  assertThrows(open({ costs: { funding: { ...series, rates: Float64Array.of(0) } } }), TypeError, "2 funding.rates");
  assertThrows(open({ exits: { stop: { fraction: 1 } } }), RangeError, "stop.fraction must be within (0, 1), got 1");
  assertThrows(open({ exits: { takeProfit: { volatility: 0 } } }), RangeError, "takeProfit.volatility");
  assertThrows(open({ exits: { stop: { volatility: 1, window: 1 } } }), RangeError, "stop.window");
  assertThrows(open({ brake: { start: 0.3, stop: 0.2 } }), RangeError, "start and stop must ascend");
  assertThrows(open({ initialCapital: 0 }), RangeError, "initialCapital");
});
