/**
 * Initial parameters of a perceptron, by named rules of scale; biases start at zero.
 * @module
 */
import type { Activation } from "./activation.ts";
import type { Random } from "./random.ts";

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

/** Where a layer's weights lie. */
interface DrawnLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly bias: number;
}

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
 * Draws them.
 *
 * @throws {RangeError} There is no such rule; the message lists them.
 */
export function drawMlp(
  net: { readonly layers: readonly DrawnLayer[]; readonly activation: Activation; readonly parameterCount: number },
  stream: Random,
  init: Initializer = "uniform",
): Float32Array {
  if (!Object.hasOwn(DRAWS, init)) {
    const names = Object.keys(DRAWS).join(", ");
    throw new RangeError(`Cannot draw parameters: expected init to be one of ${names}, received ${String(init)}`);
  }
  const params = new Float32Array(net.parameterCount);
  const rectifying = net.activation !== "tanh" && net.activation !== "sigmoid" && net.activation !== "identity";
  net.layers.forEach((layer, i) => {
    const place = { ...layer, rectified: rectifying && i < net.layers.length - 1 };
    for (let j = layer.weights; j < layer.bias; j++) params[j] = DRAWS[init](stream, place);
  });
  return params;
}
