/**
 * What the lab answers, against the forecasts of the library. No browser.
 * @module
 */
import { forecast, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
import { conformalBand, forecastBand } from "@adaptrade/adaptrade/forecast";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { testWith } from "../permissions.ts";
import { ownDataFolder } from "./data_folder.ts";
import { quickTraining, storeRun } from "./stored_run.ts";

const test = testWith("read", "write", "env");

/** The server's modules ask for their folder when first used, so they are loaded behind the choice of one. */
await ownDataFolder("lab", async () => {
  await closeRuns();
  (await runManager()).store[Symbol.dispose]();
});
const { closeRuns } = await import("../../web/server/lab_model.ts");
const { labView, labExplanation } = await import("../../web/server/lab_view.ts");
const { forecastView } = await import("../../web/server/forecast_view.ts");
const { labCandles } = await import("../../web/server/lab_candles.ts");
const { runManager } = await import("../../web/server/run_manager.ts");

let stored: Promise<string> | undefined;

/** The run that all tests look at. */
function storedRun(): Promise<string> {
  stored ??= (async () => await storeRun((await runManager()).store, await quickTraining()))();
  return stored;
}

const MARKET = "sample:NASDAQ";
const TIME = Date.UTC(2015, 5, 10);

test("labView() says what forecast() says at that bar, with its band, and of any number of steps", async () => {
  const view = await labView({ run: await storedRun(), market: MARKET, time: TIME });
  const { forecaster, markets: others } = await quickTraining();
  const [candles] = await sampleMarkets({ symbols: ["NASDAQ"] });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const range = { from: TIME, to: TIME + 1, others };
  const said = await forecast(engine, forecaster, candles, range);
  assertEquals([view.time, view.knownAt, view.horizon], [TIME, said.knownAt[0], 5]);
  assertEquals([view.forecast.value, view.unadapted, view.anchor, view.actual], [
    Math.exp(said.value[0]),
    Math.exp(said.unadapted[0]),
    Math.exp(said.anchor[0]),
    Math.exp(said.labels[0]),
  ]);
  // Behind the training the band follows hits and misses, as it was in its own time: nothing later is in it.
  const until = await forecast(engine, forecaster, candles, {
    from: forecaster.trainedOn.trainedUntil,
    to: TIME + 1,
    others,
  });
  const band = conformalBand(forecaster, until);
  assertEquals([view.forecast.low, view.forecast.high], [Math.exp(band.low.at(-1)!), Math.exp(band.high.at(-1)!)]);
  assertEquals([until.time.at(-1), view.judged], [TIME, until.time.length - 5]);
  const validated = forecastBand(forecaster, said);
  assert(view.forecast.high !== Math.exp(validated.high[0]));
  assert(Math.abs(band.share! - 0.8) <= band.bound!);
  const page = await forecastView(await storedRun(), MARKET);
  const at = page.time.indexOf(TIME);
  assertEquals([page.low[at], page.high[at]], [view.forecast.low, view.forecast.high]);
  for (const steps of [0, 1, 5, 20]) {
    const free = { ...forecaster, steps, trust: { share: 1, limit: Infinity } };
    const { value } = await forecast(engine, free, candles, range);
    assertAlmostEquals(view.learned.predictions[steps], Math.exp(value[0]), 1e-7);
  }
});

test("labView() gives losses and layers for each of 0 to 20 steps, and says whether the bars were seen", async () => {
  const run = await storedRun();
  const { learned, pretrained, seen, supportTime, adapts } = await labView({ run, market: MARKET, time: TIME });
  for (const { predictions, supportLoss, layers, beyond } of [learned, pretrained]) {
    assertEquals([predictions, supportLoss, layers, beyond].map(({ length }) => length), [21, 21, 21, 21]);
  }
  assertEquals([supportTime.length, adapts, seen], [60, true, "unseen market"]);
  assert(learned.supportLoss[20] < learned.supportLoss[0]);
  assertEquals(learned.layers[0].map(({ change }) => change), [0, 0]);
  const at = (year: number) => labView({ run, market: "sample:SP500", time: Date.UTC(year, 5, 5) });
  assertEquals((await Promise.all([2000, 2010, 2018].map(at))).map(({ seen }) => seen), [
    "trained on",
    "selected on",
    "after training",
  ]);
});

test("labView() of a bar that was trained or selected on has the band of validation: outcomes are no news there", async () => {
  const time = Date.UTC(2010, 5, 7);
  const view = await labView({ run: await storedRun(), market: "sample:SP500", time });
  const { forecaster, markets } = await quickTraining();
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const said = await forecast(engine, forecaster, markets[0], { from: time, to: time + 1, others: markets });
  const { low: [low], high: [high] } = forecastBand(forecaster, said);
  assertEquals([view.time, view.judged, view.forecast.low, view.forecast.high], [
    time,
    0,
    Math.exp(low),
    Math.exp(high),
  ]);
});

test("labView() of the first bars adapts on nothing, and what came of the last is not known", async () => {
  const run = await storedRun();
  const { bars, first, hidden } = await labCandles(MARKET, run);
  assertEquals([hidden, bars.time.indexOf(first!)], [0, 1]);
  const young = await labView({ run, market: MARKET, time: bars.time[30] });
  assertEquals([young.adapts, young.learned.predictions[20]], [false, young.learned.predictions[0]]);
  const last = await labView({ run, market: MARKET, time: bars.time.at(-1)! + 1e9 });
  assertEquals([last.time, last.actual], [bars.time.at(-1), null]);
  await assertRejects(() => labView({ run, market: MARKET, time: 0 }), Error, "or a later bar");
});

test("labExplanation() splits the forecast over the columns, and weighs each support row by leaving it out", async () => {
  const query = { run: await storedRun(), market: MARKET, time: TIME };
  const { learned, supportTime } = await labView(query);
  const explained = await labExplanation(query, 3);
  assertAlmostEquals(Math.exp(explained.prediction), learned.predictions[3], 1e-7);
  const sum = explained.features.reduce((total, { value }) => total + value, 0);
  assertAlmostEquals(sum, explained.prediction - explained.baseline, 2e-3);
  assertEquals(explained.influence.map(({ time }) => time), supportTime);
  assert(explained.influence.some(({ value }) => value !== 0));
});

test("labExplanation() throws on steps out of range", async () => {
  const query = { run: await storedRun(), market: MARKET, time: TIME };
  await assertRejects(() => labExplanation(query, 21), RangeError, "0 to 20");
  await assertRejects(() => labExplanation(query, 1.5), RangeError, "0 to 20");
});

test("the lab refuses a run of an earlier version in words, and one that has trained no network yet", async () => {
  const { store } = await runManager();
  const old = store.create({ name: "old", config: { preset: "maml", markets: [MARKET], unseen: MARKET }, steps: 1 });
  const query = { market: MARKET, time: TIME };
  await assertRejects(() => labView({ ...query, run: old.id }), Error, "earlier version");
  store.remove(old.id);
  const { config } = await quickTraining();
  const young = store.create({ name: "young", config, steps: 1 });
  await assertRejects(() => labView({ ...query, run: young.id }), Error, "no trained network yet");
  await assertRejects(() => labView({ ...query, run: "" }), Error, "Choose a run");
  store.remove(young.id);
});
