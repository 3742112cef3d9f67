/**
 * A position that can be differentiated by its risk settings (threshold and softness of a tanh, and the volatility target
 * that scales it) and what it earns less the price of its risk. Settings with a jump in them (stops, hard thresholds) are
 * `tune_risk.ts`'s. All of it is float64; it tunes nothing, see `tune_smooth_risk.ts`.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** One stretch of validation data. Everything but `returns` is known at the decision. */
export interface SmoothRiskData {
  /** Open time of the bar at whose close each decision is taken, ms UTC, ascending, `[decisions]`. */
  readonly time: Float64Array;
  /** Forecast return, as a fraction, `[decisions]`. */
  readonly forecasts: Float64Array;
  /** Deviation of the return that is expected, as a fraction, above 0, `[decisions]`. */
  readonly volatility: Float64Array;
  /** The return that followed, as a fraction, `[decisions]`. */
  readonly returns: Float64Array;
}

/** The settings that are tuned. */
export interface SmoothRiskSettings {
  /** Forecast θ at which half a position is taken, as a fraction, above 0. */
  readonly threshold: number;
  /** Width s of the passage from flat to a full position, as a fraction, above 0. */
  readonly softness: number;
  /** Volatility v of a full position, as a fraction a bar, above 0. */
  readonly volatilityTarget: number;
}

/** What is not tuned. */
export interface SmoothRiskRules {
  /** Largest position as a multiple of equity, above 0 (default 1). */
  readonly maxLeverage?: number;
  /** Cost per unit traded, as a fraction, at least 0 (default 0.001). */
  readonly costRate?: number;
  /** Price of risk λ, at least 0 (default 0.5: to second order the mean log growth). */
  readonly riskAversion?: number;
}

/** Names of the rules, and of what `tuneSmoothRisk` takes beside them: they may share one object. */
export const SMOOTH_KEYS = {
  maxLeverage: true,
  costRate: true,
  riskAversion: true,
  testFrom: true,
  start: true,
  range: true,
  maxSteps: true,
} as const;
const SETTING_KEYS: OptionKeys<SmoothRiskSettings> = { threshold: true, softness: true, volatilityTarget: true };

/** An objective with its gradient. */
export interface SmoothRiskValue {
  /** J, a bar. */
  readonly objective: number;
  /** ∂J / ∂ln of threshold, softness and volatility target, `[3]`. */
  readonly gradient: readonly [number, number, number];
}

/** Names of the settings, in the order of the gradient. */
export const SMOOTH_SETTINGS = ["threshold", "softness", "volatilityTarget"] as const;

function requirePositive(name: string, value: number, least = Number.MIN_VALUE): void {
  if (value >= least && value < Infinity) return;
  const wanted = least === 0 ? "at least 0" : "above 0";
  throw new RangeError(`Cannot tune risk: ${name} must be finite and ${wanted}, got ${String(value)}`);
}

function requireData(windows: readonly SmoothRiskData[], settings: SmoothRiskSettings, rules: SmoothRiskRules): void {
  requireKnownKeys("Cannot tune risk", "rules", rules, SMOOTH_KEYS);
  requireKnownKeys("Cannot tune risk", "settings", settings, SETTING_KEYS);
  const { maxLeverage = 1, costRate = 0, riskAversion = 0 } = rules;
  if (windows.length === 0) throw new RangeError("Cannot tune risk: expected at least 1 validation window, received 0");
  requirePositive("maxLeverage", maxLeverage);
  requirePositive("costRate", costRate, 0);
  requirePositive("riskAversion", riskAversion, 0);
  for (const { time, ...data } of windows) {
    if (time.length === 0) throw new RangeError("Cannot tune risk: a validation window has no decision");
    for (const name of ["forecasts", "volatility", "returns"] as const) {
      const values = data[name];
      if (values.length !== time.length) {
        throw new TypeError(`Cannot tune risk: expected ${time.length} ${name}, received ${values.length}`);
      }
      const bad = values.findIndex((value) => !Number.isFinite(value) || (name === "volatility" && value <= 0));
      if (bad >= 0) {
        const wanted = name === "volatility" ? "finite and above 0" : "finite";
        throw new TypeError(`Cannot tune risk: ${name} must be ${wanted}, got ${name}[${bad}] = ${values[bad]}`);
      }
    }
  }
  for (const name of SMOOTH_SETTINGS) requirePositive(name, settings[name]);
}

/** A position and its derivatives by the logarithms of the settings. */
function position(
  forecast: number,
  volatility: number,
  { settings, leverage }: { readonly settings: SmoothRiskSettings; readonly leverage: number },
): [number, number, number, number] {
  const { threshold, softness, volatilityTarget } = settings;
  const above = Math.tanh((forecast - threshold) / softness);
  const below = Math.tanh((forecast + threshold) / softness);
  const [slopeAbove, slopeBelow] = [1 - above * above, 1 - below * below];
  const ratio = volatilityTarget / (volatility * leverage);
  const reached = Math.tanh(ratio);
  const [side, size] = [(above + below) / 2, leverage * reached];
  const byThreshold = (slopeBelow - slopeAbove) / 2 * threshold / softness;
  const bySoftness = -(slopeAbove * (forecast - threshold) + slopeBelow * (forecast + threshold)) / (2 * softness);
  const byTarget = leverage * (1 - reached * reached) * ratio;
  return [side * size, byThreshold * size, bySoftness * size, side * byTarget];
}

/**
 * Smooth positions: p = ½[tanh((f − θ)/s) + tanh((f + θ)/s)] · L tanh(v/(L σ)), for forecast f and volatility σ. As s goes to
 * 0 this is the hard threshold; where the target asks for far less than L it is v/σ.
 *
 * @param data Forecasts and volatility; returns are not read.
 * @param settings Threshold, softness, volatility target.
 * @param rules Largest position.
 * @returns Positions as fractions of equity, `[decisions]`.
 * @throws {RangeError} A setting is not above 0.
 *
 * @example
 * ```ts
 * import { smoothPositions } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const time = Float64Array.from({ length: 100 }, (_, i) => i);
 * const forecasts = time.map((i) => 0.01 * Math.sin(i));
 * const data = { time, forecasts, volatility: time.map(() => 0.02), returns: forecasts };
 * const settings = { threshold: 0.002, softness: 0.001, volatilityTarget: 0.01 };
 * assertEquals(smoothPositions(data, settings).every((position) => Math.abs(position) <= 1), true);
 * ```
 */
export function smoothPositions(
  data: Pick<SmoothRiskData, "forecasts" | "volatility">,
  settings: SmoothRiskSettings,
  rules: Pick<SmoothRiskRules, "maxLeverage"> = {},
): Float64Array {
  requireKnownKeys("Cannot take smooth positions", "rules", rules, SMOOTH_KEYS);
  requireKnownKeys("Cannot take smooth positions", "settings", settings, SETTING_KEYS);
  const { maxLeverage: leverage = 1 } = rules;
  requirePositive("maxLeverage", leverage);
  for (const name of SMOOTH_SETTINGS) requirePositive(name, settings[name]);
  return data.forecasts.map((forecast, i) => position(forecast, data.volatility[i], { settings, leverage })[0]);
}

function valueOf(data: SmoothRiskData, settings: SmoothRiskSettings, rules: SmoothRiskRules): SmoothRiskValue {
  const { maxLeverage: leverage = 1, costRate = 0.001, riskAversion = 0.5 } = rules;
  const bars = data.time.length;
  const net = new Float64Array(bars);
  const slopes = new Float64Array(3 * bars);
  let before: readonly number[] = [0, 0, 0, 0];
  for (let t = 0; t < bars; t++) {
    const now = position(data.forecasts[t], data.volatility[t], { settings, leverage });
    const side = Math.sign(now[0] - before[0]);
    net[t] = now[0] * data.returns[t] - costRate * Math.abs(now[0] - before[0]);
    for (let k = 0; k < 3; k++) {
      slopes[3 * t + k] = now[k + 1] * data.returns[t] - costRate * side * (now[k + 1] - before[k + 1]);
    }
    before = now;
  }
  const mean = net.reduce((sum, r) => sum + r, 0) / bars;
  let variance = 0;
  const gradient: [number, number, number] = [0, 0, 0];
  for (let t = 0; t < bars; t++) {
    variance += (net[t] - mean) ** 2 / bars;
    // Σ (r − r̄) dr̄ is 0, so dr̄ drops out of the variance's part.
    for (let k = 0; k < 3; k++) gradient[k] += slopes[3 * t + k] * (1 - 2 * riskAversion * (net[t] - mean)) / bars;
  }
  return { objective: mean - riskAversion * variance, gradient };
}

/**
 * J = mean over windows of mean(r) − λ · variance(r), r_t = p_t · return_t − cost · |p_t − p_{t−1}| from flat, and its
 * gradient by forward differentiation.
 *
 * @param windows Validation data.
 * @param settings Threshold, softness, volatility target.
 * @param rules Largest position, costs, price of risk.
 * @throws {RangeError} A setting or rule is out of range, or there is no data.
 * @throws {TypeError} Lengths differ, or a value is not finite.
 *
 * @example
 * ```ts
 * import { smoothRiskValue } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const time = Float64Array.from({ length: 100 }, (_, i) => i);
 * const forecasts = time.map((i) => 0.01 * Math.sin(i));
 * const data = { time, forecasts, volatility: time.map(() => 0.02), returns: forecasts };
 * const settings = { threshold: 0.002, softness: 0.001, volatilityTarget: 0.01 };
 * assertEquals(smoothRiskValue([data], settings).gradient.every(Number.isFinite), true);
 * ```
 */
export function smoothRiskValue(
  windows: readonly SmoothRiskData[],
  settings: SmoothRiskSettings,
  rules: SmoothRiskRules = {},
): SmoothRiskValue {
  requireData(windows, settings, rules);
  const values = windows.map((data) => valueOf(data, settings, rules));
  const mean = (read: (value: SmoothRiskValue) => number): number =>
    values.reduce((sum, value) => sum + read(value), 0) / values.length;
  return {
    objective: mean(({ objective }) => objective),
    gradient: [mean(({ gradient }) => gradient[0]), mean(({ gradient }) => gradient[1]), mean((v) => v.gradient[2])],
  };
}
