import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ForecasterTrainingRun } from "../../lib/backtest/mod.ts";
import type { CustomTarget } from "../../lib/forecast/mod.ts";
import {
  type Candles,
  checkLookahead,
  type FeatureFunction,
  type Forecaster,
  type LookaheadReport,
} from "../../mod.ts";
import { quickForecaster, sharedForecaster, sliceBars } from "../forecast/fixtures.ts";

/** Where a report found leaks. */
function stages({ leaks }: LookaheadReport): string[] {
  return [...new Set(leaks.map(({ stage }) => stage))];
}

Deno.test("checkLookahead() finds nothing in a forecaster's anchors, features, labels, supports and forecasts", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const adapting = { ...forecaster, steps: 2, shrinkage: 1 };
  const options = { from: pool[0].time[1260], others: pool, denseCuts: 10 };
  const report = await checkLookahead(engine, adapting, sliceBars(pool[0], 0, 1300), options);
  assertEquals([report.ok, report.leaks], [true, []]);
  assertEquals([report.cuts.length, report.denseCuts], [3, 10]);
  assert(report.compared > 100_000, `${report.compared} values`);
  assert(report.sentences[0].includes("anchors, features and labels at 10 of 40 bars"), report.sentences[0]);
  const early = await checkLookahead(engine, adapting, sliceBars(pool[0], 0, 300), {
    from: pool[0].time[280],
    denseCuts: 1,
  });
  assertEquals(stages(early), ["training"]);
});

Deno.test("checkLookahead() follows a forecaster of returns to its positions and its equity", async () => {
  const { engine, pool } = await sharedForecaster();
  const markets = pool.slice(0, 2).map((market) => sliceBars(market, 0, 500));
  const target = { kind: "return", horizon: 2 } as const;
  const found = await quickForecaster(engine, markets, { target, seeds: 1, testFrom: markets[0].time[400] });
  const options = { from: markets[0].time[420], others: markets, denseCuts: 3, cuts: [450], costRate: 0.001 };
  const report = await checkLookahead(engine, { ...found, shrinkage: 1 }, markets[0], options);
  assertEquals([report.ok, report.leaks], [true, []]);
});

function logRange({ high, low }: Candles, bar: number): number {
  return Math.log(Math.log(high[bar] / low[bar]));
}

/** Log of the next bar's range, with an anchor and a label that may look too far. */
function rangeTarget(leak: { anchor?: number; label?: number } = {}): CustomTarget {
  const { anchor = 0, label = 0 } = leak;
  return {
    kind: "custom",
    name: "range",
    horizon: 1,
    unit: "log range",
    label: (candles, bar) => logRange(candles, bar + 1 + label),
    anchor: (candles, { bar }) => (logRange(candles, bar) + logRange(candles, bar + anchor)) / 2,
    relative: (value, base) => value - base,
    value: (relative, base) => relative + base,
  };
}

for (
  const [what, leak, stage] of [
    ["nothing", {}, []],
    ["an anchor that reads the next bar", { anchor: 1 }, ["anchors"]],
    ["a label that is known one bar early", { label: 1 }, ["labels"]],
  ] as const
) {
  Deno.test(`checkLookahead() of a forecaster with a target of one's own catches ${what}`, async () => {
    const { engine, pool } = await sharedForecaster();
    const markets = pool.slice(0, 2).map((market) => sliceBars(market, 0, 500));
    const testFrom = markets[0].time[400];
    const forecaster = await quickForecaster(engine, markets, { target: rangeTarget(leak), seeds: 1, testFrom });
    const options = { from: markets[0].time[420], denseCuts: 3, cuts: [450] };
    const report = await checkLookahead(engine, forecaster, sliceBars(markets[0], 0, 480), options);
    assertEquals(stages(report), [...stage]);
    assertEquals(report.ok, stage.length === 0);
  });
}

/** A report of a training alone that makes of the honest forecaster what `plant` does with the markets. */
async function trainingLeaks(plant: (made: Forecaster, volume: number) => Forecaster): Promise<string[]> {
  const { engine, pool } = await sharedForecaster();
  const markets = pool.slice(0, 2).map((market) => sliceBars(market, 0, 500));
  const testFrom = markets[0].time[400];
  const train: ForecasterTrainingRun["train"] = async (from) =>
    plant(
      await quickForecaster(engine, from, { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, testFrom }),
      // Something of the test bars: their mean volume.
      from[0].volume.subarray(400).reduce((sum, one) => sum + one / 100, 0),
    );
  const forecaster = await train(markets);
  const options = { from: markets[0].time[420], denseCuts: 1, cuts: [450] };
  const report = await checkLookahead(engine, forecaster, sliceBars(markets[0], 0, 480), {
    ...options,
    training: { markets, testFrom, train },
  });
  assertEquals(report.ok, report.leaks.length === 0);
  return report.leaks.map(({ where }) => where);
}

Deno.test("checkLookahead() trains again with other test bars: an honest training gives the same forecaster", async () => {
  assertEquals(await trainingLeaks((made) => made), []);
});

Deno.test("checkLookahead() catches a scaler, a shrinkage and a trust region fitted on the test", async () => {
  const why = (part: string): string => `the forecaster's ${part} answers to bars behind its training`;
  assertEquals(
    await trainingLeaks((made, seen) => ({ ...made, scaler: { ...made.scaler, labelScale: seen } })),
    [why("scaler")],
  );
  assertEquals(await trainingLeaks((made, seen) => ({ ...made, shrinkage: 1 / (1 + seen) })), [why("shrinkage")]);
  assertEquals(
    await trainingLeaks((made, seen) => ({ ...made, trust: { ...made.trust, limit: seen } })),
    [why("trust")],
  );
});

Deno.test("checkLookahead() of a forecaster refuses the options of a state, and a training without a test", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const market = sliceBars(pool[0], 1200, 1240);
  await assertRejects(
    () => checkLookahead(engine, forecaster, market, { lagged: true }),
    TypeError,
    "lagged is of a state",
  );
  const training = { markets: [market], testFrom: market.time[39] + 1, train: () => Promise.resolve(forecaster) };
  await assertRejects(
    () => checkLookahead(engine, forecaster, market, { denseCuts: 1, training }),
    Error,
    "no bar of its markets",
  );
});

Deno.test("checkLookahead() changes the other markets of a forecaster too, and catches own features that read ahead", async () => {
  const { engine, pool } = await sharedForecaster();
  const markets = pool.slice(0, 3).map((market) => sliceBars(market, 0, 500));
  const testFrom = markets[0].time[400];
  const target = { kind: "logVolatility", horizon: 1 } as const;
  /** The range of a bar, or of the one behind it. */
  const ranges = (ahead: number): FeatureFunction => (candles) => {
    const rows = candles.time.length - ahead;
    const values = Float64Array.from({ length: rows }, (_, i) => logRange(candles, i + ahead));
    return { names: ["range"], time: candles.time.slice(0, rows), rows, cols: 1, values, warmup: 0 };
  };
  for (const ahead of [0, 1]) {
    const features = ranges(ahead);
    const forecaster = await quickForecaster(engine, markets, {
      target,
      features,
      marketWide: "all",
      seeds: 1,
      testFrom,
    });
    const options = { from: markets[0].time[420], others: markets, features, denseCuts: 2, cuts: [450] };
    const own = await checkLookahead(engine, forecaster, markets[0], options);
    assertEquals(own.ok, ahead === 0);
    assert(
      own.sentences.some((sentence) => sentence.includes("bars of 3 other markets were changed")),
      own.sentences.join(),
    );
  }
});
