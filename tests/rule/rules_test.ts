// Inner rules against plain loops on a quadratic, where the gradient is known.
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
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
    const move = rule.update(g, { theta, gradient, loss, rate: g.constant(RATE), step, state, learned: {} });
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
    state: rule.init(g, theta),
    learned,
  };
  const { moved } = interpreter(toProgram({ moved: rule.update(g, step).theta }))({});
  assertAlmostEquals(moved[0], START[0] - RATE * 0.5, 1e-15);
  assertAlmostEquals(moved[1], START[1] + RATE * 2, 1e-15);
});
