/**
 * The learner between outer steps: an immutable value. It holds no engine and no data.
 * @module
 */
import { rateCount } from "../engine/layout.ts";
import type { Learner, OuterMoments } from "../engine/problem.ts";
import type { Initializer } from "../net/draw_mlp.ts";
import { initParams } from "../net/init.ts";
import type { MetaConfig } from "./config.ts";
import { DEFAULT_PHI, resolveConfig } from "./resolve.ts";
import { requireTrainedOn, type TrainedOn } from "./trained_on.ts";
import { checkVector } from "./validate.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { deriveMlp } from "../net/mlp.ts";

/** Everything learned so far. Frozen; its arrays are never written by the library and should not be by callers. */
export interface MetaState extends Learner {
  /** What is learned, and how. */
  readonly config: MetaConfig;
  /** The outer optimiser's moments, `[P + rates + 4]` each. */
  readonly moments: OuterMoments;
  /** Outer steps made so far. */
  readonly step: number;
  /** What it was trained on, as far as its tasks said; null before the first that did. */
  readonly trainedOn: TrainedOn | null;
}

/** What {@linkcode metaInit} takes beyond the config. */
export interface MetaInitOptions {
  /** Seed of the initial parameters (default 0). */
  readonly seed?: number;
  /** How the seeded parameters are scaled (default `uniform`, within ±1/√in). */
  readonly init?: Initializer;
  /** Initial parameters instead of seeded ones, `[parameterCount]`; not with `init`. */
  readonly params?: Float32Array;
  /** Initial log learning rates instead of log(config.inner.lr), `[1 | layers | P]`, times K rows if per step. */
  readonly logLr?: Float32Array;
  /** Initial φ instead of the config's, `[3]`. */
  readonly phi?: Float32Array | readonly [number, number, number];
  /** What the values given were trained on, as far as it is known (default null). */
  readonly trainedOn?: TrainedOn | null;
}

const META_INIT_KEYS: OptionKeys<MetaInitOptions> = {
  seed: true,
  init: true,
  params: true,
  logLr: true,
  phi: true,
  trainedOn: true,
};

/**
 * Makes the state before the first outer step.
 *
 * @param config A method; see the presets.
 * @param options Seed, or explicit initial values (copied).
 * @returns A frozen state at step 0 with zero moments.
 * @throws {RangeError} The config or the seed is out of range.
 * @throws {TypeError} An array has the wrong length or type.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const net = mlp({ inputs: 1, hidden: [8], outputs: 1 });
 * const state = metaInit(maml({ net }), { seed: 7 });
 * assertEquals(state.params.length, 25);
 * ```
 */
export function metaInit(config: MetaConfig, options: MetaInitOptions = {}): MetaState {
  requireKnownKeys("Cannot initialise", "options", options, META_INIT_KEYS);
  const action = "Cannot initialise";
  const { inner } = resolveConfig(config);
  const rates = rateCount(inner.net, inner.rate, inner.steps);
  const { init = "uniform" } = options;
  if (options.init !== undefined && options.params) {
    throw new TypeError(`${action}: expected init or params, received both`);
  }
  if (options.params) checkVector(action, "params", options.params, inner.net.parameterCount);
  if (options.logLr) checkVector(action, "logLr", options.logLr, rates);
  const phi = options.phi && Float32Array.from(options.phi);
  if (phi) checkVector(action, "phi", phi, 3);
  const configured = config.loss?.kind === "learned" ? config.loss.phi : undefined;
  const learnable = inner.net.parameterCount + rates + 4;
  return freezeState({
    config: freezeConfig(config),
    params: options.params?.slice() ?? initParams(inner.net, options.seed ?? 0, { init }),
    logLr: options.logLr?.slice() ?? new Float32Array(rates).fill(Math.log(config.inner.lr)),
    phi: phi ?? Float32Array.from(configured ?? DEFAULT_PHI),
    weightDecay: Math.fround(config.inner.weightDecay ?? 0),
    moments: { first: new Float32Array(learnable), second: new Float32Array(learnable), step: 0 },
    step: 0,
    trainedOn: options.trainedOn ? requireTrainedOn(action, options.trainedOn) : null,
  });
}

/** Freezes a state and its moments. */
export function freezeState(state: MetaState): MetaState {
  return Object.freeze({ ...state, moments: Object.freeze({ ...state.moments }) });
}

/** A deep-frozen copy of a config, so that a state's method cannot change under it. */
export function freezeConfig(config: MetaConfig): MetaConfig {
  const net = deriveMlp(config.net);
  if (Object.isFrozen(config) && net === config.net) return config;
  const copy = structuredClone({ ...config, net: undefined });
  const freeze = <T>(value: T): T => {
    if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
    return Object.freeze(value);
  };
  return freeze({ ...copy, net });
}
