/**
 * Predictions from a start or an adapted network, and adaptation with prediction in one round trip.
 * @module
 */
import type { AdaptPair, Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import { pointForecasts } from "../loss/losses.ts";
import { ADAPT_KEYS, type Adapted, type AdaptOptions, innerOf } from "./adapt.ts";
import { maml } from "./presets.ts";
import { resolveConfig } from "./resolve.ts";
import { freezeState, metaInit, type MetaState } from "./state.ts";
import { checkInputs, checkSamples, widthsOf } from "./validate.ts";
import { DivergedError, innerDivergence } from "./errors.ts";
import { deriveModel } from "../model/models.ts";
import { checkEngine, checkEngineAndState } from "./check_arguments.ts";
import { requireKnownKeys } from "../options.ts";

/** A state that starts from adapted parameters. */
function stateAt({ net, params }: Adapted): MetaState {
  return freezeState({ ...metaInit(maml({ net })), params });
}

/**
 * Runs a network forward.
 *
 * @param engine Where to run it.
 * @param model A state (its start, unadapted) or what {@linkcode adapt} gave.
 * @param x Inputs, `[rows, inputs]`.
 * @returns Outputs, `[rows, outputs]`.
 * @throws {TypeError} `x` does not hold whole rows.
 * @throws {RangeError} `x` is not finite.
 * @throws {DivergedError} An output is not finite.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine, predict } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }) }), { params: Float32Array.of(2, 1) });
 * assertEquals([...await predict(engine, state, Float32Array.of(3))], [7]); // 2 · 3 + 1
 * ```
 */
export async function predict(engine: Engine, model: MetaState | Adapted, x: Float32Array): Promise<Float32Array> {
  checkEngine("Cannot predict", engine);
  const net = deriveModel("config" in model ? model.config.net : model.net);
  if ("config" in model && model.config.method) {
    const { kind } = model.config.method;
    throw new TypeError(
      `Cannot predict: expected what adapt() gave, received a state: ${kind} reads a support set first`,
    );
  }
  checkInputs("Cannot predict", "x", x, net);
  const outputs = await engine.forward(net, model.params, x);
  const bad = outputs.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return outputs;
  throw new DivergedError(
    `Cannot predict: row ${Math.floor(bad / net.outputs)} of x gives ${
      outputs[bad]
    }: the parameters are of a training or an ` +
      "adaptation that diverged, or the row is far beyond what they were trained on",
    { state: "config" in model ? model : stateAt(model), step: 0, loss: NaN },
  );
}

/** A support set to be told of, and how many steps were made on it. */
interface Adaptation {
  /** What the message calls it. */
  readonly name: string;
  /** The rows. */
  readonly support: Samples;
  /** Steps, if other than the config's. */
  readonly options: AdaptOptions;
}

/** The error of outputs that are not finite: the inner loop behind them is run once more, to say where it diverged. */
export async function divergenceOf(
  action: string,
  engine: Engine,
  { state, name, support, options }: Adaptation & { readonly state: MetaState },
): Promise<DivergedError> {
  const { losses } = await engine.adapt(innerOf(action, state, options), state, [support]);
  return innerDivergence(action, state, { name, losses });
}

/**
 * {@linkcode adaptPredict} that leaves outputs as they are where an inner loop diverged: for callers that can do without one.
 *
 * @throws {TypeError} A width or length does not fit the network.
 * @throws {RangeError} A value given is not finite.
 */
export async function adaptedOutputs(
  engine: Engine,
  state: MetaState,
  pairs: readonly AdaptPair[],
  options: AdaptOptions = {},
): Promise<Float32Array[]> {
  const action = "Cannot adapt and predict";
  requireKnownKeys(action, "options", options, ADAPT_KEYS);
  checkEngineAndState(action, engine, state);
  const inner = innerOf(action, state, options);
  const widths = widthsOf(inner);
  pairs.forEach(({ support, x }, i) => {
    checkSamples(action, `pairs[${i}].support`, support, widths);
    checkInputs(action, `pairs[${i}].x`, x, inner.net);
  });
  return pairs.length === 0 ? [] : await engine.adaptPredict(inner, state, pairs);
}

/**
 * {@linkcode adaptedOutputs} as point forecasts, as the state's loss means them: of quantiles the median, of a normal
 * distribution the mean, else the outputs. `[rows, targets]` each.
 *
 * @throws {TypeError} A width or length does not fit the model.
 * @throws {RangeError} A value given is not finite.
 */
export async function adaptedForecasts(
  engine: Engine,
  state: MetaState,
  pairs: readonly AdaptPair[],
  options: AdaptOptions = {},
): Promise<Float32Array[]> {
  const outputs = await adaptedOutputs(engine, state, pairs, options);
  const { net, loss } = resolveConfig(state.config).inner;
  return outputs.map((values, i) => pointForecasts(loss, values, values.length / (pairs[i].x.length / net.inputs)));
}

/** Index of the first outputs with a value that is not finite; −1 where all are. */
export function firstDiverged(outputs: readonly Float32Array[]): number {
  return outputs.findIndex((values) => !values.every(Number.isFinite));
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
 * @throws {DivergedError} An output is not finite; the message names the pair, and the step at which its loss ceased to be.
 *
 * @example
 * ```ts
 * import { adaptPredict, maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }) }), { params: Float32Array.of(2, 1) });
 * const support = { rows: 1, x: Float32Array.of(1), y: Float32Array.of(3) }; // what the start forecasts already
 * const [outputs] = await adaptPredict(engine, state, [{ support, x: Float32Array.of(3) }]);
 * assertEquals([...outputs], [7]);
 * ```
 */
export async function adaptPredict(
  engine: Engine,
  state: MetaState,
  pairs: readonly AdaptPair[],
  options: AdaptOptions = {},
): Promise<Float32Array[]> {
  const outputs = await adaptedOutputs(engine, state, pairs, options);
  const bad = firstDiverged(outputs);
  if (bad < 0) return outputs;
  const { support } = pairs[bad];
  const name = `pairs[${bad}].support`;
  throw await divergenceOf("Cannot adapt and predict", engine, { state, name, support, options });
}
