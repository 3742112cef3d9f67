/**
 * A made-up market whose best inner learning rate jumps at known bars: stretches in which the last returns foretell the next one
 * almost wholly (learn fast) take turns with stretches of pure noise (do not learn at all).
 */
import type { Bar } from "../../lib/data/bar.ts";
import type { Candles } from "../../lib/data/candles.ts";
import type { FeatureMatrix } from "../../lib/features/feature_matrix.ts";
import { random } from "../../lib/net/random.ts";

/** Lags that the features hold. */
export const LAGS = 6;
/** Bars from one jump to the next. */
export const STRETCH = 400;
/** One bar in ms. */
export const STEP = 3_600_000;

/** The last `LAGS` one-bar returns of the last bar, one row. */
export function lagFeatures({ time, close }: Candles): FeatureMatrix {
  const last = close.length - 1;
  const values = Float64Array.from({ length: LAGS }, (_, k) => close[last - k] / close[last - k - 1] - 1);
  const names = Array.from(values, (_, k) => `lag_${k}`);
  return { names, time: time.slice(last), rows: 1, cols: LAGS, values, warmup: last };
}

/** Whether bar `i` lies in a stretch that can be foretold. */
export function isForetold(i: number): boolean {
  return Math.floor(i / STRETCH) % 2 === 0;
}

/** The bars; returns have a deviation of about 1% throughout. */
export function jumpStream(bars: number, seed: number): Bar[] {
  const stream = random(seed);
  const returns: number[] = Array.from({ length: LAGS }, () => 0.01 * stream.normal());
  let close = 100;
  return Array.from({ length: bars }, (_, i) => {
    const past = returns.slice(-2);
    const noise = 0.01 * stream.normal();
    const next = isForetold(i) ? -0.9 * past[0] + 0.42 * noise : noise;
    returns.push(next);
    if (returns.length > LAGS) returns.shift();
    const open = close;
    close *= 1 + next;
    return {
      time: 1_600_000_000_000 + i * STEP,
      open,
      high: Math.max(open, close),
      low: Math.min(open, close),
      close,
      volume: 1,
    };
  });
}
