/**
 * The learner between outer steps: an immutable value. It holds no engine and no data.
 * @module
 */
import type { Initializer } from "../net/draw_mlp.ts";
import type { InnerProblem, Learner, OuterMoments } from "../engine/problem.ts";
import { lossOf } from "../loss/losses.ts";
import { DEFAULT_PHI } from "../loss/pointwise.ts";
import { ruleLength } from "../method/programs.ts";
import type { Method } from "../method/method.ts";
import { rateCount } from "../method/rates.ts";
import { initParams } from "../net/init.ts";
import { random } from "../net/random.ts";
import { sizeOf } from "../program/value.ts";
import { firstRate, ruleOf } from "../rule/rules.ts";
import type { MetaConfig, MethodConfig } from "./config.ts";
import { configOf } from "./method_config.ts";
import { resolveConfig } from "./resolve.ts";
import { requireTrainedOn, type TrainedOn } from "./trained_on.ts";
import { checkVector } from "./validate.ts";
import { isPlainObject, type OptionKeys, requireKnownKeys } from "../options.ts";
import { deriveModel } from "../model/models.ts";

/** Everything learned so far. Frozen; its arrays are never written by the library and should not be by callers. */
export interface MetaState extends Learner {
  /** What is learned, and how. */
  readonly config: MetaConfig;
  /**
   * What is learned, by name: `theta` (also `params`), `logLr` where the inner rule reads rates, `phi` where the loss has it,
   * `weightDecay` `[1]`, and `rule` where the inner rule has learnables. Of a method: what it learns, by its names.
   */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** The outer optimiser's moments over `[params | logLr | phi | weightDecay | others]`. */
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
  readonly phi?: Float32Array | readonly number[];
  /** Initial values by their names in `state.values`; a single number for one of length 1. */
  readonly values?: Readonly<Record<string, ArrayLike<number> | number>>;
  /** What the values given were trained on, as far as it is known (default null). */
  readonly trainedOn?: TrainedOn | null;
}

const META_INIT_KEYS: OptionKeys<MetaInitOptions> = {
  seed: true,
  init: true,
  params: true,
  logLr: true,
  phi: true,
  values: true,
  trainedOn: true,
};

/**
 * Makes the state before the first outer step.
 *
 * @param of What is learned and how: see the presets, `prototypical()` and its kin, `defineMethod()`.
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
export function metaInit(of: MetaConfig | MethodConfig | Method, options: MetaInitOptions = {}): MetaState {
  requireKnownKeys("Cannot initialise", "options", options, META_INIT_KEYS);
  const action = "Cannot initialise";
  const config = configOf(of);
  const { inner } = resolveConfig(config);
  if (inner.method) return methodState(action, { config, method: inner.method, inner }, options);
  if (options.init !== undefined && options.params) {
    throw new TypeError(`${action}: expected init or params, received both`);
  }
  const lengths = learnedLengths(inner);
  const given = givenValues(action, options, lengths);
  const { phi } = lossOf(inner.loss);
  const seed = options.seed ?? 0;
  const params = given.theta ?? initParams(inner.net, seed, options.init === undefined ? {} : { init: options.init });
  const logLr = given.logLr ??
    new Float32Array(lengths.logLr ?? 0).fill(Math.log(firstRate(inner.rule, config.inner.lr)));
  const rule = lengths.rule === undefined
    ? undefined
    : given.rule ?? ruleOf(inner.rule!).start(random(seed).fork(RULE_STREAM));
  const learnable = params.length + logLr.length + (phi.length || DEFAULT_PHI.length) + 1 + (rule?.length ?? 0);
  return freezeState({
    config: freezeConfig(config),
    params,
    logLr,
    phi: given.phi ?? Float32Array.from(phi.length > 0 ? phi : DEFAULT_PHI),
    weightDecay: given.weightDecay?.[0] ?? Math.fround(config.inner.weightDecay ?? 0),
    ...(rule ? { others: { rule } } : {}),
    moments: { first: new Float32Array(learnable), second: new Float32Array(learnable), step: 0 },
    step: 0,
    trainedOn: options.trainedOn ? requireTrainedOn(action, options.trainedOn) : null,
  });
}

/** The first state of a method: what it draws itself, or was given. */
function methodState(
  action: string,
  { config, method, inner }: { readonly config: MetaConfig; readonly method: Method; readonly inner: InnerProblem },
  options: MetaInitOptions,
): MetaState {
  if (options.init !== undefined) {
    throw new TypeError(
      `${action}: expected init to be left out for the method ${method.kind}, received ${options.init}`,
    );
  }
  const given = givenValues(action, options, learnedLengths(inner));
  const { theta = new Float32Array(0), ...others } = { ...method.init(random(options.seed ?? 0)), ...given };
  const learnable = Object.values(others).reduce((sum, { length }) => sum + length, theta.length) +
    DEFAULT_PHI.length + 1;
  return freezeState({
    config: freezeConfig(config),
    params: theta,
    logLr: new Float32Array(0),
    phi: Float32Array.from(DEFAULT_PHI),
    weightDecay: 0,
    ...(Object.keys(others).length > 0 ? { others } : {}),
    moments: { first: new Float32Array(learnable), second: new Float32Array(learnable), step: 0 },
    step: 0,
    trainedOn: options.trainedOn ? requireTrainedOn(action, options.trainedOn) : null,
  });
}

/** The fork of the seed's stream that a rule's learnables are drawn from. */
const RULE_STREAM = 1;

/** Length of each learned array of a problem, by its name in `state.values`, in order. */
export function learnedLengths(inner: InnerProblem): Readonly<Record<string, number>> {
  const { net, rate, steps, loss, rule = { kind: "sgd" }, method } = inner;
  if (method) {
    return Object.fromEntries(Object.entries(method.learnables).map(([name, shape]) => [name, sizeOf(shape)]));
  }
  const phi = lossOf(loss).phi.length;
  const learned = ruleLength(rule);
  return {
    theta: net.parameterCount,
    ...(ruleOf(rule).usesRate ? { logLr: rateCount(net, rate, steps) } : {}),
    ...(phi > 0 ? { phi } : {}),
    weightDecay: 1,
    ...(learned > 0 ? { rule: learned } : {}),
  };
}

/** Length of each of a problem's {@linkcode Learner.others}, by name, in order. */
export function otherLengths(inner: InnerProblem): Readonly<Record<string, number>> {
  const { theta: _theta, logLr: _logLr, phi: _phi, weightDecay: _decay, ...others } = learnedLengths(inner);
  return others;
}

/** Arrays of a learner's {@linkcode Learner.others} as one, in float32. */
export function joinOthers(
  { config }: Pick<MetaState, "config">,
  others: Readonly<Record<string, ArrayLike<number>>>,
): Float32Array {
  return Float32Array.from(
    Object.keys(otherLengths(resolveConfig(config).inner)).flatMap((name) => Array.from(others[name])),
  );
}

/** The arrays of {@linkcode joinOthers}, by name. */
export function splitOthers(
  { config }: Pick<MetaState, "config">,
  joined: Float32Array,
): Readonly<Record<string, Float32Array>> {
  let end = 0;
  return Object.fromEntries(
    Object.entries(otherLengths(resolveConfig(config).inner))
      .map(([name, length]) => [name, joined.slice(end, end += length)]),
  );
}

/** Initial values that the caller gave, copied, by name. */
function givenValues(
  action: string,
  { params, logLr, phi, values = {} }: MetaInitOptions,
  lengths: Readonly<Record<string, number>>,
): Readonly<Record<string, Float32Array>> {
  if (params) checkVector(action, "params", params, lengths.theta ?? 0);
  if (logLr) checkVector(action, "logLr", logLr, lengths.logLr ?? 0);
  const found: Record<string, Float32Array> = {
    ...(params ? { theta: params.slice() } : {}),
    ...(logLr ? { logLr: logLr.slice() } : {}),
  };
  if (phi) {
    found.phi = Float32Array.from(phi);
    checkVector(action, "phi", found.phi, lengths.phi ?? DEFAULT_PHI.length);
  }
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(lengths, name)) {
      throw new TypeError(`${action}: expected values to hold ${Object.keys(lengths).join(", ")}, received "${name}"`);
    }
    found[name] = typeof value === "number" ? Float32Array.of(value) : Float32Array.from(value);
    checkVector(action, `values.${name}`, found[name], lengths[name]);
  }
  if (found.weightDecay?.[0] < 0) {
    throw new RangeError(`${action}: expected values.weightDecay to be at least 0, received ${found.weightDecay[0]}`);
  }
  return found;
}

/** The learned arrays of a state by name; see {@linkcode MetaState.values}. */
function valuesOf(state: Omit<MetaState, "values">): MetaState["values"] {
  const { params, logLr, phi, weightDecay, others } = state;
  const lengths = learnedLengths(resolveConfig(state.config).inner);
  const all: Record<string, Float32Array> = {
    theta: params,
    logLr,
    phi,
    weightDecay: Float32Array.of(weightDecay),
    ...others,
  };
  return Object.freeze(Object.fromEntries(Object.keys(lengths).map((name) => [name, all[name]])));
}

/** Freezes a state and its moments, and gives it its values by name. */
export function freezeState(state: Omit<MetaState, "values">): MetaState {
  return Object.freeze({ ...state, values: valuesOf(state), moments: Object.freeze({ ...state.moments }) });
}

/** A deep-frozen copy of a config, so that a state's method cannot change under it; models, functions and objects of a class are kept as they are. */
export function freezeConfig(config: MetaConfig): MetaConfig {
  const net = deriveModel(config.net);
  if (Object.isFrozen(config) && net === config.net) return config;
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return Object.freeze(value.map(copy));
    if (typeof value !== "object" || value === null || !isPlainObject(value)) return value;
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copy(part)])));
  };
  const { method } = config;
  const copied = copy({ ...config, net: undefined, ...(method && { method: undefined }) }) as MetaConfig;
  return Object.freeze({ ...copied, net, ...(method && { method }) });
}
