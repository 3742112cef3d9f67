/** An inner loop that diverges is an error that says where and when, never a NaN that is handed on. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { openEngine } from "../../lib/engine/open.ts";
import { adapt, adaptMany } from "../../lib/meta/adapt.ts";
import { DivergedError } from "../../lib/meta/errors.ts";
import { adaptPredict, predict } from "../../lib/meta/predict.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { backtest } from "../../lib/backtest/backtest.ts";
import { random } from "../../lib/net/random.ts";
import { someSamples } from "./fixtures.ts";

const net = mlp({ inputs: 1, hidden: [40, 40], outputs: 1 });
const state = metaInit(maml({ net, inner: { steps: 1, lr: 0.5 } }), { seed: 1 });
const tame = { rows: 2, x: Float32Array.of(0, 0.01), y: new Float32Array(2) };
const wild = { rows: 5, x: Float32Array.of(-40, -20, 0, 20, 40), y: Float32Array.of(3, -4, 1, 4, -3) };
const engine = await openEngine({ backend: "cpu", threads: 1 });

Deno.test("adapt() names the support set and the step at which its loss ceased to be finite", async () => {
  const error = await assertRejects(() => adapt(engine, state, wild, { steps: 200 }), DivergedError);
  assertMatch(
    error.message,
    /^Cannot adapt: the inner loop on support diverged: its loss is (Infinity|NaN) after \d+ of 200/,
  );
  assertEquals(error.state, state);
  // The figures are those of the first step that is not finite: one step less still adapts.
  const { losses } = await adapt(engine, state, wild, { steps: error.step - 1 });
  assert(losses.every(Number.isFinite));
  assert(!Number.isFinite(error.loss));
});

Deno.test("adaptMany() and adaptPredict() name which of many diverged", async () => {
  await assertRejects(
    () => adaptMany(engine, state, [tame, wild], { steps: 50 }),
    DivergedError,
    "supports[1] diverged",
  );
  const pairs = [tame, tame, wild].map((support) => ({ support, x: Float32Array.of(1) }));
  await assertRejects(
    () => adaptPredict(engine, state, pairs, { steps: 50 }),
    DivergedError,
    "Cannot adapt and predict: the inner loop on pairs[2].support diverged: its loss is",
  );
});

Deno.test("predict() refuses outputs that are not finite, from a state and from adapted parameters", async () => {
  const params = state.params.map(() => 1e30);
  const x = Float32Array.of(0, 1);
  const broken = { net, params, losses: new Float32Array(1) };
  const error = await assertRejects(
    () => predict(engine, broken, x),
    DivergedError,
    "Cannot predict: row 0 of x gives",
  );
  assertEquals(error.state.params, params);
  await assertRejects(() => predict(engine, { ...state, params }, x), DivergedError, "row 0 of x gives");
});

Deno.test("a walk-forward that diverges names the market, the bar and the cause", async () => {
  const stream = random(1);
  const bars = 200;
  const time = Float64Array.from({ length: bars }, (_, i) => Date.UTC(2024, 0, 1 + i));
  const close = new Float64Array(bars);
  close[0] = 100;
  for (let i = 1; i < bars; i++) close[i] = close[i - 1] * Math.exp(0.02 * stream.normal());
  const candles = { symbol: "WILD", interval: "1d", time, open: close, high: close, low: close, close, volume: close };
  const deep = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }), inner: { steps: 60, lr: 9 } }));
  const error = await assertRejects(() => backtest(engine, deep, candles), DivergedError);
  assertMatch(
    error.message,
    /^Cannot forecast WILD at 2024-\d\d-\d\dT00:00:00\.000Z: the inner loop on its support diverged: .* inner\.lr \(now 9\)/,
  );
});

Deno.test("samples given to an adaptation that diverges are unchanged", async () => {
  const samples = someSamples(net, 4, random(2));
  const copy = structuredClone(samples);
  await adapt(engine, state, samples, { steps: 500 }).catch(() => {});
  assertEquals(samples, copy);
});
