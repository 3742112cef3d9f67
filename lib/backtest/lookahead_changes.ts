/**
 * Other worlds for the look-ahead check: the same bars with another future, with none, or with another past. It judges nothing.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import { type Random, random } from "../net/random.ts";

/** What can be done to the bars behind a cut. */
export type FutureChange = "perturbed" | "truncated";

/** Bars after `cut` with other prices, moved by up to ±20% each, still valid candles. */
function perturbed(candles: Candles, cut: number, seed: number): Candles {
  const stream = random(seed).fork(cut);
  const [open, high, low, close, volume] = [candles.open, candles.high, candles.low, candles.close, candles.volume].map(
    (values) => values.slice(),
  );
  for (let i = cut + 1; i < candles.time.length; i++) {
    close[i] *= 0.8 + 0.4 * stream.uniform();
    open[i] = candles.closeOnly ? close[i] : open[i] * (0.8 + 0.4 * stream.uniform());
    high[i] = candles.closeOnly ? close[i] : Math.max(open[i], close[i]) * 1.01;
    low[i] = candles.closeOnly ? close[i] : Math.min(open[i], close[i]) * 0.99;
    volume[i] *= 2;
  }
  return { ...candles, open, high, low, close, volume };
}

function truncated(candles: Candles, cut: number): Candles {
  const { time, open, high, low, close, volume } = candles;
  const [t, o, h, l, c, v] = [time, open, high, low, close, volume].map((values) => values.slice(0, cut + 1));
  return { ...candles, time: t, open: o, high: h, low: l, close: c, volume: v };
}

/**
 * The same bars up to a cut, with another future or none.
 *
 * @param candles Bars of one market.
 * @param cut Index of the last bar that stays as it is; −1 for none.
 * @param how What to do to the bars behind it, and the seed of their perturbation.
 */
export function changedAfter(
  candles: Candles,
  cut: number,
  how: { readonly change: FutureChange; readonly seed: number },
): Candles {
  return how.change === "perturbed" ? perturbed(candles, cut, how.seed) : truncated(candles, cut);
}

/** Index of a market's last bar that has closed at a moment, ms UTC; −1 before the first. */
export function lastClosed({ time, interval }: Candles, moment: number): number {
  const length = intervalMs(interval);
  let last = -1;
  while (last + 1 < time.length && time[last + 1] + length <= moment) last++;
  return last;
}

/**
 * Another past for the same times: the first bar as it was, then the moves of the bars in another order, each up or down by
 * chance. What stays alike in several of these was not computed from the prices.
 */
export function anotherPast(candles: Candles, stream: Random): Candles {
  const bars = candles.time.length;
  const order = Array.from({ length: bars }, (_, i) => i);
  for (let i = bars - 1; i > 1; i--) {
    const j = 1 + stream.integer(i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const [open, high, low, close, volume] = [candles.open, candles.high, candles.low, candles.close, candles.volume].map(
    (values) => values.slice(),
  );
  // A market that stands still moves here, or its columns could not answer.
  const move = (ratio: number, side: number): number => ratio ** side * (1 + 1e-4 * stream.normal());
  for (let i = 1; i < bars; i++) {
    const from = order[i];
    const side = stream.uniform() < 0.5 ? 1 : -1;
    const [opened, top, bottom, closed] = [
      candles.open[from],
      candles.high[from],
      candles.low[from],
      candles.close[from],
    ];
    const before = candles.close[from - 1];
    open[i] = close[i - 1] * move((candles.closeOnly ? closed : opened) / before, side);
    close[i] = candles.closeOnly ? open[i] : open[i] * move(closed / opened, side);
    high[i] = Math.max(open[i], close[i]) * (top / Math.max(opened, closed));
    low[i] = Math.min(open[i], close[i]) * (bottom / Math.min(opened, closed));
    volume[i] = candles.volume[from] * (0.5 + stream.uniform());
  }
  return { ...candles, open, high, low, close, volume };
}
