import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { breakEvenCost } from "../../lib/statistics/break_even_cost.ts";
import { capacity } from "../../lib/backtest/capacity.ts";
import { execute } from "../../lib/backtest/execution.ts";
import { DataError } from "../../lib/data/candles.ts";
import type { Fill } from "../../lib/trading/fill.ts";
import { randomWalk } from "../features/markets.ts";

const CANDLES = { ...randomWalk(600, 12), volume: new Float64Array(600).fill(5000) };
/** Knows what comes: long before each rise, short before each fall. */
const SKILLED = Float64Array.from(
  CANDLES.open,
  (open, i) => Math.sign((CANDLES.open[i + 2] ?? 0) - (CANDLES.open[i + 1] ?? open)),
);

Deno.test("breakEvenCost() is the rate at which the same fills earn nothing", () => {
  const free = execute(CANDLES, { start: 0, positions: SKILLED }, { costRate: 0 });
  const rate = breakEvenCost(free).value!;
  const traded = free.fills.reduce((sum, { quantity, price }) => sum + Math.abs(quantity) * price, 0);
  assertAlmostEquals(free.initialCapital + rate * traded, free.equity[598], 1e-6);
  assert(rate > 0.001);
  const paid = execute(CANDLES, { start: 0, positions: SKILLED }, { costRate: 1e-6 });
  assertAlmostEquals(breakEvenCost(paid).value!, rate, 1e-2 * rate, "what was paid is added again");
});

Deno.test("breakEvenCost() is below 0 for what loses before costs, and null where nothing is traded", () => {
  const wrong = execute(CANDLES, { start: 0, positions: SKILLED.map((side) => -side) }, { costRate: 0 });
  assert(breakEvenCost(wrong).value! < 0);
  const idle = execute(CANDLES, { start: 0, positions: new Float64Array(600) });
  assertEquals(breakEvenCost(idle), { value: null, reason: "nothing was traded" });
});

Deno.test("capacity() is what the square-root law says, by hand", () => {
  // Two fills of 100 and 50 units at 40 and 44, σ of 1% and volumes of 2,500 units in the two bars before.
  const close = Float64Array.of(100, 101, 100, 101, 100, 101);
  const candles = { ...randomWalk(6, 1, "X"), open: close, high: close, low: close, close };
  const fill = { market: "X", from: 0, to: 0, fee: 0, reason: "signal" } as const;
  const fills: Fill[] = [
    { ...fill, time: candles.time[3], price: 40, quantity: 100 },
    { ...fill, time: candles.time[5], price: 44, quantity: -50 },
  ];
  const volume = new Float64Array(6).fill(2500);
  const course = { initialCapital: 1000, equity: Float64Array.of(1200), owed: 0, fills };
  const sigma = Math.abs(0.01 + 1 / 101) / Math.SQRT2;
  const impact = sigma * (Math.sqrt(100 / 2500) * 4000 + Math.sqrt(50 / 2500) * 2200);
  const found = capacity(course, [{ ...candles, volume }], { window: 2 });
  assertAlmostEquals(found.impact.value!, impact, 1e-9);
  assertAlmostEquals(found.breakEven.value!, 1000 * (200 / impact) ** 2, 1e-6);
  assertAlmostEquals(found.half.value!, found.breakEven.value! / 4, 1e-6);
  assertAlmostEquals(found.best.value!, found.breakEven.value! * 4 / 9, 1e-6);
  const doubled = capacity(course, [{ ...candles, volume }], { window: 2, coefficient: 2 });
  assertAlmostEquals(doubled.impact.value!, 2 * impact, 1e-9);
});

Deno.test("capacity() does not depend on the capital that a strategy was run with", () => {
  const run = (initialCapital: number) =>
    capacity(execute(CANDLES, { start: 100, positions: SKILLED.slice(100) }, { costRate: 0, initialCapital }), [
      CANDLES,
    ]);
  const [small, large] = [run(1000), run(1e6)];
  for (const name of ["half", "best", "breakEven"] as const) {
    assertAlmostEquals(small[name].value! / large[name].value!, 1, 1e-9);
  }
  assertAlmostEquals(large.impact.value! / small.impact.value!, 1000 ** 1.5, 1e-3);
});

Deno.test("capacity() says why there is none, and refuses what it cannot reckon", () => {
  const result = execute(CANDLES, { start: 100, positions: SKILLED.slice(100) }, { costRate: 0 });
  const silent = { ...CANDLES, volume: new Float64Array(600) };
  assertEquals(capacity(result, [silent]).half, { value: null, reason: "the volume of WALK12 is not known at a fill" });
  const idle = execute(CANDLES, { start: 100, positions: new Float64Array(500) });
  assertEquals(capacity(idle, [CANDLES]).best.reason, "nothing was traded");
  const wrong = execute(CANDLES, { start: 100, positions: SKILLED.slice(100).map((side) => -side) });
  const lost = capacity(wrong, [CANDLES]);
  assertEquals([lost.breakEven.reason, lost.impact.value! > 0], ["it earns nothing", true]);
  assertThrows(() => capacity(result, [randomWalk(600, 3)]), DataError, "WALK12 was traded");
  assertThrows(() => capacity(result, [CANDLES], { window: 1 }), RangeError, "window");
  assertThrows(() => capacity(result, [CANDLES], { coefficient: 0 }), RangeError, "coefficient");
});

Deno.test("capacity() gives no capital beyond reason, as where volumes are not in units of what the price is of", () => {
  const paid = execute(CANDLES, { start: 100, positions: SKILLED.slice(100) }, { costRate: 0 });
  const index = { ...CANDLES, volume: CANDLES.volume.map((units) => 1e12 * units) };
  const { half, breakEven, impact } = capacity(paid, [index]);
  assertEquals([half.value, breakEven.value], [null, null]);
  assert(breakEven.reason!.includes("is beyond reason: volumes must be in units"));
  assert(impact.value! > 0);
});
