import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { barsOf } from "../../lib/data/bar.ts";
import { execute, type ExecutionOptions } from "../../lib/backtest/execution.ts";
import { executePortfolio } from "../../lib/backtest/portfolio.ts";
import { trailingVolatility } from "../../lib/features/trailing_volatility.ts";
import { openAccount, openTrades, stepAccount } from "../../lib/trading/account.ts";
import type { Account, BarOrder } from "../../lib/trading/account_state.ts";
import { type CostedFill, totalCosts } from "../../lib/trading/cost_model.ts";
import type { Fill } from "../../lib/trading/fill.ts";
import type { Trade } from "../../lib/trading/trade.ts";
import { drawnRules } from "./drawn_rules.ts";
import { HOUR, randomWalk } from "../features/markets.ts";

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

Deno.test("a backtest, a portfolio of one, and an account stepped bar by bar through JSON give the same bits", () => {
  let traded = 0;
  fc.assert(
    fc.property(positions, fc.integer({ min: 0, max: 999 }), drawnRules, (wanted, seed, drawn) => {
      // A portfolio has a limit of 1 where none is named.
      const options = { ...drawn, maxGross: drawn.maxGross ?? 100 };
      const candles = randomWalk(LEAD + wanted.length, seed);
      const sizes = Float64Array.from(wanted);
      const whole = execute(candles, { start: LEAD, positions: sizes }, options);
      let account: Account = openAccount(options);
      const [closed, fills]: [Trade[], Fill[]] = [[], []];
      ordersOf(seed, wanted).forEach((order, i) => {
        const step = stepAccount(JSON.parse(JSON.stringify(account)), [order], options);
        account = step.account;
        closed.push(...step.closed);
        fills.push(...step.fills);
        if (i > 0) {
          assertEquals([account.equity, account.holdings[candles.symbol].position], [
            whole.equity[i - 1],
            whole.positions[i - 1],
          ]);
        }
      });
      closed.push(...openTrades(account));
      assertEquals([closed, fills, account.costs], [whole.trades, whole.fills, whole.costBreakdown]);
      const volatility = trailingVolatility(candles.close, 20).slice(LEAD);
      const portfolio = executePortfolio([{ candles, start: LEAD, sizes, volatility, horizon: 1 }], options);
      assertEquals(portfolio.equity.slice(1), whole.equity);
      assertEquals([portfolio.fills, portfolio.trades, portfolio.costBreakdown], [
        whole.fills,
        whole.trades,
        whole.costBreakdown,
      ]);
      traded += fills.length;
    }),
    { seed: 11, numRuns: 300 },
  );
  assert(traded > 1000, `${traded} fills`);
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

Deno.test("stepAccount() buys nothing at an open that a gap has liquidated the account at, and may at the next", () => {
  const rules = { costs: { maintenanceMargin: 0.1 }, exits: { reentry: "bar" as const } };
  const order = (time: number, price: number): BarOrder => ({
    market: "GAP",
    bar: { time, open: price, high: price, low: price, close: price, volume: 0 },
    interval: HOUR,
    target: 5,
  });
  let account = openAccount(rules);
  const step = (time: number, price: number) => {
    const made = stepAccount(account, [order(time, price)], rules);
    ({ account } = made);
    return made.fills.map(({ price, quantity, reason }) => [price, quantity, reason]);
  };
  assertEquals(step(0, 100), [[100, 500, "signal"]]);
  assertEquals(step(HOUR, 88), [[88, -500, "liquidation"]]); // 4,000 are left, a tenth of 44,000 is more
  assertEquals([account.equity, account.ruined], [4000, null]);
  assertEquals(step(2 * HOUR, 80), [[80, 250, "signal"]]);
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

Deno.test("a cost of one's own is asked for every fill and charged as slippage beside the others", () => {
  const asked: CostedFill[] = [];
  const impact = (fill: CostedFill): number => {
    asked.push(fill);
    return fill.maker ? 0 : 0.01;
  };
  const rules = { costs: { takerFee: 0.001, slippage: 0.002, impact } };
  const bar = { time: 0, open: 100, high: 102, low: 99, close: 101, volume: 1 };
  const order: BarOrder = { market: "X", bar, interval: HOUR, target: -0.5 };
  const { account, fills } = stepAccount(openAccount(rules), [order], rules);
  const fill = { market: "X", time: 0, price: 100, quantity: -50, equity: 10_000, range: 0.03, maker: false };
  assertEquals(asked, [fill]);
  assertAlmostEquals(account.costs.slippage, 5000 * 0.012, 1e-9);
  assertAlmostEquals(fills[0].fee, 5000 * 0.013, 1e-9);
  const cash = stepAccount(openAccount(rules), [{ ...order, target: 1 }], {
    costs: { ...rules.costs, kind: "cash-only" },
  });
  assert(cash.account.cash > -1e-8, "what is bought leaves the cash for its own cost");
});

Deno.test("a cost of one's own that is no share is refused by name", () => {
  const bar = { time: 0, open: 100, high: 102, low: 99, close: 101, volume: 1 };
  for (const bad of [NaN, -0.1, 1]) {
    const rules = { costs: { impact: () => bad } };
    const step = () => stepAccount(openAccount(rules), [{ market: "X", bar, interval: HOUR, target: -1 }], rules);
    assertThrows(step, RangeError, `impact must give a share within [0, 1), got ${bad} for -100 units of X at 100`);
  }
  assertThrows(() => openAccount({ costs: JSON.parse('{"impact":1}') }), TypeError, "impact must be a function");
});
