import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { atOnce } from "../../lib/event_loop.ts";
import { supportOf } from "../../lib/forecast/decisions.ts";
import { readMarket } from "../../lib/forecast/forecast.ts";
import { decodeForecaster, encodeForecaster, forecastBand, prepareComparison } from "../../lib/forecast/mod.ts";
import type { PresetOptions } from "../../lib/meta/mod.ts";
import {
  anil,
  type Candles,
  compareForecasts,
  forecast,
  historyCurve,
  imaml,
  learnedOptimizer,
  type MetaState,
  simulateMarket,
  trainForecaster,
} from "../../mod.ts";
import { QUICK, quickForecaster, sharedForecaster, simulatedPool, sliceBars } from "./fixtures.ts";

const unseen = simulateMarket({ bars: 1500, seed: 77, symbol: "NEW", garch: { alpha: 0.12, beta: 0.85 } }).candles;

Deno.test("forecast() of a market never seen is better than its anchor, and adapting is kept within the trust region", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const { value, anchor, labels, unadapted } = await forecast(engine, forecaster, unseen, {
    from: unseen.time[1200],
    others: pool,
  });
  const mse = (of: Float64Array): number =>
    labels.reduce((sum, label, i) => Number.isNaN(label) ? sum : sum + (of[i] - label) ** 2, 0);
  assert(mse(value) < 0.95 * mse(anchor), `${mse(value)} against ${mse(anchor)}`);
  const limit = forecaster.trust.limit * forecaster.scaler.labelScale;
  value.forEach((v, i) => assert(Math.abs(v - unadapted[i]) <= limit + 1e-6));
});

Deno.test("forecast() uses bars up to each time alone, to the bit: of candles cut there it is the same", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const from = unseen.time[1300];
  const whole = await forecast(engine, forecaster, unseen, { from, others: pool });
  for (const end of [1301, 1302, 1350]) {
    const cut = sliceBars(unseen, 0, end);
    const others = pool.map((market) => sliceBars(market, 0, end));
    const part = await forecast(engine, forecaster, cut, { from, others });
    const count = end - 1300;
    assertEquals(part.value, whole.value.slice(0, count));
    assertEquals(part.anchor, whole.anchor.slice(0, count));
    assertEquals(part.spread, whole.spread.slice(0, count));
    assertEquals(part.limited, whole.limited.slice(0, count));
    assertEquals(part.knownAt, whole.knownAt.slice(0, count));
  }
});

Deno.test("forecast() with a history of n bars is the forecast of a market listed n bars ago", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const at = 1400;
  for (const history of [5, 20, 60, 250]) {
    const range = { from: unseen.time[at], to: unseen.time[at + 1], others: pool };
    const asked = await forecast(engine, forecaster, unseen, { ...range, history });
    const listed = await forecast(engine, forecaster, sliceBars(unseen, at - history + 1), range);
    // Rows are the same bits; networks see them in float32.
    assertAlmostEquals(asked.value[0], listed.value[0], 1e-6);
    assertAlmostEquals(asked.anchor[0], listed.anchor[0], 1e-12);
  }
});

Deno.test("a planted bar of 30 sigma leaves forecasts within e of their unadapted twins", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const hit = sliceBars(unseen, 0);
  const level = Math.exp(
    (await forecast(engine, forecaster, unseen, { from: unseen.time[1250], to: unseen.time[1251], others: pool }))
      .anchor[0],
  );
  for (const values of [hit.open, hit.high, hit.low, hit.close]) {
    for (let i = 1251; i < values.length; i++) values[i] *= Math.exp(-30 * level);
  }
  hit.open[1251] = unseen.open[1251];
  hit.high[1251] = Math.max(hit.open[1251], hit.close[1251], hit.high[1251]);
  const { value, unadapted, limited } = await forecast(engine, forecaster, hit, {
    from: hit.time[1251],
    to: hit.time[1450],
    others: pool,
  });
  value.forEach((v, i) => assert(Math.abs(v - unadapted[i]) < 1, `moved by ${v - unadapted[i]}`));
  assert(value.every(Number.isFinite) && limited.length === 199);
});

Deno.test("a market that stands still gets no forecast from adaptation, and none at all once nothing moves", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const still = sliceBars(unseen, 0, 900);
  for (const values of [still.open, still.high, still.low, still.close]) values.fill(unseen.close[499], 500);
  still.volume.fill(0, 500);
  const { value, unadapted, limited } = await forecast(engine, forecaster, still, {
    from: still.time[500],
    others: pool,
  });
  value.forEach((v, i) => {
    if (i < 160) assert(Number.isFinite(v), `bar ${i}`);
    if (i >= 168) assert(Number.isNaN(v), `bar ${i} says ${v}`);
    if (i > 60 && i < 160) assertEquals(v, unadapted[i]);
  });
  assertEquals(limited.slice(65, 160).some((flag) => flag === 1) || forecaster.steps === 0, true);
});

Deno.test("a forecaster is frozen plain data, and comes back from its file to the bit; a flipped byte is refused", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  assert(Object.isFrozen(forecaster) && Object.isFrozen(forecaster.members[0]) && Object.isFrozen(forecaster.scaler));
  const bytes = await encodeForecaster(forecaster);
  const back = await decodeForecaster(bytes);
  assertEquals(back, forecaster);
  const range = { from: unseen.time[1400], others: pool };
  assertEquals(await forecast(engine, back, unseen, range), await forecast(engine, forecaster, unseen, range));
  for (const at of [0, 9, 41, 45, 60, Math.floor(bytes.length / 2), bytes.length - 1]) {
    const broken = bytes.slice();
    broken[at] ^= 0x10;
    await assertRejects(() => decodeForecaster(broken), Error, "Cannot read forecaster");
  }
});

Deno.test("trainForecaster() reads no label of the test: later bars change nothing, to the bit", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const shifted = pool.map((market): Candles => {
    const copy = sliceBars(market, 0);
    for (const values of [copy.open, copy.high, copy.low, copy.close, copy.volume]) {
      for (let i = 1200; i < values.length; i++) values[i] *= 1 + 0.5 * Math.sin(i);
    }
    for (let i = 1200; i < copy.time.length; i++) {
      copy.high[i] = Math.max(copy.open[i], copy.close[i], copy.high[i]);
      copy.low[i] = Math.min(copy.open[i], copy.close[i], copy.low[i]);
    }
    return copy;
  });
  assertEquals(await quickForecaster(engine, shifted, { testFrom: pool[0].time[1200] }), forecaster);
  assertEquals(forecaster.trainedOn.trainedUntil < pool[0].time[1200], true);
});

Deno.test("trainForecaster() leaves its markets unchanged, reports the anchor's loss beside its own, and can be stopped", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(2, { bars: 500 });
  const copy = structuredClone(pool);
  const seen: number[] = [];
  await quickForecaster(engine, pool, {
    seeds: 1,
    marketWide: "none",
    onProgress: ({ loss, anchorLoss }) => seen.push(loss, anchorLoss),
  });
  assertEquals(pool, copy);
  assert(seen.length >= 12 && seen.every((loss) => loss > 0));
  await assertRejects(
    () => quickForecaster(engine, pool, { signal: AbortSignal.abort(new Error("stopped by hand")) }),
    Error,
    "stopped by hand",
  );
});

Deno.test("trainForecaster() says what networks that say nothing lose on the steps that its own loss is of", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(2, { bars: 500 });
  const of = {
    mse: (label: number) => label ** 2,
    huber: (label: number) => Math.abs(label) <= 0.5 ? label ** 2 / 2 : 0.5 * (Math.abs(label) - 0.25),
  };
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  for (const [kind, row] of Object.entries(of)) {
    const seen: { said: number | null; expected: number }[] = [];
    await quickForecaster(engine, pool, {
      seeds: 1,
      marketWide: "none",
      loss: kind === "mse" ? { kind } : { kind: "huber", delta: 0.5 },
      pretrain: { steps: 4 }, // so few are told of one by one
      meta: { steps: 3 },
      onProgress: ({ batch, silentLoss }) => {
        const tasks = batch.map(({ query: { y } }) => mean(Array.from(y, row)));
        seen.push({ said: silentLoss, expected: mean(tasks) });
      },
    });
    assertEquals(seen.length, 7);
    for (const { said, expected } of seen) assertAlmostEquals(said!, expected, 1e-6 * expected);
  }
});

Deno.test("trainForecaster() learns through the adaptation by a method of one's own, and refuses what a forecaster cannot keep", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(2, { bars: 500 });
  const quick = { seeds: 1, marketWide: "none" } as const;
  const states: MetaState[] = [];
  const forecaster = await quickForecaster(engine, pool, {
    ...quick,
    meta: { steps: 60, innerSteps: 3, method: anil },
    onProgress: async ({ phase, training, batch }) => {
      await Promise.resolve();
      assertEquals(batch.length, training.taskLosses.length);
      if (phase === "meta") states.push(training.state);
    },
  });
  const [{ state }] = forecaster.members;
  assertEquals([state.config.inner.layers, state.config.inner.steps], ["head", 3]);
  assert(states.some(({ params }) => params.every((value, i) => value === state.params[i])));
  for (const method of [learnedOptimizer, imaml]) {
    const wrong = { steps: 1, method: (options: PresetOptions) => method({ ...options, inner: {} }) };
    await assertRejects(() => quickForecaster(engine, pool, { ...quick, meta: wrong }), RangeError, "meta.method");
  }
});

Deno.test("trainForecaster() refuses bad options and markets by name", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(2, { bars: 300 });
  const target = { kind: "logVolatility", horizon: 1 } as const;
  await assertRejects(() => trainForecaster(engine, pool, JSON.parse('{"targt":{}}')), TypeError, "target");
  await assertRejects(
    () => trainForecaster(engine, pool, { target: { ...target, horizon: 0 } }),
    RangeError,
    "horizon",
  );
  await assertRejects(() => trainForecaster(engine, [pool[0], pool[0]], { target }), Error, "SIM0 is there twice");
  await assertRejects(() => trainForecaster(engine, [], { target }), Error, "at least 1 market");
  await assertRejects(
    () => trainForecaster(engine, [pool[0], { ...pool[1], interval: "1d" }], { target }),
    Error,
    "one bar length",
  );
  await assertRejects(() => trainForecaster(engine, pool, { target, trust: 2 }), RangeError, "trust");
  const late = { ...sliceBars(pool[1], 200, 300), symbol: "LATE" };
  await assertRejects(
    () => trainForecaster(engine, [pool[0], late], { target, testFrom: late.time[0] }),
    Error,
    `over LATE: no bar lies before ${new Date(late.time[0]).toISOString()}`,
  );
});

Deno.test("a target of one's own is trained, forecast, saved by name and bound again", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(3, { bars: 500 });
  const range = {
    kind: "custom",
    name: "log range",
    horizon: 1,
    unit: "ln(H/L)",
    label: ({ high, low }: Candles, bar: number) => Math.log(Math.log(high[bar + 1] / low[bar + 1])),
    anchor: ({ high, low }: Candles, { start, bar }: { start: number; bar: number }) => {
      const first = Math.max(start, bar - 9);
      let sum = 0;
      for (let i = first; i <= bar; i++) sum += Math.log(high[i] / low[i]);
      return Math.log(sum / (bar - first + 1));
    },
    relative: (label: number, anchor: number) => label - anchor,
    value: (relative: number, anchor: number) => relative + anchor,
  } as const;
  const forecaster = await trainForecaster(engine, pool, { target: range, ...QUICK, seeds: 1 });
  const { value, labels } = await forecast(engine, forecaster, unseen, { from: unseen.time[1300] });
  const errors = value.map((v, i) => v - labels[i]).filter((error) => !Number.isNaN(error));
  assert(Math.abs(errors.reduce((a, b) => a + b) / errors.length) < 0.15);
  const bytes = await encodeForecaster(forecaster);
  await assertRejects(() => decodeForecaster(bytes), TypeError, 'custom target "log range"');
  const back = await decodeForecaster(bytes, { target: range });
  assertEquals((await forecast(engine, back, unseen, { from: unseen.time[1300] })).value, value);
});

Deno.test("log volume and returns are forecast in their own units", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(3, { bars: 600 });
  const volume = await quickForecaster(engine, pool, { target: { kind: "logVolume", horizon: 2 }, seeds: 1 });
  const said = await forecast(engine, volume, unseen, { from: unseen.time[1400] });
  assert(said.value.every((v) => v > Math.log(1000) && v < Math.log(6000)));
  const returns = await quickForecaster(engine, pool, { target: { kind: "return", horizon: 5 }, seeds: 1 });
  const { value, anchor } = await forecast(engine, returns, unseen, { from: unseen.time[1400] });
  assert(returns.shrinkage >= 0 && returns.shrinkage <= 1);
  value.forEach((v, i) => assert(Math.abs(v) < 2 * anchor[i] && anchor[i] > 0.005));
});

Deno.test("forecastBand() holds what came about as often as it says", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const said = await forecast(engine, forecaster, unseen, { from: unseen.time[600], others: pool });
  const { low, high } = forecastBand(forecaster, said, 0.8);
  const known = Array.from(said.labels.keys()).filter((i) => !Number.isNaN(said.labels[i]));
  const within = known.filter((i) => said.labels[i] >= low[i] && said.labels[i] <= high[i]).length / known.length;
  assert(within > 0.7 && within < 0.9, `${within}`);
});

Deno.test("trainForecaster() and compareForecasts() see an abort while they read markets and fit rules, before any network runs", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  let asked = 0;
  const counted = new Proxy(engine, { get: (of, name) => (asked++, Reflect.get(of, name)) });
  const long = simulatedPool(2, { bars: 20_000 });
  const { target, trainedOn } = forecaster;
  for (
    const run of [
      (signal: AbortSignal) => trainForecaster(counted, long, { target, ...QUICK, signal }),
      (signal: AbortSignal) => compareForecasts(counted, forecaster, [long[0]], { pool, from: 0, signal }),
      (signal: AbortSignal) =>
        compareForecasts(counted, forecaster, [pool[0]], { pool: long, from: trainedOn.trainedUntil, signal }),
    ]
  ) {
    asked = 0;
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 0);
    await assertRejects(() => run(stop.signal), Error, "enough");
    assertEquals(asked, 0);
  }
});

Deno.test("compareForecasts() and historyCurve() judge the same decisions by every method, the forecaster last", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const options = { pool, from: unseen.time[1350], every: 5 };
  const { scores, rows, decisions } = await compareForecasts(engine, forecaster, [unseen], { ...options, keep: true });
  assertEquals(scores.map(({ name }) => name), [
    "zero",
    "RiskMetrics",
    "EWMA",
    "last value",
    "pooled mean",
    "HAR, own rows",
    "HAR, pooled",
    "HAR, pooled + market-wide",
    "linear, pooled",
    "linear, pooled + market-wide",
    "linear, pooled + market-wide, ridge to own rows",
    "pretrained + fine-tuned",
    "pretrained, unadapted",
    "meta-learned, unadapted",
    "meta-learned",
  ]);
  assertEquals(scores.every((score) => score.rows === rows && score.mse > 0 && score.qlike! > 0), true);
  const said = await forecast(engine, forecaster, unseen, { from: unseen.time[1350], every: 5, others: pool });
  const own = said.value.reduce((sum, v, i) => Number.isNaN(said.labels[i]) ? sum : sum + (v - said.labels[i]) ** 2, 0);
  assertAlmostEquals(scores[14].mse, own / rows, 1e-12);
  const known = said.labels.map((label) => Number.isNaN(label) ? 0 : 1);
  assertEquals(decisions!.time, said.time.filter((_, i) => known[i] === 1));
  assertEquals(decisions!.label, said.labels.filter((_, i) => known[i] === 1));
  assertEquals(decisions!.values[14], said.value.filter((_, i) => known[i] === 1));
  assertEquals([decisions!.values.length, new Set(decisions!.market)], [15, new Set([0])]);
  const curve = await historyCurve(engine, forecaster, [unseen], { ...options, lengths: [5, 60] });
  assertEquals(curve.lengths, [5, 60, null]);
  const last = curve.methods.find(({ name }) => name === "HAR, own rows")!;
  assert(last.mse[0] > last.mse[2], "a regression on four rows is worse than one on all");
  assertEquals(new Set(curve.comparisons.map((column) => column.rows)), new Set([curve.rows]));
});

Deno.test("prepareComparison() compares one market after the other to the bits of compareForecasts(), and fits methods once", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  let asked = 0;
  const counted = new Proxy(engine, { get: (of, name) => (asked++, Reflect.get(of, name)) });
  const asks = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
    asked = 0;
    return [await work(), asked];
  };
  const range = Object.freeze({ from: unseen.time[1400], every: 5, keep: true });
  const [prepared, fitting] = await asks(() => prepareComparison(counted, forecaster, Object.freeze({ pool })));
  const [one, judging] = await asks(() => prepared.compare([unseen], range));
  const [whole, all] = await asks(() => compareForecasts(counted, forecaster, [unseen], { ...range, pool }));
  assertEquals(one, whole);
  assert(judging > 0 && fitting > 0);
  assertEquals(all, fitting + judging);

  const other = await prepared.compare([pool[1]], range);
  const both = await compareForecasts(engine, forecaster, [unseen, pool[1]], { ...range, pool });
  both.decisions!.values.forEach((values, method) => {
    const parts = [one, other].flatMap(({ decisions }) => Array.from(decisions!.values[method]));
    assertEquals(Array.from(values), parts);
  });
  assertEquals((await prepared.compare([unseen], { every: 5 })).from > forecaster.trainedOn.trainedUntil - 1, true);
  await assertRejects(() => prepared.compare([unseen], { ...range, ["form"]: 1 } as object), TypeError, '"form"');
});

/** The last decisions, for which rows to adapt on are chosen. */
const last = { from: unseen.time[1440] };

/** The shared forecaster, adapting whatever validation chose. */
async function adapting() {
  const { engine, pool, forecaster } = await sharedForecaster();
  return { engine, pool, forecaster: { ...forecaster, steps: 5, trust: { share: 1, limit: Infinity } } };
}

Deno.test("forecast() that may adapt on every bar is the one that was asked nothing, and on none the unadapted", async () => {
  const { engine, pool, forecaster } = await adapting();
  const run = { ...last, others: pool };
  const plain = await forecast(engine, forecaster, unseen, run);
  assertNotEquals(plain.value, plain.unadapted);
  assertEquals(await forecast(engine, forecaster, unseen, { ...run, adaptOn: () => true }), plain);
  const none = await forecast(engine, forecaster, unseen, { ...run, adaptOn: () => false });
  assertEquals(none.value, plain.unadapted);
});

Deno.test("forecast() asks of bars whose label was known at the decision alone", async () => {
  const { engine, forecaster } = await adapting();
  const asked: [number, number][] = [];
  const adaptOn = (row: number, decision: number): boolean => asked.push([row, decision]) > 0;
  const { bar } = await forecast(engine, forecaster, unseen, { ...last, adaptOn });
  const { target: { horizon } } = forecaster;
  assertEquals([...new Set(asked.map(([, decision]) => decision))], [...bar]);
  assert(asked.every(([row, decision]) => row >= 0 && row + horizon <= decision));
});

Deno.test("supportOf() takes the last bars that it may, oldest first, spaced as without a choice", async () => {
  const { forecaster } = await adapting();
  const { market } = atOnce(readMarket(forecaster, unseen, { sums: null }));
  const plan = { horizon: 1, rows: 40, spacing: 3, cols: market.own, skip: null };
  const at = { start: 0, bar: 1450 };
  const third = supportOf(market, at, plan);
  // Those of the same third that spacing 3 steps through: the same rows, whatever the spacing.
  const chosen = supportOf(market, at, { ...plan, spacing: 1, adaptOn: (row, bar) => (bar - 1 - row) % 3 === 0 });
  assertEquals(chosen, third);
  // Of two bars side by side that may be adapted on, spacing 3 takes the later one.
  const pairs = supportOf(market, at, { ...plan, adaptOn: (row) => row % 10 < 2 });
  const ones = supportOf(market, at, { ...plan, spacing: 1, adaptOn: (row) => row % 10 === 1 });
  assertEquals(pairs, ones);
});

Deno.test("forecast() throws where adaptOn is no function", async () => {
  const { engine, forecaster } = await adapting();
  const adaptOn = "recent" as unknown as () => boolean;
  await assertRejects(() => forecast(engine, forecaster, unseen, { adaptOn }), TypeError, "adaptOn must be a function");
});
