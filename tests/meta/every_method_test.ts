// Every method, by one suite: presets with each of the classic inner rules, learned rules, and methods that learn in one pass.
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { bayesianMaml } from "../../lib/meta/bayesian.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import * as presets from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { inContext } from "../../lib/method/in_context.ts";
import { matching } from "../../lib/method/matching.ts";
import { memory } from "../../lib/method/memory.ts";
import { neuralProcess } from "../../lib/method/neural_process.ts";
import { prototypical } from "../../lib/method/prototypical.ts";
import { ridge } from "../../lib/method/ridge.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import type { RuleConfig } from "../../lib/rule/config.ts";
import { relativeError } from "../goldens.ts";
import { methodSuite } from "./method_suite.ts";

const NET = mlp({ inputs: 2, hidden: [5], outputs: 1, activation: "tanh" });
const EMBEDDING = mlp({ inputs: 2, hidden: [5], outputs: 4, activation: "tanh" });
const CLASSES = 3;

function tasksOf(targets: (row: number, normal: number) => readonly number[]): Task[] {
  const stream = random(8);
  const set = (rows: number): Samples => ({
    rows,
    x: Float32Array.from({ length: 2 * rows }, () => stream.normal()),
    y: Float32Array.from(Array.from({ length: rows }, (_, row) => targets(row, stream.normal())).flat()),
  });
  return [6, 5, 7].map((rows) => ({ support: set(rows), query: set(rows - 1) }));
}
const NUMBERS = tasksOf((_, normal) => [normal]);
const LABELS = tasksOf((row) => Array.from({ length: CLASSES }, (_, k) => k === row % CLASSES ? 1 : 0));

const { learnedOptimizer, lstmMetaLearner, ...BILEVEL } = presets;
const RULES: readonly RuleConfig[] = [{ kind: "sgd" }, { kind: "momentum", mu: 0.8 }, {
  kind: "adam",
  epsilonRoot: 1e-6,
}];
const steps = 3;

/** Every bilevel preset with every classic rule. */
const CLASSIC: Record<string, MetaState> = Object.fromEntries(
  Object.entries(BILEVEL).flatMap(([name, preset]) =>
    RULES.map((
      rule,
    ) => [`${name} by ${rule.kind}`, metaInit(preset({ net: NET, inner: { steps, rule } }), { seed: 1 })])
  ),
);
const OTHERS: Record<string, MetaState> = Object.fromEntries(
  Object.entries({
    "learnedOptimizer": learnedOptimizer({ net: NET, inner: { steps } }),
    "learnedOptimizer by mlp": learnedOptimizer({ net: NET, inner: { steps, rule: { kind: "mlp" } } }),
    "lstmMetaLearner": lstmMetaLearner({ net: NET, inner: { steps } }),
    "lstmMetaLearner, as published": lstmMetaLearner({ net: NET, inner: { steps, rule: { kind: "gated" } } }),
    "bayesianMaml": bayesianMaml({
      net: mlp({ inputs: 2, hidden: [5], outputs: 2, activation: "tanh" }),
      particles: 3,
      inner: { steps },
    }),
    "matching": matching({ net: EMBEDDING, loss: { kind: "mse" } }),
    "ridge": ridge({ net: EMBEDDING }),
    "ridge with variances": ridge({ net: EMBEDDING, loss: { kind: "gaussian", floor: 1e-4 } }),
    "inContext": inContext({ inputs: 2, outputs: 1, width: 6 }),
    "inContext, ordered": inContext({
      inputs: 2,
      outputs: 2,
      width: 6,
      ordered: true,
      loss: { kind: "gaussian", floor: 1e-3 },
    }),
    "neuralProcess": neuralProcess({ inputs: 2, outputs: 2, encoder: [3, 6, 4], decoder: [6, 5, 2] }),
    "memory": memory({ inputs: 2, outputs: 1, hidden: 3, decoder: [5, 4, 1] }),
  }).map(([name, config]) => [name, metaInit(config, { seed: 1 })]),
);

const open = () => openCpuEngine({ threads: 1 });
for (const [name, state] of Object.entries({ ...CLASSIC, ...OTHERS })) {
  methodSuite({ name, state, tasks: NUMBERS }, open);
}
for (const method of [prototypical({ net: EMBEDDING }), matching({ net: EMBEDDING })]) {
  methodSuite({ name: `${method.kind} of classes`, state: metaInit(method, { seed: 1 }), tasks: LABELS }, open);
}

Deno.test("presets with momentum and Adam are differentiated exactly through them", async () => {
  await using engine = openNaiveEngine();
  for (const [name, state] of Object.entries(CLASSIC)) {
    const { gradient } = state.config;
    if (gradient?.kind !== "unrolled" || gradient.backpropSteps === 0 || gradient.firstOrderSteps) continue;
    const { by } = await checkMetaGradient(engine, state, NUMBERS.slice(0, 1));
    for (const [part, error] of Object.entries(by)) assertLess(error, 1e-4, `${name}, ${part}`);
  }
});

Deno.test("an implicit gradient is the same by whatever rule its inner loop came to rest", async () => {
  await using engine = openNaiveEngine();
  const net = mlp({ inputs: 2, hidden: [], outputs: 1 });
  const of = (rule: RuleConfig, lr: number) =>
    metaInit(presets.imaml({ net, inner: { steps: 400, lr, proximal: 2, tolerance: 1e-7, rule } }), { seed: 1 });
  const [wanted, ...found] = await Promise.all(
    [
      of({ kind: "sgd" }, 0.05),
      of({ kind: "momentum", mu: 0.5 }, 0.05),
      of({ kind: "barzilaiBorwein" }, 0.05),
      of({ kind: "adam", beta1: 0, epsilonRoot: 1 }, 0.05),
    ]
      .map((state) => metaGradientOf(engine, state, NUMBERS)),
  );
  for (const { params, taskLosses } of found) {
    assertLess(relativeError(params, [...wanted.params]), 1e-4);
    assertLess(relativeError(taskLosses, [...wanted.taskLosses]), 1e-4);
  }
  assertThrows(() => of({ kind: "svgd", particles: 1 }, 0.05), RangeError, "comes to rest");
  assertThrows(() => lstmMetaLearner({ net, gradient: { kind: "implicit" } }), RangeError, "inner.proximal");
  assertThrows(
    () => lstmMetaLearner({ net, inner: { proximal: 1 }, gradient: { kind: "implicit" } }),
    RangeError,
    "unrolled when learning more than params",
  );
});

Deno.test("every preset of the library is in the suite", () => {
  const made = Object.entries(presets).filter(([, value]) => typeof value === "function").map(([name]) => name);
  const covered = Object.keys({ ...CLASSIC, ...OTHERS }).map((name) => name.split(" ")[0].replace(",", ""));
  assertEquals(made.filter((name) => !covered.includes(name)), []);
});
