/**
 * Tunes the risk settings that can be differentiated, by the gradient of return less the price of risk on validation data.
 * Stops and hard thresholds cannot be: see `tune_risk.ts`. It refuses data that reach into the test.
 * @module
 */
import {
  SMOOTH_KEYS,
  SMOOTH_SETTINGS,
  type SmoothRiskData,
  type SmoothRiskRules,
  type SmoothRiskSettings,
  smoothRiskValue,
} from "./smooth_risk.ts";
import { requireKnownKeys } from "../options.ts";

/** What {@linkcode tuneSmoothRisk} takes. */
export interface TuneSmoothRiskOptions extends SmoothRiskRules {
  /** Where the test begins, ms UTC: data with a decision at or after it are refused. */
  readonly testFrom: number;
  /** Where to start (default: threshold costRate or 1e-4, softness half of it, target the mean volatility). */
  readonly start?: SmoothRiskSettings;
  /** How far a setting may move from its start, as a factor above 1 (default 100). */
  readonly range?: number;
  /** Most steps uphill, at least 1 (default 200). */
  readonly maxSteps?: number;
}

/** What {@linkcode tuneSmoothRisk} found. */
export interface TunedSmoothRisk {
  /** The settings. */
  readonly settings: SmoothRiskSettings;
  /** J there. */
  readonly objective: number;
  /** J at the start. */
  readonly startObjective: number;
  /** Steps made uphill. */
  readonly steps: number;
  /** Settings that ended at a border of their range: the data ask for more than they may have. */
  readonly atBorder: readonly (keyof SmoothRiskSettings)[];
}

function defaultStart(windows: readonly SmoothRiskData[], costRate: number): SmoothRiskSettings {
  const threshold = costRate > 0 ? costRate : 1e-4;
  const all = windows.flatMap(({ volatility }) => [...volatility]);
  const volatilityTarget = all.reduce((sum, value) => sum + value, 0) / all.length;
  return { threshold, softness: threshold / 2, volatilityTarget };
}

/**
 * Tunes threshold, softness and volatility target on validation data: steepest ascent of J in their logarithms, each step
 * halved until J rises. The outer level of a bilevel problem whose inner level is the adaptation behind the forecasts.
 * A strategy that only loses is led to positions of next to nothing, with an objective of about 0.
 *
 * @param windows Validation data, one a window or market.
 * @param options Where the test begins, start, range, costs, price of risk.
 * @throws {RangeError} Data reach into the test, or an option is out of range.
 * @throws {TypeError} Lengths differ, or a value is not finite.
 *
 * @example
 * ```ts
 * import { tuneSmoothRisk } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const time = Float64Array.from({ length: 100 }, (_, i) => i);
 * const forecasts = time.map((i) => 0.01 * Math.sin(i));
 * const data = { time, forecasts, volatility: time.map(() => 0.02), returns: forecasts };
 * const settings = { threshold: 0.002, softness: 0.001, volatilityTarget: 0.01 };
 * const { objective, startObjective } = tuneSmoothRisk([data], { testFrom: 100, start: settings });
 * assertEquals(objective >= startObjective, true);
 * ```
 */
export function tuneSmoothRisk(windows: readonly SmoothRiskData[], options: TuneSmoothRiskOptions): TunedSmoothRisk {
  requireKnownKeys("Cannot tune risk", "options", options, SMOOTH_KEYS);
  const { testFrom, range = 100, maxSteps = 200, costRate = 0.001 } = options;
  if (!(range > 1 && range < Infinity)) {
    throw new RangeError(`Cannot tune risk: range must be finite and above 1, got ${String(range)}`);
  }
  if (!Number.isInteger(maxSteps) || maxSteps < 1) {
    throw new RangeError(`Cannot tune risk: maxSteps must be an integer of at least 1, got ${String(maxSteps)}`);
  }
  const late = windows.flatMap(({ time }) => [...time]).find((time) => !(time < testFrom));
  if (late !== undefined || !Number.isFinite(testFrom)) {
    throw new RangeError(`Cannot tune risk: data reach to ${String(late)}, the test begins at ${String(testFrom)}`);
  }
  const start = options.start ?? defaultStart(windows, costRate);
  const border = Math.log(range);
  const settingsAt = (moved: readonly number[]): SmoothRiskSettings => ({
    threshold: start.threshold * Math.exp(moved[0]),
    softness: start.softness * Math.exp(moved[1]),
    volatilityTarget: start.volatilityTarget * Math.exp(moved[2]),
  });
  let moved: readonly number[] = [0, 0, 0];
  let value = smoothRiskValue(windows, start, options);
  const startObjective = value.objective;
  let [steps, length] = [0, 1];
  while (steps < maxSteps && length > 1e-7) {
    // A setting at its border moves back inside or not at all.
    const slope = value.gradient.map((g, k) => Math.abs(moved[k]) >= border && g * moved[k] > 0 ? 0 : g);
    const norm = Math.hypot(...slope);
    if (norm === 0) break;
    const next = moved.map((at, k) => Math.min(border, Math.max(-border, at + length * slope[k] / norm)));
    const found = smoothRiskValue(windows, settingsAt(next), options);
    if (found.objective > value.objective) {
      [moved, value, steps, length] = [next, found, steps + 1, Math.min(1, 2 * length)];
    } else length /= 2;
  }
  return {
    settings: settingsAt(moved),
    objective: value.objective,
    startObjective,
    steps,
    atBorder: SMOOTH_SETTINGS.filter((_, k) => Math.abs(moved[k]) >= border),
  };
}
