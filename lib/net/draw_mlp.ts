/**
 * Initial parameters of a perceptron. Scales follow the activation; biases start at zero.
 * @module
 */
import type { Activation } from "./activation.ts";
import type { Random } from "./random.ts";

/** Where a layer's weights lie. */
interface DrawnLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly bias: number;
}

/**
 * Draws them: He normal, variance 2/in (He et al. 2015, eq. 10), for relu, gelu, silu and softplus; Glorot normal, variance
 * 2/(in + out) (Glorot & Bengio 2010, eq. 12), for the others and for the last, linear layer.
 */
export function drawMlp(
  net: { readonly layers: readonly DrawnLayer[]; readonly activation: Activation; readonly parameterCount: number },
  stream: Random,
): Float32Array {
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
