// Units, margin and orders, reckoned by hand beside each figure, to the cent. The bars are in ten_bars.ts, the capital is 10,000.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cents, TEN_BARS, trade } from "./ten_bars.ts";

const HALF = [0.5];

Deno.test("ten bars: never brought back, half the equity is 50 units to the end", () => {
  const done = trade(HALF, { rebalance: "never" });
  assertEquals(done.fills.map(({ quantity, price }) => [quantity, price]), [[50, 100]]);
  assertEquals(cents(done.equity[8]), "10050.00"); // 5,000 + 50 × 101
  assertAlmostEquals(done.positions[6], 5250 / 10_250, 1e-12, "its weight drifts with the price of 105");
});

Deno.test("ten bars: always brought back, half the equity earns half of each move from open to open, and pays for it", () => {
  const growth = [2 / 100, 1 / 102, -5 / 103, -5 / 98, -2 / 93, 5 / 91, 9 / 96, -4 / 105];
  const free = trade(HALF, { rebalance: { kind: "always" } });
  assertEquals(cents(free.equity[8]), cents(growth.reduce((equity, move) => equity * (1 + move / 2), 10_000)));
  assertEquals(free.fills.map(({ reason }) => reason), ["signal", ...Array(8).fill("rebalance")]);
  const paid = trade(HALF, { rebalance: "always", costs: { takerFee: 0.001 } });
  const fees = paid.fills.reduce((sum, { quantity, price }) => sum + 0.001 * Math.abs(quantity) * price, 0);
  assertAlmostEquals(paid.costs, fees, 1e-9);
  assertEquals(cents(paid.costs), "5.84"); // 5 for the entry, then 0.1% of about a quarter of each move
});

Deno.test("ten bars: a band brings back what has drifted out of it, at the open that shows it", () => {
  const done = trade(HALF, { rebalance: { kind: "band", width: 0.02 } });
  // 50 units are 4,650 of 9,650 at 93, 0.018 below a half: 51.8817 units. At 105 they are 5,447.58 of 10,272.58: 48.9170 units.
  assertEquals(done.fills.map(({ price, quantity }) => [price, quantity.toFixed(4)]), [
    [100, "50.0000"],
    [93, "1.8817"],
    [105, "-2.9647"],
  ]);
  assertEquals(cents(done.equity[8]), "10076.91"); // 10,272.58 − 4 × 48.9170
  assertEquals(trade(HALF).fills.length, 1, "the default band of a tenth holds it");
});

Deno.test("ten bars: a short grows as it loses, and the default band brings it back", () => {
  const never = trade([-1], { rebalance: "never" });
  assertAlmostEquals(never.positions[6], -10_500 / 9500, 1e-12); // 100 units at 105
  assertEquals(cents(never.equity[8]), "9900.00");
  const band = trade([-1]);
  assertEquals(
    band.fills.map(({ price, quantity }) => [price, quantity.toFixed(4)]),
    [
      [100, "-100.0000"],
      [93, "-15.0538"], // 100 units are 0.869 of 10,700: 115.0538 are all of it
      [105, "26.2980"], // 115.0538 are 1.296 of 9,319.35: 88.7557 are all of it
    ],
  );
  assertEquals(cents(band.equity[8]), "9674.38"); // 9,319.35 + 4 × 88.7557
});

Deno.test("ten bars: a long of eight times the equity is liquidated at the low that its margin does not cover", () => {
  const rules = { rebalance: "never" } as const;
  assertEquals(cents(trade([8], rules).equity[8]), "10800.00", "800 units survive the low of 90 without a margin");
  const costs = { kind: "perpetual", maintenanceMargin: 0.05, liquidationFee: 0.01 } as const;
  const done = trade([8], { ...rules, costs });
  // At 90 the equity is 2,000, less than 5% of 72,000; the fee is 1% of it.
  assertEquals([done.liquidations, done.ruinedAt, done.owed], [1, null, 0]);
  const [, out] = done.fills;
  assertEquals([out.price, out.quantity, cents(out.fee), out.reason], [90, -800, "720.00", "liquidation"]);
  assertEquals([cents(done.equity[4]), cents(done.equity[8])], ["1280.00", "1280.00"]);
  assertEquals(done.trades[0].exitTime, TEN_BARS.time[5]);
});

Deno.test("ten bars: a gap past the equity ruins the account at the open, and what is owed beyond it is a figure of its own", () => {
  const rules = { rebalance: "never" } as const;
  const done = trade([16], rules); // 1,600 units are worth 400 more than the debt at the low of 94, 1,200 less at the open of 93
  assertEquals([done.ruinedAt, cents(done.owed)], [TEN_BARS.time[5], "1200.00"]);
  assertEquals([...done.equity].slice(3).map(cents), ["2000.00", "0.00", "0.00", "0.00", "0.00", "0.00"]);
  assertEquals([done.netReturns[4], done.netReturns[5], done.fills[1].price], [-1, 0, 93]);
  const margin = trade([16], { ...rules, costs: { kind: "perpetual" } });
  assertEquals(
    [margin.fills[1].price, cents(margin.equity[8])],
    [94, "400.00"],
    "a perpetual's 0.5% ends it a bar before",
  );
});

Deno.test("ten bars: a short of five times the equity is liquidated at the high", () => {
  const costs = { maintenanceMargin: 0.05 };
  const done = trade([0, 0, 0, 0, 0, -5], { rebalance: "never", costs });
  // 549.4505 units sold at 91; at 106 8,241.76 are lost, and 1,758.24 are less than 5% of 58,241.76.
  const [sold, out] = done.fills;
  assertEquals([sold.quantity.toFixed(4), out.price, out.reason], ["-549.4505", 106, "liquidation"]);
  assertEquals([cents(done.equity[8]), done.ruinedAt], ["1758.24", null]);
});

Deno.test("ten bars: a stop before the margin is reached leaves at the stop", () => {
  const done = trade([8], {
    rebalance: "never",
    costs: { maintenanceMargin: 0.05 },
    exits: { stop: { fraction: 0.08 } },
  });
  assertEquals([done.fills[1].price, done.fills[1].reason, done.liquidations], [92, "stop", 0]);
  assertEquals(cents(done.equity[8]), "3600.00"); // 10,000 − 800 × 8
});

Deno.test("ten bars: leverage pays interest on what it borrows", () => {
  const done = trade([2, 2, 0], { rebalance: "never", costs: { kind: "spot", borrow: 0.0876 } });
  // 0.00001 an hour on 10,000 borrowed, then on 10,000.10; 200 units sold at 103
  assertAlmostEquals(done.costBreakdown.borrow, 0.1 + 0.1000010, 1e-9);
  assertEquals(cents(done.equity[8]), "10599.80");
  assertEquals(trade([1, 1, 0], { costs: { takerFee: 0.001, borrow: 0.0876 } }).costBreakdown.borrow, 0);
});

Deno.test("ten bars: an addition moves the average, and the stop with it", () => {
  const done = trade([0.5, 1], { exits: { stop: { fraction: 0.05 } } });
  // 50 units at 100, 49.0196 at 102: 10,000 for 99.0196, 100.9901 on average, stop 95.9406: 5% of 10,000 is lost.
  const [only] = done.trades;
  assertEquals([only.entryPrice.toFixed(4), only.quantity.toFixed(4), only.stop], ["100.9901", "99.0196", 95]);
  assertEquals([only.exitPrice!.toFixed(4), only.exitReason, cents(only.pnl)], ["95.9406", "stop", "-500.00"]);
  assertEquals(cents(done.equity[8]), "9500.00");
  assertEquals(done.stops[1].toFixed(4), "95.9406");
});

Deno.test("ten bars: a reduction leaves the average and earns its part", () => {
  const done = trade([1, 1, 0.5, 0.5, 0.5, 0], { rebalance: "never" });
  // 100 units at 100; at 103 half of 10,300 is 50 units: 50 sold; the other 50 at 91
  const [only] = done.trades;
  assertEquals([only.entryPrice, only.quantity, cents(only.pnl)], [100, 100, "-300.00"]);
  assertEquals([only.worst, only.best], [90, 104]);
  assertEquals(cents(done.equity[8]), "9700.00");
});

Deno.test("ten bars: a limit order is filled where the bar trades through it, not where it touches it", () => {
  const entry = { kind: "limit", offset: 0.01 } as const;
  const costs = { takerFee: 0.01, makerFee: 0 };
  const done = trade([1], { entry, costs });
  // 99 is touched by the low of 99; 100.98 is not reached; 101.97 is traded through by 97: 98.0681 units without a fee
  const [bought] = done.fills;
  assertEquals([cents(bought.price), bought.quantity.toFixed(4), bought.fee], ["101.97", "98.0681", 0]);
  assertEquals([bought.time, cents(done.equity[8])], [TEN_BARS.time[3], "9904.87"]);
  const stopped = trade([1], { entry, costs: {}, exits: { stop: { fraction: 0.03 } } });
  assertEquals(stopped.trades[0].exitPrice!.toFixed(4), "98.9109", "the low of 97 comes after the limit");
  assertEquals([stopped.trades[0].exitTime, cents(stopped.equity[8])], [TEN_BARS.time[3], "9700.00"]);
  const deep = trade([1, 1, 1, 0], { entry: { ...entry, through: 0.06 }, costs: {} });
  assertEquals(deep.fills, [], "no bar trades 6% below a limit");
});

Deno.test("ten bars: a limit order that the open has passed is a market order, and what reduces goes at market", () => {
  const done = trade([0, 0, 0, 0, 1, 1, 0], {
    entry: { kind: "limit", offset: 0.01 },
    costs: { takerFee: 0.01, makerFee: 0 },
  });
  // limit 94.05 on the close of 95; the bar opens at 93
  assertEquals(done.fills.map(({ price, fee }) => [price, cents(fee)]), [[93, "99.01"], [96, "102.20"]]);
});

Deno.test("ten bars: an account that may not borrow buys what it can pay for and sells nothing short", () => {
  const costs = { kind: "cash-only", takerFee: 0.001 } as const;
  const done = trade([2], { costs });
  assertEquals([done.fills.length, done.fills[0].quantity.toFixed(4)], [1, "99.9001"]);
  assertEquals(trade([-1], { costs }).fills, []);
});
