/**
 * The bilevel core of one task in float64: the inner loop, and the gradient of the meta-loss back through it (design section 4).
 * The readable twin of `kernels/wasm/task.ts` and of the WGSL sweeps; batches are means over these.
 * @module
 */
import { firstAdapted, rateRow, ratesPerRow } from "../layout.ts";
import type { InnerProblem, OuterGradient, Samples, Task } from "../problem.ts";
import { outerLoss } from "./loss.ts";
import { curvatureSweep, type LossSweep, lossSweep } from "./network.ts";

/** A learner in float64. */
export interface NaiveLearner {
  /** θ_0, `[parameterCount]`. */
  readonly params: Float64Array;
  /** log α. */
  readonly logLr: Float64Array;
  /** φ, `[3]`. */
  readonly phi: Float64Array;
  /** ω. */
  readonly weightDecay: number;
}

/** An inner loop, run and kept. */
export interface InnerPath {
  /** θ_k, `[steps + 1][parameterCount]`. */
  readonly thetas: readonly Float64Array[];
  /** The support sweep at each θ_k, the last included, `[steps + 1]`. */
  readonly sweeps: readonly LossSweep[];
  /** g_k = ∇L + ωθ_k + ρ(θ_k − θ_0), `[steps][parameterCount]`. */
  readonly directions: readonly Float64Array[];
}

/** Index of parameter j's rate at step k in logLr, and of every other parameter's. */
export function rateIndex(inner: InnerProblem, k: number, logLrLength: number): (j: number) => number {
  const { net, rate } = inner;
  const base = rateRow(net, rate, k, logLrLength) * ratesPerRow(net, rate);
  if (rate.per === "scalar") return () => base;
  if (rate.per === "parameter") return (j) => base + j;
  const layerOf = new Int32Array(net.parameterCount);
  net.layers.forEach((layer, l) => layerOf.fill(l, layer.weights, layer.bias + layer.outputs));
  return (j) => base + layerOf[j];
}

/** Runs θ_{k+1} = θ_k − m ⊙ α_k ⊙ g_k on one support set. */
export function innerPath(inner: InnerProblem, learner: NaiveLearner, support: Samples): InnerPath {
  const { net, steps, proximal } = inner;
  const over = { shape: inner.loss, phi: learner.phi, samples: support };
  const thetas = [learner.params];
  const sweeps = [lossSweep(net, learner.params, over)];
  const directions: Float64Array[] = [];
  for (let k = 0; k < steps; k++) {
    const theta = thetas[k];
    const direction = sweeps[k].grad.map((g, j) =>
      g + learner.weightDecay * theta[j] + proximal * (theta[j] - learner.params[j])
    );
    const rate = rateIndex(inner, k, learner.logLr.length);
    const first = firstAdapted(net, inner.headOnly);
    const next = theta.map((value, j) => j < first ? value : value - Math.exp(learner.logLr[rate(j)]) * direction[j]);
    directions.push(direction);
    thetas.push(next);
    sweeps.push(lossSweep(net, next, over));
  }
  return { thetas, sweeps, directions };
}

/** One task's meta-loss and its gradient by everything learnable. */
export interface TaskGradient {
  /** Σ_k s_k L_query(θ_k), or L_query(θ_K). */
  readonly loss: number;
  /** By θ_0. */
  readonly params: Float64Array;
  /** By log α. */
  readonly logLr: Float64Array;
  /** By φ, `[3]`. */
  readonly phi: Float64Array;
  /** By ω. */
  readonly weightDecay: number;
}

/** The gradient of one task's meta-loss. */
export function taskGradient(
  inner: InnerProblem,
  learner: NaiveLearner,
  options: { readonly gradient: OuterGradient; readonly task: Task },
): TaskGradient {
  const { gradient, task } = options;
  const path = innerPath(inner, learner, task.support);
  if (gradient.kind === "unrolled") return unrolled(inner, learner, { gradient, task, path });
  const theta = path.thetas[inner.steps];
  const query = querySweep(inner, theta, task.query);
  return {
    loss: query.loss,
    params: gradient.kind === "reptile"
      ? learner.params.map((value, j) => value - theta[j])
      : implicit(inner, learner, { gradient, task, path, right: query.grad }),
    logLr: new Float64Array(learner.logLr.length),
    phi: new Float64Array(3),
    weightDecay: 0,
  };
}

function querySweep(inner: InnerProblem, theta: Float64Array, query: Samples): LossSweep {
  return lossSweep(inner.net, theta, { shape: outerLoss(inner.loss), phi: [0, 0, 0], samples: query });
}

/** λ_k = λ_{k+1} − (H_k u + ωu + ρu) + s_k ∇L_q(θ_k), u = m ⊙ α_k ⊙ λ_{k+1}, from k = K−1 down to 0. */
function unrolled(
  inner: InnerProblem,
  learner: NaiveLearner,
  run: { gradient: OuterGradient & { kind: "unrolled" }; task: Task; path: InnerPath },
): TaskGradient {
  const { net, steps, proximal } = inner;
  const { gradient: { backpropSteps, stepWeights }, task, path } = run;
  const first = firstAdapted(net, inner.headOnly);
  const logLr = new Float64Array(learner.logLr.length);
  const phi = new Float64Array(3);
  const atStart = new Float64Array(net.parameterCount);
  const over = { shape: inner.loss, phi: learner.phi, samples: task.support };
  let weightDecay = 0;
  let loss = 0;
  let lambda = new Float64Array(net.parameterCount);
  for (let k = steps; k >= 0; k--) {
    if (k < steps) {
      const rate = rateIndex(inner, k, learner.logLr.length);
      const u = lambda.map((value, j) => j < first ? 0 : Math.exp(learner.logLr[rate(j)]) * value);
      u.forEach((value, j) => logLr[rate(j)] -= value * path.directions[k][j]);
      if (k >= steps - backpropSteps) {
        const theta = path.thetas[k];
        const { product, byPhi } = curvatureSweep(net, { params: theta, over, sweep: path.sweeps[k] }, u);
        lambda = lambda.map((value, j) => value - product[j] - (learner.weightDecay + proximal) * u[j]);
        u.forEach((value, j) => {
          weightDecay -= value * theta[j];
          atStart[j] += proximal * value;
        });
        byPhi.forEach((value, j) => phi[j] -= value);
      }
    }
    if (stepWeights[k] !== 0) {
      const query = querySweep(inner, path.thetas[k], task.query);
      loss += stepWeights[k] * query.loss;
      lambda = lambda.map((value, j) => value + stepWeights[k] * query.grad[j]);
    }
  }
  return { loss, params: lambda.map((value, j) => value + atStart[j]), logLr, phi, weightDecay };
}

/** (I + H/ρ)⁻¹ right by conjugate gradients (Rajeswaran et al. 2019, eq. 6 and algorithm 2), H of the bare support loss at θ_K; all layers adapt. */
function implicit(
  inner: InnerProblem,
  learner: NaiveLearner,
  run: { gradient: OuterGradient & { kind: "implicit" }; task: Task; path: InnerPath; right: Float64Array },
): Float64Array {
  const { net, steps, proximal } = inner;
  const { gradient, task, path, right } = run;
  const at = {
    params: path.thetas[steps],
    over: { shape: inner.loss, phi: learner.phi, samples: task.support },
    sweep: path.sweeps[steps],
  };
  const solution = new Float64Array(right.length);
  const residual = Float64Array.from(right);
  let direction = Float64Array.from(right);
  let squared = dot(residual, residual);
  const enough = gradient.tolerance ** 2 * squared;
  for (let i = 0; i < gradient.cgSteps && squared > enough; i++) {
    const { product } = curvatureSweep(net, at, direction);
    const applied = direction.map((value, j) => value + product[j] / proximal);
    const along = dot(direction, applied);
    if (along === 0) break;
    const length = squared / along;
    for (let j = 0; j < right.length; j++) {
      solution[j] += length * direction[j];
      residual[j] -= length * applied[j];
    }
    const next = dot(residual, residual);
    const turn = next / squared;
    direction = direction.map((value, j) => residual[j] + turn * value);
    squared = next;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
