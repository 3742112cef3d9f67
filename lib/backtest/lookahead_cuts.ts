/**
 * Where the look-ahead check cuts: the few bars at which everything is run anew, and the many at which what costs little is.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { random } from "../net/random.ts";

/** Cuts as one may ask for them. */
export interface CutOptions {
  /** Bars after which the future is changed for every stage, as indices into the candles (default three, spread over the decisions). */
  readonly cuts?: readonly number[];
  /**
   * Most bars at which features, labels and regimes are computed anew, at least 1, spread over the decisions (default every one
   * of them, or as many as make four million bars, at least 300; of a forecaster a hundred thousand, at least 20).
   */
  readonly denseCuts?: number;
  /** Seed of the perturbation, of the dense cuts and of the tasks drawn (default 0). */
  readonly seed?: number;
}

/** Three cuts between two bars, both included; fewer where there is no room. */
function spread(low: number, high: number): number[] {
  if (high < low) throw new DataError(`Cannot check for look-ahead: no bar is left to cut at (from ${low} to ${high})`);
  return [...new Set([0.1, 0.5, 1].map((share) => Math.round(low + share * (high - low))))];
}

/** Every bar between two, both included, or one drawn from each of `most` equal stretches: regular steps could miss a rhythm. */
function denseSpread(low: number, high: number, { most, seed }: { most: number; seed: number }): number[] {
  const bars = high - low + 1;
  if (bars <= most) return Array.from({ length: bars }, (_, i) => low + i);
  const stream = random(seed).fork(1);
  return Array.from({ length: most }, (_, i) => {
    const [from, to] = [Math.floor(i * bars / most), Math.floor((i + 1) * bars / most)];
    return low + from + stream.integer(to - from);
  });
}

/** The cuts asked for, or where they lie by default, checked. */
export function placeCuts(
  candles: Candles,
  walk: { readonly start: number; readonly decisions: number; readonly dense: number },
  options: CutOptions,
): { cuts: readonly number[]; everywhere: readonly number[] } {
  const last = candles.time.length - 2;
  const [low, high] = [walk.start + 1, Math.min(walk.start + walk.decisions - 1, last)];
  const { cuts = spread(low, high), denseCuts = walk.dense, seed = 0 } = options;
  if (!Number.isInteger(denseCuts) || denseCuts < 1) {
    throw new RangeError(
      `Cannot check for look-ahead: denseCuts must be an integer of at least 1, got ${String(denseCuts)}`,
    );
  }
  const bad = cuts.find((cut) => !Number.isInteger(cut) || cut < low || cut > last);
  if (bad !== undefined) {
    throw new RangeError(`Cannot check for look-ahead: a cut must be within bars ${low} to ${last}, got ${bad}`);
  }
  return { cuts, everywhere: denseSpread(low, high, { most: denseCuts, seed }) };
}
