/**
 * Initial parameters of a model from a seed.
 * @module
 */
import type { Model } from "../model/model.ts";
import { random } from "./random.ts";

/**
 * Draws initial parameters as the model says. A perceptron's: He normal, variance 2/in (He et al. 2015, eq. 10), for relu, gelu,
 * silu and softplus; Glorot normal, variance 2/(in + out) (Glorot & Bengio 2010, eq. 12), for the others and for the last,
 * linear layer; zero biases.
 *
 * @param net The model.
 * @param seed A safe integer; the same seed gives the same parameters on every machine.
 * @returns Flat parameters, `[net.parameterCount]`.
 * @throws {RangeError} The seed is not a safe integer.
 */
export function initParams(net: Model, seed: number): Float32Array {
  return net.init(random(seed));
}
