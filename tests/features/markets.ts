/**
 * Seeded made-up markets for the tests: random walks with opens, highs and lows that fit their closes.
 */
import type { Candles } from "../../lib/data/candles.ts";
import { random } from "../../lib/net/random.ts";

/** One hour in ms. */
export const HOUR = 3_600_000;

/** A random walk of `bars` hourly bars with 1% steps and gaps at the opens. */
export function randomWalk(bars: number, seed: number, symbol = `WALK${seed}`): Candles {
  const stream = random(seed);
  const [open, high, low, close] = Array.from({ length: 4 }, () => new Float64Array(bars));
  let price = 100;
  for (let i = 0; i < bars; i++) {
    open[i] = price * (1 + 0.002 * stream.normal());
    close[i] = open[i] * Math.exp(0.01 * stream.normal());
    high[i] = Math.max(open[i], close[i]) * 1.001;
    low[i] = Math.min(open[i], close[i]) * 0.999;
    price = close[i];
  }
  const time = Float64Array.from({ length: bars }, (_, i) => 1_600_000_000_000 + i * HOUR);
  return { symbol, interval: "1h", time, open, high, low, close, volume: new Float64Array(bars).fill(1) };
}

/** A close-only market with the closes given, hourly. */
export function closesOnly(close: ArrayLike<number>, symbol = "CLOSES"): Candles {
  const values = Float64Array.from(close);
  const time = values.map((_, i) => 1_600_000_000_000 + i * HOUR);
  const volume = new Float64Array(values.length);
  return {
    symbol,
    interval: "1h",
    time,
    open: values,
    high: values,
    low: values,
    close: values,
    volume,
    closeOnly: true,
  };
}

/** The first `bars` bars. */
export function firstBars(candles: Candles, bars: number): Candles {
  return mapSeries(candles, (values) => values.slice(0, bars));
}

/** The bars from `start` on. */
export function barsFrom(candles: Candles, start: number): Candles {
  return mapSeries(candles, (values) => values.slice(start));
}

function mapSeries(candles: Candles, change: (values: Float64Array) => Float64Array): Candles {
  const { time, open, high, low, close, volume } = candles;
  return {
    ...candles,
    time: change(time),
    open: change(open),
    high: change(high),
    low: change(low),
    close: change(close),
    volume: change(volume),
  };
}
