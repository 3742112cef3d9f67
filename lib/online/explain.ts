/**
 * Why an online learner forecasts what it forecasts, as plain JSON: features, support bars, and what it learned about learning.
 * It explains the plain model; an ensemble's forecast is the mean over bootstraps of it.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { adapt } from "../meta/adapt.ts";
import { learningRates } from "../meta/learning_rates.ts";
import { adaptedForecasts } from "../meta/predict.ts";
import { freezeState, type MetaState } from "../meta/state.ts";
import { candlesOf } from "../data/bar.ts";
import { resolveConfig } from "../meta/resolve.ts";
import { rowInfluence } from "../meta/row_influence.ts";
import { integratedGradients } from "../meta/integrated_gradients.ts";
import { marketIndex, onlineLearner, type OnlineState } from "./state.ts";
import { effectiveRates } from "./timescales.ts";
import { forecastInput } from "./windows.ts";
import { requireKnownKeys } from "../options.ts";

/** One feature's part in a forecast. */
export interface FeatureContribution {
  /** Feature's name. */
  readonly name: string;
  /** Its value, in deviations from the support's mean. */
  readonly scaled: number;
  /** What it adds to the forecast, as a return (fraction), by integrated gradients. */
  readonly contribution: number;
}

/** One support bar's part in a forecast, through adaptation; what it does to the scaling (the support's mean) is not in it. */
export interface BarInfluence {
  /** Open time, ms UTC. */
  readonly time: number;
  /** Forecast less the forecast had the last inner step not seen the bar, as a return; exact to first order. */
  readonly lastStep: number;
  /** Forecast less the forecast with the bar left out of every inner step, as a return. */
  readonly leaveOneOut: number;
}

/** One layer's learning rate, before and after learning. */
export interface RateChange {
  /** Layer, 0 is the first. */
  readonly layer: number;
  /** Inner step, 0 is the first. */
  readonly step: number;
  /** The rate configured. */
  readonly fixed: number;
  /** The mean rate learned. */
  readonly learned: number;
}

/** What the learned rates and loss changed. */
export interface LearnedChange {
  /** Forecast with the configured rates, loss and decay, as a return. */
  readonly fixed: number;
  /** Forecast with the learned rates alone. */
  readonly ratesAlone: number;
  /** Forecast with the learned loss and decay alone. */
  readonly lossAlone: number;
  /** Rates by layer and step. */
  readonly rates: readonly RateChange[];
  /** φ configured and learned: direction, magnitude, asymmetry. */
  readonly phi: { readonly fixed: readonly number[]; readonly learned: readonly number[] };
  /** Weight decay configured and learned. */
  readonly weightDecay: { readonly fixed: number; readonly learned: number };
}

/** One forecast explained; JSON as it stands. */
export interface DecisionExplanation {
  /** Market name. */
  readonly symbol: string;
  /** Open time of the bar forecast from, ms UTC. */
  readonly time: number;
  /** The plain model's forecast, as a return (fraction). */
  readonly forecast: number;
  /** Its forecast for a bar like the support's mean, as a return. */
  readonly atMean: number;
  /** Features; contributions add up to forecast − atMean but for `residual`. */
  readonly features: readonly FeatureContribution[];
  /** forecast − atMean − Σ contributions: the error of the integral's sum. */
  readonly residual: number;
  /** Support bars, oldest first. */
  readonly support: readonly BarInfluence[];
  /** What learning how to learn changed. */
  readonly learned: LearnedChange;
}

/**
 * Explains the forecast that the state stands at: contributions of features (Sundararajan et al. 2017), influence of support bars
 * (see {@linkcode rowInfluence}), and the same forecast with what was learned taken back.
 *
 * @param engine Where to run it.
 * @param state A state with a forecast; it is not changed.
 * @param options `symbol` names the market (only needed with more than one); `points` of the integral (default 128).
 * @returns Plain JSON; {@linkcode renderExplanation} draws it.
 * @throws {RangeError} There is no such market, or it has too few labels yet.
 *
 * @example
 * ```ts
 * import {
 *   barsOf,
 *   metaGradient,
 *   mlp,
 *   observe,
 *   onlineConfig,
 *   onlineInit,
 *   openEngine,
 *   simulateMarket,
 *   updateAndPredict,
 * } from "@adaptrade/adaptrade";
 * import { explainDecision } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * let state = onlineInit(config, [candles]);
 * for (const bar of barsOf(candles)) ({ state } = await updateAndPredict(engine, observe(state, bar)));
 * const { features, support } = await explainDecision(engine, state);
 * assertEquals([features.length, support.length], [10, 10]);
 * ```
 */
export async function explainDecision(
  engine: Engine,
  state: OnlineState,
  options: { readonly symbol?: string; readonly points?: number } = {},
): Promise<DecisionExplanation> {
  requireKnownKeys("Cannot explain a decision", "options", options, { symbol: true, points: true });
  const index = marketIndex(state, options.symbol);
  const market = state.markets[index];
  const input = forecastInput(state, index);
  if (!input) {
    throw new RangeError(
      `Cannot explain ${market.symbol}: expected ${state.config.trainRows} labels and features of its last bar, ` +
        `received ${market.count} bars`,
    );
  }
  const { support, supportTime, x, time, scaler: { y: { mean, scale } } } = input;
  const learner = onlineLearner(state, market.symbol);
  const adapted = await adapt(engine, learner, support);
  const attribution = await integratedGradients(engine, adapted.net, adapted.params, {
    x,
    points: options.points,
    loss: resolveConfig(learner.config).inner.loss,
  });
  const influence = await rowInfluence(engine, learner, support, { x });
  const asReturn = (output: number): number => output * scale[0] + mean[0];
  const { names } = state.config.features(candlesOf(market, market.bars));
  return {
    symbol: market.symbol,
    time,
    forecast: asReturn(attribution.atInput),
    atMean: asReturn(attribution.atBaseline),
    features: names.map((name, i) => ({
      name,
      scaled: x[i],
      contribution: attribution.contributions[i] * scale[0],
    })),
    residual: attribution.residual * scale[0],
    support: Array.from(supportTime, (at, i) => ({
      time: at,
      lastStep: influence.lastStep[i] * scale[0],
      leaveOneOut: influence.leaveOneOut[i] * scale[0],
    })),
    learned: await learnedChange(state, learner, async (other) => {
      const [[output]] = await adaptedForecasts(engine, other, [{ support, x }]);
      return asReturn(output);
    }),
  };
}

async function learnedChange(
  state: OnlineState,
  learner: MetaState,
  forecastBy: (learner: MetaState) => Promise<number>,
): Promise<LearnedChange> {
  const fixed = effectiveRates(state.config, { base: state.rates.base, scales: [] });
  const unlearned = freezeState({ ...learner, ...fixed });
  const before = learningRates(unlearned);
  return {
    fixed: await forecastBy(unlearned),
    ratesAlone: await forecastBy(freezeState({ ...unlearned, logLr: learner.logLr })),
    lossAlone: await forecastBy(freezeState({ ...learner, logLr: unlearned.logLr })),
    rates: learningRates(learner).map(({ layer, step, mean }, i) => ({
      layer,
      step,
      fixed: before[i].mean,
      learned: mean,
    })),
    phi: { fixed: [...unlearned.phi], learned: [...learner.phi] },
    weightDecay: { fixed: unlearned.weightDecay, learned: learner.weightDecay },
  };
}
