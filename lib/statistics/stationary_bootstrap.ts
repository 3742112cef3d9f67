/**
 * The stationary bootstrap: series resampled in blocks of random length, so that dependence between neighbouring bars
 * stays. It moves indices and reads no values but those it chooses a block length from.
 * @module
 */
import type { Random } from "../net/random.ts";
import { requireReturns } from "./sharpe_estimate.ts";

/** Block length where none is chosen: the cube root of the bars, rounded up, the growth rate that the theory asks for. */
export function defaultBlock(bars: number): number {
  return Math.max(1, Math.ceil(Math.cbrt(bars)));
}

/**
 * Draws one resample (Politis & Romano 1994, "The stationary bootstrap", section 2): blocks that begin anywhere, of
 * geometric length with the mean given, wrapped around the end.
 *
 * @param stream Where to draw from; drawing advances it.
 * @param bars Bars of the series, at least 1.
 * @param block Mean block length in bars, at least 1.
 * @param into Where to write the indices, `[bars]` (default a new array).
 * @returns Index of the bar that stands at each place, `[bars]`.
 */
export function stationaryIndices(
  stream: Random,
  bars: number,
  { block, into = new Uint32Array(bars) }: { readonly block: number; readonly into?: Uint32Array },
): Uint32Array {
  let at = stream.integer(bars);
  for (let t = 0; t < bars; t++) {
    into[t] = at;
    at = stream.uniform() < 1 / block ? stream.integer(bars) : (at + 1) % bars;
  }
  return into;
}

/** Autocovariances over n at lags 0 to `last`, `[last + 1]`. */
function autocovariances(values: Float64Array, last: number): Float64Array {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return Float64Array.from({ length: last + 1 }, (_, lag) => {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += (values[t] - mean) * (values[t - lag] - mean);
    return sum / n;
  });
}

/**
 * Mean block length that suits a series' own dependence: `(2 G² / D)^⅓ n^⅓` with `G = Σ λ(k/M) |k| R(k)`,
 * `D = 2 (Σ λ(k/M) R(k))²` and a flat-top window λ up to twice the lag behind which correlations vanish (Politis & White
 * 2004, "Automatic block-length selection for the dependent bootstrap", corrected by Patton, Politis & White 2009).
 *
 * @param values A series, `[bars]`, such as net returns.
 * @returns Bars, within 1 and `min(3 √n, n / 3)`; 1 for an independent, constant or very short series.
 * @throws {TypeError} A value is not finite.
 *
 * @example
 * ```ts
 * import { stationaryBlock } from "@adaptrade/adaptrade/statistics";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const wave = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i / 10));
 * assert(stationaryBlock(wave) > 5);
 * assertEquals(stationaryBlock(new Float64Array(100)), 1);
 * ```
 */
export function stationaryBlock(values: Float64Array): number {
  requireReturns("Cannot choose a block length", values);
  const n = values.length;
  if (n < 9) return 1;
  const window = Math.max(5, Math.floor(Math.sqrt(Math.log10(n))));
  const lastStart = Math.ceil(Math.sqrt(n)) + window;
  const last = Math.min(n - 1, 2 * lastStart);
  const covariances = autocovariances(values, last);
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(covariances[0] > 1e-28 * scale * scale)) return 1;
  const bound = 2 * Math.sqrt(Math.log10(n) / n);
  const vanishes = (lag: number): boolean => Math.abs(covariances[lag] / covariances[0]) < bound;
  // The smallest m whose next `window` correlations are all within the band; failing that the last lag out of it.
  let m = 0;
  while (m < lastStart) {
    let run = 0;
    while (run < window && m + 1 + run <= last && vanishes(m + 1 + run)) run++;
    if (run === window || m + 1 + run > last) break;
    m += run + 1;
  }
  const bandwidth = Math.min(last, 2 * Math.max(1, m));
  let [spread, density] = [0, covariances[0]];
  for (let k = 1; k <= bandwidth; k++) {
    const weight = Math.min(1, 2 * (1 - k / bandwidth));
    spread += 2 * weight * k * covariances[k];
    density += 2 * weight * covariances[k];
  }
  const most = Math.max(1, Math.min(3 * Math.sqrt(n), n / 3));
  const best = Math.cbrt(spread ** 2 / density ** 2 * n);
  return Number.isFinite(best) ? Math.min(most, Math.max(1, best)) : most;
}
