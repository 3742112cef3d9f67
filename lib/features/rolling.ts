/**
 * Rolling and exponential statistics with pandas' meaning, one output a bar, NaN where pandas gives NaN.
 * Each output is computed from its own window (or by a forward recursion), so later bars cannot change it, not even
 * in its last bit. It refuses running sums: their rounding depends on what has left the window.
 * @module
 */

/** `pct_change(lag)`: x_t / x_{t−lag} − 1. `[n]` → `[n]` */
export function percentChange(values: Float64Array, lag: number): Float64Array {
  const out = new Float64Array(values.length).fill(NaN);
  for (let t = lag; t < values.length; t++) out[t] = values[t] / values[t - lag] - 1;
  return out;
}

/** `rolling(window).mean()`. A NaN within the window gives NaN. `[n]` → `[n]` */
export function rollingMean(values: Float64Array, window: number): Float64Array {
  const out = new Float64Array(values.length).fill(NaN);
  for (let t = window - 1; t < values.length; t++) {
    let sum = 0;
    for (let i = t - window + 1; i <= t; i++) sum += values[i];
    out[t] = sum / window;
  }
  return out;
}

/** `rolling(window).std()`, the sample deviation (n − 1), in two passes over each window. `[n]` → `[n]` */
export function rollingStd(values: Float64Array, window: number): Float64Array {
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
 * `ewm(span, adjust=True).mean()`: Σ β^i x_{t−i} / Σ β^i over the whole history, β = 1 − 2 / (span + 1).
 * pandas' own recursion: a bar costs O(1), and a series that stands still keeps its value to the last bit. `[n]` → `[n]`
 */
export function exponentialMean(values: Float64Array, span: number): Float64Array {
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
