/**
 * What the validation window judges an adapted network by: the forecast error, or the risk of the positions it implies.
 * Engines differentiate mse and huber alone. Since only ∂L/∂ŷ enters the meta-gradient (λ_K = ∇L(θ_K)), any other objective is
 * handed to them as targets whose error has that very slope: exact, at the price of one forward pass.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { sigmoid, softplus } from "../net/activation.ts";
import { type LearnedGradient, metaGradientOf } from "../meta/differential.ts";
import { adaptedOutputs } from "../meta/predict.ts";
import { resolveConfig } from "../meta/resolve.ts";
import type { LossConfig } from "../loss/config.ts";
import { outerLossOf } from "../loss/losses.ts";
import type { InnerProblem } from "../method/problem.ts";
import type { MetaState } from "../meta/state.ts";
import type { MarketTask } from "../tasks/market_task.ts";
import { type KindKeys, requireKindKeys } from "../options.ts";

/** The outer loss on the validation window. */
export type OnlineObjective =
  | {
    /** The engine's own outer loss: mse, or the configured huber. */
    readonly kind: "forecast";
  }
  | {
    /** L_return + λ·L_risk over implied positions; see {@linkcode impliedRisk}. */
    readonly kind: "risk";
    /** Weight λ of the downside, at least 0. */
    readonly lambda: number;
    /** Forecast at which the position is tanh(1) = 0.76, in label deviations, above 0 (default 1). */
    readonly sharpness?: number;
    /** Width over which a loss fades in, in label deviations, above 0 (default 0.1). */
    readonly softness?: number;
    /** Weight of the forecast's mse added to it, at least 0 (default 0). */
    readonly forecastWeight?: number;
  };

const OBJECTIVE_KEYS: KindKeys<OnlineObjective> = {
  forecast: { kind: true },
  risk: { kind: true, lambda: true, sharpness: true, softness: true, forecastWeight: true },
};

/** Checks an objective and freezes it. */
export function checkObjective(objective: OnlineObjective): OnlineObjective {
  requireKindKeys("Cannot configure online learning", "objective", objective, OBJECTIVE_KEYS);
  if (objective.kind === "forecast") return Object.freeze({ kind: "forecast" });
  if (objective.kind !== "risk") {
    throw new RangeError(
      `Cannot configure online learning: expected objective.kind to be forecast or risk, received ${
        String((objective as { kind: unknown }).kind)
      }`,
    );
  }
  const { lambda, sharpness = 1, softness = 0.1, forecastWeight = 0 } = objective;
  const limits = { lambda: 0, sharpness: Number.MIN_VALUE, softness: Number.MIN_VALUE, forecastWeight: 0 };
  const checked = { lambda, sharpness, softness, forecastWeight };
  for (const [name, min] of Object.entries(limits) as [keyof typeof limits, number][]) {
    if (!(checked[name] >= min && checked[name] < Infinity)) {
      throw new RangeError(
        `Cannot configure online learning: expected objective.${name} to be finite and ${
          min === 0 ? "at least" : "above"
        } 0, received ${String(checked[name])}`,
      );
    }
  }
  return Object.freeze({ kind: "risk", ...checked });
}

/** The loss that a problem judges its query rows by. */
export function queryLossOf({ loss, outerLoss, method }: InnerProblem): LossConfig {
  return method ? loss : outerLoss ?? outerLossOf(loss);
}

/** An objective's value and its slope by each prediction. */
export interface ObjectiveSlope {
  /** L. */
  readonly loss: number;
  /** ∂L/∂ŷ, `[rows]`. */
  readonly slope: Float64Array;
}

/**
 * The risk objective of predictions: with positions `p = tanh(ŷ/s)`, losses `d = β·softplus(−p·r/β)`,
 * `L = mean(−p·r) + λ·mean(d²) + w·mean((ŷ − r)²)`: the mean return forgone, the smooth downside semi-variance (Markowitz 1959,
 * chapter 9, with softplus in place of the kink) and the forecast error. All in units of the label's deviation, the mean put back.
 *
 * @param objective λ, s (`sharpness`), β (`softness`), w (`forecastWeight`).
 * @param predicted Scaled predictions, `[rows]`.
 * @param labels Scaled labels `y`, `[rows]`, and `shift`, the label's mean over its deviation: r = y + shift, ŷ likewise.
 */
export function impliedRisk(
  objective: OnlineObjective & { readonly kind: "risk" },
  predicted: ArrayLike<number>,
  labels: { readonly y: ArrayLike<number>; readonly shift: number },
): ObjectiveSlope {
  const { lambda, sharpness = 1, softness = 0.1, forecastWeight = 0 } = objective;
  const rows = predicted.length;
  const slope = new Float64Array(rows);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const error = predicted[i] - labels.y[i];
    const r = labels.y[i] + labels.shift;
    const p = Math.tanh((predicted[i] + labels.shift) / sharpness);
    const lost = -p * r / softness;
    const d = softness * softplus(lost);
    loss += (-p * r + lambda * d * d + forecastWeight * error * error) / rows;
    const byPosition = -r - 2 * lambda * d * sigmoid(lost) * r;
    slope[i] = (byPosition * (1 - p * p) / sharpness + 2 * forecastWeight * error) / rows;
  }
  return { loss, slope };
}

/**
 * The gradient of the mean objective over windows, through their adaptation.
 *
 * @param engine Where to run it.
 * @param learner Where to take it.
 * @param tasks Windows, at least one.
 * @param objective What their queries judge by.
 * @returns As `metaGradientOf`, of the objective; NaN where a prediction is not finite.
 */
export async function objectiveGradient(
  engine: Engine,
  learner: MetaState,
  tasks: readonly MarketTask[],
  { objective }: { readonly objective: OnlineObjective },
): Promise<LearnedGradient> {
  if (objective.kind === "forecast") return await metaGradientOf(engine, learner, tasks);
  const outputs = await adaptedOutputs(engine, learner, tasks.map(({ support, query: { x } }) => ({ support, x })));
  const slopes = outputs.map((output, t) => {
    const { query, scaler } = tasks[t];
    return impliedRisk(objective, output, { y: query.y, shift: scaler.y.mean[0] / scaler.y.scale[0] });
  });
  const taskLosses = Float32Array.from(slopes, ({ loss }) => loss);
  const loss = slopes.reduce((sum, { loss }) => sum + loss, 0) / slopes.length;
  if (!outputs.every((output) => output.every(Number.isFinite)) || !Number.isFinite(loss)) {
    return notFinite(learner, taskLosses);
  }
  const { errors, scale } = errorsFor(learner, outputs, slopes);
  const shifted = tasks.map(({ support, query: { rows, x } }, t) => ({
    support,
    query: { rows, x, y: outputs[t].map((value, i) => value - errors[t][i]) },
  }));
  const gradient = await metaGradientOf(engine, learner, shifted);
  const unscale = (values: Float32Array): Float32Array => values.map((value) => value / scale);
  return {
    loss,
    taskLosses,
    params: unscale(gradient.params),
    logLr: unscale(gradient.logLr),
    ...(gradient.phi ? { phi: unscale(gradient.phi) } : {}),
    weightDecay: gradient.weightDecay / scale,
    ...(gradient.rule ? { rule: unscale(gradient.rule) } : {}),
  };
}

/**
 * Errors e = ŷ − y′ that give the engine's own outer loss κ times the slope G: e = κ·n·G/2 for mse (slope 2e/n), κ·n·G for
 * huber (slope e/n where |e| ≤ δ). The gradient is linear in G, so κ is divided out again; it is chosen such that the largest
 * error is δ, or of the size of the predictions, so that ŷ − y′ loses no digits.
 */
function errorsFor(
  learner: MetaState,
  outputs: readonly Float32Array[],
  slopes: readonly ObjectiveSlope[],
): { errors: Float64Array[]; scale: number } {
  const loss = queryLossOf(resolveConfig(learner.config).inner);
  const factor = loss.kind === "huber" ? 1 : 0.5;
  const bare = slopes.map(({ slope }) => slope.map((g) => factor * slope.length * g));
  const largest = bare.reduce((top, errors) => Math.max(top, maxAbs(errors)), 0);
  if (largest === 0) return { errors: bare, scale: 1 };
  const wanted = loss.kind === "huber" ? 0.99 * loss.delta : outputs.reduce((top, o) => Math.max(top, maxAbs(o)), 1);
  const scale = wanted / largest;
  return { errors: bare.map((errors) => errors.map((e) => e * scale)), scale };
}

function maxAbs(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

function notFinite(learner: MetaState, taskLosses: Float32Array): LearnedGradient {
  return {
    loss: NaN,
    taskLosses,
    params: learner.params.map(() => NaN),
    logLr: learner.logLr.map(() => NaN),
    weightDecay: NaN,
  };
}
