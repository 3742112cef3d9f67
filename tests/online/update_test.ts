import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { forwardReturns } from "../../lib/features/labels.ts";
import { tradingFeatures } from "../../lib/features/trading_features.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { maml, metaGradient } from "../../lib/meta/presets.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { barsOf } from "../../lib/data/bar.ts";
import { onlineConfig } from "../../lib/online/config.ts";
import { observe } from "../../lib/online/observe.ts";
import { onlineInit, onlineLearner } from "../../lib/online/state.ts";
import { updateAndPredict } from "../../lib/online/update.ts";
import { onlineWindow } from "../../lib/online/windows.ts";
import { cutTask } from "../../lib/tasks/market_task.ts";
import { joinRows } from "../../lib/tasks/market_rows.ts";
import { barsFrom, firstBars, randomWalk } from "../features/markets.ts";
import { after, META, NET, smallLearner, updates } from "./fixtures.ts";
import { jumpStream, lagFeatures } from "./jump_stream.ts";

const naive = openNaiveEngine();

Deno.test("updateAndPredict() steps on metaGradientOf of the window cut from the whole history", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const horizon = 3;
  const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [6], outputs: 1 }), inner: { steps: 3, lr: 0.05 } });
  const config = onlineConfig({ meta, horizon, trainRows: 20, validationRows: 6 });
  const candles = randomWalk(300, 8);
  const made = await updates(engine, onlineInit(config, [candles]), [...barsOf(candles)]);
  const { state: before } = made[298];
  const { gradient, outcome, loss } = made[299];
  assertEquals(outcome, "stepped");

  const wholeHistory = joinRows("X", tradingFeatures(candles), forwardReturns(candles, horizon));
  const task = cutTask(wholeHistory, wholeHistory.rows - 29, { supportRows: 20, queryRows: 6 });
  const onWhole = await metaGradientOf(engine, onlineLearner(before), [task]);
  // Bars 0 to 43 lie before the 256 that the last row is computed from: they carry e^-19 of an exponential mean.
  assertLess(distance(gradient!.logLr, onWhole.logLr), 1e-5);

  // Row for row from the 256 bars that each is defined on.
  const features = { ...tradingFeatures(candles), values: tradingFeatures(candles).values.slice() };
  for (let row = features.rows - 40; row < features.rows; row++) {
    const end = row + features.warmup + 1;
    const kept = tradingFeatures(barsFrom(firstBars(candles, end), end - 256));
    features.values.set(kept.values.subarray(-10), row * 10);
  }
  const rows = joinRows("X", features, forwardReturns(candles, horizon));
  const same = cutTask(rows, rows.rows - 29, { supportRows: 20, queryRows: 6 });
  const expected = await metaGradientOf(engine, onlineLearner(before), [same]);
  assertAlmostEquals(loss!, expected.loss, 1e-6);
  for (const name of ["params", "logLr", "phi"] as const) {
    assertLess(distance(gradient![name]!, expected[name]!), 1e-6, name);
  }
});

function distance(a: Float32Array, b: Float32Array): number {
  let [off, size] = [0, 0];
  a.forEach((value, i) => {
    off += (value - b[i]) ** 2;
    size += b[i] ** 2;
  });
  return Math.sqrt(off / size);
}

Deno.test("no label is learned from before its horizon has passed", async () => {
  const horizon = 4;
  const made = await updates(naive, smallLearner({ horizon }), jumpStream(60, 2));
  let windows = 0;
  for (const { state } of made) {
    const [market] = state.markets;
    const now = market.bars[market.bars.length - 1].time;
    for (const { bar, knownAt } of market.rows) {
      if (Number.isNaN(knownAt)) assertGreater(bar + horizon, market.count - 1);
      else assert(knownAt <= now);
    }
    const window = onlineWindow(state, 0);
    if (!window) continue;
    windows++;
    assertLess(window.supportKnownAt, window.queryTime[0]);
  }
  assertGreater(windows, 20);
});

Deno.test("a bar changes nothing that came before it, bitwise", async () => {
  const bars = jumpStream(60, 3);
  const whole = await updates(naive, smallLearner({ members: 3 }), bars);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 30, max: 59 }),
      fc.double({ min: 0.2, max: 5, noNaN: true }),
      async (t, factor) => {
        const bent = bars.map((bar, i) => i < t ? bar : { ...bar, close: bar.close * factor, high: bar.high * 6 });
        const made = await updates(naive, smallLearner({ members: 3 }), bent);
        assertEquals(
          made.slice(0, t).map(({ predictions }) => predictions),
          whole.slice(0, t).map((u) => u.predictions),
        );
        assertEquals(made[t - 1].state.rates, whole[t - 1].state.rates);
      },
    ),
    { numRuns: 5, seed: 1 },
  );
});

Deno.test("a learner that joins late forecasts from the same features, bitwise", async () => {
  const bars = jumpStream(50, 3);
  const early = await after(naive, smallLearner(), bars);
  const late = await after(naive, smallLearner(), bars.slice(10));
  assertEquals(
    late.markets[0].rows.map(({ x, label }) => ({ x, label })),
    early.markets[0].rows.map(({ x, label }) => ({ x, label })),
  );
});

Deno.test("observe() and updateAndPredict() leave their input unchanged", async () => {
  const learn = { params: true, lr: true, loss: true };
  const state = await after(naive, smallLearner({ meta: { ...META, learn }, members: 2 }), jumpStream(40, 5));
  const { config: _, ...value } = state;
  const copy = structuredClone(value);
  const bar = jumpStream(41, 5)[40];
  const next = await updateAndPredict(naive, observe(state, bar));
  assertEquals(next.outcome, "stepped");
  assertEquals(value, copy);
  assert(Object.isFrozen(state) && Object.isFrozen(state.markets) && Object.isFrozen(state.markets[0].rows));
});

Deno.test("updateAndPredict() without a new bar repeats the forecast and learns nothing", async () => {
  const first = (await updates(naive, smallLearner({ members: 4 }), jumpStream(40, 5))).at(-1)!;
  const second = await updateAndPredict(naive, first.state);
  assertEquals([first.outcome, second.outcome, second.gradient], ["stepped", "idle", null]);
  assertEquals(second.state.rates, first.state.rates);
  assertEquals(second.state.updates, first.state.updates);
});

Deno.test("one wild bar moves what is learned within the trust region, and the learner recovers", async () => {
  const bars = jumpStream(200, 6);
  const wild = bars.map((bar, i) => i === 60 ? { ...bar, close: bar.close * 1e6, high: bar.high * 1e6 } : bar);
  const learn = { params: true, lr: true, loss: true };
  const options = { meta: { ...META, learn }, trust: { rates: 0.2, params: 0.02 } };
  const made = await updates(naive, smallLearner(options), wild);
  for (let i = 1; i < made.length; i++) {
    const [before, now] = [onlineLearner(made[i - 1].state), onlineLearner(made[i].state)];
    for (const name of ["logLr", "phi"] as const) {
      now[name].forEach((value, j) => assertLess(Math.abs(value - before[name][j]), 0.2 + 1e-5, `${name} at bar ${i}`));
    }
    const size = Math.hypot(...before.params);
    assertLess(Math.hypot(...now.params.map((value, j) => value - before.params[j])), 0.02 * Math.max(size, 1) + 1e-6);
  }
  const tame = (await updates(naive, smallLearner(options), bars)).at(-1)!.state.markets[0].score;
  const late = (score: { lossSum: number }, early: { lossSum: number }): number => score.lossSum - early.lossSum;
  const [end, middle] = [made[199].state.markets[0].score, made[120].state.markets[0].score];
  const tameMiddle = (await after(naive, smallLearner(options), bars.slice(0, 121))).markets[0].score;
  assertLess(late(end, middle), 1.15 * late(tame, tameMiddle));
});

Deno.test("a step that is not finite is rejected and counted, and what was learned before it kept", async () => {
  const state = await after(naive, smallLearner(), jumpStream(40, 7));
  const broken: Engine = {
    ...naive,
    info: naive.info,
    heldBytes: 0,
    metaGradient: async (...args) => ({ ...await naive.metaGradient(...args), logLr: Float32Array.of(NaN, 1) }),
    adaptPredict: (...args) => naive.adaptPredict(...args),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  } as Engine;
  const { state: next, outcome, predictions } = await updateAndPredict(broken, observe(state, jumpStream(41, 7)[40]));
  assertEquals([outcome, next.rejected, next.updates], ["rejected", 1, state.updates + 1]);
  assertEquals([next.rates, next.starts], [state.rates, state.starts]);
  assertEquals(predictions.length, 1);
  assertEquals((await updateAndPredict(naive, observe(next, jumpStream(42, 7)[41]))).outcome, "stepped");
});

Deno.test("an inner loop that diverges gives no forecast, never a NaN, and learns its way back to forecasts", async () => {
  const net = mlp({ inputs: 6, hidden: [], outputs: 1 });
  const meta = metaGradient({ net, inner: { steps: 40, lr: 100 }, loss: { kind: "mse" }, learn: { lr: true } });
  const options = { meta, bounds: { lr: [1e-3, 1e3] as const } };
  const made = await updates(naive, smallLearner(options), jumpStream(200, 7));
  assert(made.slice(0, 30).every(({ predictions }) => predictions.length === 0));
  assert(made.some(({ outcome }) => outcome === "rejected"));
  assertGreater(made[39].state.withheld, 15);
  assert(made.slice(150).every(({ predictions, outcome }) => predictions.length === 1 && outcome === "stepped"));
  const { state } = made[30];
  const again = await updateAndPredict(naive, state);
  assertEquals([again.state.rates, again.state.withheld], [state.rates, state.withheld]);
});

Deno.test("on a random walk the learner learns not to learn", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const candles = randomWalk(3000, 5);
  const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [16], outputs: 1 }), inner: { steps: 5, lr: 0.03 } });
  const state = await after(engine, onlineInit(onlineConfig({ meta }), [candles]), [...barsOf(candles)]);
  const { score } = state.markets[0];
  // Labels of deviation 1 in units of a deviation estimated from 50: 49/47, plus 1/50 for the mean.
  assertLess(score.lossSum / score.count, 49 / 47 + 1 / 50 + 0.03);
  assert([...onlineLearner(state).logLr].every((rate) => rate < Math.log(0.03)));
  assertEquals([state.rejected, state.withheld], [0, 0]);
});

Deno.test("prices whose returns overflow are left out and counted", async () => {
  const bars = jumpStream(60, 8);
  const wild = bars.map((bar, i) => i === 30 ? { ...bar, close: 1e-300 } : bar);
  const state = await after(naive, smallLearner(), wild);
  assertGreater(state.markets[0].skipped, 0);
  assert([...onlineLearner(state).logLr].every(Number.isFinite));
  assertEquals(state.markets[0].rows.at(-1)?.bar, 59);
});

Deno.test("observe() throws on a bar that cannot follow", () => {
  const state = observe(smallLearner(), jumpStream(1, 1)[0]);
  const [first, second] = jumpStream(2, 1);
  assertThrows(() => observe(state, first), RangeError, `expected a bar after ${first.time}`);
  assertThrows(() => observe(state, { ...second, close: NaN }), TypeError, "expected close to be a finite number");
  assertThrows(() => observe(state, { ...second, low: 0 }), RangeError, "expected low to be above 0");
  assertThrows(() => observe(state, second, { symbol: "Y" }), RangeError, "expected one of X, received Y");
});

Deno.test("observe() throws when the history is within the features' warm-up, or their width differs", () => {
  const candles = randomWalk(130, 1);
  const fill = (history: number, inputs: number): void => {
    const meta = metaGradient({ net: mlp({ inputs, hidden: [], outputs: 1 }) });
    let state = onlineInit(onlineConfig({ meta, history }), [candles]);
    for (const bar of barsOf(candles)) state = observe(state, bar);
  };
  assertThrows(() => fill(100, 10), Error, "needs more than 120 bars");
  assertThrows(() => fill(125, 9), TypeError, "expected 9 features (the network's), received 10");
});

Deno.test("markets of a shared start are one engine call, and share the mean gradient", async () => {
  const calls: number[] = [];
  const counting = Object.assign(Object.create(naive), {
    metaGradient: (...args: Parameters<Engine["metaGradient"]>) => {
      calls.push(args[3].length);
      return naive.metaGradient(...args);
    },
  }) as Engine;
  const symbols = ["A", "B", "C"];
  const streams = symbols.map((_, i) => jumpStream(40, 20 + i));
  let state = smallLearner({}, symbols);
  let last;
  for (let t = 0; t < 40; t++) {
    symbols.forEach((symbol, i) => state = observe(state, streams[i][t], { symbol }));
    const before = state;
    calls.length = 0;
    last = { before, update: await updateAndPredict(counting, state) };
    state = last.update.state;
  }
  assertEquals(calls, [3]);
  assertEquals(last!.update.predictions.map(({ symbol }) => symbol), symbols);
  const learner = onlineLearner(last!.before);
  const alone = await Promise.all(
    symbols.map((_, i) => metaGradientOf(naive, learner, [onlineWindow(last!.before, i)!])),
  );
  const mean = alone[0].logLr.map((_, j) => alone.reduce((sum, { logLr }) => sum + logLr[j] / 3, 0));
  assertLess(distance(last!.update.gradient!.logLr, mean), 1e-6);
});

Deno.test("markets with starts of their own share the rates and move apart", async () => {
  const symbols = ["A", "B"];
  const streams = symbols.map((_, i) => jumpStream(60, 30 + i));
  const learn = { params: true, lr: true };
  let state = smallLearner({ meta: { ...META, learn }, starts: "own" }, symbols);
  for (let t = 0; t < 60; t++) {
    symbols.forEach((symbol, i) => state = observe(state, streams[i][t], { symbol }));
    state = (await updateAndPredict(naive, state)).state;
  }
  const [a, b] = symbols.map((symbol) => onlineLearner(state, symbol));
  assertEquals(a.logLr, b.logLr);
  assertGreater(Math.hypot(...a.params.map((value, j) => value - b.params[j])), 1e-3);
  assertEquals(state.starts.length, 2);
});

Deno.test("a learned start follows the meta-leader: windows of the past lower the loss of windows to come", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const bars = jumpStream(400, 9);
  const meta = maml({ net: NET, inner: { steps: 1, lr: 0.05 }, outer: { lr: 0.01 } });
  const options = { meta, timescales: [] };
  const learned = await after(engine, smallLearner(options), bars);
  const still = await after(
    engine,
    smallLearner({
      meta: { ...META, inner: { steps: 1, lr: 0.05 }, loss: { kind: "mse" }, learn: { lr: true } },
      timescales: [],
    }),
    bars,
  );
  assertEquals(learned.markets[0].score.count, still.markets[0].score.count);
  assertLess(learned.markets[0].score.lossSum, 0.7 * still.markets[0].score.lossSum);
  assertGreater(learned.replay.length, 10);
});

Deno.test("an ensemble has a mean, a spread, and the same members every time", async () => {
  const bars = jumpStream(40, 10);
  const [one, two] = await Promise.all([1, 1].map((seed) => updates(naive, smallLearner({ members: 5, seed }), bars)));
  const [made] = one.at(-1)!.predictions;
  assertEquals(made.members.length, 5);
  assertEquals(made, two.at(-1)!.predictions[0]);
  assertAlmostEquals(made.value, made.members.reduce((sum, value) => sum + value / 5, 0), 1e-12);
  assertGreater(made.spread!, 0);
  assertGreater(made.deviation, made.spread!);
  const [other] = (await updates(naive, smallLearner({ members: 5, seed: 2 }), bars)).at(-1)!.predictions;
  assert(other.spread !== made.spread);
});

Deno.test("what a learner keeps does not grow with the bars it has seen", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const learn = { params: true, lr: true, loss: true };
  const options = { meta: { ...META, learn }, members: 2, replay: { size: 8, batch: 2 } };
  const sizeOf = (state: unknown): number =>
    JSON.stringify(state, (_, value) => ArrayBuffer.isView(value) ? value.byteLength : value).length;
  const bars = jumpStream(3000, 11);
  const early = await after(engine, smallLearner(options), bars.slice(0, 300));
  const held = engine.heldBytes;
  const late = await after(engine, early, bars.slice(300));
  assertEquals(engine.heldBytes, held);
  assertEquals([late.markets[0].bars.length, late.markets[0].rows.length, late.replay.length], [7, 19, 8]);
  assertLess(Math.abs(sizeOf({ ...late, config: 0 }) / sizeOf({ ...early, config: 0 }) - 1), 0.1);
});

Deno.test("lagFeatures() of the test stream look at bars at or before their own", () => {
  const candles = randomWalk(20, 1);
  assertEquals(lagFeatures(candles).time[0], candles.time[19]);
});

Deno.test("updateAndPredict() lets timers fire between bars that bring nothing to learn", async () => {
  const state = smallLearner({}, ["A"]);
  let fired = false;
  setTimeout(() => fired = true, 5);
  let calls = 0;
  for (; !fired && calls < 1e6; calls++) await updateAndPredict(naive, state);
  assert(fired, `${calls} calls held the event loop`);
});
