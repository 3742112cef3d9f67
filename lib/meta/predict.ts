/**
 * Predictions from a start or an adapted network, and adaptation with prediction in one round trip.
 * @module
 */
import type { AdaptPair, Engine } from "../engine/engine.ts";
import { type Adapted, type AdaptOptions, innerOf } from "./adapt.ts";
import type { MetaState } from "./state.ts";
import { checkInputs, checkSamples } from "./validate.ts";

/**
 * Runs a network forward.
 *
 * @param engine Where to run it.
 * @param model A state (its start, unadapted) or what {@linkcode adapt} gave.
 * @param x Inputs, `[rows, inputs]`.
 * @returns Outputs, `[rows, outputs]`.
 * @throws {TypeError} `x` does not hold whole rows.
 * @throws {RangeError} `x` is not finite.
 */
export async function predict(engine: Engine, model: MetaState | Adapted, x: Float32Array): Promise<Float32Array> {
  const net = "config" in model ? model.config.net : model.net;
  checkInputs("Cannot predict", "x", x, net);
  return await engine.forward(net, model.params, x);
}

/**
 * Adapts on each support set and predicts its `x`: the walk-forward hot path, one device round trip for thousands.
 *
 * @param engine Where to run it.
 * @param state The learned start, rates and loss.
 * @param pairs Support sets with inputs `[rows, inputs]`; rows may differ. May be empty.
 * @param options Steps, if other than the config's.
 * @returns Outputs `[rows, outputs]`, one array a pair, in order.
 * @throws {TypeError} A width or length does not fit the network.
 * @throws {RangeError} A value is not finite.
 */
export async function adaptPredict(
  engine: Engine,
  state: MetaState,
  pairs: readonly AdaptPair[],
  options: AdaptOptions = {},
): Promise<Float32Array[]> {
  const action = "Cannot adapt and predict";
  const inner = innerOf(action, state, options);
  pairs.forEach(({ support, x }, i) => {
    checkSamples(action, `pairs[${i}].support`, support, inner.net);
    checkInputs(action, `pairs[${i}].x`, x, inner.net);
  });
  return pairs.length === 0 ? [] : await engine.adaptPredict(inner, state, pairs);
}
