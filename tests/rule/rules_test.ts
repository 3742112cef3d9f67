// Inner rules against plain loops on a quadratic, where the gradient is known.
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { random } from "../../lib/net/random.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";
import type { Value } from "../../lib/program/value.ts";
import type { RuleConfig, RuleState } from "../../lib/rule/config.ts";
import { ruleOf } from "../../lib/rule/rules.ts";

const CURVATURE = [1, 3];
const START = [2, -1];
const STEPS = 6;
const RATE = 0.1;

/** θ after some steps on ½ Σ c θ², and dΣθ/dθ_0. */
function run(config: RuleConfig): { theta: number[]; slope: number[] } {
  const g = createGraph();
  const rule = ruleOf(config);
  const start = g.input("start", [2]);
  let theta: Value = start;
  let state: RuleState = rule.init(g, theta);
  for (let step = 0; step < STEPS; step++) {
    const gradient = g.mul(g.constant(CURVATURE), theta);
    const loss = g.mul(0.5, g.sum(g.mul(gradient, theta)));
    const move = rule.update(g, { theta, gradient, loss, rate: g.constant(RATE), step, parts: [], state, learned: {} });
    theta = move.theta;
    state = move.state ?? state;
  }
  const [slope] = grad(g, g.sum(theta), [start]);
  const found = interpreter(toProgram({ theta, slope, start }))({ start: START });
  return { theta: [...found.theta], slope: [...found.slope] };
}

/** The same by numbers, and its slope by central differences. */
function assertFollows(config: RuleConfig, follow: (start: number, curvature: number) => number): void {
  const { theta, slope } = run(config);
  START.forEach((start, i) => {
    const at = (by: number): number => follow(start + by, CURVATURE[i]);
    assertAlmostEquals(theta[i], at(0), 1e-12);
    assertAlmostEquals(slope[i], (at(1e-5) - at(-1e-5)) / 2e-5, 1e-8);
  });
}

Deno.test("sgd and momentum are their recurrences, differentiated through every step", () => {
  assertFollows({ kind: "sgd" }, (start, c) => start * (1 - RATE * c) ** STEPS);
  assertFollows({ kind: "momentum", mu: 0.8 }, (start, c) => {
    let [theta, velocity] = [start, 0];
    for (let k = 0; k < STEPS; k++) {
      velocity = 0.8 * velocity + c * theta;
      theta -= RATE * velocity;
    }
    return theta;
  });
});

Deno.test("barzilaiBorwein takes the secant's length of the step before, and is differentiated through it", () => {
  const follow = (start: readonly number[]): number[] => {
    let theta = [...start];
    let before = { theta, gradient: theta };
    for (let k = 0; k < STEPS; k++) {
      const gradient = theta.map((value, i) => CURVATURE[i] * value);
      const turned = gradient.map((value, i) => value - before.gradient[i]);
      const along = turned.reduce((sum, value, i) => sum + value * (theta[i] - before.theta[i]), 0);
      const length = k === 0 ? RATE : along / turned.reduce((sum, value) => sum + value ** 2, 0);
      before = { theta, gradient };
      theta = theta.map((value, i) => value - length * gradient[i]);
    }
    return theta;
  };
  const { theta, slope } = run({ kind: "barzilaiBorwein" });
  const sum = (start: readonly number[]): number => follow(start).reduce((total, value) => total + value, 0);
  follow(START).forEach((value, i) => {
    assertAlmostEquals(theta[i], value, 1e-12);
    assertLess(Math.abs(value), 0.05); // plain descent at this rate is at 1.06 and −0.12
    const moved = (by: number): number[] => START.map((start, j) => j === i ? start + by : start);
    assertAlmostEquals(slope[i], (sum(moved(1e-5)) - sum(moved(-1e-5))) / 2e-5, 1e-7);
  });
});

Deno.test("barzilaiBorwein takes the rate where the curvature is not above 0, and stays with finite slopes at rest", () => {
  const step = (moved: number, turned: number) => {
    const g = createGraph();
    const [theta, gradient] = [g.input("theta", [1]), g.input("gradient", [1])];
    const state = { theta: g.constant([0]), gradient: g.constant([0]) };
    const at = { theta, gradient, loss: g.constant(0), rate: g.constant(RATE), step: 1, parts: [], state, learned: {} };
    const move = ruleOf({ kind: "barzilaiBorwein" }).update(g, at);
    const slopes = grad(g, g.sum(move.theta), [theta, gradient]);
    return interpreter(toProgram({ moved: move.theta, byTheta: slopes[0], byGradient: slopes[1] }))({
      theta: [moved],
      gradient: [turned],
    });
  };
  assertEquals([...step(2, -4).moved], [2 + RATE * 4]);
  assertEquals([...step(2, 4).moved], [0]);
  assertEquals(step(0, 0), {
    moved: Float64Array.of(0),
    byTheta: Float64Array.of(1),
    byGradient: Float64Array.of(-RATE),
  });
});

Deno.test("adam is algorithm 1 of Kingma and Ba, differentiated through its moments", () => {
  const [beta1, beta2, epsilon, epsilonRoot] = [0.8, 0.95, 1e-3, 1e-2];
  assertFollows({ kind: "adam", beta1, beta2, epsilon, epsilonRoot }, (start, c) => {
    let [theta, first, second] = [start, 0, 0];
    for (let k = 1; k <= STEPS; k++) {
      first = beta1 * first + (1 - beta1) * c * theta;
      second = beta2 * second + (1 - beta2) * (c * theta) ** 2;
      const size = Math.sqrt(second / (1 - beta2 ** k) + epsilonRoot) + epsilon;
      theta -= RATE * first / (1 - beta1 ** k) / size;
    }
    return theta;
  });
});

Deno.test("adam's update has a finite slope where a gradient is 0: the root is held off 0", () => {
  const g = createGraph();
  const rule = ruleOf({ kind: "adam" });
  const gradient = g.input("gradient", [1]);
  const theta = g.constant([1]);
  const move = rule.update(g, {
    theta,
    gradient,
    loss: g.constant(0),
    rate: g.constant(1),
    step: 0,
    parts: [],
    state: rule.init(g, theta),
    learned: {},
  });
  const [slope] = grad(g, g.sum(move.theta), [gradient]);
  const { slope: found } = interpreter(toProgram({ slope, gradient }))({ gradient: [1e-9] });
  assertLess(Math.abs(found[0]), 2e4);
  assertEquals(Number.isFinite(found[0]), true);
});

Deno.test("gates of 1 and α make the gated rule gradient descent", () => {
  const g = createGraph();
  const rule = ruleOf({ kind: "gated" });
  // The weights are 0, so the biases alone decide: σ(80) is 1, and σ(b) = α at b = log(α/(1−α)).
  const bias = Math.log(RATE / (1 - RATE));
  const learned = {
    wf: g.constant(0, [6, 1]),
    bf: g.constant([80]),
    wi: g.constant(0, [6, 1]),
    bi: g.constant([bias]),
  };
  const theta = g.constant(START);
  const gradient = g.constant([0.5, -2]);
  const step = {
    theta,
    gradient,
    loss: g.constant(1),
    rate: g.constant(0),
    step: 0,
    parts: [],
    state: rule.init(g, theta),
    learned,
  };
  const { moved } = interpreter(toProgram({ moved: rule.update(g, step).theta }))({});
  assertAlmostEquals(moved[0], START[0] - RATE * 0.5, 1e-15);
  assertAlmostEquals(moved[1], START[1] + RATE * 2, 1e-15);
});

/** The learned part of the parameters of an `mlp` rule with one hidden layer, drawn. */
const HIDDEN = 4;
function drawnLearned(seed: number): Record<string, number[]> {
  const stream = random(seed);
  const normals = (length: number): number[] => Array.from({ length }, () => 0.3 * stream.normal());
  return { w0: normals(19 * HIDDEN), b0: normals(HIDDEN), w1: normals(HIDDEN * 2), b1: normals(2) };
}

Deno.test("the mlp rule reads the 19 features of learned_optimization, scaled over each part, written out in loops", () => {
  const [start, scale, steps] = [[2, -1, 0.5, 1e-3, -4], 0.05, 3];
  const parts = [{ start: 0, end: 2 }, { start: 2, end: 5 }];
  const learned = drawnLearned(3);
  const g = createGraph();
  const rule = ruleOf({ kind: "mlp", hidden: [HIDDEN], scale });
  const shapes = { w0: [19, HIDDEN], b0: [HIDDEN], w1: [HIDDEN, 2], b1: [2] };
  assertEquals<object>(rule.learnables, shapes);
  const values = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, g.constant(learned[name], shape)]),
  );
  let theta: Value = g.constant(start);
  let state = rule.init(g, theta);
  for (let step = 0; step < steps; step++) {
    const gradient = g.mul(2, theta);
    const move = rule.update(g, {
      theta,
      gradient,
      loss: g.constant(1),
      rate: g.constant(1),
      step,
      parts,
      state,
      learned: values,
    });
    [theta, state] = [move.theta, move.state!];
  }
  const { found } = interpreter(toProgram({ found: theta }))({});

  const at = [...start];
  const decays = [0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];
  const means = decays.map(() => start.map(() => 0));
  for (let step = 0; step < steps; step++) {
    const slope = at.map((value) => 2 * value);
    means.forEach((mean, d) => slope.forEach((value, i) => mean[i] = decays[d] * mean[i] + (1 - decays[d]) * value));
    const columns = [slope, [...at], ...means].map((column) => {
      return column.map((value, i) => {
        const { start: from, end } = parts.find((part) => i < part.end)!;
        const square = column.slice(from, end).reduce((sum, one) => sum + one ** 2 / (end - from), 0);
        return value / Math.sqrt(1e-5 + square);
      });
    });
    const clock = [1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5].map((scale) => Math.tanh(step / scale - 1));
    at.forEach((_, i) => {
      const features = [...columns.map((column) => column[i]), ...clock];
      const layer = (inputs: number[], w: number[], b: number[]): number[] =>
        b.map((bias, j) => inputs.reduce((sum, value, k) => sum + value * w[k * b.length + j], bias));
      const hidden = layer(features, learned.w0, learned.b0).map((value) => Math.max(0, value));
      const [direction, magnitude] = layer(hidden, learned.w1, learned.b1);
      at[i] -= scale * direction * Math.exp(0.001 * magnitude);
    });
  }
  at.forEach((value, i) => assertAlmostEquals(found[i], value, 1e-12));
});

Deno.test("the mlp rule with outputs held at (d, m) steps by scale·d·e^(0.001·m)", () => {
  const g = createGraph();
  const rule = ruleOf({ kind: "mlp" });
  const learned = Object.fromEntries(
    Object.entries(rule.learnables).map((
      [name, shape],
    ) => [name, name === "b2" ? g.constant([4, 200]) : g.constant(0, shape)]),
  );
  const theta = g.constant(START);
  const parts = [{ start: 0, end: 2 }];
  const step = {
    theta,
    gradient: theta,
    loss: g.constant(1),
    rate: g.constant(1),
    step: 7,
    parts,
    state: rule.init(g, theta),
    learned,
  };
  const { moved } = interpreter(toProgram({ moved: rule.update(g, step).theta }))({});
  START.forEach((start, i) => assertAlmostEquals(moved[i], start - 0.001 * 4 * Math.exp(0.2), 1e-15));
});
