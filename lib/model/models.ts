/**
 * The one registry of built-in models: a description in, a model out.
 * @module
 */
import { deriveMlp, type Mlp } from "../net/mlp.ts";
import { attention, type AttentionOptions } from "./attention.ts";
import { lstm, type LstmOptions } from "./lstm.ts";
import type { Model } from "./model.ts";
import { particles, type ParticlesOptions } from "./particles.ts";
import { tcn, type TcnOptions } from "./tcn.ts";

const MODELS: Readonly<Record<string, (options: object) => Model>> = {
  mlp: (options) => deriveMlp(options as Mlp),
  lstm: (options) => lstm(options as LstmOptions),
  tcn: (options) => tcn(options as TcnOptions),
  attention: (options) => attention(options as AttentionOptions),
  particles: (options) => {
    const { net, ...rest } = options as ParticlesOptions;
    return particles({ ...rest, net: deriveModel(net) });
  },
};

/** Names of the built-in models. */
export const MODEL_KINDS: readonly string[] = Object.keys(MODELS);

/**
 * Makes a built-in model again.
 *
 * @throws {RangeError} There is no such kind, or an option is out of range.
 */
export function buildNamedModel(kind: string, options: object): Model {
  if (!Object.hasOwn(MODELS, kind)) {
    throw new RangeError(
      `Cannot build a model: expected kind to be one of ${MODEL_KINDS.join(", ")}, received ${kind}`,
    );
  }
  return MODELS[kind](options);
}

/**
 * A model as its maker makes it, from one that may have been through JSON or `structuredClone`: its layout is derived again from
 * its options, never taken on trust.
 *
 * @param net A model, or the plain data of a built-in one.
 * @throws {TypeError} It is no model, or one's own whose functions were lost on the way.
 * @throws {RangeError} An option is out of range.
 */
export function deriveModel(net: Model): Model {
  if (typeof net !== "object" || net === null || "hidden" in net) return deriveMlp(net as Mlp);
  if (typeof net.apply === "function") return net;
  if (net.options && Object.hasOwn(MODELS, net.kind)) return buildNamedModel(net.kind, net.options);
  throw new TypeError(
    `Cannot use the network: expected one from mlp() or another model's maker, received ${
      net.kind === undefined ? "an object" : `${net.kind} without its functions`
    }`,
  );
}
