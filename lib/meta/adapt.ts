/**
 * The inner loop alone: a start and a support set in, adapted parameters out.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { InnerProblem, Samples } from "../engine/problem.ts";
import { contextModel } from "../method/method.ts";
import type { Model } from "../model/model.ts";
import { MOST_STEPS } from "./check_numbers.ts";
import { resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";
import { checkSamples, widthsOf } from "./validate.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { innerDivergence } from "./errors.ts";
import { checkEngineAndState } from "./check_arguments.ts";

/** A network adapted to one support set. Frozen. */
export interface Adapted {
  /** The model. */
  readonly net: Model;
  /** θ_K, `[parameterCount]`; of a method, what it learned and what it read of the support set. */
  readonly params: Float32Array;
  /** Support loss before each step and after the last, `[steps + 1]`. */
  readonly losses: Float32Array;
  /**
   * How near the inner loop came to rest: ‖g‖ after its last step over that before its first, g = ∇L + ωθ + ρ(θ − θ_0); only where
   * `inner.tolerance` is set. Above it, `steps` did not suffice.
   */
  readonly stationarity?: number;
}

/** What the adapting functions take beyond their data. */
export interface AdaptOptions {
  /** Inner steps instead of the config's, at least 0. With a rate per step, later steps use the last rate. */
  readonly steps?: number;
}

/** Names of the options of the adapting functions. */
export const ADAPT_KEYS: OptionKeys<AdaptOptions> = { steps: true };

/** The inner problem of a state, with another number of steps if asked. */
export function innerOf(action: string, state: MetaState, options: AdaptOptions): InnerProblem {
  requireKnownKeys(action, "options", options, ADAPT_KEYS);
  const { steps } = options;
  const { inner } = resolveConfig(state.config);
  if (steps === undefined) return inner;
  if (inner.method) {
    throw new RangeError(
      `${action}: expected steps to be left out for the method ${inner.method.kind}, received ${steps}`,
    );
  }
  if (!Number.isInteger(steps) || steps < 0) {
    throw new RangeError(`${action}: expected steps to be an integer of at least 0, received ${String(steps)}`);
  }
  if (steps > MOST_STEPS) {
    throw new RangeError(`${action}: expected steps to be at most ${MOST_STEPS}, received ${steps}`);
  }
  return { ...inner, steps };
}

/**
 * Adapts to one support set: K gradient steps from the learned start (Finn et al. 2017, eq. 1, with every setting of the config).
 *
 * @param engine Where to run it.
 * @param state The learned start, rates and loss; it is not changed.
 * @param support What to adapt on; it is not changed.
 * @param options Steps, if other than the config's.
 * @returns The adapted network and its support losses.
 * @throws {TypeError} A width or length does not fit the network.
 * @throws {RangeError} A value is not finite, or the weights are unusable.
 * @throws {DivergedError} The loss ceased to be finite; the message names the support set and the step.
 *
 * @example
 * ```ts
 * import { adapt, maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }), inner: { steps: 3, lr: 0.1 } }));
 * const { losses } = await adapt(engine, state, { rows: 1, x: Float32Array.of(1), y: Float32Array.of(2) });
 * assertEquals(losses.length, 4);
 * ```
 */
export async function adapt(
  engine: Engine,
  state: MetaState,
  support: Samples,
  options: AdaptOptions = {},
): Promise<Adapted> {
  const [adapted] = await run("Cannot adapt", engine, { state, supports: [support], options });
  return adapted;
}

/**
 * Adapts to many support sets from the same start, in one device round trip.
 *
 * @param engine Where to run it.
 * @param state The learned start, rates and loss.
 * @param supports At least one support set; they may differ in rows.
 * @param options Steps, if other than the config's.
 * @returns One adapted network a support set, in order.
 * @throws {TypeError} A width or length does not fit the network.
 * @throws {RangeError} The list is empty, or a value is not finite.
 * @throws {DivergedError} A loss ceased to be finite; the message names the support set and the step.
 *
 * @example
 * ```ts
 * import { adaptMany, maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }) }), { params: Float32Array.of(2, 1) });
 * const supports = [3, 5].map((y) => ({ rows: 1, x: Float32Array.of(1), y: Float32Array.of(y) }));
 * const [same, other] = await adaptMany(engine, state, supports);
 * assertEquals([...same.params], [2, 1]); // the start forecasts 3 already
 * assert(other.losses.at(-1)! < other.losses[0]);
 * ```
 */
export function adaptMany(
  engine: Engine,
  state: MetaState,
  supports: readonly Samples[],
  options: AdaptOptions = {},
): Promise<Adapted[]> {
  return run("Cannot adapt", engine, { state, supports, options });
}

async function run(
  action: string,
  engine: Engine,
  { state, supports, options }: { state: MetaState; supports: readonly Samples[]; options: AdaptOptions },
): Promise<Adapted[]> {
  requireKnownKeys(action, "options", options, ADAPT_KEYS);
  checkEngineAndState(action, engine, state);
  const inner = innerOf(action, state, options);
  if (supports.length === 0) throw new RangeError(`${action}: expected at least one support set, received none`);
  const nameOf = (i: number): string => supports.length === 1 ? "support" : `supports[${i}]`;
  const widths = widthsOf(inner);
  supports.forEach((support, i) => checkSamples(action, nameOf(i), support, widths));
  const { params, losses, stationarity } = await engine.adapt(inner, state, supports);
  const count = inner.steps + 1;
  let end = 0;
  return supports.map(({ rows, y }, t) => {
    const net = inner.method ? contextModel(inner.method, { support: rows, targets: y.length / rows }) : inner.net;
    const adapted = {
      net,
      params: params.slice(end, end += net.parameterCount),
      losses: losses.slice(t * count, (t + 1) * count),
      ...(stationarity && { stationarity: stationarity[t] }),
    };
    if (!adapted.losses.every(Number.isFinite) || !adapted.params.every(Number.isFinite)) {
      throw innerDivergence(action, state, { name: nameOf(t), losses: adapted.losses });
    }
    return Object.freeze(adapted);
  });
}
