/**
 * One line of a chart, as its drawing and what shows where the pointer rests share it.
 * @module
 */

/** One line of a chart. */
export interface ChartSeries {
  /** Name in the legend. */
  readonly name: string;
  /** Horizontal values; ms UTC on a time axis. */
  readonly x: ArrayLike<number>;
  /** Vertical values; those that are not finite are left out. */
  readonly y: ArrayLike<number>;
  /** Which of the page's colours, from 1. */
  readonly color: number;
}
