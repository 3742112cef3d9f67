/**
 * The bars a year that a backtest is annualised with, and what a reader must know of where they come from.
 * @module
 */
import { marketCalendar } from "../data/calendar.ts";
import type { Candles } from "../data/candles.ts";

/** Bars a year. */
export interface AnnualPeriods {
  /** Bars a year. */
  readonly periodsPerYear: number;
  /** What a reader must know: that the bars cannot tell; else empty. */
  readonly notes: readonly string[];
}

/**
 * Bars a year: those given, else judged from the bars. Where they are too few to tell, they are taken to be those of a market
 * that never closes, and a note says so.
 *
 * @param candles Bars, at least 1.
 * @param given Bars a year, where the caller knows.
 */
export function annualPeriods(candles: Candles, given?: number): AnnualPeriods {
  if (given !== undefined) return { periodsPerYear: given, notes: [] };
  const { periodsPerYear, certain } = marketCalendar(candles);
  if (certain) return { periodsPerYear, notes: [] };
  const note =
    `${candles.symbol} passes no weekend in its ${candles.time.length} bars: annual figures take it to trade ` +
    `round the clock, ${periodsPerYear} bars a year; set periodsPerYear if it does not`;
  return { periodsPerYear, notes: [note] };
}
