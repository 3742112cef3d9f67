/**
 * How an online learner is laid out: windows, timescales, bounds, objective. Plain data but for the feature function.
 * {@linkcode onlineConfig} checks it and fills in every default; nothing behind it checks again.
 * @module
 */
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { forwardReturns, type LabelFunction } from "../features/labels.ts";
import { tradingFeatures } from "../features/trading_features.ts";
import { forecastsClasses, lossOf } from "../loss/losses.ts";
import type { MetaConfig, MethodConfig } from "../meta/config.ts";
import { configOf } from "../meta/method_config.ts";
import type { Method } from "../method/method.ts";
import type { InnerProblem } from "../method/problem.ts";
import { adam, type Optimizer, sgd } from "../meta/optimizer.ts";
import { resolveConfig } from "../meta/resolve.ts";
import { freezeConfig } from "../meta/state.ts";
import { firstRate } from "../rule/rules.ts";
import { checkObjective, type OnlineObjective, queryLossOf } from "./objective.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** One layer of the learned rates, loss and decay: the layers' offsets add up in log space. */
export interface Timescale {
  /** Updates between its steps, at least 1; it steps on the mean gradient since its last step. */
  readonly every: number;
  /** Its outer learning rate, above 0, in log units a step. */
  readonly lr: number;
  /** Share of its offset that it forgets at each step, in [0, 1) (default 0). */
  readonly decay?: number;
}

/** Limits that no update can pass. */
export interface OnlineBounds {
  /** Smallest and largest inner learning rate (default a hundredth and a hundred times what it begins at). */
  readonly lr: readonly [number, number];
  /** Largest |φ| (default 6). */
  readonly phi: number;
  /** Smallest and largest weight decay (default 1e-8 and 1). */
  readonly weightDecay: readonly [number, number];
  /** Largest absolute number of a start, or of an inner rule, that is learned (default 10). */
  readonly params: number;
}

/** How far one update may move what is learned. */
export interface OnlineTrust {
  /** Most that a log rate, a φ or log ω moves in one update (default 0.25). */
  readonly rates: number;
  /** Most that a start, or a rule's numbers, move in one update, as a share of max(‖θ‖, 1) (default 0.05). */
  readonly params: number;
}

/** The buffer of past windows that a learned start is also trained on. */
export interface OnlineReplay {
  /** Most windows kept, at least 1 (default 64). */
  readonly size: number;
  /** Windows drawn at each update (default 8). */
  readonly batch: number;
  /** Updates between windows that are kept, at least 1 (default the validation rows: their queries do not overlap). */
  readonly every: number;
}

/** What {@linkcode onlineConfig} takes. */
export interface OnlineOptions {
  /**
   * The inner loop, the loss, what is learned and the outer rule. Its `outer.lr` moves a learned start and the numbers of a learned
   * inner rule; rates, loss and decay follow the timescales. Where it leaves them open, `outer.beta2` is 0.95 (a market changes) and `outer.clipNorm` 1.
   * A method of one pass that forecasts a number reads each window anew; `outer.lr` moves all that it learns.
   */
  readonly meta: MetaConfig | MethodConfig | Method;
  /** Bars that a forecast looks ahead, at least 1 (default 1). */
  readonly horizon?: number;
  /** Labelled rows of the inner training window, at least 2 (default 50). */
  readonly trainRows?: number;
  /** Labelled rows of the validation window behind it and a gap of the horizon, at least 1 (default 10). */
  readonly validationRows?: number;
  /**
   * Bars that a row's features are computed from, at least 2 (default 256): always exactly this many, so that a row does not
   * depend on where the history starts. It must exceed the features' warm-up.
   */
  readonly history?: number;
  /** Features of the last bar (default `tradingFeatures`). */
  readonly features?: FeatureFunction;
  /**
   * Labels of the bars kept (default `forwardReturns`): what is learned and forecast. A bar's label must be known `horizon` bars
   * later; one that is missing then, or not finite, leaves its row out. Positions are sized as if it were a return.
   */
  readonly labels?: LabelFunction;
  /**
   * Scaled features and labels are held within ± this, above 0 (default 8 deviations; Infinity for never). A forecast beyond it
   * is a diverged inner loop's: it is withheld, and the rates are lowered by `trust.rates`.
   */
  readonly clip?: number;
  /** Layers of the learned rates (default every 1, 24 and 168 updates); empty to learn none of them. */
  readonly timescales?: readonly Timescale[];
  /** Limits. */
  readonly bounds?: Partial<OnlineBounds>;
  /** Trust region. */
  readonly trust?: Partial<OnlineTrust>;
  /** What the validation window judges by (default the forecast error). */
  readonly objective?: OnlineObjective;
  /** Whether markets share one start or each learns its own (default `shared`; only a shared start is one engine call). */
  readonly starts?: "shared" | "own";
  /** Past windows that a learned start is trained on. */
  readonly replay?: Partial<OnlineReplay>;
  /** Bootstrapped models a forecast; 0 (default) for the plain one alone, else at least 2. */
  readonly members?: number;
  /** Seed of bootstraps and replay (default 0). */
  readonly seed?: number;
}

/** An {@linkcode OnlineOptions} checked, with every default filled in. Frozen. */
export interface OnlineConfig extends Required<Omit<OnlineOptions, "meta" | "bounds" | "trust" | "replay">> {
  /** What is learned, and how. */
  readonly meta: MetaConfig;
  /** Limits. */
  readonly bounds: OnlineBounds;
  /** Trust region. */
  readonly trust: OnlineTrust;
  /** Past windows that a learned start is trained on. */
  readonly replay: OnlineReplay;
  /** The outer rule. */
  readonly optimizer: Optimizer;
}

/** Fast, medium and slow: an hour, a day and a week of hourly bars. Only the fast layer forgets. */
export const DEFAULT_TIMESCALES: readonly Timescale[] = Object.freeze([
  Object.freeze({ every: 1, lr: 0.03, decay: 0.02 }),
  Object.freeze({ every: 24, lr: 0.1 }),
  Object.freeze({ every: 168, lr: 0.2 }),
]);

const KEYS: OptionKeys<OnlineOptions> = {
  meta: true,
  horizon: true,
  trainRows: true,
  validationRows: true,
  history: true,
  features: true,
  labels: true,
  clip: true,
  timescales: true,
  bounds: true,
  trust: true,
  objective: true,
  starts: true,
  replay: true,
  members: true,
  seed: true,
};

/** Refuses names that no part of the layout has. */
function requireOnlineKeys(options: OnlineOptions): void {
  const action = "Cannot configure online learning";
  requireKnownKeys(action, "options", options, KEYS);
  const { timescales = [], bounds, trust, replay } = options;
  timescales.forEach((one, i) =>
    requireKnownKeys(action, `timescales[${i}]`, one, { every: true, lr: true, decay: true })
  );
  requireKnownKeys(action, "bounds", bounds, { lr: true, phi: true, weightDecay: true, params: true });
  requireKnownKeys(action, "trust", trust, { rates: true, params: true });
  requireKnownKeys(action, "replay", replay, { size: true, batch: true, every: true });
}

function fail(what: string, wanted: string, got: unknown): never {
  throw new RangeError(`Cannot configure online learning: expected ${what} to be ${wanted}, received ${String(got)}`);
}

function integer(what: string, value: number, min: number): number {
  if (!Number.isInteger(value) || value < min) fail(what, `an integer of at least ${min}`, value);
  return value;
}

function positive(what: string, value: number): number {
  if (!(value > 0)) fail(what, "above 0", value);
  return value;
}

function pair(what: string, [low, high]: readonly [number, number]): readonly [number, number] {
  if (!(low > 0 && high >= low && high < Infinity)) fail(what, "two ascending numbers above 0", `${low}, ${high}`);
  return Object.freeze([low, high] as const);
}

function timescale({ every, lr, decay = 0 }: Timescale, i: number): Timescale {
  integer(`timescales[${i}].every`, every, 1);
  positive(`timescales[${i}].lr`, lr);
  if (!(decay >= 0 && decay < 1)) fail(`timescales[${i}].decay`, "within [0, 1)", decay);
  return Object.freeze({ every, lr, decay });
}

/** Requires one forecast a row, of a number: labels are scaled as their support's are, which a class or a probability is not. */
function requireNumbers({ net, loss, method }: InnerProblem): void {
  const of = method ? `the method ${method.kind} of ` : "";
  if (forecastsClasses(loss)) fail("meta.loss", "one of numbers, not of classes", `${of}${loss.kind}`);
  const targets = lossOf(loss).targets(net.outputs);
  if (targets === 1) return;
  fail(method ? "meta" : "meta.net.outputs", `as many as loss ${loss.kind} needs for 1 target`, `${of}${net.outputs}`);
}

function optimizerOf(meta: MetaConfig): Optimizer {
  const { rule } = resolveConfig(meta);
  const { beta1, epsilon, momentum, weightDecay } = rule;
  const beta2 = meta.outer?.beta2 ?? 0.95;
  const clipNorm = meta.outer?.clipNorm ?? 1;
  return rule.optimizer === "adam"
    ? adam({ beta1, beta2, epsilon, weightDecay, clipNorm })
    : sgd({ momentum, weightDecay, clipNorm });
}

/**
 * Checks an online layout and fills in its defaults.
 *
 * @param options The method and, where they should differ from the defaults, windows, timescales, bounds and objective.
 * @returns A frozen config.
 * @throws {RangeError} A value is out of range, or settings contradict each other.
 * @throws {TypeError} A name is not known; the message says which is nearest.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }), inner: { steps: 3, lr: 0.05 } });
 * const { trainRows, validationRows, timescales } = onlineConfig({ meta });
 * assertEquals([trainRows, validationRows, timescales.map(({ every }) => every)], [50, 10, [1, 24, 168]]);
 * ```
 */
export function onlineConfig(options: OnlineOptions): OnlineConfig {
  requireOnlineKeys(options);
  const meta = freezeConfig(configOf(options.meta));
  const { inner, learn, gradientAt } = resolveConfig(meta);
  requireNumbers(inner);
  const { horizon = 1, trainRows = 50, validationRows = 10, history = 256, clip = 8, members = 0, seed = 0 } = options;
  const { timescales = DEFAULT_TIMESCALES, starts = "shared", objective = { kind: "forecast" } } = options;
  if (history <= horizon) fail("history", `above the horizon of ${horizon}`, history);
  if (!Number.isSafeInteger(seed)) fail("seed", "a safe integer", seed);
  if (members !== 0) integer("members (if any)", members, 2);
  if (starts !== "shared" && starts !== "own") fail("starts", "shared or own", starts);
  if (learn.weightDecay && !(meta.inner.weightDecay! > 0)) {
    fail("meta.inner.weightDecay", "above 0 when it is learned (it moves in log space)", meta.inner.weightDecay);
  }
  const gradient = gradientAt(0);
  if (objective.kind !== "forecast" && inner.net.outputs !== 1) {
    fail("meta.net.outputs", `1 for the objective ${objective.kind}`, inner.net.outputs);
  }
  const judge = queryLossOf(inner);
  if (objective.kind !== "forecast" && judge.kind !== "mse" && judge.kind !== "huber") {
    const what = inner.method ? "the method's loss" : "meta.outerLoss";
    fail(what, `mse or huber for the objective ${objective.kind}`, judge.kind);
  }
  if (objective.kind !== "forecast" && gradient.kind === "unrolled") {
    const early = gradient.stepWeights.slice(0, -1).find((weight) => weight !== 0);
    if (early !== undefined) fail("meta.gradient.stepWeights", "0 before the last step for this objective", early);
  }
  const lr = firstRate(inner.rule, meta.inner.lr);
  const { bounds, trust, replay } = options;
  return Object.freeze({
    meta,
    horizon: integer("horizon", horizon, 1),
    trainRows: integer("trainRows", trainRows, 2),
    validationRows: integer("validationRows", validationRows, 1),
    history: integer("history", history, 2),
    features: options.features ?? tradingFeatures,
    labels: options.labels ?? forwardReturns,
    clip: positive("clip", clip),
    timescales: Object.freeze(timescales.map(timescale)),
    bounds: Object.freeze({
      lr: pair("bounds.lr", bounds?.lr ?? [lr / 100, lr * 100]),
      phi: positive("bounds.phi", bounds?.phi ?? 6),
      weightDecay: pair("bounds.weightDecay", bounds?.weightDecay ?? [1e-8, 1]),
      params: positive("bounds.params", bounds?.params ?? 10),
    }),
    trust: Object.freeze({
      rates: positive("trust.rates", trust?.rates ?? 0.25),
      params: positive("trust.params", trust?.params ?? 0.05),
    }),
    objective: checkObjective(objective),
    starts,
    replay: Object.freeze({
      size: integer("replay.size", replay?.size ?? 64, 1),
      batch: integer("replay.batch", replay?.batch ?? 8, 0),
      every: integer("replay.every", replay?.every ?? validationRows, 1),
    }),
    members,
    seed,
    optimizer: optimizerOf(meta),
  });
}
