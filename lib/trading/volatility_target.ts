/**
 * Holding a market at a chosen risk: the position that a volatility forecast asks for. It takes no side and knows no account.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode volatilityTargetPositions} takes. */
export interface VolatilityTargetOptions {
  /** Volatility a bar that is aimed at, a fraction, above 0. */
  readonly target: number;
  /** Largest position, above 0 (default 2). */
  readonly cap?: number;
}

const KEYS: OptionKeys<VolatilityTargetOptions> = { target: true, cap: true };

/**
 * Long positions whose expected deviation a bar is the target: target / forecast volatility, at most the cap (Moreira & Muir
 * 2017, "Volatility-managed portfolios", with volatility in place of variance).
 *
 * @param volatility Forecast volatility a bar at each decision, fractions, `[decisions]`; exp of a `logVolatility` forecast.
 * @param options Target and cap.
 * @returns Positions as fractions of equity, `[decisions]`; 0 where the forecast is not a number above 0.
 * @throws {RangeError} The target or the cap is not above 0.
 *
 * @example
 * ```ts
 * import { volatilityTargetPositions } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const positions = volatilityTargetPositions(Float64Array.of(0.01, 0.04, 0.001, NaN), { target: 0.02 });
 * assertEquals([...positions], [2, 0.5, 2, 0]);
 * ```
 */
export function volatilityTargetPositions(volatility: Float64Array, options: VolatilityTargetOptions): Float64Array {
  requireKnownKeys("Cannot target a volatility", "options", options, KEYS);
  const { target, cap = 2 } = options;
  for (const [name, value] of [["target", target], ["cap", cap]] as const) {
    if (value > 0 && value < Infinity) continue;
    throw new RangeError(`Cannot target a volatility: ${name} must be finite and above 0, got ${String(value)}`);
  }
  return volatility.map((forecast) => forecast > 0 ? Math.min(cap, target / forecast) : 0);
}
