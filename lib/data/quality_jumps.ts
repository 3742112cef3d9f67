/**
 * Returns far outside a series' own range, with their likely cause. A cause is a guess and says so: an unadjusted split
 * moves the price between two bars by a simple ratio, a crash trades its way down, a coin reused after a hole starts anew.
 * @module
 */
import type { Candles } from "./candles.ts";

/** A jump is at least this many robust standard deviations away from the median log return. */
const LEAST_DEVIATIONS = 12;

/** And at least this large, as a log return: a fifth. */
const LEAST_RETURN = Math.log(1.2);

/** Behind a hole a price that doubled or halved may be another instrument's. */
const RELISTING_RETURN = Math.log(2);

/** A hole of so many ms is long enough for that whatever the series' own range: a week. */
const LONG_HOLE = 604_800_000;

/** Ratios of common splits; their inverses are reverse splits. A 3:2 is left out: crashes of a third are too common. */
const SPLIT_RATIOS = [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100, 1000];

/** A ratio is a split's when it is this close to one, relatively: a day's usual move. */
const SPLIT_TOLERANCE = 0.04;

/** And at least this share of the move lies between the bars. */
const BETWEEN_BARS_SHARE = 0.85;

/** Scale of the median absolute deviation to a normal's standard deviation (1 / Φ⁻¹(3/4)). */
const MAD_SCALE = 1.4826;

/** A jump and what it may be. */
export interface Jump {
  /** Its likely cause. */
  readonly kind: "jump" | "possible-split" | "possible-relisting";
  /** Index of the bar that closes it. */
  readonly index: number;
  /** Its figures. */
  readonly message: string;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The split whose ratio the price changed by, as words, if any. */
function splitLike(ratio: number): string | undefined {
  const factor = ratio < 1 ? 1 / ratio : ratio;
  const found = SPLIT_RATIOS.find((split) => Math.abs(factor / split - 1) <= SPLIT_TOLERANCE);
  if (found === undefined) return undefined;
  return ratio < 1 ? `a split ${found}:1` : `a reverse split 1:${found}`;
}

/**
 * Finds jumps of the closing price.
 *
 * @param candles The series.
 * @param gaps Indices of the bars behind a hole.
 * @returns Jumps by index.
 */
export function findJumps(candles: Candles, gaps: ReadonlyMap<number, number>): Jump[] {
  const { time, open, close, closeOnly } = candles;
  const returns = new Float64Array(close.length);
  for (let i = 1; i < close.length; i++) returns[i] = Math.log(close[i] / close[i - 1]);
  const finite = returns.filter((value, i) => i > 0 && Number.isFinite(value));
  if (finite.length === 0) return [];
  const center = median(finite);
  const deviation = MAD_SCALE * median(finite.map((value) => Math.abs(value - center)));
  const jumps: Jump[] = [];
  for (let i = 1; i < close.length; i++) {
    const move = returns[i];
    const relisted = gaps.has(i) && Math.abs(move) >= RELISTING_RETURN;
    const isFar = Math.abs(move - center) >= LEAST_DEVIATIONS * deviation ||
      (relisted && time[i] - time[i - 1] >= LONG_HOLE);
    if (!Number.isFinite(move) || Math.abs(move) < LEAST_RETURN || !isFar) continue;
    const ratio = close[i] / close[i - 1];
    const size = deviation > 0 ? `${((move - center) / deviation).toFixed(1)} robust deviations` : "in a flat series";
    const figures = `close went from ${close[i - 1]} to ${close[i]}, ×${ratio.toPrecision(4)}, ${size}`;
    const between = closeOnly ? move : Math.log(open[i] / close[i - 1]);
    const split = between / move >= BETWEEN_BARS_SHARE ? splitLike(ratio) : undefined;
    if (relisted) {
      jumps.push({
        kind: "possible-relisting",
        index: i,
        message: `${figures}, behind a hole: possibly another instrument under the same symbol`,
      });
    } else if (split) {
      jumps.push({
        kind: "possible-split",
        index: i,
        message: `${figures}: prices look unadjusted, possibly ${split}`,
      });
    } else jumps.push({ kind: "jump", index: i, message: figures });
  }
  return jumps;
}
