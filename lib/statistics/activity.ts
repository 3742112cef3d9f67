/**
 * How much was traded and held, bar by bar: what turnover, exposure and the number of trades are sums of. A backtest knows it
 * from its fills; of a series that comes with positions alone it is what they changed by.
 * @module
 */

/** How much was traded and held; series have one entry a bar. */
export interface Activity {
  /** Σ|quantity · price| of each bar's fills, as a fraction of the equity at each, `[bars]`. */
  readonly traded: Float64Array;
  /** How many fills each bar had, `[bars]`. */
  readonly filled: Float64Array;
  /** Σ|position| held within each bar, as a fraction of equity, `[bars]`. */
  readonly exposure: Float64Array;
}

/** Activity of positions held over bars, had each change of them been one fill. `[bars]` */
export function positionActivity(positions: Float64Array, startPosition: number): Activity {
  const moves = positions.map((position, t) => position - (t === 0 ? startPosition : positions[t - 1]));
  return {
    traded: moves.map(Math.abs),
    filled: moves.map((move) => move === 0 ? 0 : 1),
    exposure: positions.map(Math.abs),
  };
}

/** Where the activity of a series of returns is read from. */
export interface ActivitySource {
  /** How much was traded and held, such as a backtest's result has it; without it turnover, exposure and trades are null. */
  readonly activity?: Activity;
  /** Position held over each bar, as a fraction of equity, `[bars]`, where the fills are not known. */
  readonly positions?: Float64Array;
  /** Position before the first bar (default 0). */
  readonly startPosition?: number;
}

/**
 * The activity given, or that of the positions given.
 *
 * @throws {RangeError} Both are given.
 * @throws {TypeError} A series is not as long as the returns.
 */
export function activityOf(bars: number, source: ActivitySource): Activity | undefined {
  const { activity, positions, startPosition = 0 } = source;
  if (activity && positions) {
    throw new RangeError("Cannot compute metrics: expected activity or positions, received both");
  }
  const series = { positions, traded: activity?.traded, filled: activity?.filled, exposure: activity?.exposure };
  for (const [name, values] of Object.entries(series)) {
    if (!values || values.length === bars) continue;
    throw new TypeError(`Cannot compute metrics: expected ${bars} values in ${name}, received ${values.length}`);
  }
  return activity ?? (positions && positionActivity(positions, startPosition));
}
