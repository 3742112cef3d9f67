/**
 * The outer optimisers as pure `init`/`update` pairs: state in, new state out (after Optax's gradient transformations).
 * The arithmetic is the engines' own, `lib/engine/outer_update.ts`.
 * @module
 */
import { learnedNorm, outerUpdate } from "../engine/outer_update.ts";
import type { OuterMoments, OuterRule } from "../engine/problem.ts";
import { checkVector } from "./validate.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** An optimiser as data and two pure functions. */
export interface Optimizer {
  /** The rule it follows. */
  readonly rule: OuterRule;
  /** Zero moments for `length` values. */
  init(length: number): OuterMoments;
  /**
   * One update: new values and new moments; nothing is changed in place.
   *
   * @throws {TypeError} The lengths differ.
   * @throws {RangeError} The gradient is not finite.
   */
  update(
    values: Float32Array,
    gradient: Float32Array,
    state: { readonly moments: OuterMoments; readonly lr: number },
  ): { values: Float32Array; moments: OuterMoments };
}

function optimizer(rule: OuterRule): Optimizer {
  return Object.freeze({
    rule: Object.freeze(rule),
    init: (length: number): OuterMoments => ({
      first: new Float32Array(length),
      second: new Float32Array(length),
      step: 0,
    }),
    update(
      values: Float32Array,
      gradient: Float32Array,
      { moments, lr }: { readonly moments: OuterMoments; readonly lr: number },
    ): { values: Float32Array; moments: OuterMoments } {
      checkVector("Cannot update", "gradient", gradient, values.length);
      checkVector("Cannot update", "moments.first", moments.first, values.length);
      checkVector("Cannot update", "moments.second", moments.second, values.length);
      const layout = {
        parameterCount: values.length,
        rates: 0,
        learn: { params: true, lr: false, loss: false, weightDecay: false },
      };
      const buffers = {
        values: values.slice(),
        first: moments.first.slice(),
        second: moments.second.slice(),
        gradient,
      };
      const step = moments.step + 1;
      outerUpdate(buffers, layout, { rule, lr, step, gradNorm: learnedNorm(gradient, layout) });
      return { values: buffers.values, moments: { first: buffers.first, second: buffers.second, step } };
    },
  });
}

/** Settings that both optimisers share. */
export interface OptimizerOptions {
  /** Decoupled weight decay (default 0). */
  readonly weightDecay?: number;
  /** Largest gradient norm (default Infinity). */
  readonly clipNorm?: number;
}

const OPTIMIZER_KEYS: OptionKeys<OptimizerOptions> = { weightDecay: true, clipNorm: true };

/**
 * Adam (Kingma & Ba 2015, algorithm 1), with decoupled decay (Loshchilov & Hutter 2019, algorithm 2) and clipping by norm.
 *
 * @example
 * ```ts
 * import { adam } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * const { init, update } = adam();
 * const { values } = update(Float32Array.of(1), Float32Array.of(2), { moments: init(1), lr: 0.5 });
 * assertEquals(values[0].toFixed(6), "0.500000"); // the first step is as long as the rate
 * ```
 */
export function adam(
  options: OptimizerOptions & { readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number } = {},
): Optimizer {
  requireKnownKeys("Cannot make an optimiser", "options", options, {
    ...OPTIMIZER_KEYS,
    beta1: true,
    beta2: true,
    epsilon: true,
  });
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, clipNorm = Infinity } = options;
  return optimizer({ optimizer: "adam", beta1, beta2, epsilon, momentum: 0, weightDecay, clipNorm });
}

/**
 * SGD with momentum, v ← μv + g, x ← x − lr·v (Sutskever et al. 2013, eq. 1 up to scaling), with decay and clipping.
 *
 * @example
 * ```ts
 * import { sgd } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * const { init, update } = sgd();
 * const { values } = update(Float32Array.of(1), Float32Array.of(2), { moments: init(1), lr: 0.5 });
 * assertEquals([...values], [0]);
 * ```
 */
export function sgd(options: OptimizerOptions & { readonly momentum?: number } = {}): Optimizer {
  requireKnownKeys("Cannot make an optimiser", "options", options, { ...OPTIMIZER_KEYS, momentum: true });
  const { momentum = 0, weightDecay = 0, clipNorm = Infinity } = options;
  return optimizer({ optimizer: "sgd", beta1: 0, beta2: 0, epsilon: 1e-8, momentum, weightDecay, clipNorm });
}
