/**
 * How much each support row moved one prediction: through the last inner step exactly, and by leaving it out of all of them.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { firstAdapted, rateRow, ratesPerRow } from "../method/rates.ts";
import type { Samples } from "../engine/problem.ts";
import { lossOf } from "../loss/losses.ts";
import { adaptMany } from "./adapt.ts";
import { forward, lossGradient } from "./differential.ts";
import { adaptedForecasts } from "./predict.ts";
import { resolveConfig } from "./resolve.ts";
import { freezeState, type MetaState } from "./state.ts";
import { widthsOf } from "./validate.ts";
import { slopeTargets } from "./integrated_gradients.ts";
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

/**
 * Influence of support rows on a prediction. With `v = −∂θ_K/∂g ⊙ ∂ŷ/∂θ` at θ_K, of the rule's last step along g (α ⊙ ∂ŷ/∂θ for
 * gradient descent), and per-row gradients at θ_{K−1}, leaving row i out of the last step changes ŷ by the mixed derivative
 * `⟨∇ℓ_i − ∇L, v⟩ · w_i/(Σw − w_i)` (after Koh & Liang 2017, eq. 2, with one step in place of the optimum). Exact for a network
 * that is linear in what adapts and one step of gradient descent.
 *
 * @param engine Where to run it.
 * @param learner The learner that adapts.
 * @param support At least two rows of weight above 0, one target.
 * @param x Inputs of the prediction, `[inputs]`.
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
  { x }: { readonly x: Float32Array },
): Promise<RowInfluence> {
  const [whole, ...without] = await adaptedForecasts(
    engine,
    learner,
    [support, ...leftOut(support)].map((one) => ({ support: one, x })),
  );
  const leaveOneOut = Float64Array.from(without, ([value]) => whole[0] - value);
  const { inner } = resolveConfig(learner.config);
  if (inner.steps === 0) return { lastStep: new Float64Array(support.rows), leaveOneOut };

  const [[{ params: before }], [{ params: after }]] = await Promise.all([
    adaptMany(engine, learner, [support], { steps: inner.steps - 1 }),
    adaptMany(engine, learner, [support]),
  ]);
  const along = await slopeByParameters(engine, learner, { params: after, x });
  const slope = await lastMoveSlope(engine, learner, support);
  const v = along.map((value, j) => value * slope[j] * rateOf(learner, j));
  const gradients = await rowGradients(engine, learner, { params: before, support });
  const slopes = gradients.map((gradient) => dot(gradient, v));
  const weights = support.weights ?? new Float32Array(support.rows).fill(1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = slopes.reduce((sum, slope, i) => sum + weights[i] * slope, 0) / total;
  // With the row g holds ∇L, without it (Σw·∇L − w_i·∇ℓ_i) / (Σw − w_i).
  const lastStep = Float64Array.from(slopes, (slope, i) => -weights[i] * (slope - mean) / (total - weights[i]));
  return { lastStep, leaveOneOut };
}

function leftOut(support: Samples): Samples[] {
  return Array.from({ length: support.rows }, (_, i) => {
    const weights = support.weights?.slice() ?? new Float32Array(support.rows).fill(1);
    weights[i] = 0;
    return { ...support, weights };
  });
}

/** ∂ŷ/∂θ of the point forecast ŷ, `[parameterCount]`. */
async function slopeByParameters(
  engine: Engine,
  learner: MetaState,
  { params, x }: { readonly params: Float32Array; readonly x: Float32Array },
): Promise<Float32Array> {
  const { net } = learner.config;
  const y = slopeTargets(await forward(engine, net, params, x), forecastWeights(learner));
  return (await lossGradient(engine, net, { kind: "mse" }, params, { rows: 1, x, y })).grad;
}

/**
 * Weights of the outputs whose sum is a learner's point forecast.
 *
 * @throws {RangeError} It is no such sum, as of a probability.
 */
export function forecastWeights(learner: MetaState): readonly number[] {
  const { loss, net } = resolveConfig(learner.config).inner;
  const weights = lossOf(loss).weights?.(net.outputs);
  if (weights) return weights;
  throw new RangeError(`Cannot explain: expected a loss whose forecast is a sum of outputs, received ${loss.kind}`);
}

/** α of parameter j at the last inner step; 0 where nothing adapts. */
function rateOf({ config, logLr }: MetaState, j: number): number {
  const { inner: { net, rate, steps, headOnly } } = resolveConfig(config);
  if (j < firstAdapted(net, headOnly)) return 0;
  const base = rateRow(net, rate, steps - 1, logLr.length) * ratesPerRow(net, rate);
  if (rate.per === "scalar") return Math.exp(logLr[base]);
  if (rate.per === "parameter") return Math.exp(logLr[base + j]);
  return Math.exp(logLr[base + net.groups.findIndex(({ end }) => j < end)]);
}

/** ∇ℓ_i of every row in one call: what one step of rate 1 from `params` on that row alone takes away. */
async function rowGradients(
  engine: Engine,
  learner: MetaState,
  { params, support }: { readonly params: Float32Array; readonly support: Samples },
): Promise<Float64Array[]> {
  const { inputs } = widthsOf(resolveConfig(learner.config).inner);
  const targets = support.y.length / support.rows;
  const plain = freezeState({
    ...learner,
    config: Object.freeze({
      ...learner.config,
      inner: { steps: 1, lr: 1 },
      gradient: { kind: "unrolled" as const },
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
  return adapted.map((one) => Float64Array.from(params, (value, j) => value - one.params[j]));
}

function dot(a: Float64Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
