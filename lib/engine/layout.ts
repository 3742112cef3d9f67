/**
 * Index arithmetic that every engine shares: how learnables lie in their flat array.
 * @module
 */
import type { Learner, LearnMask } from "./problem.ts";

/** Where the learnables end and which are learned. */
export interface OuterLayout {
  /** Parameters P. */
  readonly parameterCount: number;
  /** Learning rates R. */
  readonly rates: number;
  /** Length of φ (default 3). */
  readonly phi?: number;
  /** Numbers in the further learned arrays, in all (default 0). */
  readonly others?: number;
  /** What is learned. */
  readonly learn: LearnMask;
}

/** A stretch of the learnables. */
export interface LearnableRange {
  /** Index of its first number. */
  readonly start: number;
  /** Index behind its last. */
  readonly end: number;
  /** Whether an outer step moves it. */
  readonly learned: boolean;
}

/** Where each learnable lies in `[params | logLr | phi | weightDecay | others]`, and whether it is learned. */
export function learnables(layout: OuterLayout): readonly LearnableRange[] {
  const { parameterCount, rates, phi = 3, others = 0, learn } = layout;
  const lengths: [number, boolean][] = [
    [parameterCount, learn.params],
    [rates, learn.lr],
    [phi, learn.loss],
    [1, learn.weightDecay],
    [others, learn.others ?? false],
  ];
  let end = 0;
  return lengths.map(([length, learned]) => ({ start: end, end: end += length, learned }));
}

/** Where each learned array, by its name in programs, begins in `[params | logLr | phi | weightDecay | others]`. */
export function learnedStarts(
  { params, logLr, phi, others = {} }: Learner,
): Map<string, { start: number; length: number }> {
  let end = 0;
  const stretch = (length: number): { start: number; length: number } => ({
    start: end,
    length: (end += length, length),
  });
  return new Map([
    ["theta", stretch(params.length)],
    ["logLr", stretch(logLr.length)],
    ["phi", stretch(phi.length)],
    ["weightDecay", stretch(1)],
    ...Object.entries(others).map(([name, { length }]) => [name, stretch(length)] as const),
  ]);
}
