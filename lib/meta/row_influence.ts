/**
 * How much each support row moved one prediction: through the last inner step exactly, and by leaving it out of all of them.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import type { SmoothForecast } from "../loss/loss.ts";
import { lossOf } from "../loss/losses.ts";
import { requireKnownKeys } from "../options.ts";
import { adaptMany } from "./adapt.ts";
import { forward, lossGradient } from "./differential.ts";
import { adaptedOutputs } from "./predict.ts";
import { resolveConfig } from "./resolve.ts";
import { freezeState, type MetaState } from "./state.ts";
import { widthsOf } from "./validate.ts";
import { explainedTarget, slopeTargets } from "./integrated_gradients.ts";
import { lastMoveSlope } from "./last_move.ts";

/** What each support row did to a prediction, in units of the output. */
export interface RowInfluence {
  /**
   * The prediction less what it would be had the last inner step not seen the row, to first order in the parameters, `[rows]`;
   * zeros for an inner loop of no steps.
   */
  readonly lastStep: Float64Array;
  /** The prediction less what it is when the row is left out of every inner step, `[rows]`. */
  readonly leaveOneOut: Float64Array;
}

/** Which prediction {@linkcode rowInfluence} is about. */
export interface RowInfluenceOptions {
  /** Its inputs, `[inputs]`. */
  readonly x: Float32Array;
  /** Which target's forecast, or which class's probability (default the first target, the class likeliest at x). */
  readonly target?: number;
}

/**
 * Influence of support rows on a prediction, whatever the inner rule. With `v = ∂ŷ/∂g` and `u = ∂ŷ/∂L` through the last step, of the
 * gradient and the loss that its rule was shown (−α ⊙ ∂ŷ/∂θ and 0 for gradient descent), and each row's gradient and loss at θ_{K−1},
 * leaving row i out of that step changes ŷ by `(⟨∇ℓ_i − ∇L, v⟩ + (ℓ_i − L)·u) · w_i/(Σw − w_i)` (after Koh & Liang 2017, eq. 2, with
 * one step in place of the optimum). Exact for a network that is linear in what adapts and one step of gradient descent; of a rule
 * that bends sharply at a gradient of 0, as a learned one's logarithm does, it holds for small shares of a row alone. Of classes the
 * prediction is a probability.
 *
 * @param engine Where to run it.
 * @param learner The learner that adapts.
 * @param support At least two rows of weight above 0.
 * @param options The prediction.
 * @throws {TypeError} `x` is not one row, or the support's arrays do not fit.
 * @throws {RangeError} There is no such target.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { rowInfluence } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const learner = metaInit(maml({ net }));
 * const { leaveOneOut } = await rowInfluence(engine, learner, samples, { x: Float32Array.of(0.5) });
 * assertEquals(leaveOneOut.length, 2);
 * ```
 */
export async function rowInfluence(
  engine: Engine,
  learner: MetaState,
  support: Samples,
  options: RowInfluenceOptions,
): Promise<RowInfluence> {
  requireKnownKeys("Cannot explain a prediction", "options", options, { x: true, target: true });
  const { x, target } = options;
  const { inner } = resolveConfig(learner.config);
  const { inputs } = inner.net;
  if (x?.length !== inputs) {
    throw new TypeError(
      `Cannot explain a prediction: expected x to hold one row of ${inputs} inputs, received ${x?.length ?? "none"}`,
    );
  }
  const [whole, ...without] = await adaptedOutputs(
    engine,
    learner,
    [support, ...leftOut(support)].map((one) => ({ support: one, x })),
  );
  const which = explainedTarget("Cannot explain a prediction", inner.loss, { outputs: whole, target });
  const smooth = (outputs: Float32Array): SmoothForecast => lossOf(inner.loss).smooth(outputs, which);
  const leaveOneOut = Float64Array.from(without, (outputs) => smooth(whole).value - smooth(outputs).value);
  if (inner.steps === 0) return { lastStep: new Float64Array(support.rows), leaveOneOut };

  const [[{ params: before }], [{ params: after }]] = await Promise.all([
    adaptMany(engine, learner, [support], { steps: inner.steps - 1 }),
    adaptMany(engine, learner, [support]),
  ]);
  const along = await slopeByParameters(engine, learner, { params: after, x, smooth });
  const { byGradient, byLoss } = await lastMoveSlope(engine, learner, support, { along });
  const alone = await rowsAlone(engine, learner, { params: before, support });
  const slopes = alone.map(({ gradient, loss }) => dot(gradient, byGradient) + byLoss * loss);
  const weights = support.weights ?? new Float32Array(support.rows).fill(1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = slopes.reduce((sum, slope, i) => sum + weights[i] * slope, 0) / total;
  // With the row g holds ∇L, without it (Σw·∇L − w_i·∇ℓ_i) / (Σw − w_i), and L likewise.
  const lastStep = Float64Array.from(slopes, (slope, i) => weights[i] * (slope - mean) / (total - weights[i]));
  return { lastStep, leaveOneOut };
}

function leftOut(support: Samples): Samples[] {
  return Array.from({ length: support.rows }, (_, i) => {
    const weights = support.weights?.slice() ?? new Float32Array(support.rows).fill(1);
    weights[i] = 0;
    return { ...support, weights };
  });
}

/** ∂ŷ/∂θ of the forecast ŷ, `[parameterCount]`. */
async function slopeByParameters(
  engine: Engine,
  learner: MetaState,
  { params, x, smooth }: {
    readonly params: Float32Array;
    readonly x: Float32Array;
    readonly smooth: (outputs: Float32Array) => SmoothForecast;
  },
): Promise<Float32Array> {
  const { net } = learner.config;
  const outputs = await forward(engine, net, params, x);
  const y = slopeTargets([outputs], [smooth(outputs)]);
  return (await lossGradient(engine, net, { kind: "mse" }, params, { rows: 1, x, y })).grad;
}

/** ∇ℓ_i and ℓ_i of every row in one call: what one step of rate 1 from `params` on that row alone takes away, and the loss before it. */
async function rowsAlone(
  engine: Engine,
  learner: MetaState,
  { params, support }: { readonly params: Float32Array; readonly support: Samples },
): Promise<{ readonly gradient: Float64Array; readonly loss: number }[]> {
  const { inputs } = widthsOf(resolveConfig(learner.config).inner);
  const targets = support.y.length / support.rows;
  const { others: _rule, ...rest } = learner;
  const plain = freezeState({
    ...rest,
    config: Object.freeze({
      ...learner.config,
      inner: { steps: 1, lr: 1 },
      gradient: { kind: "unrolled" as const },
      learn: { params: true },
    }),
    params,
    logLr: new Float32Array(1),
    weightDecay: 0,
  });
  const rows = Array.from({ length: support.rows }, (_, i) => ({
    rows: 1,
    x: support.x.slice(i * inputs, (i + 1) * inputs),
    y: support.y.slice(i * targets, (i + 1) * targets),
  }));
  const adapted = await adaptMany(engine, plain, rows);
  return adapted.map((one) => ({
    gradient: Float64Array.from(params, (value, j) => value - one.params[j]),
    loss: one.losses[0],
  }));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
