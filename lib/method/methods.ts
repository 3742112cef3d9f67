/**
 * The one registry of built-in methods: a description in, a method out.
 * @module
 */
import { inContext, type InContextOptions } from "./in_context.ts";
import { matching, type MatchingOptions } from "./matching.ts";
import { memory, type MemoryOptions } from "./memory.ts";
import type { Method } from "./method.ts";
import { neuralProcess, type NeuralProcessOptions } from "./neural_process.ts";
import { prototypical, type PrototypicalOptions } from "./prototypical.ts";
import { ridge, type RidgeOptions } from "./ridge.ts";

const METHODS: Readonly<Record<string, (options: object) => Method>> = {
  prototypical: (options) => prototypical(options as PrototypicalOptions),
  matching: (options) => matching(options as MatchingOptions),
  neuralProcess: (options) => neuralProcess(options as NeuralProcessOptions),
  memory: (options) => memory(options as MemoryOptions),
  inContext: (options) => inContext(options as InContextOptions),
  ridge: (options) => ridge(options as RidgeOptions),
};

/**
 * Makes a built-in method again.
 *
 * @throws {RangeError} There is no such kind, or an option is out of range.
 */
export function buildNamedMethod(kind: string, options: object): Method {
  if (Object.hasOwn(METHODS, kind)) return METHODS[kind](options);
  throw new RangeError(
    `Cannot build a method: expected kind to be one of ${Object.keys(METHODS).join(", ")}, received ${kind}`,
  );
}
