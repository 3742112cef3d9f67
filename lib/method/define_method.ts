/**
 * A method of one's own: shapes of what it learns and two functions over values. It is as first-class as the built-in ones.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { lossOf } from "../loss/losses.ts";
import { drawParts } from "../model/init.ts";
import { partsOf } from "../model/model.ts";
import { requireDrawn, requireFunction, requireShapes, requireWidth } from "../model/require_parts.ts";
import type { Random } from "../net/random.ts";
import { requireKnownKeys } from "../options.ts";
import { createGraph } from "../program/graph.ts";
import type { Shape } from "../program/value.ts";
import { type Method, methodGradient, methodTargets } from "./method.ts";

/** What {@linkcode defineMethod} takes. */
export interface MethodDefinition {
  /** A name for messages and checkpoints (default `custom`). */
  readonly name?: string;
  /** Inputs of a row, at least 1. */
  readonly inputs: number;
  /** Width of the predictions, at least 1 (default: as many as a task's targets, which may differ between trainings). */
  readonly outputs?: number;
  /** Shapes of what is learned over tasks, by name; `theta` becomes a state's `params`. */
  readonly learnables: Readonly<Record<string, Shape>>;
  /** Initial numbers by name; what is left out is drawn (default: matrices by Glorot's variance, all else zeros). */
  readonly init?: (stream: Random) => Readonly<Record<string, ArrayLike<number>>>;
  /** Reads a support set into named values, for any number of rows. Pure. */
  readonly adapt: Method["adapt"];
  /** Predictions `[rows, outputs]` at `x` `[rows, inputs]`, for any number of rows. Pure. */
  readonly predict: Method["predict"];
  /** Loss of the predictions (default mse). It has no φ. */
  readonly loss?: LossConfig;
}

const KEYS = {
  name: true,
  inputs: true,
  outputs: true,
  learnables: true,
  init: true,
  adapt: true,
  predict: true,
  loss: true,
} as const;
const ACTION = "Cannot define a method";

/** Names that a state's arrays or a program's inputs already have. */
const TAKEN = ["params", "logLr", "phi", "weightDecay", "loss", "first", "second"];

/** Targets on which a method that leaves them to its tasks is tried. */
const TRIED_TARGETS = 2;

function initialValues(
  { learnables, init }: MethodDefinition,
  stream: Random,
): Record<string, Float32Array> {
  const given = requireDrawn(ACTION, "init", { shapes: learnables, drawn: init?.(stream) });
  const flat = drawParts(learnables, stream, given);
  return Object.fromEntries(partsOf(learnables).map(({ name, start, end }) => [name, flat.slice(start, end)]));
}

/** Requires a loss without φ that so many outputs, or as many as there are targets, forecast. */
function requireLoss(name: string, loss: LossConfig, outputs: number | undefined): void {
  const { phi, targets } = lossOf(loss);
  if (phi.length > 0) {
    throw new RangeError(`Cannot build ${name}: expected a loss without phi, received ${loss.kind}`);
  }
  const found = targets(outputs ?? TRIED_TARGETS);
  if (found !== undefined && (outputs !== undefined || found === TRIED_TARGETS)) return;
  const wanted = outputs === undefined ? "a loss of one output a target" : `a loss that ${outputs} outputs can serve`;
  throw new RangeError(`Cannot build ${name}: expected ${wanted}, received ${loss.kind}`);
}

/** Makes a frozen method; `options` make a built-in one again. */
export function buildMethod(definition: MethodDefinition, options?: object): Method {
  const { name = "custom", inputs, outputs, learnables, adapt, predict, loss = { kind: "mse" } } = definition;
  requireLoss(name, loss, outputs);
  return Object.freeze({
    kind: name,
    inputs,
    ...(outputs === undefined ? {} : { outputs }),
    learnables: Object.freeze({ ...learnables }),
    loss,
    ...(options ? { options: Object.freeze(options) } : {}),
    init: (stream: Random) => initialValues(definition, stream),
    adapt,
    predict,
  });
}

/**
 * Defines a method. It goes through the same functions as the bilevel ones (`metaInit`, `metaTrain`, `adapt`, `predict`, ...) on
 * every engine, differentiated exactly. Both functions are run once on a small task, so that shapes that do not fit are refused here.
 *
 * @param definition Widths, what is learned, and the functions.
 * @returns A frozen method for `metaInit`.
 * @throws {RangeError} A width or a name is out of range, or the loss has φ.
 * @throws {TypeError} An operation's shapes do not fit, or predictions are not `[rows, outputs]`.
 *
 * @example The mean of the support, shrunk by what is learned
 * ```ts
 * import { adaptPredict, defineMethod, metaInit, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const shrunkMean = defineMethod({
 *   name: "shrunkMean",
 *   inputs: 1,
 *   outputs: 1,
 *   learnables: { keep: [1] },
 *   init: () => ({ keep: [0.5] }),
 *   adapt: (g, { keep }, { y }) => ({ level: g.mul(keep, g.mean(y, 0)) }),
 *   predict: (g, _, { level }, x) => g.broadcast(level, [x.shape[0], 1]),
 * });
 * await using engine = await openEngine({ backend: "naive" });
 * const support = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const [predicted] = await adaptPredict(engine, metaInit(shrunkMean), [{ support, x: Float32Array.of(7) }]);
 * assertEquals([...predicted], [1]);
 * ```
 */
export function defineMethod(definition: MethodDefinition): Method {
  requireKnownKeys(ACTION, "definition", definition, KEYS);
  const { inputs, outputs, learnables } = definition;
  requireWidth(ACTION, "inputs", inputs);
  if (outputs !== undefined) requireWidth(ACTION, "outputs", outputs);
  if (Object.keys(learnables ?? {}).length === 0) {
    throw new RangeError(`${ACTION}: expected learnables to name at least one part`);
  }
  for (const part of Object.keys(learnables)) {
    if (TAKEN.includes(part)) {
      throw new RangeError(`${ACTION}: expected names of learnables other than ${TAKEN.join(", ")}, received ${part}`);
    }
  }
  requireShapes(ACTION, "learnables", learnables);
  requireFunction(ACTION, "adapt", definition.adapt);
  requireFunction(ACTION, "predict", definition.predict);
  const method = buildMethod(definition);
  const targets = methodTargets(method) ?? TRIED_TARGETS;
  methodGradient(createGraph(), method, { support: 3, query: 2, targets });
  return method;
}
