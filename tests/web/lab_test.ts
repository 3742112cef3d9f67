/**
 * What the lab answers, against the walk-forward and the plain functions of the library. No browser.
 * @module
 */
import { adapt, backtest, encodeState, metaInit, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { DEFAULT_RUN, type RunConfig } from "../../web/server/run_config.ts";
import { runMethod } from "../../web/server/run_plan.ts";
import { testWith } from "../permissions.ts";
import { ownDataFolder } from "./data_folder.ts";

const test = testWith("read", "write", "env");

/** The server's modules ask for their folder when first used, so they are loaded behind the choice of one. */
await ownDataFolder("lab", async () => {
  await closeRuns();
  (await runManager()).store[Symbol.dispose]();
});
const { closeRuns } = await import("../../web/server/lab_model.ts");
const { labView, labExplanation } = await import("../../web/server/lab_view.ts");
const { labMarket } = await import("../../web/server/lab_market.ts");
const { labMoment, firstMoment } = await import("../../web/server/lab_moment.ts");
const { runManager } = await import("../../web/server/run_manager.ts");

/** A run with a checkpoint that nothing trained, far enough from the start to tell them apart. */
async function storedRun(change: Partial<RunConfig> = {}): Promise<string> {
  const { store } = await runManager();
  const config = { ...DEFAULT_RUN, hidden: [8], ...change };
  const run = store.create({ name: "stored", config, steps: 1 });
  store.claim(run.id, "test");
  const state = metaInit(runMethod(config, 10), { seed: 99 });
  const latest = { step: 1, validation: null, bytes: await encodeState(state) };
  store.report(run.id, "test", { step: 1, checkpoints: { latest } });
  store.finish(run.id, "test", "done");
  return run.id;
}

const MARKET = "sample:NASDAQ";
const TIME = Date.UTC(2015, 5, 10);

test("labView() forecasts what the walk-forward forecasts at that bar, at every number of steps", async () => {
  const run = await storedRun();
  const view = await labView({ run, market: MARKET, time: TIME });
  const [candles] = await sampleMarkets({ symbols: ["NASDAQ"] });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const config = { ...DEFAULT_RUN, hidden: [8] };
  for (const [curve, seed] of [[view.learned, 99], [view.scratch!, config.seed]] as const) {
    const state = metaInit(runMethod(config, 10), { seed });
    for (const steps of [0, 1, 5, 20]) {
      const { predictions, decisionTime } = await backtest(engine, state, candles, {
        from: view.time,
        to: view.time + 7 * 86_400_000,
        supportRows: config.supportRows,
        steps,
      });
      assertEquals(decisionTime[0], TIME);
      // Equal but for the last bit of float32: the walk-forward adapts several bars in one batch.
      assertAlmostEquals(curve.predictions[steps], predictions[0], 4e-9);
    }
  }
});

test("labView() gives losses and layers for each of 0 to 20 steps, and says whether the bars were seen", async () => {
  const run = await storedRun();
  const { learned, seen, supportTime, queryRows } = await labView({ run, market: MARKET, time: TIME });
  assertEquals(
    [learned.predictions, learned.supportLoss, learned.queryLoss, learned.layers].map(({ length }) => length),
    [
      21,
      21,
      21,
      21,
    ],
  );
  assertEquals([supportTime.length, queryRows], [DEFAULT_RUN.supportRows, DEFAULT_RUN.queryRows]);
  assert(learned.supportLoss[20] < learned.supportLoss[0]);
  assertEquals(learned.layers[0].map(({ change }) => change), [0, 0]);
  assertEquals(seen, "unseen market");
  const early = await labView({ run, market: "sample:SP500", time: Date.UTC(2005, 0, 5) });
  const late = await labView({ run, market: "sample:SP500", time: Date.UTC(2018, 5, 5) });
  assertEquals([early.seen, late.seen], ["trained on", "after training"]);
});

test("labMoment() takes no support label that was not known, and no bar behind the last", async () => {
  const market = await labMarket(MARKET);
  const options = { supportRows: 20, queryRows: 10, horizon: 5 };
  const moment = labMoment(market, TIME, options);
  const rows = market.rows(5);
  const last = rows.time.indexOf(moment.supportTime.at(-1)!);
  assertEquals(rows.knownAt[last], moment.time);
  const first = firstMoment(market, options)!;
  assertEquals(labMoment(market, first, options).supportTime[0], rows.time[0]);
  const end = labMoment(market, Infinity, options);
  assertEquals([end.time, end.actual, end.y.length], [market.candles.time.at(-1), null, 1]);
});

test("labMoment() throws where too few labels are known, and says from when on they are", async () => {
  const market = await labMarket(MARKET);
  const options = { supportRows: 20, queryRows: 10, horizon: 1 };
  await assertRejects(async () => await labMoment(market, 0, options), Error, "or later");
});

test("labExplanation() splits the forecast over the features, and weighs each support bar by leaving it out", async () => {
  for (const preset of ["maml", "mamlPlusPlus", "imaml", "metaGradient"] as const) {
    const run = await storedRun({ preset });
    const query = { run, market: MARKET, time: TIME };
    const { learned } = await labView(query);
    const explained = await labExplanation(query, 3);
    assertAlmostEquals(explained.prediction, learned.predictions[3], 1e-9);
    const sum = explained.features.reduce((total, { value }) => total + value, 0);
    assertAlmostEquals(sum, explained.prediction - explained.baseline, 5e-4 * Math.max(1e-3, Math.abs(sum)));

    const market = await labMarket(MARKET);
    const config = { ...DEFAULT_RUN, hidden: [8], preset };
    const { support, x, label } = labMoment(market, TIME, config);
    const state = metaInit(runMethod(config, 10), { seed: 99 });
    await using engine = await openEngine({ backend: "cpu", threads: 1 });
    const weights = new Float32Array(support.rows).fill(1);
    weights[4] = 0;
    const without = await adapt(engine, state, { ...support, weights }, { steps: 3 });
    const [output] = await engine.forward(without.net, without.params, x.slice(0, 10));
    const left = output * label.scale[0] + label.mean[0];
    assertAlmostEquals(explained.influence[4].value, explained.prediction - left, 1e-8);
  }
});

test("labExplanation() throws on steps out of range", async () => {
  const query = { run: "", market: MARKET, time: TIME };
  await assertRejects(() => labExplanation(query, 21), RangeError, "0 to 20");
  await assertRejects(() => labExplanation(query, 1.5), RangeError, "0 to 20");
});
