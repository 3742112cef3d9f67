/**
 * One task's meta-loss and its gradient by everything learnable, as values: through the unrolled inner loop, by Reptile, or
 * implicitly (design section 4). Written once; every executor runs what this builds.
 * @module
 */
import { lossOf, outerLossOf } from "../loss/losses.ts";
import { grad } from "../program/grad.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { innerPath, type LearnedValues, supportLoss } from "./inner_loop.ts";
import type { InnerProblem, OuterGradient } from "./problem.ts";
import type { RowValues } from "./row_values.ts";

/** What a task's gradient is taken of. */
export interface TaskValues {
  /** The learner. */
  readonly learned: LearnedValues;
  /** What adapts. */
  readonly support: RowValues;
  /** What judges. */
  readonly query: RowValues;
  /** s_k, `[steps + 1]`: read where a weight is neither 0 nor 1, so that weights that move need no other program. */
  readonly stepWeights: Value;
}

/** A task's meta-loss and its gradient. */
export interface TaskGradient {
  /** Σ_k s_k L_query(θ_k), or L_query(θ_K). */
  readonly loss: Value;
  /** By each learned value, of its shape. */
  readonly by: Readonly<Record<keyof LearnedValues, Value | undefined>>;
}

/** What can be learned, by name. */
export type LearnedName = "theta" | "logLr" | "phi" | "weightDecay" | "rule";

const NAMES: readonly LearnedName[] = ["theta", "logLr", "phi", "weightDecay", "rule"];

/** L_query at some parameters. The outer loss reads no φ. */
function queryLoss(g: Graph, problem: InnerProblem, { theta, query }: { theta: Value; query: RowValues }): Value {
  const loss = problem.outerLoss ?? outerLossOf(problem.loss);
  const { phi } = lossOf(loss);
  return supportLoss(g, { net: problem.net, loss }, {
    theta,
    phi: phi.length > 0 ? g.constant(phi) : undefined,
    rows: query,
  });
}

/** One task's meta-loss and its gradient by what is wanted. */
export function taskGradient(
  g: Graph,
  problem: InnerProblem,
  gradient: OuterGradient,
  task: TaskValues,
  wanted: readonly LearnedName[] = NAMES,
): TaskGradient {
  const { learned, support, query } = task;
  const { steps } = problem;
  const curvedFrom = gradient.kind === "unrolled" ? steps - gradient.backpropSteps : 0;
  const path = innerPath(g, problem, { learned, support, curvedFrom });
  if (gradient.kind === "unrolled") {
    let loss = g.constant(0);
    path.thetas.forEach((theta, k) => {
      const weight = gradient.stepWeights[k];
      if (weight === 0) return;
      const here = queryLoss(g, problem, { theta, query });
      loss = g.add(loss, weight === 1 ? here : g.mul(g.at(task.stepWeights, 0, k), here));
    });
    const present = wanted.filter((name) => learned[name]);
    const slopes = grad(g, loss, present.map((name) => learned[name]!));
    return { loss, by: record((name) => slopes[present.indexOf(name)]) };
  }
  // Nothing is differentiated through the path: its end is a point like any other.
  const theta = g.stop(path.thetas[steps]);
  const loss = queryLoss(g, problem, { theta, query });
  const byTheta = gradient.kind === "reptile"
    ? g.sub(learned.theta, theta)
    : implicit(g, problem, { task, theta, loss, gradient });
  return {
    loss,
    by: record((name) => {
      if (!wanted.includes(name)) return undefined;
      return name === "theta" ? byTheta : learned[name] && g.constant(0, learned[name].shape);
    }),
  };
}

function record(of: (name: LearnedName) => Value | undefined): TaskGradient["by"] {
  return Object.fromEntries(NAMES.map((name) => [name, of(name)])) as TaskGradient["by"];
}

/**
 * (I + H/ρ)⁻¹ ∇L_query(θ_K) by conjugate gradients (Rajeswaran et al. 2019, eq. 6 and algorithm 2), H of the bare support
 * loss at θ_K. They end at negative curvature with what they have: before the first step with the gradient itself (Steihaug
 * 1983; Nocedal & Wright 2006, algorithm 7.1). Iterations past the last one needed change nothing: a program has no loop that
 * data can end.
 */
function implicit(
  g: Graph,
  problem: InnerProblem,
  run: {
    readonly task: TaskValues;
    /** θ_K. */
    readonly theta: Value;
    readonly loss: Value;
    readonly gradient: OuterGradient & { readonly kind: "implicit" };
  },
): Value {
  const { task: { learned: { phi }, support }, theta, loss, gradient: { cgSteps, tolerance } } = run;
  const dot = (a: Value, b: Value): Value => g.sum(g.mul(a, b));
  const [slope] = grad(g, supportLoss(g, problem, { theta, phi, rows: support }), [theta]);
  const curvature = (vector: Value): Value => grad(g, dot(slope, g.stop(vector)), [theta])[0];
  const [right] = grad(g, loss, [theta]);
  let solution = g.constant(0, theta.shape);
  let residual = right;
  let direction = right;
  let squared = dot(right, right);
  const enough = g.mul(tolerance ** 2, squared);
  for (let i = 0; i < cgSteps; i++) {
    const applied = g.add(direction, g.mul(1 / problem.proximal, curvature(direction)));
    const along = dot(direction, applied);
    const wanted = g.step(g.sub(squared, enough));
    const goes = g.mul(wanted, g.step(along));
    if (i === 0) solution = g.mul(g.mul(wanted, g.sub(1, g.step(along))), right);
    const length = g.select(goes, g.div(squared, along), 0);
    solution = g.add(solution, g.mul(length, direction));
    residual = g.sub(residual, g.mul(length, applied));
    const next = dot(residual, residual);
    const turned = g.add(residual, g.mul(g.select(goes, g.div(next, squared), 0), direction));
    direction = g.select(goes, turned, direction);
    squared = g.select(goes, next, squared);
  }
  return solution;
}
