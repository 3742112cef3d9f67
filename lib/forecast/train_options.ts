/**
 * How a forecaster is trained: the options, their defaults, and the checks. Every default is what measured best on
 * development data (bench/SKILL.md). It trains nothing.
 * @module
 */
import { DAY_MS } from "../data/calendar.ts";
import { type Candles, DataError } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import type { Task } from "../engine/problem.ts";
import { forecastsClasses } from "../loss/losses.ts";
import type { LossConfig, MetaConfig } from "../meta/config.ts";
import type { PresetOptions } from "../meta/presets.ts";
import type { Method } from "../method/method.ts";
import type { MetaProgress } from "../meta/train.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { bisectLeft } from "../features/bisect.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import type { ForecastMember } from "./forecaster.ts";
import { requireTarget, type TargetConfig } from "./target.ts";

/** Rows that a task adapts on and is judged on. */
export interface ForecastSupport {
  /** Labelled rows to adapt on, at most (default 60). */
  readonly rows?: number;
  /** Bars between them (default the horizon, so that no two labels share a bar). */
  readonly spacing?: number;
  /** Labelled rows below which nothing is adapted (default 20). */
  readonly least?: number;
}

/** One of the two trainings. */
export interface ForecastPhase {
  /** Outer steps. */
  readonly steps?: number;
  /** Outer learning rate at the start; it falls to 2% of that along a cosine. */
  readonly lr?: number;
}

/** The second training: learning through the adaptation. */
export interface ForecastMetaPhase extends ForecastPhase {
  /** Inner steps K that are tried beside 0 (default 5). */
  readonly innerSteps?: number;
  /** Initial inner rate of each layer (default 0.005). */
  readonly innerLr?: number;
  /** Outer rate of the log rates (default that of the weights). */
  readonly ratesLr?: number;
  /**
   * How to learn through the adaptation: a preset, or a function of one's own that makes a config of a network, inner steps and
   * outer optimiser. Its config must have parameters and rates alone (default MAML with a learned rate a layer). Or a function that
   * makes a method of one pass, such as `({ net, loss }) => inContext({ inputs: net.inputs, outputs: 1, loss })`: it forecasts one
   * number a row, starts from its own initial values, and is unadapted where the pretrained network answers.
   */
  readonly method?: (options: PresetOptions) => MetaConfig | Method;
}

/** Where a training stands. */
export interface ForecasterProgress {
  /** What is running. */
  readonly phase: "pretrain" | "meta" | "validate";
  /** Which of the networks, from 1. */
  readonly member: number;
  /** Networks in all. */
  readonly members: number;
  /** Outer steps of this phase so far, and in all. */
  readonly step: number;
  /** Outer steps of this phase in all. */
  readonly steps: number;
  /** Mean squared error on validation when it was last taken, in squared deviations of the pool's labels. */
  readonly loss: number;
  /** Whether that was now: it is taken five times in each phase. */
  readonly validated: boolean;
  /** The same of saying nothing: the anchor with the pool's mean (zero, for returns). */
  readonly anchorLoss: number;
  /**
   * The training's own loss over the steps since it last stood so, had the networks said nothing: what `training.meanLoss` has to come
   * below. Null for losses other than mse and huber.
   */
  readonly silentLoss: number | null;
  /** What the training said of the steps since it last stood so: state, losses of tasks, norm of the gradient. */
  readonly training: MetaProgress;
  /** The tasks of the step just made, to measure on. */
  readonly batch: readonly Task[];
}

/** What `trainForecaster` takes. */
export interface TrainForecasterOptions {
  /** What is forecast. */
  readonly target: TargetConfig;
  /** Labels must be known before this time to be trained on, ms UTC (default: the last fifth of the bars validates). */
  readonly validationFrom?: number;
  /** Labels must be known before this time to be validated on, ms UTC (default: all are). */
  readonly testFrom?: number;
  /** Networks whose mean is the forecast (default 5; 3 is quick). */
  readonly seeds?: number;
  /** Seed of everything random (default 1). */
  readonly seed?: number;
  /** Hidden layers (default 32, 32; 16, 16 for bars of a day or more). */
  readonly hidden?: readonly number[];
  /** Loss of both trainings (default mse; huber 1.5 where networks add to a linear rule, and for returns). */
  readonly loss?: LossConfig;
  /** Decoupled decay of the weights in both trainings (default 0; 0.01 where networks add to a linear rule, and for returns). */
  readonly weightDecay?: number;
  /** What is adapted on. */
  readonly support?: ForecastSupport;
  /** The first training: all rows pooled, no adaptation (default 4,000 steps at 0.002; 1,500 for bars of a day or more). */
  readonly pretrain?: ForecastPhase;
  /** The second (default 1,500 steps at 0.001; 600 for bars of a day or more). */
  readonly meta?: ForecastMetaPhase;
  /** Tasks of an outer step (default 16). */
  readonly tasks?: number;
  /** Share of tasks whose history is cut at random, as if the market had just been listed (default 0.7). */
  readonly cutShare?: number;
  /**
   * Whether networks read means over the other markets: all, none, or half of them (default half; all for bars of a day or more; none
   * below 3 markets). None where a linear rule (`skip`) over their columns too errs more on validation than one over own columns.
   */
  readonly marketWide?: "all" | "half" | "none";
  /**
   * What networks add to: nothing, a pooled heterogeneous autoregression, a pooled linear rule on all columns, or the mean of both
   * (default `none`; `mean` for bars of a day or more, or few rows, `linear` where features of one's own take the place of the
   * ladder). It is shrunk towards saying nothing as far as validation does not bear it out.
   */
  readonly skip?: "none" | "har" | "linear" | "mean";
  /** Share of validation decisions whose adaptation is believed (default 0.995); 1 believes all. */
  readonly trust?: number;
  /** `risk` (default), or a function of the candles, whose name is kept. */
  readonly features?: "risk" | FeatureFunction;
  /** Columns of one's own to append, joined by time. */
  readonly extra?: FeatureFunction;
  /** Read closes alone (default: where one of the markets has nothing else). */
  readonly closeOnly?: boolean;
  /** Networks of this very training that were finished before, in order: they are not trained again, to the same bits. */
  readonly trained?: readonly ForecastMember[];
  /** Called with each network once it is finished: what `trained` takes after an interruption. */
  readonly onMember?: (member: ForecastMember, index: number) => void | Promise<void>;
  /** Stops the training. */
  readonly signal?: AbortSignal;
  /** Called now and then; what it returns is awaited. */
  readonly onProgress?: (progress: ForecasterProgress) => unknown;
}

const KEYS: OptionKeys<TrainForecasterOptions> = {
  target: true,
  validationFrom: true,
  testFrom: true,
  seeds: true,
  seed: true,
  hidden: true,
  loss: true,
  weightDecay: true,
  support: true,
  pretrain: true,
  meta: true,
  tasks: true,
  cutShare: true,
  marketWide: true,
  skip: true,
  trust: true,
  features: true,
  extra: true,
  closeOnly: true,
  trained: true,
  onMember: true,
  signal: true,
  onProgress: true,
};
const SUPPORT_KEYS: OptionKeys<ForecastSupport> = { rows: true, spacing: true, least: true };
const PHASE_KEYS: OptionKeys<ForecastPhase> = { steps: true, lr: true };
const META_KEYS: OptionKeys<ForecastMetaPhase> = {
  ...PHASE_KEYS,
  innerSteps: true,
  innerLr: true,
  ratesLr: true,
  method: true,
};

/** A training with every default filled in. */
export interface ResolvedTraining {
  /** As given. */
  readonly target: TargetConfig;
  /** Bar length of the markets. */
  readonly interval: string;
  /** First time of validation, ms UTC. */
  readonly validationFrom: number;
  /** First time of the test, ms UTC; Infinity where there is none. */
  readonly testFrom: number;
  /** Networks. */
  readonly seeds: number;
  /** Seed. */
  readonly seed: number;
  /** Hidden layers. */
  readonly hidden: readonly number[];
  /** Loss. */
  readonly loss: LossConfig;
  /** Decay. */
  readonly weightDecay: number;
  /** Supports. */
  readonly support: Required<ForecastSupport>;
  /** First training. */
  readonly pretrain: Required<ForecastPhase>;
  /** Second training. */
  readonly meta: Required<Omit<ForecastMetaPhase, "method">> & Pick<ForecastMetaPhase, "method">;
  /** Tasks of a step. */
  readonly tasks: number;
  /** Share of cut histories. */
  readonly cutShare: number;
  /** Market-wide columns. */
  readonly marketWide: "all" | "half" | "none";
  /** Linear rule. */
  readonly skip: "none" | "har" | "linear" | "mean";
  /** Trusted share. */
  readonly trust: number;
}

/** Rows of all markets below which networks add to a linear rule. */
const FEW_ROWS = 20_000;
const VALIDATION_SHARE = 0.2;

function requireNumber(name: string, value: number, range: { min: number; max?: number; integer?: boolean }): void {
  const { min, max = Infinity, integer = false } = range;
  if (typeof value === "number" && value >= min && value <= max && (!integer || Number.isInteger(value))) return;
  const upper = max < Infinity ? ` and at most ${max}` : "";
  throw new RangeError(
    `Cannot train a forecaster: ${name} must be ${integer ? "an integer" : "a number"} of at least ${min}${upper}, ` +
      `got ${String(value)}`,
  );
}

function requireOneOf(name: string, value: string, names: readonly string[]): void {
  if (names.includes(value)) return;
  throw new RangeError(`Cannot train a forecaster: ${name} must be one of ${names.join(", ")}, got ${String(value)}`);
}

function requireMarkets(markets: readonly Candles[]): void {
  if (!Array.isArray(markets) || markets.length === 0) {
    throw new DataError("Cannot train a forecaster: expected at least 1 market, received none");
  }
  const [{ interval, symbol }] = markets;
  const seen = new Set<string>();
  for (const market of markets) {
    if (market.interval !== interval) {
      throw new DataError(
        `Cannot train a forecaster: markets must have one bar length, got ${symbol} at ${interval} and ${market.symbol} ` +
          `at ${market.interval}`,
      );
    }
    if (seen.has(market.symbol)) {
      throw new DataError(
        `Cannot train a forecaster: ${market.symbol} is there twice; join its files or leave one out`,
      );
    }
    seen.add(market.symbol);
  }
}

/** When the last share of all markets' bars before `end` begins: one of the time would keep whole those that were listed late. */
function timeBehind(markets: readonly Candles[], end: number): number {
  const parts = markets.map(({ time }) => time.subarray(0, bisectLeft(time, end)));
  const times = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    times.set(part, at);
    at += part.length;
  }
  return times.sort()[Math.floor((1 - VALIDATION_SHARE) * times.length)] ?? end;
}

/**
 * Checks the options of a training and fills in their defaults.
 *
 * @throws {DataError} There is no market, one is there twice, or bar lengths differ.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} An option is unknown.
 */
export function resolveTraining(markets: readonly Candles[], options: TrainForecasterOptions): ResolvedTraining {
  const action = "Cannot train a forecaster";
  requireKnownKeys(action, "options", options, KEYS);
  requireKnownKeys(action, "support", options.support, SUPPORT_KEYS);
  requireKnownKeys(action, "pretrain", options.pretrain, PHASE_KEYS);
  requireKnownKeys(action, "meta", options.meta, META_KEYS);
  requireTarget(options.target);
  requireMarkets(markets);
  const { target } = options;
  const [{ interval }] = markets;
  const daily = intervalMs(interval) >= DAY_MS;
  const few = markets.reduce((sum, { time }) => sum + time.length, 0) < FEW_ROWS;
  const first = Math.min(...markets.map(({ time }) => time[0]));
  const last = Math.max(...markets.map(({ time }) => time[time.length - 1]));
  const { testFrom = Infinity, seeds = 5, seed = 1, tasks = 16, cutShare = 0.7, trust = 0.995 } = options;
  const end = Math.min(testFrom, last);
  const { validationFrom = timeBehind(markets, end) } = options;
  const isReturn = target.kind === "return";
  const ownFeatures = typeof options.features === "function";
  const skip = options.skip ?? (!isReturn && (daily || few) ? (ownFeatures ? "linear" : "mean") : "none");
  const careful = skip !== "none" || isReturn;
  const marketWide = options.marketWide ?? (markets.length < 3 ? "none" : daily ? "all" : "half");
  const resolved: ResolvedTraining = {
    target,
    interval,
    validationFrom,
    testFrom,
    seeds,
    seed,
    tasks,
    cutShare,
    trust,
    marketWide,
    skip,
    hidden: options.hidden ?? (daily ? [16, 16] : [32, 32]),
    loss: options.loss ?? (careful ? { kind: "huber", delta: 1.5 } : { kind: "mse" }),
    weightDecay: options.weightDecay ?? (careful ? 0.01 : 0),
    support: { rows: 60, spacing: target.horizon, least: 20, ...options.support },
    pretrain: { steps: daily ? 1500 : 4000, lr: 0.002, ...options.pretrain },
    meta: {
      steps: daily ? 600 : 1500,
      lr: 0.001,
      innerSteps: 5,
      innerLr: 0.005,
      ratesLr: options.meta?.lr ?? 0.001,
      ...options.meta,
    },
  };
  const { support, pretrain, meta } = resolved;
  requireNumber("seeds", seeds, { min: 1, max: 100, integer: true });
  requireNumber("seed", seed, { min: 0, max: 2 ** 31, integer: true });
  requireNumber("tasks", tasks, { min: 1, integer: true });
  requireNumber("cutShare", cutShare, { min: 0, max: 1 });
  requireNumber("trust", trust, { min: 0.5, max: 1 });
  requireNumber("weightDecay", resolved.weightDecay, { min: 0 });
  if (forecastsClasses(resolved.loss)) {
    throw new RangeError(`${action}: expected a loss of numbers, not of classes, got ${resolved.loss.kind}`);
  }
  requireNumber("support.rows", support.rows, { min: 2, integer: true });
  requireNumber("support.spacing", support.spacing, { min: 1, integer: true });
  requireNumber("support.least", support.least, { min: 2, integer: true });
  requireNumber("pretrain.steps", pretrain.steps, { min: 1, integer: true });
  requireNumber("meta.steps", meta.steps, { min: 0, integer: true });
  requireNumber("meta.innerSteps", meta.innerSteps, { min: 1, integer: true });
  // A regression on the ladder of volatilities needs the features that have it.
  requireOneOf("skip", skip, ownFeatures ? ["none", "linear"] : ["none", "har", "linear", "mean"]);
  requireOneOf("marketWide", marketWide, ["all", "half", "none"]);
  if (marketWide !== "none" && markets.length < 2) {
    throw new RangeError(`${action}: marketWide "${marketWide}" needs at least 2 markets, got ${markets.length}`);
  }
  if (!(validationFrom > first && validationFrom < end)) {
    throw new RangeError(
      `${action}: validationFrom must lie between the first bar (${first}) and the test (${end}), got ${validationFrom}`,
    );
  }
  return resolved;
}
