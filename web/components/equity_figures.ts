/**
 * What a curve of equity says over time: the return of each month and year, and figures over the last bars at each bar. Equity is
 * a multiple of what it began with; times are ms UTC.
 * @module
 */

/** The returns of a year. */
export interface YearOfReturns {
  /** The year, UTC. */
  readonly year: number;
  /** Return of each month, January first, as a fraction; null where nothing was held open in it. `[12]` */
  readonly months: readonly (number | null)[];
  /** Return of the year, as a fraction. */
  readonly total: number;
}

/** The returns by month and year of an equity that began at 1, by the time of each bar. */
export function returnsByMonth(time: readonly number[], equity: readonly number[]): YearOfReturns[] {
  const years = new Map<number, { months: (number | null)[]; start: number; end: number }>();
  let before = 1;
  for (let i = 0; i < time.length; i++) {
    const date = new Date(time[i]);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    const next = i + 1 < time.length ? new Date(time[i + 1]) : null;
    if (!years.has(year)) years.set(year, { months: Array(12).fill(null), start: before, end: before });
    if (next?.getUTCMonth() === month && next.getUTCFullYear() === year) continue;
    const own = years.get(year)!;
    own.months[month] = equity[i] / before - 1;
    own.end = equity[i];
    before = equity[i];
  }
  return [...years].map(([year, { months, start, end }]) => ({ year, months, total: end / start - 1 }));
}

/** Figures over a window of bars that ends at each bar; null before the first whole one. */
export interface RollingFigures {
  /** Return over the window, as a fraction. */
  readonly total: readonly (number | null)[];
  /** Deviation of its returns, a year. */
  readonly volatility: readonly (number | null)[];
  /** Sharpe ratio, a year; null where nothing moved. */
  readonly sharpe: readonly (number | null)[];
}

/** Figures over the last `window` bars of an equity that began at 1; `periodsPerYear` bars make a year. */
export function rollingFigures(
  equity: readonly number[],
  { window, periodsPerYear }: { readonly window: number; readonly periodsPerYear: number },
): RollingFigures {
  const returns = equity.map((value, i) => value / (i === 0 ? 1 : equity[i - 1]) - 1);
  const each = returns.map((_, i) => {
    if (i + 1 < window) return { total: null, volatility: null, sharpe: null };
    const own = returns.slice(i + 1 - window, i + 1);
    const mean = own.reduce((sum, value) => sum + value, 0) / window;
    const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (window - 1));
    return {
      total: equity[i] / (i + 1 === window ? 1 : equity[i - window]) - 1,
      volatility: deviation * Math.sqrt(periodsPerYear),
      sharpe: deviation > 0 ? mean / deviation * Math.sqrt(periodsPerYear) : null,
    };
  });
  return {
    total: each.map(({ total }) => total),
    volatility: each.map(({ volatility }) => volatility),
    sharpe: each.map(({ sharpe }) => sharpe),
  };
}
