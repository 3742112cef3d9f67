/**
 * Initial parameters of a network from a seed, by named rules of scale; biases start at zero.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Mlp } from "./mlp.ts";
import { type Random, random } from "./random.ts";

/**
 * How weights are scaled:
 * - `uniform` (default): uniform within ±1/√in, whatever the activation; what PyTorch's linear layers start from. Inner loops
 *   stay finite on inputs of several deviations, such as the sines of Finn et al. 2017, where `he` makes some explode.
 * - `glorot`: normal of variance 2/(in + out) (Glorot & Bengio 2010, eq. 12).
 * - `he`: normal of variance 2/in for relu, gelu, silu and softplus (He et al. 2015, eq. 10), for inputs of unit variance;
 *   `glorot` for the other activations and for the last, linear layer.
 * - `lecun`: normal of variance 1/in (LeCun et al. 1998, eq. 16).
 */
export type Initializer = "uniform" | "glorot" | "he" | "lecun";

/** What {@linkcode initParams} takes beyond the network and the seed. */
export interface InitParamsOptions {
  /** How weights are scaled (default `uniform`). */
  readonly init?: Initializer;
}

const KEYS: OptionKeys<InitParamsOptions> = { init: true };

/** Where a weight lies. */
interface Place {
  readonly inputs: number;
  readonly outputs: number;
  /** Whether a rectifying activation follows. */
  readonly rectified: boolean;
}

const DRAWS: Readonly<Record<Initializer, (stream: Random, place: Place) => number>> = {
  uniform: (stream, { inputs }) => (2 * stream.uniform() - 1) / Math.sqrt(inputs),
  glorot: (stream, { inputs, outputs }) => Math.sqrt(2 / (inputs + outputs)) * stream.normal(),
  he: (stream, { inputs, outputs, rectified }) =>
    Math.sqrt(2 / (rectified ? inputs : inputs + outputs)) * stream.normal(),
  lecun: (stream, { inputs }) => Math.sqrt(1 / inputs) * stream.normal(),
};

/**
 * Throws unless the name is that of an initialiser.
 *
 * @throws {RangeError} It is not; the message lists them.
 */
export function requireInitializer(action: string, init: Initializer): void {
  if (Object.hasOwn(DRAWS, init)) return;
  throw new RangeError(
    `${action}: expected init to be one of ${Object.keys(DRAWS).join(", ")}, received ${String(init)}`,
  );
}

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
  requireInitializer("Cannot draw parameters", init);
  const stream = random(seed);
  const params = new Float32Array(net.parameterCount);
  const rectifying = net.activation !== "tanh" && net.activation !== "sigmoid" && net.activation !== "identity";
  net.layers.forEach((layer, i) => {
    const place = { ...layer, rectified: rectifying && i < net.layers.length - 1 };
    for (let j = layer.weights; j < layer.bias; j++) params[j] = DRAWS[init](stream, place);
  });
  return params;
}
