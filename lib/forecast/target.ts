/**
 * What is forecast: a label for every bar, the anchor it is measured against, and the way back to a value with a unit.
 * A label knows when it became known; an anchor uses bars up to its own alone. It holds no model.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import type { RiskLevel, RiskSeries } from "../features/risk_features.ts";

/** A target of one's own, as functions of a market's bars. */
export interface CustomTarget {
  /** Marks it. */
  readonly kind: "custom";
  /** Its name: what a saved forecaster is bound to when it is loaded. */
  readonly name: string;
  /** Bars that a label looks ahead, at least 1. */
  readonly horizon: number;
  /** Unit of a value, such as `fraction`. */
  readonly unit: string;
  /** Value that came true over the bars after `bar`, up to `bar + horizon`; not finite where it is not defined. */
  label(candles: Candles, bar: number): number;
  /** What is known at the close of `bar`, of a history that begins with bar `start`; not finite where nothing can be said. */
  anchor(candles: Candles, at: { readonly start: number; readonly bar: number }): number;
  /** The label relative to its anchor, of one scale in all markets: what a network learns. */
  relative(label: number, anchor: number): number;
  /** The inverse: a value out of what a network says and the anchor. */
  value(relative: number, anchor: number): number;
}

/** What is forecast. */
export type TargetConfig =
  | {
    /**
     * `return`: close[t + h] / close[t] − 1, a fraction, anchored by the deviation expected of it. `logVolatility`: log of the
     * volatility a bar over the next h bars. `logVolume`: log of the mean volume a bar over the next h bars. The last two are
     * anchored by the log of their exponentially weighted level.
     */
    readonly kind: "return" | "logVolatility" | "logVolume";
    /** Bars ahead, at least 1. */
    readonly horizon: number;
  }
  | CustomTarget;

/** A target on one market. */
export interface TargetSeries {
  /** Bars that a label looks ahead. */
  readonly horizon: number;
  /** Labels in the target's unit, `[bars]`; NaN where not known yet or not defined. Label i became known with bar i + horizon. */
  readonly labels: Float64Array;
  /** The anchor of a bar, from what its features are relative to. */
  anchor(level: RiskLevel, at: { readonly start: number; readonly bar: number }): number;
}

/** The way between labels and what networks learn. */
export interface TargetScale {
  /** Label relative to its anchor. */
  relative(label: number, anchor: number): number;
  /** Value out of a relative one. */
  value(relative: number, anchor: number): number;
  /** Unit of a value. */
  readonly unit: string;
  /** Whether 0, relative to the anchor, is a forecast that needs no fitted mean (returns). */
  readonly centred: boolean;
}

const DIFFERENCE = {
  relative: (label: number, anchor: number): number => label - anchor,
  value: (relative: number, anchor: number): number => relative + anchor,
  centred: false,
};

const SCALES: Readonly<Record<"return" | "logVolatility" | "logVolume", TargetScale>> = {
  return: {
    relative: (label, anchor) => label / anchor,
    value: (relative, anchor) => relative * anchor,
    unit: "return over the horizon, a fraction",
    centred: true,
  },
  logVolatility: { ...DIFFERENCE, unit: "natural log of the volatility a bar, a fraction" },
  logVolume: { ...DIFFERENCE, unit: "natural log of the volume a bar" },
};

/**
 * Checks a target.
 *
 * @throws {RangeError} The kind is unknown, or the horizon is not a positive integer.
 * @throws {TypeError} A custom target lacks a function.
 */
export function requireTarget(target: TargetConfig): void {
  const { kind, horizon } = target;
  if (kind !== "custom" && !(kind in SCALES)) {
    throw new RangeError(
      `Cannot forecast: target.kind must be return, logVolatility, logVolume or custom, got ${String(kind)}`,
    );
  }
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`Cannot forecast: target.horizon must be an integer of at least 1, got ${String(horizon)}`);
  }
  if (kind !== "custom") return;
  for (const name of ["label", "anchor", "relative", "value"] as const) {
    if (typeof target[name] !== "function") {
      throw new TypeError(`Cannot forecast: a custom target needs ${name} as a function, got ${typeof target[name]}`);
    }
  }
}

/** The way between a target's labels and what networks learn. */
export function targetScale(target: TargetConfig): TargetScale {
  return target.kind === "custom" ? { ...target, centred: false } : SCALES[target.kind];
}

/** Log of half the mean of `values` over bars t + 1 to t + horizon, or of the whole mean; NaN where that is 0 or not known. */
function logMeanAhead(values: Float64Array, horizon: number, power: number): Float64Array {
  const labels = new Float64Array(values.length).fill(NaN);
  for (let t = 0; t + horizon < values.length; t++) {
    let sum = 0;
    for (let i = 1; i <= horizon; i++) sum += values[t + i];
    if (sum > 0) labels[t] = power * Math.log(sum / horizon);
  }
  return labels;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : NaN;
}

/** Puts a target on a market. No label reaches into another listing. */
export function targetSeries(target: TargetConfig, series: RiskSeries): TargetSeries {
  const found = wholeSeries(target, series);
  const { listed } = series;
  const labels = found.labels.map((label, t) => listed[t + found.horizon] === listed[t] ? label : NaN);
  return { ...found, labels };
}

function wholeSeries(target: TargetConfig, series: RiskSeries): TargetSeries {
  const { candles, bars } = series;
  const { horizon } = target;
  switch (target.kind) {
    case "logVolatility":
      return { horizon, labels: logMeanAhead(bars.total, horizon, 0.5), anchor: ({ volatility }) => volatility };
    case "logVolume":
      return { horizon, labels: logMeanAhead(candles.volume, horizon, 1), anchor: ({ volume }) => volume };
    case "return":
      return {
        horizon,
        labels: candles.close.map((price, t) => candles.close[t + horizon] / price - 1),
        anchor: ({ volatility }) => Math.exp(volatility) * Math.sqrt(horizon),
      };
    case "custom":
      return {
        horizon,
        labels: Float64Array.from(
          candles.close,
          (_, t) => t + horizon < candles.close.length ? finite(target.label(candles, t)) : NaN,
        ),
        anchor: (_, at) => finite(target.anchor(candles, at)),
      };
  }
}
