/**
 * How likely choosing the best backtest was overfitting: combinatorially symmetric cross-validation over the returns of
 * everything that was tried. It judges the choice, not the strategy.
 * @module
 */
import { binomial, combinations } from "./combinations.ts";
import { requireReturns } from "./sharpe_estimate.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode overfittingProbability} takes. */
export interface OverfittingOptions {
  /** Blocks S that the bars are cut into, even, within 2 and 20 (default 16: 12,870 splits). */
  readonly blocks?: number;
}

const OVERFITTING_KEYS: OptionKeys<OverfittingOptions> = { blocks: true };

/** What choosing by backtest was worth. */
export interface OverfittingProbability {
  /** Share of splits in which the best in sample is at or below the median out of sample (PBO). */
  readonly probability: number;
  /** Share of splits in which the best in sample has a Sharpe ratio below 0 out of sample. */
  readonly lossProbability: number;
  /** Logit of the relative rank out of sample of the best in sample, one a split; at or below 0 is overfitting. */
  readonly logits: Float64Array;
}

/** One strategy's deviations from its mean return, summed over each block. */
interface BlockSums {
  readonly mean: number;
  readonly deviations: Float64Array;
  readonly squares: Float64Array;
}

function blockSums(returns: Float64Array, borders: readonly number[]): BlockSums {
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  const over = (value: (deviation: number) => number): Float64Array =>
    Float64Array.from(
      { length: borders.length - 1 },
      (_, b) => returns.subarray(borders[b], borders[b + 1]).reduce((sum, r) => sum + value(r - mean), 0),
    );
  return { mean, deviations: over((d) => d), squares: over((d) => d * d) };
}

/** Sharpe ratio a bar over some blocks; 0 where returns do not vary, as of a strategy that never trades. */
function sharpeOver(sums: BlockSums, chosen: readonly number[], borders: readonly number[]): number {
  let [bars, deviation, squares] = [0, 0, 0];
  for (const b of chosen) {
    bars += borders[b + 1] - borders[b];
    deviation += sums.deviations[b];
    squares += sums.squares[b];
  }
  const mean = sums.mean + deviation / bars;
  const variance = (squares - deviation * deviation / bars) / (bars - 1);
  return variance > 1e-20 * mean * mean ? mean / Math.sqrt(variance) : 0;
}

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu
 * 2017, "The probability of backtest overfitting", section 2): of S blocks of bars every half is in sample once, the other
 * half out of sample; the strategy with the best Sharpe ratio in sample has relative rank `ω = rank / (N + 1)` out of
 * sample, and its logit is `ln(ω / (1 − ω))`. PBO is the share of logits at or below 0: about a half where there is no
 * skill to choose by, 0 where the same strategy is best everywhere.
 *
 * @param returns Net returns of every strategy tried, `[strategies][bars]`.
 * @param options Blocks.
 * @throws {RangeError} `blocks` is out of range, or there are fewer than 2 strategies or 2 bars a block.
 * @throws {TypeError} Series differ in length, or a return is not finite.
 *
 * @example
 * ```ts
 * import { overfittingProbability } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const worse = Float64Array.from({ length: 40 }, (_, i) => 0.01 * Math.sin(i));
 * const better = worse.map((value) => value + 0.02);
 * assertEquals(overfittingProbability([worse, better], { blocks: 4 }).probability, 0);
 * ```
 */
export function overfittingProbability(
  returns: readonly Float64Array[],
  options: OverfittingOptions = {},
): OverfittingProbability {
  requireKnownKeys("Cannot judge overfitting", "options", options, OVERFITTING_KEYS);
  const { blocks = 16 } = options;
  const action = "Cannot judge overfitting";
  if (!Number.isInteger(blocks) || blocks % 2 !== 0 || blocks < 2 || blocks > 20) {
    throw new RangeError(`${action}: blocks must be an even integer within 2 and 20, got ${String(blocks)}`);
  }
  if (returns.length < 2) throw new RangeError(`${action}: expected at least 2 strategies, received ${returns.length}`);
  const bars = returns[0].length;
  if (bars < 2 * blocks) {
    throw new RangeError(`${action}: needs at least ${2 * blocks} bars (2 a block), got ${bars}`);
  }
  returns.forEach((series, i) => {
    if (series.length !== bars) {
      throw new TypeError(`${action}: expected ${bars} returns of strategy ${i}, received ${series.length}`);
    }
    requireReturns(`${action} of strategy ${i}`, series);
  });
  const borders = Array.from({ length: blocks + 1 }, (_, b) => Math.floor(b * bars / blocks));
  const sums = returns.map((series) => blockSums(series, borders));
  const logits = new Float64Array(binomial(blocks, blocks / 2));
  let [split, overfit, losses] = [0, 0, 0];
  for (const inside of combinations(blocks, blocks / 2)) {
    const outside = Array.from({ length: blocks }, (_, b) => b).filter((b) => !inside.includes(b));
    const inSample = sums.map((strategy) => sharpeOver(strategy, inside, borders));
    const outSample = sums.map((strategy) => sharpeOver(strategy, outside, borders));
    const best = inSample.reduce((most, ratio, i) => ratio > inSample[most] ? i : most, 0);
    const below = outSample.filter((ratio) => ratio < outSample[best]).length;
    const equal = outSample.filter((ratio) => ratio === outSample[best]).length;
    const rank = below + (equal + 1) / 2;
    logits[split] = Math.log(rank / (returns.length + 1 - rank));
    if (logits[split++] <= 0) overfit++;
    if (outSample[best] < 0) losses++;
  }
  return { probability: overfit / split, lossProbability: losses / split, logits };
}
