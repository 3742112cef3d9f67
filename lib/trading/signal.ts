/**
 * From a forecast to a position. It knows no account and no costs; see `cost.ts` and `lib/backtest`.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** Which positions may be taken. */
export type SignalMode = "long-flat" | "long-short";

/** How {@linkcode signalPosition} decides. */
export interface SignalOptions {
  /** Forecasts within ± this stay flat; in the forecast's unit (a return as a fraction), at least 0 (default 0). */
  readonly threshold?: number;
  /** Whether to sell short on a low forecast, or to stand aside (default `long-short`). */
  readonly mode?: SignalMode;
}

const SIGNAL_KEYS: OptionKeys<SignalOptions> = { threshold: true, mode: true };

/**
 * Takes a position on a forecast: 1 above the threshold, −1 (or 0 when long-flat) below its negative, 0 between.
 *
 * @param prediction Forecast return as a fraction.
 * @param options Threshold and mode.
 * @returns The position as a fraction of equity: −1, 0 or 1.
 * @throws {RangeError} The threshold is negative or not finite, or the mode is unknown.
 * @throws {TypeError} The prediction is not a finite number.
 *
 * @example
 * ```ts
 * import { signalPosition } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0.01, -0.01, 0].map((p) => signalPosition(p, { threshold: 0.002 })), [1, -1, 0]);
 * ```
 */
export function signalPosition(prediction: number, options: SignalOptions = {}): -1 | 0 | 1 {
  requireKnownKeys("Cannot take a position", "options", options, SIGNAL_KEYS);
  const { threshold = 0, mode = "long-short" } = options;
  if (!(threshold >= 0 && threshold < Infinity)) {
    throw new RangeError(`Cannot take a position: threshold must be finite and at least 0, got ${String(threshold)}`);
  }
  if (mode !== "long-flat" && mode !== "long-short") {
    throw new RangeError(`Cannot take a position: mode must be long-flat or long-short, got ${String(mode)}`);
  }
  if (!Number.isFinite(prediction)) {
    throw new TypeError(`Cannot take a position: prediction must be a finite number, got ${String(prediction)}`);
  }
  if (prediction > threshold) return 1;
  return prediction < -threshold && mode === "long-short" ? -1 : 0;
}
