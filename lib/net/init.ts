/**
 * Initial parameters of a model from a seed.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Model } from "../model/model.ts";
import { drawMlp, type Initializer } from "./draw_mlp.ts";
import { isMlp } from "./mlp.ts";
import { random } from "./random.ts";

/** What {@linkcode initParams} takes beyond the network and the seed. */
export interface InitParamsOptions {
  /** How a perceptron's weights are scaled (default `uniform`); other models have one way of their own. */
  readonly init?: Initializer;
}

const KEYS: OptionKeys<InitParamsOptions> = { init: true };

/**
 * Draws initial parameters: a perceptron's weights by the rule named, biases 0; another model's as it says.
 *
 * @param net The model.
 * @param seed A safe integer; the same seed gives the same parameters on every machine.
 * @param options The rule of scale.
 * @returns Flat parameters, `[net.parameterCount]`.
 * @throws {RangeError} The seed is not a safe integer, or there is no such rule.
 * @throws {TypeError} A rule is named for a model that is no perceptron.
 *
 * @example
 * ```ts
 * import { initParams, mlp } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * const net = mlp({ inputs: 4, hidden: [8], outputs: 1 });
 * assert(initParams(net, 7).every((weight) => Math.abs(weight) <= 1 / Math.sqrt(4)));
 * assert(initParams(net, 7, { init: "he" }).some((weight) => Math.abs(weight) > 1 / Math.sqrt(4)));
 * ```
 */
export function initParams(net: Model, seed: number, options: InitParamsOptions = {}): Float32Array {
  requireKnownKeys("Cannot draw parameters", "options", options, KEYS);
  const { init } = options;
  if (isMlp(net)) return drawMlp(net, random(seed), init);
  if (init === undefined) return net.init(random(seed));
  throw new TypeError(`Cannot draw parameters: expected init to be left out for a model ${net.kind}, received ${init}`);
}
