// What pages compute from curves and tables: returns by month, rolling figures, sorted rows, settings in words.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { TargetKind } from "../../web/server/run_config.ts";
import { requestWords } from "../../web/components/backtest_words.ts";
import { returnsByMonth, rollingFigures } from "../../web/components/equity_figures.ts";
import { sortedBy } from "../../web/components/SortableHead.tsx";
import { DEFAULT_BACKTEST } from "../../web/server/backtest_request.ts";

const day = (text: string) => Date.parse(text);

Deno.test("returnsByMonth() multiplies up to the years, which multiply up to the whole", () => {
  const time = ["2023-12-28", "2023-12-31", "2024-01-02", "2024-01-31", "2024-03-01"].map(day);
  const equity = [1.1, 1.2, 0.9, 1.8, 1.35];
  const [first, second, ...more] = returnsByMonth(time, equity);
  assertEquals(more, []);
  assertEquals([first.year, second.year], [2023, 2024]);
  assertAlmostEquals(first.months[11]!, 0.2, 1e-12);
  assertEquals(first.months.slice(0, 11), Array(11).fill(null));
  assertAlmostEquals(second.months[0]!, 0.5, 1e-12);
  assertEquals(second.months[1], null);
  assertAlmostEquals(second.months[2]!, -0.25, 1e-12);
  assertAlmostEquals((1 + first.total) * (1 + second.total), 1.35, 1e-12);
  assertEquals(returnsByMonth([], []), []);
});

Deno.test("rollingFigures() begin with the first whole window and take the initial capital into it", () => {
  const equity = [1.1, 1.21, 1.21, 1.089];
  const { total, volatility, sharpe } = rollingFigures(equity, { window: 2, periodsPerYear: 4 });
  assertEquals([total[0], volatility[0], sharpe[0]], [null, null, null]);
  assertAlmostEquals(total[1]!, 0.21, 1e-12);
  assertAlmostEquals(volatility[1]!, 0, 1e-12);
  assertAlmostEquals(total[2]!, 0.1, 1e-12);
  // Returns 0 and −0.1: mean −0.05, sample deviation 0.1/√2, both a bar of four a year.
  assertAlmostEquals(volatility[3]!, 0.1 / Math.SQRT2 * 2, 1e-12);
  assertAlmostEquals(sharpe[3]!, -0.05 / (0.1 / Math.SQRT2) * 2, 1e-9);
});

Deno.test("sortedBy() sorts numbers by size and text by the alphabet, what is missing last either way", () => {
  const rows = Object.freeze([{ n: 2, t: "b" }, { n: null, t: "a" }, { n: 10, t: "C" }]);
  assertEquals(sortedBy(rows, ({ n }) => n, false).map(({ n }) => n), [2, 10, null]);
  assertEquals(sortedBy(rows, ({ n }) => n, true).map(({ n }) => n), [10, 2, null]);
  assertEquals(sortedBy(rows, ({ t }) => t, false).map(({ t }) => t), ["a", "b", "C"]);
});

Deno.test("requestWords() says stop, size and costs with the digits that they have", () => {
  const words = (change: object, target: TargetKind = "return") =>
    Object.fromEntries(requestWords({ ...DEFAULT_BACKTEST, run: "r", market: "sample:DAX", ...change }, target));
  assertEquals(words({}).Market, "DAX");
  assertEquals([words({}).Stop, words({})["Take-profit"], words({}).Size], ["none", "none", "all or nothing"]);
  assertEquals(words({ stop: "volatility", stopDistance: 2.5 }).Stop, "2.5 times the volatility a bar from the entry");
  assertEquals(words({ stop: "fixed" }).Stop, "3% from the entry");
  assertEquals(words({ sizing: "kelly", sizingScale: 0.25 }).Size, "25% of Kelly");
  const held = words({ risk: 0.2 }, "logVolatility");
  assertEquals([held["Held at"], "Size" in held], ["a volatility of 20% a year, by the forecast of it", false]);
  assertEquals(
    words({ fee: 0.00055 })["Costs of an order"],
    "fee 0.055%, half of a spread of 0.05%, slippage 0.025%",
  );
});
