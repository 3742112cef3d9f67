// Each case is reckoned by hand beside the figure it asserts, to the cent. The bars are in ten_bars.ts, the capital is 10,000.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cents, TEN_BARS, trade } from "./ten_bars.ts";

const FEE = { takerFee: 0.001 };
const LONG = [1];

Deno.test("ten bars: a long is bought at the open and charged once", () => {
  const done = trade(LONG, { costs: FEE });
  // The fee comes out of what is bought: 10,000 / 1.001 / 100 = 99.9001 units and 9.99 of fee; nothing is borrowed.
  assertEquals(cents(done.equity[0]), "10189.81"); // 99.9001 × 102
  assertEquals(cents(done.equity[8]), "10089.91"); // 99.9001 × 101
  assertEquals(done.fills.map(({ price, quantity, fee }) => [price, quantity.toFixed(4), cents(fee)]), [[
    100,
    "99.9001",
    "9.99",
  ]]);
  const { fees, ...others } = done.costBreakdown;
  assertEquals([cents(fees), others], ["9.99", { spread: 0, slippage: 0, funding: 0, borrow: 0 }]);
});

Deno.test("ten bars: a stop fills at its level inside the bar and waits for another signal", () => {
  const done = trade(LONG, { costs: FEE, exits: { stop: { fraction: 0.05 } } });
  const [only] = done.trades;
  assertEquals([done.trades.length, only.stop, only.exitPrice, only.exitReason], [1, 95, 95, "stop"]);
  assertEquals(only.exitTime, TEN_BARS.time[4]); // low 94
  assertEquals(cents(done.equity[8]), "9481.02"); // 99.9001 × 95 = 9,490.51, less 9.4905
  assertEquals([...done.stops], [95, 95, 95, NaN, NaN, NaN, NaN, NaN, NaN]);
  assertEquals([...done.positions].map(cents), [1, 1, 1, 0, 0, 0, 0, 0, 0].map(cents));
});

Deno.test("ten bars: reentry at the next bar buys again and can be stopped again", () => {
  const { trades } = trade(LONG, { exits: { stop: { fraction: 0.05 }, reentry: "bar" } });
  // stopped at 95 in bar 4; bought at 93 (stop 88.35), then 101 at the end
  assertEquals(trades.map(({ entryPrice, exitPrice }) => [entryPrice, exitPrice]), [[100, 95], [93, null]]);
  assertEquals(cents(trade(LONG, { exits: { stop: { fraction: 0.05 }, reentry: "bar" } }).equity[8]), "10317.20"); // 9,500 × 101 / 93
});

Deno.test("ten bars: a gap through a stop fills at the open", () => {
  const done = trade(LONG, { costs: FEE, exits: { stop: { fraction: 0.065 } } });
  assertEquals([done.trades[0].stop, done.trades[0].exitPrice], [93.5, 93]);
  assertEquals(done.trades[0].exitTime, TEN_BARS.time[5]);
  assertEquals(cents(done.equity[8]), "9281.42"); // 99.9001 × 93 = 9,290.71, less 9.2907
});

Deno.test("ten bars: a short's stop lies above, and a gap through it fills at the open", () => {
  const done = trade([0, 0, 0, 0, 0, -1], { exits: { stop: { fraction: 0.04 } } });
  const [only] = done.trades; // sold at 91, stop 94.64: high 97 in bar 6
  assertEquals([only.entryPrice, only.exitPrice, only.exitReason], [91, 94.64, "stop"]);
  assertEquals(cents(done.equity[8]), "9600.00");
});

Deno.test("ten bars: a flip pays both legs (trap 5)", () => {
  const done = trade([1, 1, -1, -1, -1, 0], { costs: FEE });
  // 99.9001 × 103 = 10,289.71; both legs 20.5794: 99.9001 units short at 103. At the open of 93 they are 0.82 of 11,268.13, out
  // of the band: 121.1627 units short, 1.9774 for the 21.2626 sold. All bought back at 91: 242.33 earned, less 11.0258.
  assertEquals(done.fills.map(({ price, reason }) => [price, reason]), [
    [100, "signal"],
    [103, "signal"],
    [103, "signal"],
    [93, "rebalance"],
    [91, "signal"],
  ]);
  assertEquals(cents(done.equity[8]), "11497.45");
  assertEquals(cents(done.costs), "43.57"); // 9.9900 + 20.5794 + 1.9774 + 11.0258
  assertEquals(done.trades.map(({ side, cost }) => [side, cents(cost)]), [["long", "20.28"], ["short", "23.29"]]);
});

Deno.test("ten bars: funding is paid by the long at 08:00 on the value carried into it", () => {
  const costs = { funding: { rate: 0.0001 } };
  const long = trade(LONG, { costs });
  assertEquals(cents(long.equity[6]), "10500.00"); // 100 units × 105 at the close of 07:00
  assertEquals(cents(long.equity[7]), "10098.95"); // 1.05 on 10,500 at the open of 08:00; 100 × 101
  assertAlmostEquals(long.costBreakdown.funding, 1.05, 1e-12);
  assertAlmostEquals(long.trades[0].cost, 1.05, 1e-12);
  const short = trade([0, 0, 0, 0, 0, 0, -0.5], { costs });
  assertAlmostEquals(
    short.costBreakdown.funding,
    -0.0001 * 5000 / 96 * 105,
    1e-12,
    "a short receives it",
  );
  const missed = trade([0, 0, 0, 0, 0, 0, 0, 1], { costs });
  assertEquals(missed.costs, 0, "bought at the open of 08:00: nothing was carried into it");
});

Deno.test("ten bars: funding as it was is joined by time", () => {
  const funding = {
    time: Float64Array.of(Date.UTC(2024, 0, 1, 1), Date.UTC(2024, 0, 1, 2, 30), Date.UTC(2024, 0, 1, 4)),
    rates: Float64Array.of(0.5, 0.001, -0.002),
  };
  const { costBreakdown, equity } = trade([1, 1, 1, 0], { costs: { funding } });
  // at 01:00 flat; at 02:30 on the 10,200 of the open of 02:00; at 04:00 on the 9,800 that 100 units are worth: 19.60 received
  assertAlmostEquals(costBreakdown.funding, 10.2 - 19.6, 1e-9);
  assertEquals(cents(equity[8]), "9809.40"); // sold at 98
});

Deno.test("ten bars: spread and slippage, fixed and by the bar's range", () => {
  const costs = { spread: 0.0002, slippage: 0.0005, rangeSlippage: 0.1 };
  const done = trade([1, 1, 0], { costs });
  // 10,000 / 1.0046 = 9,954.21 bought at 100 in a range of 4%; sold for 10,252.84 at 103 in a range of 6/103
  assertEquals(cents(done.costBreakdown.spread), "2.02"); // 0.99542 + 1.02528
  assertEquals(cents(done.costBreakdown.slippage), "109.65"); // 4.97711 + 39.81684 + 5.12642 + 59.72527
  assertEquals(cents(done.equity[8]), "10186.96"); // 10,252.84 − 65.87697
  assertEquals(done.costBreakdown.fees, 0);
});

Deno.test("ten bars: a bar that touches both levels is taken to have hit the stop first", () => {
  const done = trade([0, 0, 0, 0, 0, 0, 1], { exits: { stop: { fraction: 0.04 }, takeProfit: { fraction: 0.11 } } });
  const [only] = done.trades; // bought at 96: stop 92.16, take-profit 106.56; bar 8 goes from 92 to 107
  assertEquals([cents(only.stop!), cents(only.takeProfit!)], ["92.16", "106.56"]);
  assertEquals([only.exitReason, cents(only.exitPrice!)], ["stop", "92.16"]);
  assertEquals(cents(done.equity[8]), "9600.00");
});

Deno.test("ten bars: a take-profit fills at its level as a maker", () => {
  const costs = { takerFee: 0.001, makerFee: 0.0002, slippage: 0.01 };
  const done = trade([0, 0, 0, 0, 0, 0, 1], { costs, exits: { takeProfit: { fraction: 0.1 } } });
  const [only] = done.trades; // 10,000 / 1.011 / 96 = 103.0333 units; 10,880.32 at 105.60, less 0.02% or 2.1761
  assertEquals([only.exitReason, cents(only.exitPrice!)], ["take-profit", "105.60"]);
  assertEquals(cents(done.equity[8]), "10878.14");
});

Deno.test("ten bars: an open beyond the take-profit fills at the open", () => {
  const done = trade([0, 0, 0, 0, -1], { exits: { takeProfit: { fraction: 0.005 } }, fill: "close" });
  assertEquals([done.trades[0].entryPrice, done.trades[0].exitPrice], [95, 93]); // limit 94.525
  assertEquals(cents(done.equity[8]), "10210.53"); // × (1 + 2/95)
});

Deno.test("ten bars: a trailing stop follows the best price one bar late", () => {
  const done = trade(LONG, { exits: { stop: { fraction: 0.05, trailing: true } } });
  // 95 at the entry; 103 → 97.85; 104 → 98.80, hit by the low of 97 in bar 3
  assertEquals([...done.stops].slice(0, 3).map(cents), ["97.85", "98.80", "NaN"]);
  assertEquals([done.trades[0].stop, cents(done.trades[0].exitPrice!)], [95, "98.80"]);
  assertEquals(cents(done.equity[8]), "9880.00");
});

Deno.test("ten bars: a stop at a multiple of the volatility known at the decision", () => {
  const done = trade([0, 0, 0, 1], { exits: { stop: { volatility: 1, window: 2 } } });
  // returns 1/102 and −5/103 by the close of bar 3: deviation |1/102 + 5/103| / √2 = 0.0412577; bought at 98: stop 93.9567
  assertEquals(done.trades[0].stop!.toFixed(4), "93.9567");
  assertEquals([done.trades[0].exitPrice, done.trades[0].exitTime], [93, TEN_BARS.time[5]], "gapped through at 93");
  const early = trade([1, 0], { exits: { stop: { volatility: 1, window: 2 } } });
  assertEquals(early.trades, [], "no volatility is known at the close of bar 0, so no stop can be set");
});

Deno.test("ten bars: borrowing costs a short by the hour", () => {
  const done = trade([-1, -1, 0], { costs: { borrow: 0.0876 } });
  // 0.0876 a year is 0.00001 an hour: 0.10 on 10,000, 0.102 on 10,200; 100 units bought back at 103
  assertAlmostEquals(done.costBreakdown.borrow, 0.202, 1e-9);
  assertEquals(cents(done.equity[8]), "9699.80");
  assertEquals(trade([1, 1, 0], { costs: { borrow: 0.0876 } }).costs, 0, "a long borrows nothing");
});

Deno.test("ten bars: orders come in whole steps and stay within the limit", () => {
  assertEquals(trade([0.333], { costs: { minOrder: 1 } }).fills[0].quantity, 33); // of 33.3 units
  assertEquals(trade([0.009], { costs: { minOrder: 1 } }).trades, []);
  assertEquals(trade([-3], { costs: { maxPosition: 0.5 } }).fills[0].to, -0.5);
  const closed = trade([0.333, 0], { costs: { minOrder: 1 } });
  assertEquals(closed.positions[1], 0, "closing is always possible");
});

Deno.test("ten bars: a brake shrinks what is wanted in a drawdown", () => {
  const done = trade(LONG, { brake: { start: 0, stop: 0.2 } });
  // peak 10,300 at bar 2; at the close of bar 3 the drawdown is 5/103, so bar 4 holds 1 − 5/103/0.2
  const cut = done.fills.find(({ time }) => time === TEN_BARS.time[4])!;
  assertAlmostEquals(cut.to, 1 - 5 / 103 / 0.2, 1e-12);
  assertEquals(done.positions[2], 1);
});
