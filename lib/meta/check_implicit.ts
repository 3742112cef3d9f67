/**
 * Whether an implicit meta-gradient is what it claims to be: how near the inner loop came to a stationary point, where alone the
 * formula holds, and how far conjugate gradients came. It trains nothing.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { captureTasks } from "../engine/guarded.ts";
import type { Task } from "../engine/problem.ts";
import { adaptMany } from "./adapt.ts";
import { hessianVectorProduct, lossGradient } from "./differential.ts";
import { resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";
import { checkTasks, widthsOf } from "./validate.ts";

/** How good one task's implicit gradient is. */
export interface ImplicitCheck {
  /** The task's name, or its index. */
  readonly task: string;
  /**
   * ‖∇L_support + ωθ + ρ(θ − θ₀)‖ at θ_K over the same at θ₀: 0 at the stationary point that the formula takes θ_K for; near 1
   * the inner loop has hardly begun.
   */
  readonly stationarity: number;
  /** ‖(I + H/ρ) x − ∇L_query‖ / ‖∇L_query‖ of the solution x. */
  readonly residual: number;
  /** Iterations of conjugate gradients made. */
  readonly iterations: number;
  /** Whether they ended because the curvature was negative: x is then not a solution. */
  readonly negativeCurvature: boolean;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Follows an implicit gradient (iMAML, Rajeswaran et al. 2019) task by task: the stationarity of its inner loop, and the residual
 * of its conjugate gradients, which end at negative curvature (Steihaug 1983). The vectors are float64, the Hessian the engine's.
 *
 * @param engine Where to run it; one call an iteration.
 * @param state Where to take it; its gradient must be implicit.
 * @param tasks At least one task.
 * @returns One report a task, in order.
 * @throws {RangeError} The gradient is not implicit, or the batch is empty.
 * @throws {DivergedError} An inner loop diverged.
 *
 * @example
 * ```ts
 * import { imaml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { checkImplicit } from "@adaptrade/adaptrade/methods";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
 * const state = metaInit(imaml({ net, inner: { tolerance: 1e-4 } }));
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const [{ stationarity, residual }] = await checkImplicit(engine, state, [{ support: samples, query: samples }]);
 * assert(stationarity < 1e-3 && residual < 1e-3);
 * ```
 */
export async function checkImplicit(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
): Promise<ImplicitCheck[]> {
  const { inner, gradientAt } = resolveConfig(state.config);
  const gradient = gradientAt(state.step);
  if (gradient.kind !== "implicit") {
    throw new RangeError(
      `Cannot check an implicit gradient: expected gradient.kind implicit, received ${gradient.kind}`,
    );
  }
  checkTasks("Cannot check an implicit gradient", tasks, widthsOf(inner));
  const captured = captureTasks(tasks);
  const adapted = await adaptMany(engine, state, captured.map(({ support }) => support));
  const loss = state.config.loss ?? { kind: "mse" };
  const at = loss.kind === "learned" ? { ...loss, phi: [state.phi[0], state.phi[1], state.phi[2]] as const } : loss;
  const outer = state.config.outerLoss ?? (loss.kind === "learned" ? { kind: "mse" as const } : loss);
  const found: ImplicitCheck[] = [];
  for (const [t, { name, support, query }] of captured.entries()) {
    const theta = adapted[t].params;
    const slopeAt = async (params: Float32Array): Promise<number> => {
      const { grad } = await lossGradient(engine, inner.net, at, params, support);
      const whole = Float64Array.from(
        grad,
        (g, i) => g + state.weightDecay * params[i] + inner.proximal * (params[i] - state.params[i]),
      );
      return Math.sqrt(dot(whole, whole));
    };
    const { grad: right } = await lossGradient(engine, inner.net, outer, theta, query);
    const product = async (vector: Float64Array): Promise<Float64Array> => {
      const bent = await hessianVectorProduct(engine, inner.net, at, theta, support, Float32Array.from(vector));
      return vector.map((value, i) => value + bent[i] / inner.proximal);
    };
    const solved = await conjugateGradients(Float64Array.from(right), product, gradient);
    const [start, end] = [await slopeAt(state.params), await slopeAt(theta)];
    found.push(Object.freeze({ task: name ?? String(t), stationarity: start > 0 ? end / start : 0, ...solved }));
  }
  return found;
}

/** The loop of `implicit` in `lib/method/meta_gradient.ts`, followed. */
async function conjugateGradients(
  right: Float64Array,
  product: (vector: Float64Array) => Promise<Float64Array>,
  { cgSteps, tolerance }: { readonly cgSteps: number; readonly tolerance: number },
): Promise<Omit<ImplicitCheck, "task" | "stationarity">> {
  const start = dot(right, right);
  let [residual, direction, squared] = [right, right, start];
  for (let i = 0; i < cgSteps && squared > tolerance ** 2 * start; i++) {
    const applied = await product(direction);
    const along = dot(direction, applied);
    if (along <= 0) {
      // Before the first step the solution is the right side itself, whose residual is H/ρ times it.
      const off = i > 0 ? residual : applied.map((value, j) => value - right[j]);
      return { residual: Math.sqrt(dot(off, off) / start), iterations: i, negativeCurvature: true };
    }
    const length = squared / along;
    residual = residual.map((value, j) => value - length * applied[j]);
    const next = dot(residual, residual);
    const turn = next / squared;
    direction = direction.map((value, j) => residual[j] + turn * value);
    squared = next;
    if (i === cgSteps - 1 || !(squared > tolerance ** 2 * start)) {
      return { residual: Math.sqrt(squared / start), iterations: i + 1, negativeCurvature: false };
    }
  }
  return { residual: 0, iterations: 0, negativeCurvature: false };
}
