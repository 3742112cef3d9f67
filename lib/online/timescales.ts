/**
 * Learned rates, loss and decay on several timescales: z = base + Σ offsets, over `[log α | φ | log ω]`, each offset stepping on
 * the mean gradient since its last step. A step may move z no further than the trust region and never out of its bounds.
 * @module
 */
import type { OuterMoments } from "../engine/problem.ts";
import { lossOf } from "../loss/losses.ts";
import { DEFAULT_PHI } from "../loss/pointwise.ts";
import { resolveConfig } from "../meta/resolve.ts";
import type { LearnedGradient } from "../meta/differential.ts";
import { metaInit } from "../meta/state.ts";
import type { OnlineConfig } from "./config.ts";

/** One timescale's part of what is learned. Frozen. */
export interface TimescaleState {
  /** Its share of z, `[rates + φ + 1]`. */
  readonly offset: Float32Array;
  /** Its optimiser's moments, `[rates + φ + 1]`. */
  readonly moments: OuterMoments;
  /** Sum of the gradients since its last step, `[rates + φ + 1]`. */
  readonly sum: Float32Array;
  /** Gradients in that sum. */
  readonly pending: number;
}

/** What the timescales have learned. Frozen. */
export interface RatesState {
  /** z before anything is learned: log inner.lr, φ, log ω, `[rates + φ + 1]`. The last is 0 and unused unless ω is learned. */
  readonly base: Float32Array;
  /** One state a timescale, in the config's order. */
  readonly scales: readonly TimescaleState[];
}

/** z taken apart as a learner wants it. */
export interface EffectiveRates {
  /** log α, `[rates]`. */
  readonly logLr: Float32Array;
  /** φ, `[3]` where the loss has none of its own. */
  readonly phi: Float32Array;
  /** ω, a float32 value. */
  readonly weightDecay: number;
}

/** Rates before the first update. */
export function initRates(config: OnlineConfig): RatesState {
  const { meta, timescales, optimizer } = config;
  const start = metaInit(meta);
  const decay = resolveConfig(meta).learn.weightDecay ? Math.log(start.weightDecay) : 0;
  const base = Float32Array.from([...start.logLr, ...start.phi, decay]);
  const scales = timescales.map(() =>
    Object.freeze({
      offset: new Float32Array(base.length),
      moments: optimizer.init(base.length),
      sum: new Float32Array(base.length),
      pending: 0,
    })
  );
  return Object.freeze({ base, scales: Object.freeze(scales) });
}

/** z = base + Σ offsets, held within its bounds, in float64; what is not learned keeps its place. */
function combined(config: OnlineConfig, { base, scales }: RatesState): Float64Array {
  const z = Float64Array.from(base);
  for (const { offset } of scales) for (let i = 0; i < z.length; i++) z[i] += offset[i];
  const { meta, bounds: { lr, phi, weightDecay } } = config;
  const { learn } = resolveConfig(meta);
  const hold = (from: number, to: number, low: number, high: number): void => {
    for (let i = from; i < to; i++) z[i] = Math.min(high, Math.max(low, z[i]));
  };
  const [rates, last] = [ratesOf(config, z.length), z.length - 1];
  if (learn.lr) hold(0, rates, Math.log(lr[0]), Math.log(lr[1]));
  if (learn.loss) hold(rates, last, -phi, phi);
  if (learn.weightDecay) hold(last, z.length, Math.log(weightDecay[0]), Math.log(weightDecay[1]));
  return z;
}

/** How many of so many numbers of z are rates: φ and log ω follow. */
function ratesOf({ meta }: OnlineConfig, length: number): number {
  return length - (lossOf(resolveConfig(meta).inner.loss).phi.length || DEFAULT_PHI.length) - 1;
}

/** The rates, loss and decay in force. */
export function effectiveRates(config: OnlineConfig, state: RatesState): EffectiveRates {
  const z = combined(config, state);
  const rates = ratesOf(config, z.length);
  const { learn } = resolveConfig(config.meta);
  return {
    logLr: Float32Array.from(z.subarray(0, rates)),
    phi: Float32Array.from(z.subarray(rates, -1)),
    weightDecay: learn.weightDecay
      ? Math.fround(Math.exp(z[z.length - 1]))
      : Math.fround(config.meta.inner.weightDecay ?? 0),
  };
}

/** The gradient by z of what is learned, 0 elsewhere: ∂L/∂log ω = ω·∂L/∂ω. `[rates + φ + 1]` */
function gradientByZ(
  config: OnlineConfig,
  gradient: LearnedGradient,
  { length, weightDecay }: { readonly length: number; readonly weightDecay: number },
): Float32Array {
  const { learn } = resolveConfig(config.meta);
  const g = new Float32Array(length);
  if (learn.lr) g.set(gradient.logLr);
  if (learn.loss && gradient.phi) g.set(gradient.phi, ratesOf(config, length));
  if (learn.weightDecay) g[length - 1] = weightDecay * gradient.weightDecay;
  return g;
}

/** The rates after one more gradient, which must be finite. */
export function stepRates(config: OnlineConfig, state: RatesState, gradient: LearnedGradient): RatesState {
  const { timescales, optimizer, trust } = config;
  const { weightDecay } = effectiveRates(config, state);
  const g = gradientByZ(config, gradient, { length: state.base.length, weightDecay });
  const stepped = state.scales.map((scale, s): TimescaleState => {
    const { every, lr, decay = 0 } = timescales[s];
    const sum = scale.sum.map((value, i) => value + g[i]);
    const pending = scale.pending + 1;
    if (pending < every) return { ...scale, sum, pending };
    const mean = sum.map((value) => value / pending);
    const { values, moments } = optimizer.update(scale.offset, mean, { moments: scale.moments, lr });
    return {
      offset: values.map((value) => value * (1 - decay)),
      moments,
      sum: new Float32Array(sum.length),
      pending: 0,
    };
  });
  const moves = state.base.map((_, i) =>
    stepped.reduce((sum, { offset }, s) => sum + offset[i] - state.scales[s].offset[i], 0)
  );
  const trusted = stepped.map((scale, s) => ({
    ...scale,
    offset: scale.offset.map((value, i) => {
      const share = Math.min(1, trust.rates / Math.abs(moves[i]));
      return share === 1 ? value : state.scales[s].offset[i] + share * (value - state.scales[s].offset[i]);
    }),
  }));
  return Object.freeze({ base: state.base, scales: Object.freeze(withinBounds(config, state.base, trusted)) });
}

/**
 * The rates after an inner loop diverged: every learned log rate lower by `trust.rates`, shared out over the timescales. The
 * meta-gradient would say so too, but only once the bars at fault have reached its validation window.
 */
export function lowerRates(config: OnlineConfig, state: RatesState): RatesState {
  const { learn } = resolveConfig(config.meta);
  if (!learn.lr || state.scales.length === 0) return state;
  const rates = ratesOf(config, state.base.length);
  const step = config.trust.rates / state.scales.length;
  const lower = state.scales.map((scale) => ({
    ...scale,
    offset: scale.offset.map((value, i) => i < rates ? value - step : value),
  }));
  return Object.freeze({ base: state.base, scales: Object.freeze(withinBounds(config, state.base, lower)) });
}

/** Takes what lies out of bounds off the first timescale, so that offsets do not wind up behind a bound. */
function withinBounds(config: OnlineConfig, base: Float32Array, scales: TimescaleState[]): TimescaleState[] {
  if (scales.length === 0) return scales;
  const held = combined(config, { base, scales });
  const offset = scales[0].offset.map((_, i) => {
    let rest = base[i];
    for (let s = 1; s < scales.length; s++) rest += scales[s].offset[i];
    return held[i] - rest;
  });
  return [{ ...scales[0], offset }, ...scales.slice(1)].map((scale) => Object.freeze(scale));
}
