import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import type { RuleConfig } from "../../lib/meta/config.ts";
import { maml } from "../../lib/meta/presets.ts";
import { forward, metaGradientOf } from "../../lib/meta/differential.ts";
import { bayesianMaml } from "../../lib/meta/bayesian.ts";
import { adaptedForecasts, adaptPredict } from "../../lib/meta/predict.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { lstm } from "../../lib/model/lstm.ts";
import { initParams } from "../../lib/net/init.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { rowInfluence } from "../../lib/meta/row_influence.ts";
import { explainDecision } from "../../lib/online/explain.ts";
import { decodeOnline, encodeOnline } from "../../lib/online/snapshot.ts";
import { onlineInit, onlineLearner } from "../../lib/online/state.ts";
import { forecastInput, onlineWindow } from "../../lib/online/windows.ts";
import { renderExplanation } from "../../lib/online/explanation_chart.ts";
import { integratedGradients } from "../../lib/meta/integrated_gradients.ts";
import { someSamples } from "../meta/fixtures.ts";
import { after, NET, smallLearner, updates } from "./fixtures.ts";
import { jumpStream, LAGS } from "./jump_stream.ts";

const engine = openNaiveEngine();
const SEQUENCE = lstm({ time: 3, features: 2, hidden: 4, outputs: 3 });

Deno.test("integratedGradients() of a linear network are weight times distance, and add up", async () => {
  const net = mlp({ inputs: 3, hidden: [], outputs: 1 });
  const params = Float32Array.of(2, -1, 0.5, 10);
  const x = Float32Array.of(1, 2, 3);
  const baseline = Float32Array.of(0.5, 0, 0);
  const { contributions, atBaseline, residual } = await integratedGradients(engine, net, params, { x, baseline });
  [1, -2, 1.5].forEach((expected, i) => assertAlmostEquals(contributions[i], expected, 1e-6));
  assertAlmostEquals(atBaseline, 11, 1e-6);
  assertAlmostEquals(residual, 0, 1e-5);
});

Deno.test("integratedGradients() of a curved network add up to the change of its output", async () => {
  for (const activation of ["tanh", "relu", "gelu"] as const) {
    const net = mlp({ inputs: 4, hidden: [8, 5], outputs: 1, activation });
    const { params } = metaInit(maml({ net }), { seed: 3 });
    const x = Float32Array.of(1.5, -2, 0.3, 1);
    const { contributions, atBaseline, atInput, residual } = await integratedGradients(engine, net, params, {
      x,
      points: 1000,
    });
    const total = contributions.reduce((sum, value) => sum + value, 0);
    assertAlmostEquals(total, atInput - atBaseline, 2e-3 * Math.abs(atInput - atBaseline), activation);
    assertAlmostEquals(total + residual, atInput - atBaseline, 1e-12);
  }
});

Deno.test("integratedGradients() of any model and weighted outputs add up to the change of the forecast", async () => {
  const weights = [0.25, 0, 0.75];
  for (const net of [mlp({ inputs: 6, hidden: [4], outputs: 3, activation: "tanh" }), SEQUENCE]) {
    const params = initParams(net, 3);
    const { x } = someSamples(net, 1, random(8));
    const found = await integratedGradients(engine, net, params, { x, points: 64, weights });
    const [from, to] = [new Float32Array(6), x].map((at) => forward(engine, net, params, at));
    const change = (await to).reduce((sum, value, o) => sum + weights[o] * value, 0) -
      (await from).reduce((sum, value, o) => sum + weights[o] * value, 0);
    assertAlmostEquals(found.atInput - found.atBaseline, change, 1e-6);
    assertLess(Math.abs(found.residual), 1e-4);
    assert(found.contributions.every((value) => value !== 0));
  }
});

Deno.test("rowInfluence() explains the median of quantiles, of any model", async () => {
  const loss = { kind: "quantile", levels: [0.2, 0.4, 0.8], smooth: 0.3 } as const;
  const learner = metaInit(maml({ net: SEQUENCE, loss, inner: { steps: 1, lr: 0.01 } }), { seed: 2 });
  const support = someSamples({ inputs: 6, outputs: 1 }, 5, random(4));
  const { x } = someSamples(SEQUENCE, 1, random(5));
  const { lastStep, leaveOneOut } = await rowInfluence(engine, learner, support, { x });
  // One small step: leaving a row out of it is its derivative to first order.
  lastStep.forEach((value, i) => assertAlmostEquals(value, leaveOneOut[i], 1e-5));
  assert(lastStep.some((value) => Math.abs(value) > 1e-4));
});

Deno.test("rowInfluence() takes the last step of momentum and Adam as these make it", async () => {
  const net = mlp({ inputs: 3, hidden: [4], outputs: 1, activation: "tanh" });
  const support = someSamples(net, 400, random(4));
  const { x } = someSamples(net, 1, random(5));
  const ofRule = async (rule: RuleConfig, steps: number) => {
    const learner = metaInit(maml({ net, inner: { steps, lr: 1e-3, rule } }), { seed: 2 });
    return await rowInfluence(engine, learner, support, { x });
  };
  // Of one small step over many rows, leaving one out is its derivative to first order.
  const one = await ofRule({ kind: "adam", epsilonRoot: 1e-2 }, 1);
  const largest = Math.max(...one.leaveOneOut.map(Math.abs));
  one.lastStep.forEach((value, i) => assertLess(Math.abs(value - one.leaveOneOut[i]), 0.05 * largest));
  assertLess(3, largest / Math.max(...(await ofRule({ kind: "sgd" }, 1)).leaveOneOut.map(Math.abs)));
  // Of two small steps of momentum a row's gradient counts 1 + μ times in the first and once in the last.
  const two = await ofRule({ kind: "momentum", mu: 0.5 }, 2);
  two.lastStep.forEach((value, i) =>
    assertAlmostEquals(2.5 * value, two.leaveOneOut[i], 0.02 * Math.abs(two.leaveOneOut[i]) + 1e-7)
  );
});

Deno.test("a forecast of several particles is explained as their mean, through the step that they make together", async () => {
  const net = mlp({ inputs: LAGS, hidden: [4], outputs: 2, activation: "tanh" });
  const inner = { steps: 1, lr: 0.05 };
  const meta = bayesianMaml({ net, particles: 3, loss: { kind: "gaussian", floor: 1e-3 }, inner });
  const state = await after(engine, smallLearner({ meta }), jumpStream(40, 3));
  const { forecast, atMean, features, residual } = await explainDecision(engine, state);
  const total = features.reduce((sum, { contribution }) => sum + contribution, atMean + residual);
  assertAlmostEquals(total, forecast, 1e-9);
  assertAlmostEquals(forecast, state.markets[0].rows.at(-1)!.forecast!.value, 1e-9);
  const learner = onlineLearner(state, "X");
  const { support, x } = forecastInput(state, 0)!;
  const { lastStep } = await rowInfluence(engine, learner, support, { x });
  const { rows } = support;
  for (let i = 0; i < rows; i++) {
    const at = async (s: number): Promise<number> => {
      const weights = Float32Array.from({ length: rows }, (_, j) => (1 - s) / rows + (j === i ? 0 : s / (rows - 1)));
      return (await adaptedForecasts(engine, learner, [{ support: { ...support, weights }, x }]))[0][0];
    };
    const difference = (await at(-0.05) - await at(0.05)) / 0.1;
    assertAlmostEquals(lastStep[i], difference, 1e-4 * Math.max(...lastStep.map(Math.abs)) + 2e-6);
  }
  assert(Math.max(...lastStep.map(Math.abs)) > 1e-3);
});

/** A rule of one's own that answers to the sign of the gradient and to the loss, both stopped. */
const OWN: RuleConfig = {
  kind: "custom",
  name: "root",
  update: (g, { theta, gradient, loss, rate }) => ({
    theta: g.sub(theta, g.mul(g.mul(rate, g.stop(g.sqrt(g.add(1e-3, loss)))), g.tanh(g.stop(gradient)))),
  }),
};

Deno.test("an online learner learns, forecasts, explains and is saved by every inner rule", async () => {
  const inner = { steps: 3, lr: 0.05 };
  const bars = jumpStream(40, 3);
  const forecasts: number[] = [];
  const rules: readonly RuleConfig[] = [
    { kind: "sgd" },
    { kind: "momentum", mu: 0.5 },
    { kind: "adam", epsilonRoot: 1e-4 },
    { kind: "barzilaiBorwein" },
    { kind: "learned", hidden: 3, scale: 0.1 },
    { kind: "gated" },
    { kind: "gated", firstOrder: false, rates: true },
    { kind: "mlp", hidden: [4], scale: 0.1 },
    OWN,
  ];
  for (const rule of rules) {
    const name = JSON.stringify(rule);
    const hasNumbers = ["learned", "gated", "mlp"].includes(rule.kind);
    const readsRates = rule.kind === "gated" ? rule.rates === true : !hasNumbers;
    const meta = maml({ net: NET, inner: { ...inner, rule }, learn: { rule: hasNumbers, lr: readsRates } });
    const state = await after(engine, smallLearner({ meta }), bars.slice(0, 30));
    const resumed = decodeOnline(state.config, encodeOnline(state));
    const [whole, again] = await Promise.all([state, resumed].map((from) => after(engine, from, bars.slice(30))));
    assertEquals(again, whole, name);
    assert(whole.updates > 0 && whole.rejected === 0 && whole.withheld === 0, name);
    const explanation = await explainDecision(engine, whole);
    const { forecast, support, learned } = explanation;
    assert(Number.isFinite(forecast), name);
    assert(support.every(({ lastStep, leaveOneOut }) => Number.isFinite(lastStep) && leaveOneOut !== 0), name);
    assert(support.some(({ lastStep }) => lastStep !== 0), name);
    assertEquals(learned.rates.length > 0, readsRates, name);
    assertStringIncludes(
      renderExplanation(explanation),
      readsRates ? "Learning rates, layer 0" : "It has no inner learning rates.",
    );
    forecasts.push(forecast);
  }
  assertEquals(new Set(forecasts).size, rules.length);
});

Deno.test("an online learner moves the numbers of its rule by their meta-gradient where they are learned, and else keeps those given", async () => {
  const rule = { kind: "gated", firstOrder: false } as const;
  const numbers = Float32Array.from({ length: 14 }, (_, i) => i === 6 ? 5 : i === 13 ? -3 : 0.1);
  const bars = jumpStream(40, 3);
  const market = [{ symbol: "X", interval: "1h" }];
  const run = (learn: { params: boolean; rule: boolean }) => {
    const { config } = smallLearner({
      meta: maml({ net: NET, inner: { steps: 3, rule }, learn, outer: { optimizer: "sgd", lr: 0.5 } }),
      replay: { batch: 0 },
    });
    return updates(engine, onlineInit(config, market, { rule: numbers }), bars);
  };
  const kept = (await run({ params: true, rule: false })).at(-1)!.state;
  assertEquals(kept.rule!.params, numbers);
  const moved = await run({ params: false, rule: true });
  assertEquals(moved.at(-1)!.state.starts, moved[0].state.starts);
  const step = moved.findIndex(({ outcome }) => outcome === "stepped");
  const [before, { state, gradient }] = [moved[step - 1].state, moved[step]];
  const { by: { rule: slope } } = await metaGradientOf(engine, onlineLearner(before, "X"), [onlineWindow(state, 0)!]);
  gradient!.rule!.forEach((value, i) => assertAlmostEquals(value, slope[i], 1e-6));
  // Plain gradient descent, its gradient's norm held at 1.
  const norm = Math.max(1, Math.hypot(...slope));
  state.rule!.params.forEach((value, i) => assertAlmostEquals(value, numbers[i] - 0.5 * slope[i] / norm, 1e-5));
  assert(state.rule!.params.some((value, i) => Math.abs(value - numbers[i]) > 1e-4));
  assertThrows(
    () => onlineInit(smallLearner().config, market, { rule: numbers }),
    TypeError,
    'received "rule"',
  );
});

Deno.test("integratedGradients() throws on inputs of another width", async () => {
  const net = mlp({ inputs: 2, hidden: [], outputs: 1 });
  await assertRejects(
    () => integratedGradients(engine, net, new Float32Array(3), { x: new Float32Array(3) }),
    TypeError,
    "expected 2 inputs, received 3",
  );
});

/** Rules that are learned, their numbers drawn where the start would move nothing: what the last step answers to is in them. */
const LEARNED_RULES: readonly (readonly [RuleConfig, number])[] = [
  [{ kind: "learned", hidden: 3, scale: 0.1 }, 1],
  [{ kind: "mlp", hidden: [6], scale: 0.1 }, 1],
  [{ kind: "gated" }, 3],
  [{ kind: "gated", firstOrder: false }, 3],
];

Deno.test("rowInfluence() is the derivative of the last step of every learned rule, by gradient and by loss", async () => {
  const net = mlp({ inputs: 3, hidden: [4], outputs: 1, activation: "tanh" });
  const support = someSamples(net, 8, random(9));
  const x = Float32Array.of(1, -1, 2);
  for (const [rule, steps] of LEARNED_RULES) {
    const inner = { steps, lr: 0.05, rule, weightDecay: 0.1 };
    const drawn = metaInit(maml({ net, inner }), { seed: 5 });
    const numbers = drawn.values.rule.map((value) => value + 0.3);
    // Gates that do not read the gate before them have no memory: their last step is a first one from where it began.
    if (rule.kind === "gated") [5, 12].forEach((i) => numbers[i] = 0);
    const learner = metaInit(maml({ net, inner }), { seed: 5, values: { rule: numbers } });
    const { lastStep } = await rowInfluence(engine, learner, support, { x });
    const { params } = await adapt(engine, learner, support, { steps: steps - 1 });
    const last = metaInit(maml({ net, inner: { ...inner, steps: 1 } }), { values: { theta: params, rule: numbers } });
    // Weights under which the last step takes the share `s` of the way to those without row i.
    const at = async (i: number, s: number): Promise<number> => {
      const weights = Float32Array.from({ length: 8 }, (_, j) => (1 - s) / 8 + (j === i ? 0 : s / 7));
      return (await adaptPredict(engine, last, [{ support: { ...support, weights }, x }]))[0][0];
    };
    const largest = Math.max(...lastStep.map(Math.abs));
    assertLess(1e-4, largest, rule.kind);
    for (let i = 0; i < 8; i++) {
      // So small that no gradient changes its sign on the way: the learned rule jumps there.
      const difference = (await at(i, -0.001) - await at(i, 0.001)) / 0.002;
      assertLess(Math.abs(lastStep[i] - difference), 0.02 * largest, `${rule.kind}, row ${i}`);
    }
  }
});

Deno.test("rowInfluence() equals leave-one-out for a linear network and one step", async () => {
  const net = mlp({ inputs: 3, hidden: [], outputs: 1 });
  for (const per of ["scalar", "layer", "parameter"] as const) {
    const learner = metaInit(maml({ net, inner: { steps: 1, lr: 0.3, lrShape: { per } } }), { seed: 5 });
    const support = { ...someSamples(net, 7, random(9)), weights: Float32Array.of(1, 2, 1, 0.5, 1, 3, 1) };
    const { lastStep, leaveOneOut } = await rowInfluence(engine, learner, support, { x: Float32Array.of(1, -1, 2) });
    leaveOneOut.forEach((expected, i) => assertAlmostEquals(lastStep[i], expected, 1e-5));
    assert(leaveOneOut.some((value) => Math.abs(value) > 0.01));
  }
});

Deno.test("rowInfluence() is the derivative of the last of several steps of a curved network", async () => {
  const net = mlp({ inputs: 3, hidden: [6], outputs: 1, activation: "tanh" });
  const shape = { per: "layer", perStep: true } as const;
  const logLr = Float32Array.from({ length: 6 }, (_, i) => Math.log(0.05 * (i + 1)));
  const learner = metaInit(maml({ net, inner: { steps: 3, lr: 0.05, lrShape: shape } }), { seed: 5, logLr });
  const support = someSamples(net, 8, random(9));
  const x = Float32Array.of(1, -1, 2);
  const { lastStep } = await rowInfluence(engine, learner, support, { x });
  const { params } = await adapt(engine, learner, support, { steps: 2 });
  const last = metaInit(maml({ net, inner: { steps: 1, lr: 0.05, lrShape: shape } }), {
    params,
    logLr: logLr.slice(4),
  });
  // Weights under which the last step takes the share `s` of the way from the gradient with row i to that without it.
  const at = async (i: number, s: number): Promise<number> => {
    const weights = Float32Array.from({ length: 8 }, (_, j) => (1 - s) / 8 + (j === i ? 0 : s / 7));
    return (await adaptPredict(engine, last, [{ support: { ...support, weights }, x }]))[0][0];
  };
  for (let i = 0; i < 8; i++) {
    const difference = (await at(i, -0.05) - await at(i, 0.05)) / 0.1;
    assertAlmostEquals(lastStep[i], difference, 1e-4 * Math.abs(difference) + 1e-5);
  }
  assert(lastStep.some((value) => Math.abs(value) > 0.01));
});

Deno.test("explainDecision() explains the forecast that was made, as plain JSON", async () => {
  const bars = jumpStream(60, 4);
  const state = await after(engine, smallLearner(), bars);
  const explanation = await explainDecision(engine, state);
  const { forecast, atMean, residual, features, support, learned } = explanation;
  assertAlmostEquals(forecast, state.markets[0].rows.at(-1)!.forecast!.value, 1e-9);
  assertEquals(JSON.parse(JSON.stringify(explanation)), explanation);
  assertEquals([features.length, support.length], [LAGS, 12]);
  assertEquals(features[0].name, "lag_0");
  const total = features.reduce((sum, { contribution }) => sum + contribution, 0);
  assertAlmostEquals(atMean + total + residual, forecast, 1e-12);
  assertLess(Math.abs(residual), 1e-3 * Math.abs(total) + 1e-6);
  assert(learned.rates.some(({ fixed, learned }) => fixed !== learned));
  assert(learned.fixed !== forecast);
  assert(learned.ratesAlone !== learned.lossAlone);
});

Deno.test("explainDecision() without anything learned finds no change", async () => {
  const state = await after(engine, smallLearner({ timescales: [] }), jumpStream(40, 4));
  const { forecast, learned } = await explainDecision(engine, state);
  assertEquals([learned.fixed, learned.ratesAlone, learned.lossAlone], [forecast, forecast, forecast]);
});

Deno.test("explainDecision() throws before there is a forecast", async () => {
  const state = await after(engine, smallLearner(), jumpStream(10, 4));
  await assertRejects(() => explainDecision(engine, state), RangeError, "expected 12 labels");
});

Deno.test("renderExplanation() draws every feature and bar, and escapes names", async () => {
  const state = await after(engine, smallLearner({}, ["<A&B>"]), jumpStream(60, 4));
  const svg = renderExplanation(await explainDecision(engine, state));
  assertStringIncludes(svg, "&#60;A&#38;B&#62;");
  assertEquals(svg.match(/<rect/g)?.length, LAGS + 12);
  assert(!svg.includes("NaN"));
});

Deno.test("leave-one-out influence is the forecast less the forecast without the bar", async () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 1, activation: "tanh" });
  const learner = metaInit(maml({ net, inner: { steps: 4, lr: 0.1 } }), { seed: 1 });
  const support = someSamples(net, 5, random(2));
  const x = Float32Array.of(0.5, -0.5);
  const { leaveOneOut } = await rowInfluence(engine, learner, support, { x });
  const rest = { rows: 4, x: support.x.slice(2), y: support.y.slice(1) };
  const [[whole], [without]] = await adaptPredict(engine, learner, [{ support, x }, { support: rest, x }]);
  assertAlmostEquals(leaveOneOut[0], whole - without, 1e-6);
});
