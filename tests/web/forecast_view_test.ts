/**
 * What the forecast page shows, against the library's forecasts and comparison. No browser.
 * @module
 */
import { compareForecasts, forecast, openEngine, sampleMarkets, simulateMarket } from "../../mod.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { candlesToCsv } from "../../lib/data/csv_write.ts";
import { testWith } from "../permissions.ts";
import { ownDataFolder } from "./data_folder.ts";
import { referenceOf } from "../../web/server/run_verdict.ts";
import { quickTraining, storeRun } from "./stored_run.ts";

const test = testWith("read", "write", "env");

/** The server's modules ask for their folder when first used, so they are loaded behind the choice of one. */
await ownDataFolder("forecast", async () => {
  await closeRuns();
  (await runManager()).store[Symbol.dispose]();
});
const { closeRuns } = await import("../../web/server/lab_model.ts");
const { forecastView } = await import("../../web/server/forecast_view.ts");
const { forecastWorth, marketSkill } = await import("../../web/server/forecast_worth.ts");
const { runManager } = await import("../../web/server/run_manager.ts");
const { marketsFolder } = await import("../../web/server/paths.ts");
const { judgeRun } = await import("../../web/server/run_verdict.ts");

let stored: Promise<string> | undefined;

/** The run that all tests look at. */
function storedRun(): Promise<string> {
  stored ??= (async () => await storeRun((await runManager()).store, await quickTraining()))();
  return stored;
}

/** Puts days of a simulation among the markets, and gives their id. */
async function placeDays(name: string, days: { readonly bars: number; readonly start: number }): Promise<string> {
  const { candles } = simulateMarket({ ...days, seed: 5, symbol: name, interval: "1d" });
  await Deno.writeTextFile(join(marketsFolder(), `${name}.csv`), candlesToCsv(candles));
  return `file:${name}.csv`;
}

test("forecastView() shows forecast() from the end of training on, and judges as compareForecasts() does", async () => {
  const view = await forecastView(await storedRun(), "sample:NASDAQ");
  const { verdict, months, reference } = await forecastWorth(await storedRun(), "sample:NASDAQ");
  const { forecaster, markets } = await quickTraining();
  const [nasdaq] = await sampleMarkets({ symbols: ["NASDAQ"] });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const from = forecaster.trainedOn.trainedUntil;
  const said = await forecast(engine, forecaster, nasdaq, { from, others: markets });
  assertEquals(view.time, Array.from(said.time));
  assertEquals(view.value, Array.from(said.value, Math.exp));
  assertEquals(view.unadapted, Array.from(said.unadapted, Math.exp));
  assertEquals(view.came.map((value) => value === null), Array.from(said.labels, Number.isNaN));
  assertEquals(view.heldBack.map((value) => value !== null), Array.from(said.limited, (one) => one === 1));
  assertEquals([view.newest.value, view.early, view.seen], [view.value.at(-1), false, "unseen market"]);
  assert(view.newest.low! < view.newest.value! && view.newest.value! < view.newest.high!);

  const { scores } = await compareForecasts(engine, forecaster, [nasdaq], { pool: markets, from });
  assert(!("problem" in verdict));
  const [mine, other] = [scores.at(-1)!, scores.find(({ name }) => name === "EWMA")!];
  assertAlmostEquals(verdict.less, 1 - mine.mse / other.mse, 1e-12);
  assertEquals(verdict.reference, "RiskMetrics");
  assertEquals(months.reduce((sum, { rows }) => sum + rows, 0), mine.rows);
  // The reference of a month against what came, by hand.
  const [first] = months;
  const rows = view.time.flatMap((time, i) => time < months[1].time ? [i] : []);
  const errors = (of: readonly (number | null)[]) =>
    rows.reduce((sum, i) => sum + (Math.log(of[i]!) - Math.log(view.came[i]!)) ** 2, 0);
  assertAlmostEquals(first.less, 1 - errors(view.value) / errors(reference), 1e-9);
});

test("forecastView() says of bars before the end of training that other markets' were learned from, and of few that nothing can be said", async () => {
  const run = await storedRun();
  const market = await placeDays("old", { bars: 300, start: Date.UTC(2003, 0, 6) });
  const old = await forecastView(run, market);
  assertEquals([old.early, old.seen], [true, "unseen market"]);
  assert(old.time.length > 290 && !("problem" in (await forecastWorth(run, market)).verdict));
  const listed = await placeDays("young", { bars: 4, start: Date.UTC(2019, 0, 7) });
  const young = await forecastView(run, listed);
  const { verdict, months, reference } = await forecastWorth(run, listed);
  assert("problem" in verdict && verdict.problem.includes("no decision has a label yet"));
  assertEquals([months, reference], [[], young.time.map(() => null)]);
  assert(young.newest.value! > 0 && young.newest.value === young.newest.unadapted);
});

test("marketSkill() says of each market of the run what a comparison of all at once says of it, and none where one ends before", async () => {
  const run = await storedRun();
  const { forecaster, markets } = await quickTraining();
  const [nasdaq] = await sampleMarkets({ symbols: ["NASDAQ"] });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const judged = [nasdaq, markets[0]];
  const { decisions, scores } = await compareForecasts(engine, forecaster, judged, { pool: markets, keep: true });
  const { market, values, label } = decisions!;
  const squares = (index: number, method: number) =>
    label.reduce((sum, came, i) => market[i] === index ? sum + (values[method][i] - came) ** 2 : sum, 0);
  const reference = scores.findIndex(({ name }) => name === "EWMA");
  for (const [index, { symbol }] of judged.entries()) {
    assertEquals(await marketSkill(run, `sample:${symbol}`), {
      id: `sample:${symbol}`,
      rows: market.filter((one) => one === index).length,
      less: 1 - squares(index, scores.length - 1) / squares(index, reference),
      reference: "RiskMetrics",
      why: null,
    });
  }
  assertEquals(await marketSkill(run, "sample:FTSE"), {
    id: "sample:FTSE",
    rows: 0,
    less: null,
    reference: null,
    why: "ends before",
  });
  const { verdict } = await forecastWorth(run, "sample:NASDAQ");
  assert(!("problem" in verdict));
  assertAlmostEquals((await marketSkill(run, "sample:NASDAQ")).less!, verdict.less, 1e-9);
  await assertRejects(() => marketSkill(run, "sample:WTI"), RangeError, "expected one of the run's markets");
});

test("forecastView() has the verdict that the run was given at its end, to the bit, and none on other forecasts", async () => {
  const training = await quickTraining();
  const [unseen] = await sampleMarkets({ symbols: ["NASDAQ"] });
  await using engine = await openEngine({ backend: "cpu", threads: 2 });
  const verdict = await judgeRun(engine, training.forecaster, { unseen, markets: training.markets });
  const { store } = await runManager();
  const judged = await storeRun(store, training, verdict);
  assertEquals((await forecastView(judged, "sample:NASDAQ")).kept, verdict);
  assertEquals((await forecastWorth(judged, "sample:NASDAQ")).verdict, verdict);
  assertEquals((await forecastView(judged, "sample:SP500")).kept, null);
  assertEquals((await forecastView(await storedRun(), "sample:NASDAQ")).kept, null);
  const older = await storeRun(store, training, { ...verdict, rows: verdict.rows - 1 });
  assertEquals((await forecastView(older, "sample:NASDAQ")).kept, null);
  const silent = await storeRun(store, training, { problem: "no decision has a label yet" });
  assertEquals((await forecastView(silent, "sample:NASDAQ")).kept, null);
});

test("forecastView() refuses a market that is not there, and one of other bars, in words", async () => {
  const run = await storedRun();
  await assertRejects(() => forecastView(run, "file:absent.csv"), Error, "no such file");
  const { candles } = simulateMarket({ bars: 100, seed: 1, symbol: "HOURLY" });
  await Deno.writeTextFile(join(marketsFolder(), "hourly.csv"), candlesToCsv(candles));
  await assertRejects(() => forecastView(run, "file:hourly.csv"), Error, "trained on bars of 1d");
});

Deno.test("returns are measured against saying nothing, volatilities against RiskMetrics, in the words of the pages", () => {
  const scores = (...names: string[]) => ({ scores: names.map((name) => ({ name })) }) as never;
  const nameOf = (kind: string, ...names: string[]) =>
    referenceOf({ target: { kind } } as never, scores(...names)).name;
  assertEquals(nameOf("return", "zero", "HAR"), "saying nothing");
  assertEquals(nameOf("logVolatility", "zero", "EWMA"), "RiskMetrics");
  assertEquals(nameOf("logVolume", "zero", "EWMA"), "EWMA");
});
