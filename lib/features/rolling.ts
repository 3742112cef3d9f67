/**
 * Rolling and exponential statistics with pandas' meaning, one output a bar, NaN where pandas gives NaN.
 * Each output is computed from its own window (or by a forward recursion), so later bars cannot change it, not even
 * in its last bit. It refuses running sums: their rounding depends on what has left the window.
 * @module
 */

function requireSpan(name: string, value: number, least: number, integer = true): void {
  if (value >= least && value < Infinity && (!integer || Number.isInteger(value))) return;
  const wanted = integer ? "an integer of" : "finite and";
  throw new RangeError(`Cannot roll over values: ${name} must be ${wanted} at least ${least}, got ${String(value)}`);
}

/**
 * pandas' `pct_change(lag)`: x_t / x_{t−lag} − 1.
 *
 * @param values One value a bar, oldest first, `[n]`.
 * @param lag Bars back, at least 1.
 * @returns Changes as fractions, `[n]`; the first `lag` are NaN.
 * @throws {RangeError} The lag is no integer of at least 1.
 *
 * @example
 * ```ts
 * import { percentChange } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...percentChange(Float64Array.of(100, 150, 75), 1)], [NaN, 0.5, -0.5]);
 * ```
 */
export function percentChange(values: Float64Array, lag: number): Float64Array {
  requireSpan("lag", lag, 1);
  const out = new Float64Array(values.length).fill(NaN);
  for (let t = lag; t < values.length; t++) out[t] = values[t] / values[t - lag] - 1;
  return out;
}

/**
 * pandas' `rolling(window).mean()`. A NaN within the window gives NaN.
 *
 * @param values One value a bar, oldest first, `[n]`.
 * @param window Bars of a mean, the last one included, at least 1.
 * @returns Means, in the values' unit, `[n]`; the first `window − 1` are NaN.
 * @throws {RangeError} The window is no integer of at least 1.
 *
 * @example
 * ```ts
 * import { rollingMean } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...rollingMean(Float64Array.of(1, 3, 8), 2)], [NaN, 2, 5.5]);
 * ```
 */
export function rollingMean(values: Float64Array, window: number): Float64Array {
  requireSpan("window", window, 1);
  const out = new Float64Array(values.length).fill(NaN);
  for (let t = window - 1; t < values.length; t++) {
    let sum = 0;
    for (let i = t - window + 1; i <= t; i++) sum += values[i];
    out[t] = sum / window;
  }
  return out;
}

/**
 * pandas' `rolling(window).std()`: the sample deviation (n − 1), in two passes over each window.
 *
 * @param values One value a bar, oldest first, `[n]`.
 * @param window Bars of a deviation, the last one included, at least 2.
 * @returns Deviations, in the values' unit, `[n]`; the first `window − 1` are NaN.
 * @throws {RangeError} The window is no integer of at least 2.
 *
 * @example
 * ```ts
 * import { rollingStd } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...rollingStd(Float64Array.of(1, 2, 3, 3), 3)].slice(0, 3), [NaN, NaN, 1]);
 * ```
 */
export function rollingStd(values: Float64Array, window: number): Float64Array {
  requireSpan("window", window, 2);
  const mean = rollingMean(values, window);
  const out = new Float64Array(values.length).fill(NaN);
  for (let t = window - 1; t < values.length; t++) {
    let squares = 0;
    for (let i = t - window + 1; i <= t; i++) squares += (values[i] - mean[t]) ** 2;
    out[t] = Math.sqrt(squares / (window - 1));
  }
  return out;
}

/**
 * pandas' `ewm(span, adjust=True).mean()`: Σ β^i x_{t−i} / Σ β^i over the whole history, β = 1 − 2 / (span + 1), by its own
 * recursion: a bar costs O(1), and a series that stands still keeps its value to the last bit. It depends on where the history
 * starts: cut a warm-up of some spans.
 *
 * @param values One value a bar, oldest first, `[n]`.
 * @param span Bars that the weights span, at least 1.
 * @returns Means, in the values' unit, `[n]`.
 * @throws {RangeError} The span is not finite and at least 1.
 *
 * @example
 * ```ts
 * import { exponentialMean } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...exponentialMean(Float64Array.of(1, 4), 3)], [1, 3]); // (4 + 1 / 2) / (1 + 1 / 2)
 * ```
 */
export function exponentialMean(values: Float64Array, span: number): Float64Array {
  requireSpan("span", span, 1, false);
  const decay = 1 - 2 / (span + 1);
  const out = new Float64Array(values.length);
  let mean = values.length > 0 ? values[0] : NaN;
  let weight = 0;
  for (let t = 0; t < values.length; t++) {
    weight *= decay;
    if (mean !== values[t]) mean = (weight * mean + values[t]) / (weight + 1);
    weight += 1;
    out[t] = mean;
  }
  return out;
}
