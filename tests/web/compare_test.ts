/**
 * Which settings of runs differ, as the comparison marks them.
 * @module
 */
import { assertEquals } from "@std/assert";
import { backtestedMarkets, compareSettings } from "../../web/server/compare_runs.ts";
import { DEFAULT_RUN } from "../../web/server/run_config.ts";

Deno.test("compareSettings() marks the settings that differ, and no other", () => {
  const settings = compareSettings([DEFAULT_RUN, { ...DEFAULT_RUN, name: "other", seed: 2, hidden: [8] }]);
  assertEquals(settings.filter(({ differs }) => differs).map(({ name, values }) => [name, values]), [
    ["Hidden layers", ["by the bars' length", "8"]],
    ["Seed", ["1", "2"]],
  ]);
});

Deno.test("compareSettings() has no settings of a run of an earlier version", () => {
  const [forecasts] = compareSettings([DEFAULT_RUN, { preset: "maml", horizon: 1 }]);
  assertEquals([forecasts.name, ...forecasts.values], ["Forecasts", "Volatility", "–"]);
});

Deno.test("compareSettings() marks nothing for a single run or none", () => {
  assertEquals(compareSettings([DEFAULT_RUN]).some(({ differs }) => differs), false);
  assertEquals(compareSettings([]).every(({ values }) => values.length === 0), true);
});

Deno.test("backtestedMarkets() names the market that most of the runs were tested on first, and none of other runs'", () => {
  const backtest = (run: string, market: string) => ({ request: { run, market } }) as never;
  const backtests = [
    backtest("a", "x"),
    backtest("a", "x"),
    backtest("a", "y"),
    backtest("b", "y"),
    backtest("c", "z"),
  ];
  assertEquals(backtestedMarkets(["a", "b"], backtests), ["y", "x"]);
  assertEquals(backtestedMarkets(["d"], backtests), []);
});
