/**
 * Is it really second order? The proof by finite differences, as a public function.
 * The differences are taken in float64 on the readable twin, so they judge any engine.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { naiveLearner, naiveMetaGradient } from "../engine/naive/engine.ts";
import type { NaiveLearner } from "../engine/naive/bilevel.ts";
import type { OuterGradient, Task } from "../engine/problem.ts";
import { random } from "../net/random.ts";
import { metaGradientOf } from "./differential.ts";
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
  /** The same for φ; only for the learned loss. */
  readonly phi?: number;
  /** The same for ω. */
  readonly weightDecay: number;
  /** ‖exact − first order‖ / ‖exact‖ of the gradient by θ_0: the share that FOMAML would miss. */
  readonly missedByFirstOrder: number;
  /** Coordinates probed in all. */
  readonly probed: number;
}

/**
 * Compares every gradient that `metaGradientOf` returns with central differences of the meta-loss in float64.
 *
 * A method that truncates (FOMAML, `backpropSteps`) shows its bias here: its error is its distance from the true gradient.
 *
 * @param engine The engine to judge.
 * @param state Where to take the gradient; its method must be unrolled (Reptile and iMAML differentiate other functions).
 * @param tasks A batch; keep it small, the twin is slow.
 * @param options Step, coordinates and seed.
 * @returns Relative errors by array.
 * @throws {RangeError} The method is not unrolled.
 */
export async function checkMetaGradient(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
  options: CheckMetaGradientOptions = {},
): Promise<MetaGradientCheck> {
  requireKnownKeys("Cannot check the meta-gradient", "options", options, CHECK_META_GRADIENT_KEYS);
  const { step = 1e-5, coordinates = 64, seed = 0 } = options;
  const { inner, gradientAt } = resolveConfig(state.config);
  const gradient = gradientAt(state.step);
  if (gradient.kind !== "unrolled") {
    throw new RangeError(`Cannot check the meta-gradient: expected gradient.kind unrolled, received ${gradient.kind}`);
  }
  const found = await metaGradientOf(engine, state, tasks);
  const at = naiveLearner(state);
  const lossOf = (learner: NaiveLearner): number => naiveLoss(learner, { ...gradient, backpropSteps: 0 });
  const naiveLoss = (learner: NaiveLearner, as: OuterGradient): number =>
    naiveMetaGradient(inner, learner, { gradient: as, tasks }).loss;
  const stream = random(seed);
  let probed = 0;
  const errorOf = (name: "params" | "logLr" | "phi", values: Float32Array): number => {
    const indices = probes(values.length, coordinates, () => stream.integer(values.length));
    probed += indices.length;
    let [off, size] = [0, 0];
    for (const i of indices) {
      const moved = (by: number): number => {
        const array = at[name].slice();
        array[i] += by;
        return lossOf({ ...at, [name]: array });
      };
      const difference = (moved(step) - moved(-step)) / (2 * step);
      off += (values[i] - difference) ** 2;
      size += difference ** 2;
    }
    return ratio(off, size);
  };
  const byDecay = (lossOf({ ...at, weightDecay: at.weightDecay + step }) -
    lossOf({ ...at, weightDecay: at.weightDecay - step })) / (2 * step);
  const exact = naiveMetaGradient(inner, at, { gradient: { ...gradient, backpropSteps: inner.steps }, tasks }).params;
  const first = naiveMetaGradient(inner, at, { gradient: { ...gradient, backpropSteps: 0 }, tasks }).params;
  let [missed, whole] = [0, 0];
  exact.forEach((value, i) => {
    missed += (value - first[i]) ** 2;
    whole += value ** 2;
  });
  const params = errorOf("params", found.params);
  const logLr = errorOf("logLr", found.logLr);
  const phi = found.phi && errorOf("phi", found.phi);
  return {
    params,
    logLr,
    ...(phi === undefined ? {} : { phi }),
    weightDecay: ratio((found.weightDecay - byDecay) ** 2, byDecay ** 2),
    missedByFirstOrder: ratio(missed, whole),
    probed: probed + 1,
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
