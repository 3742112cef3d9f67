/**
 * Ten hourly bars from midnight, small enough to reckon by hand: up to 104, down through 95, a gap to 93, up, one wide bar.
 */
import type { Candles } from "../../lib/data/candles.ts";
import { execute, type Execution, type ExecutionOptions } from "../../lib/backtest/execution.ts";

/** [open, high, low, close] */
const BARS = [
  [100, 101, 99, 100],
  [100, 103, 99, 102],
  [102, 104, 101, 103],
  [103, 103, 97, 98],
  [98, 99, 94, 95],
  [93, 94, 90, 91],
  [91, 97, 90, 96],
  [96, 106, 95, 105],
  [105, 107, 92, 101],
  [101, 102, 100, 101],
] as const;

const column = (index: number): Float64Array => Float64Array.from(BARS, (bar) => bar[index]);

/** The bars as a market. */
export const TEN_BARS: Candles = {
  symbol: "TEN",
  interval: "1h",
  time: Float64Array.from(BARS, (_, i) => Date.UTC(2024, 0, 1, i)),
  open: column(0),
  high: column(1),
  low: column(2),
  close: column(3),
  volume: new Float64Array(BARS.length),
};

/** Positions wanted at the close of each bar; what is left out repeats the last. */
export function trade(wanted: readonly number[], options: ExecutionOptions = {}): Execution {
  const positions = Float64Array.from(BARS, (_, i) => wanted[Math.min(i, wanted.length - 1)]);
  return execute(TEN_BARS, { start: 0, positions }, { costs: {}, ...options });
}

/** Account currency to the cent. */
export function cents(value: number): string {
  return value.toFixed(2);
}
