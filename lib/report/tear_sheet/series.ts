/**
 * The series that a tear sheet is drawn from, computed from equity, returns and positions alone. No drawing, no library:
 * the page and the JSON take the same numbers from here.
 * @module
 */

/** Equity / peak − 1 at each value, at most 0; the first value starts the peak. `[n]` → `[n]` */
export function drawdown(equity: ArrayLike<number>): Float64Array {
  let peak = -Infinity;
  return Float64Array.from(equity, (value) => value / (peak = Math.max(peak, value)) - 1);
}

/** Equity with the capital it started from in front, `[bars]` → `[bars + 1]`. */
export function equityFrom(initialCapital: number, equity: ArrayLike<number>): Float64Array {
  const values = new Float64Array(equity.length + 1);
  values[0] = initialCapital;
  values.set(Array.from(equity), 1);
  return values;
}

/** Fewest bars that a rolling Sharpe ratio is taken over. */
const LEAST_WINDOW = 20;

/** Bars of a rolling Sharpe ratio: a quarter of a year, at least 20. */
export function rollingWindow(periodsPerYear: number): number {
  return Math.max(LEAST_WINDOW, Math.round(periodsPerYear / 4));
}

/**
 * Annualised Sharpe ratio of the last `window` returns at each bar.
 *
 * @param returns Net return of each bar, `[bars]`.
 * @param options Bars of the window, at least 2, and bars a year.
 * @returns `[bars]`; NaN before the first whole window and where returns do not vary.
 */
export function rollingSharpe(
  returns: Float64Array,
  { window, periodsPerYear }: { readonly window: number; readonly periodsPerYear: number },
): Float64Array {
  const out = new Float64Array(returns.length).fill(NaN);
  const year = Math.sqrt(periodsPerYear);
  const overall = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  let [sum, squares, largest] = [0, 0, 0];
  // Sums of returns around their overall mean, so that adding and taking away loses few digits.
  returns.forEach((r, t) => {
    sum += r - overall;
    squares += (r - overall) ** 2;
    if (t >= window) {
      sum -= returns[t - window] - overall;
      squares -= (returns[t - window] - overall) ** 2;
    }
    largest = Math.max(largest, squares);
    if (t < window - 1) return;
    const mean = sum / window;
    const variance = (squares - window * mean ** 2) / (window - 1);
    // What is left of a flat stretch is rounding, of the size of the largest sum.
    if (variance > 1e-12 * largest / window) out[t] = (overall + mean) / Math.sqrt(variance) * year;
  });
  return out;
}

/** Returns of one calendar year. */
export interface YearReturns {
  /** The year, UTC. */
  readonly year: number;
  /** Return of each month, January first, as a fraction; null for a month without a bar. `[12]` */
  readonly months: readonly (number | null)[];
  /** Return of the year's bars, as a fraction. */
  readonly total: number;
}

/**
 * Compounds returns by calendar month and year, UTC; a bar belongs to the month it opened in.
 *
 * @param time Open time of each bar, ms UTC, ascending, `[bars]`.
 * @param returns Net return of each bar, `[bars]`.
 * @returns One entry for each year with a bar, ascending.
 */
export function monthlyReturns(time: Float64Array, returns: Float64Array): YearReturns[] {
  const growth = new Map<number, (number | null)[]>();
  time.forEach((at, i) => {
    const date = new Date(at);
    const year = date.getUTCFullYear();
    const months = growth.get(year) ?? new Array<number | null>(12).fill(null);
    growth.set(year, months);
    months[date.getUTCMonth()] = (months[date.getUTCMonth()] ?? 1) * (1 + returns[i]);
  });
  return Array.from(growth, ([year, months]) => ({
    year,
    months: months.map((factor) => factor === null ? null : factor - 1),
    total: months.reduce<number>((product, factor) => product * (factor ?? 1), 1) - 1,
  }));
}

/** A stretch of bars and the mean position over it; positions of several markets are summed by side. */
export interface ExposureBucket {
  /** Open time of its first bar, ms UTC. */
  readonly from: number;
  /** Open time of its last bar, ms UTC. */
  readonly to: number;
  /** Mean of the long positions, as a fraction of equity, at least 0. */
  readonly long: number;
  /** Mean of the short positions, as a fraction of equity, at most 0. */
  readonly short: number;
}

/**
 * Mean long and short position over equal stretches of bars: what a chart can show of positions that change every bar.
 *
 * @param time Open time of each bar, ms UTC, `[bars]`.
 * @param positions Positions as fractions of equity, `[bars]` or `[bars, markets]`.
 * @param most Most stretches.
 */
export function exposureBuckets(time: Float64Array, positions: Float64Array, most: number): ExposureBucket[] {
  const bars = time.length;
  const markets = positions.length / bars;
  const size = Math.max(1, Math.ceil(bars / most));
  return Array.from({ length: Math.ceil(bars / size) }, (_, i) => {
    const part = positions.subarray(i * size * markets, (i + 1) * size * markets);
    const held = part.length / markets;
    return {
      from: time[i * size],
      to: time[i * size + held - 1],
      long: part.reduce((sum, p) => sum + Math.max(0, p), 0) / held,
      short: part.reduce((sum, p) => sum + Math.min(0, p), 0) / held,
    };
  });
}
