/**
 * A method as a config: it stands in the inner loop's place, so that everything which takes a state takes a method's.
 * @module
 */
import { type Method, methodNet } from "../method/method.ts";
import { requireKnownKeys } from "../options.ts";
import type { MetaConfig, MethodConfig } from "./config.ts";

function isMethod(of: object): of is Method {
  return "learnables" in of && "predict" in of;
}

/** A config of a method and its outer optimiser: no inner steps, everything that the method names is learned. */
export function methodConfig({ method, outer }: MethodConfig): MetaConfig {
  const hasMore = Object.keys(method.learnables).some((name) => name !== "theta");
  return {
    net: methodNet(method),
    inner: { steps: 0, lr: 1 },
    loss: method.loss,
    learn: { params: "theta" in method.learnables, ...(hasMore ? { rule: true } : {}) },
    method,
    ...(outer ? { outer } : {}),
  };
}

/** What `metaInit` was given as a config. */
export function configOf(of: MetaConfig | MethodConfig | Method): MetaConfig {
  if (typeof of !== "object" || of === null) return of;
  if (isMethod(of)) return methodConfig({ method: of });
  if (!("method" in of) || of.method === undefined || "net" in of) return of as MetaConfig;
  requireKnownKeys("Cannot use the config", "config", of as MethodConfig, { method: true, outer: true });
  if (isMethod(of.method)) return methodConfig(of as MethodConfig);
  throw new TypeError("Cannot use the config: expected method to be one from prototypical() or another maker");
}
