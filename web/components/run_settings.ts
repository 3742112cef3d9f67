/**
 * What a run was asked for, in words, and which runs differ in their seed alone. Shared by pages and server.
 * @module
 */
import type { RunConfig } from "../server/run_config.ts";
import { marketName } from "./format.ts";

/** What targets are called. */
export const TARGET_WORDS: Readonly<Record<RunConfig["target"], string>> = {
  logVolatility: "Volatility",
  logVolume: "Volume",
  return: "Return",
};

/** What methods are called. */
export const METHOD_WORDS: Readonly<Record<RunConfig["method"], string>> = {
  maml: "MAML",
  fomaml: "FOMAML",
  anil: "ANIL",
  metaSgd: "Meta-SGD",
  mamlPlusPlus: "MAML++",
  reptile: "Reptile",
  inContext: "In-context learner",
  memory: "Memory",
  neuralProcess: "Neural process",
  ridge: "Ridge head",
};

/** What engines are called. */
export const ENGINE_WORDS: Readonly<Record<RunConfig["backend"] | "naive", string>> = {
  auto: "Automatic",
  webgpu: "GPU",
  cpu: "CPU",
  naive: "Float64 reference",
};

/** Each setting by name. */
export const RUN_SETTINGS: readonly (readonly [name: string, value: (config: RunConfig) => string])[] = [
  ["Forecasts", ({ target }) => TARGET_WORDS[target]],
  ["Bars ahead", ({ horizon }) => String(horizon)],
  ["Networks", ({ seeds }) => String(seeds)],
  ["Method", ({ method }) => METHOD_WORDS[method]],
  ["Pretraining steps a network", ({ steps }) => String(steps)],
  ["Tasks in a batch", ({ tasks }) => String(tasks)],
  ["Inner steps tried", ({ innerSteps }) => String(innerSteps)],
  ["Initial inner rate", ({ innerLr }) => String(innerLr)],
  ["Hidden layers", ({ hidden }) => hidden.length === 0 ? "by the bars' length" : hidden.join(" × ")],
  ["Support rows", ({ supportRows }) => String(supportRows)],
  ["Seed", ({ seed }) => String(seed)],
  ["Markets", ({ markets }) => markets.map(marketName).join(", ")],
  ["Kept unseen", ({ unseen }) => marketName(unseen)],
  ["Engine", ({ backend }) => ENGINE_WORDS[backend]],
];

/** The same for runs that differ in their seed and name alone. */
export function seedGroup(config: RunConfig): string {
  return JSON.stringify({ ...config, name: "", seed: 0, markets: config.markets.toSorted() });
}
