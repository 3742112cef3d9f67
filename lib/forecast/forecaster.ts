/**
 * Everything that is needed to forecast a market, as one frozen value: the target, the columns, the scales of the training
 * pool, the networks and how they adapt, what was chosen on validation, and what all of it was trained on. It is plain
 * data; `train_forecaster.ts` makes it, `forecast.ts` uses it, `forecaster_file.ts` keeps it.
 * @module
 */
import type { MetaState } from "../meta/state.ts";
import type { TrainedOn } from "../meta/trained_on.ts";
import type { LinearRule } from "./decisions.ts";
import type { PoolScaler } from "./pool_scaler.ts";
import type { TargetConfig } from "./target.ts";

/** One network of the ensemble. */
export interface ForecastMember {
  /** The meta-learned start, its rates and how it adapts; or a method that reads a support set in one pass. */
  readonly state: MetaState;
  /** The pretrained start that meta-learning began with: the baseline beside it. */
  readonly pretrained: MetaState;
  /** Whether it reads the means over the other markets. */
  readonly marketWide: boolean;
}

/** Where adaptation stops being believed. */
export interface TrustRegion {
  /** Share of validation decisions within it. */
  readonly share: number;
  /** Largest |adapted − unadapted|, in deviations of the pool's labels; Infinity where every adaptation is believed. */
  readonly limit: number;
}

/** Errors on the validation decisions: label − forecast, relative to the anchor. */
export interface ForecastResidual {
  /** Their deviation from 0. */
  readonly deviation: number;
  /** Their quantiles at `BAND_LEVELS`. */
  readonly quantiles: readonly number[];
  /**
   * Root of the mean squared return over the horizon, over the variance expected of it: what a range misses of the moves
   * between closes. 1 for targets other than log volatility.
   */
  readonly closeScale: number;
}

/** Loss of forecasts on the validation decisions, in squared deviations of the pool's labels. */
export interface ValidationScores {
  /** Decisions. */
  readonly rows: number;
  /** Of the anchor, with the pool's mean added: what says nothing. */
  readonly anchor: number;
  /** Of the ensemble, unadapted. */
  readonly unadapted: number;
  /** Of the ensemble, adapted within the trust region. */
  readonly adapted: number;
  /** Of the forecast as it is made: steps, trust region and shrinkage chosen. */
  readonly chosen: number;
}

/** What a forecaster was trained on. */
export interface ForecasterTraining extends TrainedOn {
  /** Labels known before this time were learned from, those from it on were chosen on, ms UTC. */
  readonly validationFrom: number;
  /** When the last label used became known, ms UTC. */
  readonly trainedUntil: number;
}

/** A forecaster. Frozen; made by `trainForecaster`. */
export interface Forecaster {
  /** What is forecast. */
  readonly target: TargetConfig;
  /** Bar length of the markets. */
  readonly interval: string;
  /** Whether closes alone are read. */
  readonly closeOnly: boolean;
  /** `risk`, or the name under which a function of one's own is bound again at loading. */
  readonly features: string;
  /** Own columns, then those over the other markets, as names. */
  readonly columns: readonly string[];
  /** How many of them are the market's own. */
  readonly own: number;
  /** Scales of the training pool. */
  readonly scaler: PoolScaler;
  /** Rows to adapt on, the bars between them, and the least that there must be. */
  readonly support: { readonly rows: number; readonly spacing: number; readonly least: number };
  /** The ensemble. */
  readonly members: readonly ForecastMember[];
  /** Linear rules that the networks add to, for members without and with the other markets; null where there are none. */
  readonly skip: { readonly own: LinearRule; readonly all: LinearRule } | null;
  /** Inner steps, chosen on validation; 0 where adapting did not pay, 1 where a method that reads supports in one pass did. */
  readonly steps: number;
  /** Factor of what the networks say, in [0, 1], fitted on validation; 0 says that nothing was found. */
  readonly shrinkage: number;
  /** Where adaptation stops being believed. */
  readonly trust: TrustRegion;
  /** Errors on validation. */
  readonly residual: ForecastResidual;
  /** What validation said. */
  readonly validation: ValidationScores;
  /** The markets, and when the last label used became known, ms UTC: no forecast before it is out of sample. */
  readonly trainedOn: ForecasterTraining;
  /** Warnings of the training, such as too few independent labels. */
  readonly notes: readonly string[];
}

/**
 * The network that answers where nothing is adapted: a member's start. A method that reads supports in one pass says nothing without
 * one, and its pretrained network stands in for it.
 */
export function unadaptedState({ state, pretrained }: Pick<ForecastMember, "state" | "pretrained">): MetaState {
  return state.config.method ? pretrained : state;
}

/** Inner steps that a state was learned with; a method's one pass counts as 1. */
export function learnedSteps({ config: { method, inner } }: MetaState): number {
  return method ? 1 : inner.steps;
}

/** Levels of the stored error quantiles. */
export const BAND_LEVELS: readonly number[] = Object.freeze([0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]);

/** Freezes a value and all that it holds; arrays of numbers stay as they are. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
