// What a market, a target or features of one's own may do to a forecaster: it answers, or says by name what is wrong.
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { decodeForecaster, encodeForecaster } from "../../lib/forecast/mod.ts";
import {
  type Candles,
  type FeatureMatrix,
  forecast,
  type Forecaster,
  metaInit,
  simulateMarket,
  type TargetConfig,
  trainForecaster,
} from "../../mod.ts";
import { QUICK, quickForecaster, sharedForecaster, simulatedPool, sliceBars } from "./fixtures.ts";

const unseen = simulateMarket({ bars: 1500, seed: 77, symbol: "NEW", garch: { alpha: 0.12, beta: 0.85 } }).candles;
const last = { from: unseen.time[1440] };

/** A forecaster whose networks have learned rates at which every adaptation diverges. */
function diverging(forecaster: Forecaster, limit: number): Forecaster {
  const members = forecaster.members.map((member) => {
    const { config, values } = member.state;
    const logLr = values.logLr.map(() => 25);
    return { ...member, state: metaInit(config, { values: { ...values, logLr } }) };
  });
  return { ...forecaster, members, steps: 5, shrinkage: 1, trust: { share: 1, limit } };
}

Deno.test("forecast() where adapting diverges is the unadapted one, counted as limited", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  for (const limit of [0.5, Infinity]) {
    const said = await forecast(engine, diverging(forecaster, limit), unseen, { ...last, others: pool });
    assertEquals(said.value, said.unadapted);
    assertEquals([...new Set(said.limited)], [1]);
  }
});

/** The bars as closing prices alone, without a word of it. */
function closesOf(candles: Candles): Candles {
  const { close } = candles;
  return { ...candles, open: close, high: close, low: close };
}

Deno.test("forecast() by a forecaster that reads ranges refuses closing prices alone, said or seen", async () => {
  const { engine, forecaster } = await sharedForecaster();
  for (const closes of [closesOf(unseen), { ...closesOf(sliceBars(unseen, 0, 10)), closeOnly: true }]) {
    await assertRejects(() => forecast(engine, forecaster, closes), Error, "NEW: it has closing prices alone");
  }
});

Deno.test("a market that hardly trades is not taken for closing prices alone, nor does one make a pool so", async () => {
  const { engine, forecaster } = await sharedForecaster();
  const thin = closesOf(sliceBars(unseen, 0, 60));
  thin.close.forEach((_, i) => thin.close[i] = thin.close[i - i % 4]);
  const { value } = await forecast(engine, forecaster, thin);
  assert(value.slice(5).every(Number.isFinite));
  const still = closesOf(sliceBars(unseen, 0, 3));
  still.close.fill(7);
  assertEquals([...(await forecast(engine, forecaster, still)).value], [NaN, NaN, NaN]);
});

Deno.test("forecast() says how many bars it needs", async () => {
  const { engine, forecaster } = await sharedForecaster();
  await assertRejects(() => forecast(engine, forecaster, sliceBars(unseen, 0, 0)), Error, "needs 1 bars, got 0");
  assertEquals((await forecast(engine, forecaster, sliceBars(unseen, 0, 1))).value.length, 1);
  const closes = await quickForecaster(engine, simulatedPool(2, { bars: 300 }), { seeds: 1, closeOnly: true });
  await assertRejects(() => forecast(engine, closes, sliceBars(unseen, 0, 1)), Error, "needs 2 bars, got 1");
  assertEquals((await forecast(engine, closes, sliceBars(unseen, 0, 2))).value.length, 1);
  await assertRejects(() => forecast(engine, forecaster, unseen, { from: NaN }), TypeError, "from must be a time");
});

/** The range of each bar, with what `spoil` does to it. */
function ranges(spoil: (matrix: FeatureMatrix, candles: Candles) => FeatureMatrix = (matrix) => matrix) {
  return (candles: Candles): FeatureMatrix => {
    const values = candles.high.map((high, i) => Math.log(high / candles.low[i]));
    return spoil({ names: ["range"], time: candles.time, rows: values.length, cols: 1, values, warmup: 0 }, candles);
  };
}

const SPOILED: [string, (matrix: FeatureMatrix) => FeatureMatrix, string][] = [
  [
    "a NaN",
    (matrix) => ({ ...matrix, values: matrix.values.with(100, NaN) }),
    "SIM0: expected finite values, received NaN in range at 2020-01-05T04:00:00.000Z",
  ],
  [
    "too few values",
    (matrix) => ({ ...matrix, values: matrix.values.slice(1) }),
    "received 1 names, 300 times and 299",
  ],
  [
    "too many names",
    (matrix) => ({ ...matrix, names: ["range", "more"] }),
    "300 rows of 1 columns as they say, received 2",
  ],
  ["too few times", (matrix) => ({ ...matrix, time: matrix.time.slice(5) }), "295 times"],
];

for (const [what, spoil, message] of SPOILED) {
  Deno.test(`trainForecaster() refuses features of one's own with ${what}, appended ones too`, async () => {
    const { engine } = await sharedForecaster();
    const pool = simulatedPool(2, { bars: 300 });
    for (const own of [{ features: ranges(spoil) }, { extra: ranges(spoil) }]) {
      await assertRejects(() => quickForecaster(engine, pool, { ...own, seeds: 1 }), TypeError, message);
    }
  });
}

/** Log of the next bar's range, which is not defined where a bar has none. */
const LOG_RANGE: TargetConfig = {
  kind: "custom",
  name: "log range",
  horizon: 1,
  unit: "log",
  label: ({ high, low }, bar) => Math.log(Math.log(high[bar + 1] / low[bar + 1])),
  anchor: ({ high, low }, { bar }) => Math.log(Math.log(high[bar] / low[bar])),
  relative: (label, anchor) => label - anchor,
  value: (relative, anchor) => relative + anchor,
};

Deno.test("labels and anchors of one's own that are not finite are none: bars without a range train nothing and are not forecast", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(3, { bars: 500 });
  for (const { open, high, low, close } of pool) {
    for (let i = 0; i < 500; i += 7) for (const prices of [high, low, close]) prices[i] = open[i];
  }
  const forecaster = await trainForecaster(engine, pool, { target: LOG_RANGE, ...QUICK, seeds: 1 });
  assert(Number.isFinite(forecaster.validation.chosen) && forecaster.scaler.labelScale < 10);
  const { value, labels } = await forecast(engine, forecaster, pool[0], { from: pool[0].time[490] });
  assertEquals(Array.from(value, Number.isNaN), [true, ...Array(6).fill(false), true, false, false]);
  assertEquals(Array.from(labels, Number.isNaN), [...Array(6).fill(false), true, false, false, true]);
});

Deno.test("a relative label of one's own that is not finite is left out of all fits", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(3, { bars: 500 });
  // The share by which the next close moves the last one, which may not have moved.
  const target: TargetConfig = {
    kind: "custom",
    name: "share",
    horizon: 1,
    unit: "fraction",
    label: ({ close }, bar) => close[bar + 1] / close[bar] - 1,
    anchor: ({ close }, { bar }) => bar === 0 || bar % 5 === 0 ? 0 : Math.abs(close[bar] / close[bar - 1] - 1),
    relative: (label, anchor) => Math.max(-3, Math.min(3, label / 0.01)) + 0 / anchor,
    value: (relative, anchor) => relative * anchor,
  };
  const forecaster = await trainForecaster(engine, pool, { target, ...QUICK, seeds: 1 });
  assert(Number.isFinite(forecaster.validation.chosen) && Number.isFinite(forecaster.residual.deviation));
});

Deno.test("decodeForecaster() refuses a target of one's own with another horizon", async () => {
  const { engine } = await sharedForecaster();
  const forecaster = await trainForecaster(engine, simulatedPool(2, { bars: 300 }), {
    target: LOG_RANGE,
    ...QUICK,
    seeds: 1,
  });
  const bytes = await encodeForecaster(forecaster);
  const target = { ...LOG_RANGE, horizon: 2 } as typeof LOG_RANGE & { kind: "custom" };
  await assertRejects(
    () => decodeForecaster(bytes, { target }),
    TypeError,
    '"log range" 1 bars ahead, got a target of 2',
  );
});

Deno.test("forecasts do not know the price's unit: 1e-8 and 1e8 give the same", async () => {
  const { engine, forecaster, pool } = await sharedForecaster();
  const plain = await forecast(engine, forecaster, unseen, { ...last, others: pool });
  for (const factor of [1e-8, 1e8]) {
    const scaled = sliceBars(unseen, 0);
    for (const prices of [scaled.open, scaled.high, scaled.low, scaled.close]) {
      prices.forEach((price, i) => prices[i] = factor * price);
    }
    const said = await forecast(engine, forecaster, scaled, { ...last, others: pool });
    said.value.forEach((value, i) => assertAlmostEquals(value, plain.value[i], 1e-4));
  }
});
