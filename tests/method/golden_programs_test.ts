// The programs of the bilevel problem, run in float64 without any rounding between, against PyTorch's autograd at 1e-9.
import { assert, assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { outerLossOf } from "../../lib/loss/losses.ts";
import type { InnerProblem, OuterGradient } from "../../lib/method/problem.ts";
import {
  adaptPredictProgram,
  adaptProgram,
  forwardProgram,
  hessianVectorProgram,
  lossGradientProgram,
  metaGradientProgram,
} from "../../lib/method/programs.ts";
import { lstm, type LstmOptions } from "../../lib/model/lstm.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import type { Program } from "../../lib/program/program.ts";
import { readGoldens, relativeError } from "../goldens.ts";
import { type MethodGolden, readMethodGoldens } from "../method_goldens.ts";

const TOLERANCE = 1e-9;
type Numbers = Record<string, ArrayLike<number>>;

function rowsOf(set: "support" | "query", { x, y, weights, rows }: Samples): Numbers {
  return { [`${set}.x`]: x, [`${set}.y`]: y, [`${set}.weights`]: weights ?? new Array(rows).fill(1) };
}

function run(program: Program, learner: Numbers, task: Task): Record<string, Float64Array> {
  return interpreter(program)({ ...learner, ...rowsOf("support", task.support), ...rowsOf("query", task.query) });
}

/** Means over tasks of what a task's program gives. */
function mean(all: readonly Record<string, Float64Array>[]): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.keys(all[0]).map((name) => [
      name,
      all[0][name].map((_, i) => all.reduce((sum, one) => sum + one[name][i] / all.length, 0)),
    ]),
  );
}

function assertNear(found: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  assertLess(relativeError(found, wanted), TOLERANCE, what);
}

function metaGradient(
  inner: InnerProblem,
  gradient: OuterGradient,
  { learner, tasks }: { learner: Numbers; tasks: readonly Task[] },
) {
  return mean(tasks.map((task) => {
    const rows = { support: task.support.rows, query: task.query.rows };
    const program = metaGradientProgram(inner, gradient, { rows, rates: learner.logLr?.length ?? 0 });
    const { stepWeights } = gradient.kind === "unrolled" ? gradient : { stepWeights: [] };
    return run(program, { ...learner, stepWeights }, task);
  }));
}

for (const golden of readGoldens()) {
  Deno.test(`programs of the bilevel problem match golden ${golden.name}`, () => {
    const { inner, learner: { params, logLr, phi, weightDecay }, tasks, expected, hvpVector } = golden;
    // The reference solves the implicit system exactly.
    const gradient = golden.gradient.kind === "implicit" ? { ...golden.gradient, tolerance: 1e-12 } : golden.gradient;
    const learner = { theta: params, logLr, phi, weightDecay: [weightDecay] };
    const found = metaGradient(inner, gradient, { learner, tasks });
    assertNear(found.loss, [expected.metaLoss], "loss");
    assertNear(found.theta, expected.gradParams, "theta");
    if (expected.gradLogLr) assertNear(found.logLr, expected.gradLogLr, "logLr");
    if (expected.gradPhi) assertNear(found.phi, expected.gradPhi, "phi");
    if (expected.gradWeightDecay !== undefined) {
      assertNear(found.weightDecay, [expected.gradWeightDecay], "weightDecay");
    }
    tasks.forEach((task, t) => {
      const { theta, losses } = run(
        adaptProgram(inner, { rows: { support: task.support.rows, query: 0 }, rates: logLr.length }),
        learner,
        task,
      );
      assertNear(theta, expected.tasks[t].adapted, `adapted ${t}`);
      assertNear(losses.subarray(0, inner.steps), expected.tasks[t].supportLosses, `support losses ${t}`);
    });
    const [{ support }] = tasks;
    const at = { ...learner, vector: hvpVector };
    const { hvp } = expected;
    const slope = run(lossGradientProgram(inner.net, inner.loss, support.rows), at, tasks[0]);
    assertNear(slope.loss, [hvp.loss], "support loss");
    assertNear(slope.theta, hvp.grad, "support gradient");
    const { product } = run(hessianVectorProgram(inner.net, inner.loss, support.rows), at, tasks[0]);
    assertNear(product, hvp.hv, "Hessian-vector product");
    const { outputs } = interpreter(forwardProgram(inner.net, support.rows))({ theta: params, "query.x": support.x });
    assertNear(outputs, hvp.forward, "forward");
  });
}

/** A case, and where its model is an LSTM the same with every second state kept. */
function withScans(golden: MethodGolden): MethodGolden[] {
  if (golden.net.kind !== "lstm") return [golden];
  const net = lstm({ ...golden.net.options as LstmOptions, every: 2 });
  return [golden, { ...golden, name: `${golden.name}, every second state kept`, net }];
}

for (const golden of readMethodGoldens().filter(({ rex }) => rex === undefined).flatMap(withScans)) {
  Deno.test(`programs of the bilevel problem match golden ${golden.name}`, () => {
    const { net, loss, inner: { steps, rule }, stepWeights, values, tasks, expected } = golden;
    const inner: InnerProblem = {
      net,
      loss,
      steps,
      rule,
      rate: { per: "scalar", perStep: false },
      headOnly: false,
      proximal: 0,
    };
    assertEquals(outerLossOf(loss), loss);
    const learner = { ...values, weightDecay: [0] };
    const gradient: OuterGradient = { kind: "unrolled", backpropSteps: steps, stepWeights };
    const found = metaGradient(inner, gradient, { learner, tasks });
    assertNear(found.loss, [expected.loss], "loss");
    for (const [name, wanted] of Object.entries(expected.grad)) assertNear(found[name], wanted, name);
    const [task] = tasks;
    const rows = { support: task.support.rows, query: task.query.rows };
    const program = adaptPredictProgram(inner, { rows, rates: values.logLr?.length ?? 0 });
    assertNear(run(program, learner, task).outputs, expected.predictions, "predictions");
  });
}

Deno.test("step weights that move are an input of one program, not a program each", () => {
  const inner: InnerProblem = {
    net: mlp({ inputs: 2, hidden: [3], outputs: 1 }),
    loss: { kind: "mse" },
    steps: 2,
    rate: { per: "scalar", perStep: false },
    headOnly: false,
    proximal: 0,
  };
  const shape = { rows: { support: 3, query: 2 }, rates: 1 };
  const of = (...stepWeights: number[]) =>
    metaGradientProgram(inner, { kind: "unrolled", backpropSteps: 2, stepWeights }, shape);
  assertStrictEquals(of(0, 0.5, 0.5), of(0, 0.25, 0.75));
  assertEquals("stepWeights" in of(0, 0.25, 0.75).inputs, true);
  assertEquals("stepWeights" in of(0, 0, 1).inputs, false);
  assert(of(0, 0.5, 0.5) !== of(0.5, 0.5, 0));
});

Deno.test("a problem has one program until something in it changes", () => {
  const changing = { kind: "huber" as const, delta: 1 };
  const inner = (loss: InnerProblem["loss"]): InnerProblem => ({
    net: mlp({ inputs: 2, hidden: [3], outputs: 1 }),
    loss,
    steps: 1,
    rate: Object.freeze({ per: "scalar", perStep: false }),
    headOnly: false,
    proximal: 0,
  });
  const of = (problem: InnerProblem) => adaptProgram(problem, { rows: { support: 3, query: 0 }, rates: 1 });
  const [fixed, outside] = [Object.freeze(inner(Object.freeze({ ...changing }))), Object.freeze(inner(changing))];
  const first = of(outside);
  assertStrictEquals(of(fixed), first);
  changing.delta = 2;
  assert(of(outside) !== first);
  assertStrictEquals(of(fixed), first);
});

Deno.test("a program without weight decay gives what one with a decay of 0 gives", () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 1 });
  const rate = { per: "scalar", perStep: false } as const;
  const inner: InnerProblem = { net, loss: { kind: "mse" }, steps: 2, rate, headOnly: false, proximal: 0.1 };
  const samples = (rows: number, shift: number): Samples => ({
    rows,
    x: Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i + shift)),
    y: Float32Array.from({ length: rows }, (_, i) => Math.cos(i + shift)),
  });
  const task: Task = { support: samples(3, 0), query: samples(2, 1) };
  const theta = Float64Array.from({ length: net.parameterCount }, (_, i) => Math.sin(2 * i));
  const learner = { theta, logLr: [-2], weightDecay: [0] };
  const shape = { rows: { support: 3, query: 2 }, rates: 1, by: ["theta", "logLr"] as const };
  const gradient: OuterGradient = { kind: "unrolled", backpropSteps: 2, stepWeights: [0, 0, 1] };
  const [without, with0] = [false, true].map((decays) => metaGradientProgram(inner, gradient, { ...shape, decays }));
  assertEquals(["weightDecay" in without.inputs, "weightDecay" in with0.inputs], [false, true]);
  const [found, wanted] = [without, with0].map((program) => run(program, learner, task));
  for (const name of ["loss", "theta", "logLr"]) assertNear(found[name], wanted[name], name);
});
