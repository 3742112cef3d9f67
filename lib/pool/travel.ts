/**
 * What can be sent to other threads and machines: models, losses, rules and methods of the library by description. What is one's
 * own is code, and is refused by its name.
 * @module
 */
import type { InnerProblem } from "../engine/problem.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import { encodeForecaster } from "../forecast/forecaster_file.ts";
import { encodeState } from "../meta/checkpoint.ts";
import type { MetaConfig } from "../meta/config.ts";
import { customNames, describeConfig, restoreConfig } from "../meta/describe_config.ts";
import { resolveConfig } from "../meta/resolve.ts";
import type { MetaState } from "../meta/state.ts";
import type { Json } from "./job.ts";

function requireBuiltIn(action: string, config: MetaConfig): void {
  const [own] = Object.entries(customNames(config));
  if (!own) return;
  throw new TypeError(
    `${action}: its ${own[0]} "${own[1]}" is one of your own, and no code travels; run it by an engine of this process`,
  );
}

/** A state's bytes. @throws {TypeError} A part of it is one's own. */
export async function sendState(action: string, state: MetaState): Promise<Uint8Array<ArrayBuffer>> {
  requireBuiltIn(action, state.config);
  return await encodeState(state);
}

/** A forecaster's bytes. @throws {TypeError} A part of it is one's own. */
export async function sendForecaster(action: string, forecaster: Forecaster): Promise<Uint8Array<ArrayBuffer>> {
  const { target, features, members } = forecaster;
  const own = target.kind === "custom"
    ? `target "${target.name}"`
    : features === "risk"
    ? ""
    : `features "${features}"`;
  if (own) {
    throw new TypeError(`${action}: its ${own} is one of your own, and no code travels; forecast in this process`);
  }
  for (const { state } of members) requireBuiltIn(action, state.config);
  return await encodeForecaster(forecaster);
}

/** The part of a config that says what a problem's parts are. */
function partsOf({ net, loss, outerLoss, rule, method }: InnerProblem): MetaConfig {
  return {
    net,
    loss,
    ...(outerLoss ? { outerLoss } : {}),
    ...(method ? { method } : {}),
    inner: { steps: 0, lr: 1, ...(rule ? { rule } : {}) },
  };
}

/** A bilevel problem as JSON. @throws {TypeError} A part of it is one's own. */
export function describeProblem(action: string, problem: InnerProblem): Json {
  const parts = partsOf(problem);
  requireBuiltIn(action, parts);
  const { steps, rate, headOnly, proximal, tolerance } = problem;
  return JSON.parse(JSON.stringify({ parts: describeConfig(parts), steps, rate, headOnly, proximal, tolerance }));
}

/** The problem that {@linkcode describeProblem} wrote. */
export function restoreProblem(written: Json): InnerProblem {
  const { parts, ...rest } = written as unknown as { readonly parts: object } & InnerProblem;
  const refuse = (why: string): never => {
    throw new TypeError(`Cannot read a problem: ${why}`);
  };
  const config = restoreConfig(parts, {}, refuse);
  const { inner } = resolveConfig(config);
  return config.method ? inner : { ...inner, ...rest };
}
