/**
 * What a training run is asked for: plain JSON with sane defaults, checked where it comes in. Shared by pages (for their
 * forms), the API and the worker; loads no engine and no data.
 * @module
 */
import { SAMPLE_INFO } from "@adaptrade/adaptrade";

/** The methods to choose, by the name of their preset. */
export const PRESETS = {
  maml: "MAML: a start that adapts in a few steps, exact second-order gradient",
  fomaml: "FOMAML: the same at first order, about three times cheaper a step",
  reptile: "Reptile: move the start towards where adaptation led",
  anil: "ANIL: only the last layer adapts",
  metaSgd: "Meta-SGD: a learned rate for every parameter",
  mamlPlusPlus: "MAML++: losses at every step, learned rates by layer and step",
  imaml: "iMAML: implicit gradient by conjugate gradients",
  metaGradient: "Meta-gradient: also learns the loss, the rates and the weight decay",
} as const;

/** The name of a preset. */
export type PresetName = keyof typeof PRESETS;

/** A training run as asked for. */
export interface RunConfig {
  /** What to call it. */
  readonly name: string;
  /** Ids of the markets to train on; see `markets.ts`. */
  readonly markets: readonly string[];
  /** Id of the market that training never sees, for lab and backtest. */
  readonly unseen: string;
  /** The method. */
  readonly preset: PresetName;
  /** Outer steps. */
  readonly steps: number;
  /** Tasks of a batch. */
  readonly tasks: number;
  /** Inner steps. */
  readonly innerSteps: number;
  /** Initial inner learning rate. */
  readonly innerLr: number;
  /** Outer learning rate; 0 takes the preset's own. */
  readonly outerLr: number;
  /** Width of each hidden layer. */
  readonly hidden: readonly number[];
  /** Rows to adapt on. */
  readonly supportRows: number;
  /** Rows to be judged on. */
  readonly queryRows: number;
  /** Bars a forecast looks ahead. */
  readonly horizon: number;
  /** Seed of everything random. */
  readonly seed: number;
  /** The engine. */
  readonly backend: "auto" | "webgpu" | "cpu";
}

/** One click: the tradable sample markets but NASDAQ, which stays unseen. */
export const DEFAULT_RUN: RunConfig = {
  name: "MAML on the sample",
  markets: SAMPLE_INFO.filter(({ symbol, tradable }) => tradable && symbol !== "NASDAQ").map(({ symbol }) =>
    `sample:${symbol}`
  ),
  unseen: "sample:NASDAQ",
  preset: "maml",
  steps: 1000,
  tasks: 16,
  innerSteps: 5,
  innerLr: 0.01,
  outerLr: 0,
  hidden: [64, 64],
  supportRows: 20,
  queryRows: 10,
  horizon: 1,
  seed: 1,
  backend: "auto",
};

const RANGES: Readonly<Partial<Record<keyof RunConfig, readonly [least: number, most: number, whole: boolean]>>> = {
  steps: [1, 1_000_000, true],
  tasks: [1, 4096, true],
  innerSteps: [0, 50, true],
  innerLr: [1e-6, 10, false],
  outerLr: [0, 10, false],
  supportRows: [2, 5000, true],
  queryRows: [1, 5000, true],
  horizon: [1, 1000, true],
  seed: [0, Number.MAX_SAFE_INTEGER, true],
};

/**
 * Checks a config from outside; what it leaves out is filled in from {@linkcode DEFAULT_RUN}.
 *
 * @throws {TypeError} It is no object, or a field has the wrong type.
 * @throws {RangeError} A value is out of range.
 */
export function parseRunConfig(input: unknown): RunConfig {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new TypeError("Cannot start a run: expected an object of settings");
  }
  const config = { ...DEFAULT_RUN, ...input } as RunConfig;
  for (const [field, [least, most, whole]] of Object.entries(RANGES)) {
    const value = config[field as keyof RunConfig];
    if (typeof value !== "number" || !(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
      throw new RangeError(
        `Cannot start a run: expected ${field} to be a ${
          whole ? "whole " : ""
        }number from ${least} to ${most}, received ${value}`,
      );
    }
  }
  if (typeof config.preset !== "string" || !Object.hasOwn(PRESETS, config.preset)) {
    throw new RangeError(
      `Cannot start a run: expected preset to be one of ${Object.keys(PRESETS).join(", ")}, received ${config.preset}`,
    );
  }
  if (!["auto", "webgpu", "cpu"].includes(config.backend)) {
    throw new RangeError(`Cannot start a run: expected backend to be auto, webgpu or cpu, received ${config.backend}`);
  }
  const isMarket = (value: unknown) => typeof value === "string" && /^(sample|file):./.test(value);
  const { markets } = config;
  if (!Array.isArray(markets) || !markets.every(isMarket) || markets.length === 0 || markets.length > 500) {
    throw new RangeError("Cannot start a run: choose at least one market to train on, sample:SYMBOL or file:NAME");
  }
  if (!isMarket(config.unseen) || config.markets.includes(config.unseen)) {
    throw new RangeError(`Cannot start a run: ${config.unseen} cannot be trained on and kept unseen`);
  }
  const width = (value: unknown) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1024;
  if (!Array.isArray(config.hidden) || config.hidden.length > 8 || !config.hidden.every(width)) {
    throw new RangeError("Cannot start a run: expected at most 8 hidden layers of 1 to 1024 units");
  }
  if (typeof config.name !== "string" || config.name.trim() === "" || config.name.length > 120) {
    throw new RangeError("Cannot start a run: expected a name of 1 to 120 characters");
  }
  return Object.fromEntries(
    Object.keys(DEFAULT_RUN).map((key) => [key, config[key as keyof RunConfig]]),
  ) as unknown as RunConfig;
}
