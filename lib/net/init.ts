/**
 * Initial parameters of a network from a seed. Scales follow the activation; biases start at zero.
 * @module
 */
import type { Mlp } from "./mlp.ts";
import { random } from "./random.ts";

/**
 * Draws initial parameters: He normal, variance 2/in (He et al. 2015, eq. 10), for relu, gelu, silu and softplus; Glorot
 * normal, variance 2/(in + out) (Glorot & Bengio 2010, eq. 12), for the others and for the last, linear layer.
 *
 * @param net The network shape.
 * @param seed A safe integer; the same seed gives the same parameters on every machine.
 * @returns Flat parameters, `[net.parameterCount]`.
 * @throws {RangeError} The seed is not a safe integer.
 */
export function initParams(net: Mlp, seed: number): Float32Array {
  const stream = random(seed);
  const params = new Float32Array(net.parameterCount);
  const rectifying = net.activation !== "tanh" && net.activation !== "sigmoid" && net.activation !== "identity";
  net.layers.forEach((layer, i) => {
    const isLast = i === net.layers.length - 1;
    const variance = rectifying && !isLast ? 2 / layer.inputs : 2 / (layer.inputs + layer.outputs);
    const deviation = Math.sqrt(variance);
    for (let j = layer.weights; j < layer.bias; j++) params[j] = deviation * stream.normal();
  });
  return params;
}
