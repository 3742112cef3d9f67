// Where the money is: cash, units and what was paid, on random walks with every option drawn at random.
import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { barsOf } from "../../lib/data/bar.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { trailingVolatility } from "../../lib/features/trailing_volatility.ts";
import { openAccount, openTrades, stepAccount } from "../../lib/trading/account.ts";
import type { AccountRules } from "../../lib/trading/account_rules.ts";
import type { Account, AccountStep, BarOrder } from "../../lib/trading/account_state.ts";
import { totalCosts } from "../../lib/trading/cost_model.ts";
import { HOUR, randomWalk } from "../features/markets.ts";
import { drawnRules as rules } from "./drawn_rules.ts";

const wanted = fc.constantFrom(-12, -1.5, -1, -0.3, 0, 0.5, 1, 2, 15, null);
/** What is wanted of a market at each of its bars, which bars it has, and what they may be besides. */
const stream = fc.array(
  fc.record({
    wanted,
    present: fc.boolean().map((absent) => !absent),
    relisted: fc.integer({ min: 0, max: 20 }).map((n) => n === 0),
    lived: fc.integer({ min: 0, max: 9 }).map((n) => n !== 0),
  }),
  { minLength: 2, maxLength: 40 },
);
const LEAD = 25;

/** The same walk with six times the moves: bars of 6%, in which margins are called. */
function wild(candles: Candles): Candles {
  const stretch = (values: Float64Array): Float64Array => values.map((price) => 100 * (price / 100) ** 6);
  const [open, high, low, close] = [candles.open, candles.high, candles.low, candles.close].map(stretch);
  return { ...candles, open, high, low, close };
}

/** Orders of each step, for several markets that are open at different times. */
function stepsOf(streams: readonly (typeof stream extends fc.Arbitrary<infer T> ? T : never)[]): BarOrder[][] {
  const markets = streams.map((bars, seed) => {
    const candles = wild(randomWalk(LEAD + bars.length, seed, `M${seed}`));
    return { bars, candles: [...barsOf(candles)], volatility: trailingVolatility(candles.close, 20) };
  });
  const length = Math.max(...streams.map((bars) => bars.length));
  return Array.from({ length }, (_, i) =>
    markets.flatMap(({ bars, candles, volatility }, m) =>
      bars[i]?.present
        ? [{
          market: `M${m}`,
          bar: candles[LEAD + i],
          interval: HOUR,
          target: bars[i].wanted,
          volatility: volatility[LEAD + i - 1],
          relisted: bars[i].relisted,
          lived: bars[i].lived,
        }]
        : []
    ));
}

/** Steps an account, through JSON at every bar, and hands on each step. */
function live(
  steps: readonly BarOrder[][],
  options: AccountRules,
  see: (step: AccountStep, before: Account) => void,
): Account {
  let account = openAccount(options);
  for (const orders of steps) {
    const before: Account = JSON.parse(JSON.stringify(account));
    const step = stepAccount(before, orders, options);
    account = step.account;
    see(step, before);
  }
  return account;
}

const streams = fc.array(stream, { minLength: 1, maxLength: 4 });
const valueOf = ({ holdings }: Account): number =>
  Object.values(holdings).reduce((sum, { units, close }) => sum + units * close, 0);

Deno.test("an account's equity is its cash and what its units are worth, and its cash what its fills and holding them left", () => {
  fc.assert(
    fc.property(streams, rules, (bars, options) => {
      const { initialCapital = 1 } = options;
      let [flows, fees] = [0, 0];
      live(stepsOf(bars), options, ({ account, fills }) => {
        for (const { quantity, price, fee } of fills) {
          flows -= quantity * price + fee;
          fees += fee;
        }
        const { cash, equity, costs, ruined } = account;
        assertAlmostEquals(equity / initialCapital, (cash + valueOf(account)) / initialCapital, 1e-9);
        assert(equity >= 0, `equity of ${equity}`);
        const carry = costs.funding + costs.borrow;
        const scale = initialCapital + Math.abs(flows);
        assertAlmostEquals((initialCapital + flows - carry) / scale, (cash - (ruined?.owed ?? 0)) / scale, 1e-9);
        assertAlmostEquals((totalCosts(costs) - carry) / scale, fees / scale, 1e-9);
      });
    }),
    { seed: 21, numRuns: 400 },
  );
});

Deno.test("an account's trades earn what it earned, and pay what it paid", () => {
  fc.assert(
    fc.property(streams, rules, (bars, options) => {
      const { initialCapital = 1 } = options;
      const trades: AccountStep["closed"][number][] = [];
      const account = live(stepsOf(bars), options, ({ closed }) => void trades.push(...closed));
      trades.push(...openTrades(account));
      const gained = trades.reduce((sum, { pnl, cost }) => sum + pnl - cost, 0);
      const paid = trades.reduce((sum, { cost }) => sum + cost, 0);
      const owed = account.ruined?.owed ?? 0;
      const scale = initialCapital + Math.abs(gained) + owed;
      assertAlmostEquals((initialCapital + gained) / scale, (account.equity - owed) / scale, 1e-9);
      assertAlmostEquals(paid / scale, totalCosts(account.costs) / scale, 1e-9);
    }),
    { seed: 22, numRuns: 400 },
  );
});

Deno.test("a fill costs its rates on what it trades, and says what position it leaves", () => {
  fc.assert(
    fc.property(streams, rules, (bars, options) => {
      const { takerFee = 0, makerFee = 0, spread = 0, slippage = 0, rangeSlippage = 0 } = options.costs ?? {};
      live(stepsOf(bars), options, ({ fills }) => {
        for (const { market, time, quantity, price, fee, from, to, reason } of fills) {
          const value = Math.abs(quantity) * price;
          assertAlmostEquals(Math.abs(to - from) * Math.sign(quantity), to - from, 1e-12);
          const least = Math.min(makerFee, takerFee + spread / 2 + slippage);
          assert(fee >= least * value - 1e-9 * value, `${fee} for ${value}`);
          if (rangeSlippage === 0 && reason !== "liquidation") {
            // The drawn impact reads nothing else of a fill.
            const impact = (maker: boolean): number =>
              options.costs?.impact?.({ market, time, price, quantity, equity: NaN, range: NaN, maker }) ?? 0;
            const rates = [makerFee + impact(true), takerFee + spread / 2 + slippage + impact(false)];
            const known = rates.map((one) => Math.abs(fee - one * value));
            assert(Math.min(...known) <= 1e-9 * value, `${fee} for ${value}`);
          }
        }
      });
    }),
    { seed: 23, numRuns: 200 },
  );
});

Deno.test("an account keeps to what it may do: no debt where it has cash alone, nothing after ruin, nothing but margin calls unlived", () => {
  let [ruins, calls, holes] = [0, 0, 0];
  fc.assert(
    fc.property(streams, rules, (bars, options) => {
      const steps = stepsOf(bars);
      let i = 0;
      live(steps, options, ({ account, fills }, before) => {
        const orders = steps[i++];
        const held = Object.values(account.holdings).map(({ units }) => units);
        if (options.costs?.kind === "cash-only") {
          assert(account.cash >= -1e-9 * account.initialCapital, `cash of ${account.cash}`);
          assert(held.every((units) => units >= 0));
        }
        if (account.ruined !== null) {
          ruins++;
          assertEquals([account.equity, account.cash, held.every((units) => units === 0)], [0, 0, true]);
          if (before.ruined !== null) assertEquals(fills, []);
        }
        for (const { market, reason } of fills) {
          if (reason === "liquidation") calls++;
          if (reason === "hole") holes++;
          const order = orders.find((one) => one.market === market);
          if (order?.lived === false && !order.relisted) assertEquals(reason, "liquidation");
          if (order?.relisted) assert(reason === "hole" || reason === "liquidation", reason);
          if (!order) assertEquals(reason, "liquidation");
        }
      });
    }),
    { seed: 24, numRuns: 400 },
  );
  assert(ruins > 0 && calls > 0 && holes > 0, `${ruins} ruins, ${calls} calls, ${holes} holes`);
});
