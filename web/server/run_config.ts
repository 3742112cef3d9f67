/**
 * What a training run is asked for: plain JSON with sane defaults, checked where it comes in. Shared by pages (for their
 * forms), the API and the worker; loads no engine and no data.
 * @module
 */
import { SAMPLE_INFO } from "@adaptrade/adaptrade/data";
import { RUN_LABELS } from "../components/form_fields.ts";
import { FieldError, type FieldRange, requireChoice, requireNumber } from "./field_error.ts";
import { plainName } from "./plain_name.ts";
import { knownSettings, requireSettings, type SettingNames } from "./settings.ts";

/** What can be forecast, by the kind of the forecaster's target. */
export const TARGETS = ["logVolatility", "logVolume", "return"] as const;

/** The kind of a target. */
export type TargetKind = typeof TARGETS[number];

/** The methods that adapt by gradient steps, by name. */
const GRADIENT_METHODS = ["maml", "fomaml", "anil", "metaSgd", "mamlPlusPlus", "reptile"] as const;

/** The methods that read a support in one pass, by name. */
export const ONE_PASS_METHODS = ["inContext", "memory", "neuralProcess", "ridge"] as const;

/** The methods to choose, by name. */
export const METHODS = [...GRADIENT_METHODS, ...ONE_PASS_METHODS] as const;

/** The name of a method. */
export type MethodName = typeof METHODS[number];

/** A training run as asked for. */
export interface RunConfig {
  /** What to call it. */
  readonly name: string;
  /** Ids of the markets to train on; see `markets.ts`. */
  readonly markets: readonly string[];
  /** Id of the market that training never sees, for forecast, lab and backtest. */
  readonly unseen: string;
  /** What is forecast. */
  readonly target: TargetKind;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Networks whose mean is the forecast. */
  readonly seeds: number;
  /** How the networks learn through their adaptation. */
  readonly method: MethodName;
  /** Outer steps of each network's pretraining; meta-training has {@linkcode META_SHARE} of them. */
  readonly steps: number;
  /** Tasks of an outer step. */
  readonly tasks: number;
  /** Inner steps that are tried beside none. */
  readonly innerSteps: number;
  /** Initial inner learning rate. */
  readonly innerLr: number;
  /** Width of each hidden layer; none takes what the bars' length suggests. */
  readonly hidden: readonly number[];
  /** Rows to adapt on. */
  readonly supportRows: number;
  /** Seed of everything random. */
  readonly seed: number;
  /** The engine. */
  readonly backend: "auto" | "webgpu" | "cpu";
}

/** One click: the tradable sample markets but NASDAQ, which stays unseen. */
export const DEFAULT_RUN: RunConfig = {
  name: "Volatility of the sample",
  markets: SAMPLE_INFO.filter(({ symbol, tradable }) => tradable && symbol !== "NASDAQ").map(({ symbol }) =>
    `sample:${symbol}`
  ),
  unseen: "sample:NASDAQ",
  target: "logVolatility",
  horizon: 5,
  seeds: 3,
  method: "maml",
  steps: 1500,
  tasks: 16,
  innerSteps: 5,
  innerLr: 0.005,
  hidden: [],
  supportRows: 60,
  seed: 1,
  backend: "auto",
};

/** Whether a method makes no inner steps, so that their number and rate say nothing. */
export function readsInOnePass(method: MethodName): boolean {
  return (ONE_PASS_METHODS as readonly string[]).includes(method);
}

/** Outer steps of meta-training for each of pretraining. */
const META_SHARE = 0.4;

/** Outer steps of one network: those of pretraining, of meta-training, and both. */
export function stepsOfNetwork({ steps }: Pick<RunConfig, "steps">): {
  readonly pretrain: number;
  readonly meta: number;
  readonly all: number;
} {
  const meta = Math.ceil(META_SHARE * steps);
  return { pretrain: steps, meta, all: steps + meta };
}

/** Outer steps of a whole run. */
export function stepsOfRun(config: Pick<RunConfig, "steps" | "seeds">): number {
  return config.seeds * stepsOfNetwork(config).all;
}

/** Whether a stored config is one that trains a forecaster; those of earlier versions name a preset instead of a target. */
export function isForecasterRun(config: unknown): config is RunConfig {
  return typeof config === "object" && config !== null && "target" in config;
}

const NAMES = Object.keys(DEFAULT_RUN) as SettingNames<RunConfig>;

/** A config that is kept, perhaps by another version: what is not known is left out, what was not known then filled in. It checks nothing. */
export function keptRunConfig(kept: unknown): RunConfig {
  return { ...DEFAULT_RUN, ...knownSettings<RunConfig>(kept, NAMES) };
}

const RANGES: Readonly<Partial<Record<keyof RunConfig, FieldRange>>> = {
  horizon: [1, 1000, true],
  seeds: [1, 20, true],
  steps: [1, 1_000_000, true],
  tasks: [1, 4096, true],
  innerSteps: [1, 50, true],
  innerLr: [1e-6, 10, false],
  supportRows: [2, 5000, true],
  seed: [0, 2 ** 31, true],
};

const CHOICES: Readonly<Partial<Record<keyof RunConfig, readonly string[]>>> = {
  target: TARGETS,
  method: METHODS,
  backend: ["auto", "webgpu", "cpu"],
};

/**
 * Checks a config from outside; what it leaves out is filled in from {@linkcode DEFAULT_RUN}.
 *
 * @throws {TypeError} It is no object.
 * @throws {FieldError} A name is not known, or a value is of the wrong type or out of range.
 * @throws {RangeError} It names a preset, as earlier versions did.
 */
export function parseRunConfig(input: unknown): RunConfig {
  if (typeof input === "object" && input !== null && "preset" in input) {
    throw new RangeError(
      "Cannot start a run: preset belongs to an earlier version; name a method and a target instead",
    );
  }
  const config = { ...DEFAULT_RUN, ...requireSettings("Cannot start a run", input, NAMES) } as RunConfig;
  for (const [field, range] of Object.entries(RANGES)) {
    const words = { label: RUN_LABELS[field as keyof RunConfig], scale: 1 };
    requireNumber("Cannot start a run", config[field as keyof RunConfig], { field, words, range });
  }
  for (const [field, allowed] of Object.entries(CHOICES)) {
    const label = RUN_LABELS[field as keyof RunConfig];
    requireChoice("Cannot start a run", config[field as keyof RunConfig], { field, label, allowed });
  }
  const isMarket = (value: unknown) => typeof value === "string" && /^(sample|file):./.test(value);
  const { markets } = config;
  if (!Array.isArray(markets) || !markets.every(isMarket) || markets.length === 0 || markets.length > 500) {
    throw new FieldError(
      "markets",
      "Cannot start a run: choose at least one market to train on, sample:SYMBOL or file:NAME",
    );
  }
  if (!isMarket(config.unseen) || config.markets.includes(config.unseen)) {
    throw new FieldError("unseen", `Cannot start a run: ${config.unseen} cannot be trained on and kept unseen`);
  }
  const width = (value: unknown) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1024;
  if (!Array.isArray(config.hidden) || config.hidden.length > 8 || !config.hidden.every(width)) {
    throw new FieldError("hidden", "Cannot start a run: expected at most 8 hidden layers of 1 to 1024 units");
  }
  const name = plainName(config.name, 120);
  if (name === null || name === "") {
    throw new FieldError("name", "Cannot start a run: expected a name of 1 to 120 characters");
  }
  return { ...config, name };
}
