// Each case is reckoned by hand beside the figure it asserts, to the cent. The bars are in ten_bars.ts, the capital is 10,000.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cents, TEN_BARS, trade } from "./ten_bars.ts";

const FEE = { takerFee: 0.001 };
const LONG = [1];

Deno.test("ten bars: a long is bought at the open and charged once", () => {
  const done = trade(LONG, { costs: FEE });
  assertEquals(cents(done.equity[0]), "10189.80"); // 10,000 − 10 = 9,990 = 99.9 units × 102
  assertEquals(cents(done.equity[8]), "10089.90"); // 99.9 × 101
  assertEquals(done.costBreakdown, { fees: 10, spread: 0, slippage: 0, funding: 0, borrow: 0 });
});

Deno.test("ten bars: a stop fills at its level inside the bar and waits for another signal", () => {
  const done = trade(LONG, { costs: FEE, exits: { stop: { fraction: 0.05 } } });
  const [only] = done.trades;
  assertEquals([done.trades.length, only.stop, only.exitPrice, only.exitReason], [1, 95, 95, "stop"]);
  assertEquals(only.exitTime, TEN_BARS.time[4]); // low 94
  assertEquals(cents(done.equity[8]), "9481.01"); // 99.9 × 95 = 9,490.50, less 9.4905
  assertEquals([...done.stops], [95, 95, 95, NaN, NaN, NaN, NaN, NaN, NaN]);
  assertEquals([...done.positions], [1, 1, 1, 0, 0, 0, 0, 0, 0]);
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
  assertEquals(cents(done.equity[8]), "9281.41"); // 99.9 × 93 = 9,290.70, less 9.2907
});

Deno.test("ten bars: a short's stop lies above, and a gap through it fills at the open", () => {
  const done = trade([0, 0, 0, 0, 0, -1], { exits: { stop: { fraction: 0.04 } } });
  const [only] = done.trades; // sold at 91, stop 94.64: high 97 in bar 6
  assertEquals([only.entryPrice, only.exitPrice, only.exitReason], [91, 94.64, "stop"]);
  assertEquals(cents(done.equity[8]), "9600.00");
});

Deno.test("ten bars: a flip pays both legs (trap 5)", () => {
  const done = trade([1, 1, -1, -1, -1, 0], { costs: FEE });
  // 99.9 × 103 = 10,289.70; both legs 20.5794; short at 103: × (1 + 5/103) × (1 + 3/98) × (1 + 4/95), sold out at 91, less 0.1%
  const short = (10_289.7 - 20.5794) * (1 + 5 / 103) * (1 + 3 / 98) * (1 + 4 / 95);
  assertEquals(cents(short), "11564.49");
  assertEquals(cents(done.equity[8]), "11552.93");
  assertEquals(cents(done.costs), "42.14"); // 10 + 20.5794 + 11.5645
  assertEquals(done.trades.map(({ side, cost }) => [side, cents(cost)]), [["long", "20.29"], ["short", "21.85"]]);
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
    -0.0001 * 0.5 * (10_000 - 5000 * 9 / 96),
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
  // at 01:00 flat; at 02:30 on the 10,200 of the open of 02:00; at 04:00 on what is carried: 10,189.80 × 103/102 × 98/103 … received
  const before = (10_300 - 10.2) * 98 / 103;
  assertAlmostEquals(costBreakdown.funding, 10.2 - 0.002 * before, 1e-9);
  assertEquals(cents(equity[8]), cents(before * 1.002));
});

Deno.test("ten bars: spread and slippage, fixed and by the bar's range", () => {
  const costs = { spread: 0.0002, slippage: 0.0005, rangeSlippage: 0.1 };
  const done = trade([1, 1, 0], { costs });
  // bought at 100 in a range of 4%: spread 1.00, slippage 5 + 40; sold at 103 (9,954 × 1.03 = 10,252.62) in a range of 6/103
  assertEquals(cents(done.costBreakdown.spread), "2.03"); // 1 + 1.025262
  assertEquals(cents(done.costBreakdown.slippage), "109.85"); // 45 + 5.12631 + 59.72400
  assertEquals(cents(done.equity[8]), "10186.74"); // 10,252.62 − 65.87557
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
  const [only] = done.trades; // bought at 96 less 1.1%: 9,890; × 1.1 = 10,879 at 105.60; 0.02% = 2.1758
  assertEquals([only.exitReason, cents(only.exitPrice!)], ["take-profit", "105.60"]);
  assertEquals(cents(done.equity[8]), "10876.82");
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
  // 0.0876 a year is 0.00001 an hour: 0.10 on 10,000, then on the value at the open of bar 2
  assertEquals(cents(done.costBreakdown.borrow), "0.20");
  assertEquals(cents(done.equity[8]), cents((10_000 - 0.1 - 200) * (1 - 1 / 102) - 0.098));
  assertEquals(trade([1, 1, 0], { costs: { borrow: 0.0876 } }).costs, 0, "a long borrows nothing");
});

Deno.test("ten bars: orders come in whole steps and stay within the limit", () => {
  assertAlmostEquals(trade([0.333], { costs: { minOrder: 1 } }).positions[0], 0.33, 1e-12); // 33 of 33.3 units
  assertEquals(trade([0.009], { costs: { minOrder: 1 } }).trades, []);
  assertEquals(trade([-3], { costs: { maxPosition: 0.5 } }).positions[0], -0.5);
  const closed = trade([0.333, 0], { costs: { minOrder: 1 } });
  assertEquals(closed.positions[1], 0, "closing is always possible");
});

Deno.test("ten bars: a brake shrinks what is wanted in a drawdown", () => {
  const done = trade(LONG, { brake: { start: 0, stop: 0.2 } });
  // peak 10,300 at bar 2; at the close of bar 3 the drawdown is 5/103, so bar 4 holds 1 − 5/103/0.2
  assertAlmostEquals(done.positions[3], 1 - 5 / 103 / 0.2, 1e-12);
  assertEquals(done.positions[2], 1);
});
