/**
 * Is it really second order? The proof by finite differences, as a public function.
 * The differences are taken in float64 on the interpreter, so they judge any engine.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { INTERPRETED } from "../engine/naive/engine.ts";
import type { InnerProblem, Task } from "../engine/problem.ts";
import { learnerInputs, runMetaGradient, runMetaLosses } from "../engine/programmed.ts";
import { random } from "../net/random.ts";
import { metaGradientOf } from "./differential.ts";
import { invariantLoss, slopeProblem } from "./invariance.ts";
import { resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode checkMetaGradient} takes beyond its data. */
export interface CheckMetaGradientOptions {
  /** Half-width of the central difference, in units of the parameter (default 1e-5). */
  readonly step?: number;
  /** Most coordinates probed in each array; all when there are no more (default 64). */
  readonly coordinates?: number;
  /** Seed of the choice of coordinates (default 0). */
  readonly seed?: number;
}

const CHECK_META_GRADIENT_KEYS: OptionKeys<CheckMetaGradientOptions> = { step: true, coordinates: true, seed: true };

/** How well an engine's meta-gradient agrees with central differences. */
export interface MetaGradientCheck {
  /** ‖engine − difference‖ / ‖difference‖ over the probed coordinates of θ_0. */
  readonly params: number;
  /** The same for log α. */
  readonly logLr: number;
  /** The same for φ; only where the loss has it. */
  readonly phi?: number;
  /** The same for ω. */
  readonly weightDecay: number;
  /** The same for each of `state.values`, by name. */
  readonly by: Readonly<Record<string, number>>;
  /** ‖exact − first order‖ / ‖exact‖ of the gradient by θ_0: the share that FOMAML would miss. */
  readonly missedByFirstOrder: number;
  /** Coordinates probed in all. */
  readonly probed: number;
}

/**
 * Compares every gradient that `metaGradientOf` returns with central differences of the meta-loss in float64.
 *
 * A method that truncates (FOMAML, `backpropSteps`) shows its bias here: its error is its distance from the true gradient.
 * So do inner rules that stop the gradient they read (`learned`, `gated`).
 *
 * @param engine The engine to judge.
 * @param state Where to take the gradient; its method must be unrolled (Reptile and iMAML differentiate other functions).
 * @param tasks A batch; keep it small, the interpreter is slow.
 * @param options Step, coordinates and seed.
 * @returns Relative errors by array.
 * @throws {RangeError} The method is not unrolled.
 *
 * @example
 * ```ts
 * import { checkMetaGradient, maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertLess } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(1, 2), y: Float32Array.of(1, 3) };
 * const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.1 } }));
 * const { params } = await checkMetaGradient(engine, state, [{ support: samples, query: samples }]);
 * assertLess(params, 1e-2); // from central differences
 * ```
 */
export async function checkMetaGradient(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
  options: CheckMetaGradientOptions = {},
): Promise<MetaGradientCheck> {
  requireKnownKeys("Cannot check the meta-gradient", "options", options, CHECK_META_GRADIENT_KEYS);
  const { step = 1e-5, coordinates = 64, seed = 0 } = options;
  const { inner, gradientAt, invariance } = resolveConfig(state.config);
  const gradient = gradientAt(state.step);
  if (gradient.kind !== "unrolled") {
    throw new RangeError(`Cannot check the meta-gradient: expected gradient.kind unrolled, received ${gradient.kind}`);
  }
  const found = await metaGradientOf(engine, state, tasks);
  const at = Object.fromEntries(
    Object.entries(learnerInputs(state)).map(([name, values]) => [name, Float64Array.from(values)]),
  );
  const lossAt = async (learned: Readonly<Record<string, Float64Array>>): Promise<number> => {
    const { stepWeights } = gradient;
    const lossesOf = (problem: InnerProblem): Promise<number[]> =>
      runMetaLosses(INTERPRETED, { inner: problem, stepWeights, learned }, tasks);
    const losses = await lossesOf(inner);
    const slopes = invariance?.kind === "irm" ? await lossesOf(slopeProblem(inner)) : [];
    return invariantLoss(tasks, { losses, slopes }, invariance);
  };
  const stream = random(seed);
  let probed = 0;
  const errorOf = async (name: string, values: ArrayLike<number>): Promise<number> => {
    const indices = probes(values.length, coordinates, () => stream.integer(values.length));
    probed += indices.length;
    let [off, size] = [0, 0];
    for (const i of indices) {
      const moved = (by: number): Promise<number> => {
        const array = at[name].slice();
        array[i] += by;
        return lossAt({ ...at, [name]: array });
      };
      const difference = (await moved(step) - await moved(-step)) / (2 * step);
      off += (values[i] - difference) ** 2;
      size += difference ** 2;
    }
    return ratio(off, size);
  };
  const byTheta = async (backpropSteps: number): Promise<ArrayLike<number>> => {
    const point = { inner, gradient: { ...gradient, backpropSteps }, learned: at };
    return (await runMetaGradient(INTERPRETED, point, tasks)).by.theta ?? [];
  };
  const [exact, first] = [await byTheta(inner.steps), await byTheta(0)];
  let [missed, whole] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    missed += (exact[i] - first[i]) ** 2;
    whole += exact[i] ** 2;
  }
  const by: Record<string, number> = {};
  for (const [name, values] of Object.entries(found.by)) by[name] = await errorOf(name, values);
  return {
    params: by.theta ?? 0,
    logLr: by.logLr ?? 0,
    ...("phi" in by ? { phi: by.phi } : {}),
    weightDecay: by.weightDecay ?? 0,
    by,
    missedByFirstOrder: ratio(missed, whole),
    probed,
  };
}

/** Every index, or `most` different ones drawn. */
function probes(length: number, most: number, draw: () => number): number[] {
  if (length <= most) return Array.from({ length }, (_, i) => i);
  const chosen = new Set<number>();
  while (chosen.size < most) chosen.add(draw());
  return [...chosen];
}

/** √(off / size); the plain √off where the reference is zero. */
function ratio(off: number, size: number): number {
  return Math.sqrt(size > 0 ? off / size : off);
}
