import { assertEquals, assertThrows } from "@std/assert";
import { backtestPositions } from "../../lib/backtest/backtest.ts";
import { compareResults } from "../../lib/backtest/compare_results.ts";
import { DataError } from "../../lib/data/candles.ts";
import { renderReport } from "../../lib/report/report.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import { randomWalk } from "../features/markets.ts";
import { smallComparison } from "./small_comparison.ts";

const QUICK = { shuffles: 20, resamples: 100, seed: 3 };
const candles = randomWalk(400, 7);
const walk = walkForward(candles, { supportRows: 20 });

/** Always long, always short, and so on. */
function held(strategy: string, position: number) {
  const wanted = new Float64Array(walk.time.length).fill(position);
  return backtestPositions(strategy, candles, { walk, wanted, options: { costRate: 0.001 } });
}

Deno.test("compareResults() is what compareBaselines() says of the same results, but for the curves", async () => {
  const market = randomWalk(400, 7, "WALK");
  const comparison = await smallComparison(400);
  const costs = { takerFee: 0.0005, spread: 0.0002, slippage: 0.0001, borrow: 0.05, funding: { rate: 0.0001 } };
  const exits = { stop: { fraction: 0.02 }, takeProfit: { fraction: 0.03 } };
  const results = comparison.strategies.map(({ result }) => result);
  const again = compareResults(results, market, { ...QUICK, costs, exits });
  const strategies = comparison.strategies.map((strategy) => ({ ...strategy, curve: null }));
  assertEquals(again, { ...comparison, strategies });
});

Deno.test("compareResults() counts every result and earlier ones as trials, and leaves the results unchanged", () => {
  const results = [held("long", 1), held("short", -1)];
  const before = structuredClone(results);
  const { strategies, trials } = compareResults(results, candles, { ...QUICK, trials: { sharpes: [0.1] } });
  assertEquals([trials.sharpes.length, strategies[1].deflatedSharpe.trials], [3, 3]);
  assertEquals(results, before);
});

Deno.test("compareResults() of ten strategies is drawn with a colour for each, those of known names kept", async () => {
  const names = ["a", "buy and hold", "b", "c", "meta-learned", "d", "e", "f", "g", "h"];
  const html = await renderReport([compareResults(names.map((name) => held(name, 1)), candles, QUICK)]);
  const colors = names.map((name) => html.match(RegExp(`<path class="s(\\d+)" d="M0,4H20"/></svg>${name}</li>`))![1]);
  assertEquals(new Set(colors).size, 10);
  assertEquals([colors[1], colors[4]], ["5", "1"]);
});

Deno.test("compareResults() throws on no result, and on results of another market or other bars", () => {
  const result = held("long", 1);
  assertThrows(() => compareResults([], candles), TypeError, "at least 1 result");
  assertThrows(() => compareResults([{ ...result, market: "X" }], candles), RangeError, "received X");
  const later = { ...result, strategy: "late", time: result.time.map((time) => time + 1) };
  assertThrows(() => compareResults([result, later], candles), RangeError, "received others of late");
});

Deno.test("backtestPositions() refuses one decision at the last bar by its time: nothing comes after it", () => {
  const last = { ...walk, start: candles.time.length - 1, time: candles.time.slice(-1), labels: walk.labels.slice(-1) };
  const run = { walk: last, wanted: Float64Array.of(1), options: {} };
  const at = new Date(candles.time[last.start]).toISOString();
  assertThrows(
    () => backtestPositions("held", candles, run),
    DataError,
    `expected at least 2 bars from the first decision on, received the one of ${at}`,
  );
});
