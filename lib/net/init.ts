/**
 * Initial parameters of a perceptron from a seed.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { drawMlp, type Initializer } from "./draw_mlp.ts";
import type { Mlp } from "./mlp.ts";
import { random } from "./random.ts";

/** What {@linkcode initParams} takes beyond the network and the seed. */
export interface InitParamsOptions {
  /** How weights are scaled (default `uniform`). */
  readonly init?: Initializer;
}

const KEYS: OptionKeys<InitParamsOptions> = { init: true };

/**
 * Draws initial parameters: weights by the rule named, biases 0.
 *
 * @param net The network shape.
 * @param seed A safe integer; the same seed gives the same parameters on every machine.
 * @param options The rule of scale.
 * @returns Flat parameters, `[net.parameterCount]`.
 * @throws {RangeError} The seed is not a safe integer, or there is no such rule.
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
export function initParams(net: Mlp, seed: number, options: InitParamsOptions = {}): Float32Array {
  requireKnownKeys("Cannot draw parameters", "options", options, KEYS);
  const { init = "uniform" } = options;
  return drawMlp(net, random(seed), init);
}
