/**
 * The outer update in float32: clip, then Adam or SGD with momentum, decoupled decay, ω held at or above 0.
 * Its twins are `kernels/wgsl/outer_update.wgsl` on the GPU, and `lib/engine/cpu/update_kernels.ts`, which gives the same bits:
 * both round to float32 after every operation, in one order.
 * @module
 */
import { learnables, type OuterLayout } from "./layout.ts";
import type { OuterRule } from "./problem.ts";

/** Everything an outer update reads and writes; arrays hold every learnable. */
export interface OuterBuffers {
  /** The learnables, updated in place. */
  readonly values: Float32Array;
  /** First moment or velocity, updated in place. */
  readonly first: Float32Array;
  /** Second moment, updated in place. */
  readonly second: Float32Array;
  /** The gradient. */
  readonly gradient: Float32Array;
}

/** One update of all learnables. */
export interface OuterUpdate {
  /** The optimiser. */
  readonly rule: OuterRule;
  /** Learning rate. */
  readonly lr: number;
  /** Its number, 1 is the first. */
  readonly step: number;
  /** Norm of the learned part of the gradient. */
  readonly gradNorm: number;
}

/** The update of one stretch of the learnables. */
export interface StretchUpdate {
  /** Index of its first number. */
  readonly start: number;
  /** Index behind its last. */
  readonly end: number;
  /**
   * What its numbers are moved by. Adam: the gradient's factor, β₁, 1 − β₁, β₂, 1 − β₂, lr / (1 − β₁ᵗ), 1 / (1 − β₂ᵗ), ε, and the
   * decay times lr. SGD: the gradient's factor, the momentum, lr, and the decay times lr.
   */
  readonly scalars: Float32Array;
}

/** Sum of squares in float64 over four lanes, what is left over in the first. Twin: `squares` in `lib/engine/cpu/update_kernels.ts`. */
function squares(values: Float32Array, start: number, end: number): number {
  const whole = end - (end - start) % 4;
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = start; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < end; i++) a += values[i] * values[i];
  return (a + c) + (b + d);
}

/** Euclidean norm of the learned part of a gradient, in float64. */
export function learnedNorm(gradient: Float32Array, layout: OuterLayout): number {
  let sum = 0;
  for (const { start, end, learned } of learnables(layout)) if (learned) sum += squares(gradient, start, end);
  return Math.sqrt(sum);
}

/** What an update does to each stretch that is learned: the log rates move at lr · ratesFactor, and θ_0 alone decays. */
export function stretchUpdates(layout: OuterLayout, { rule, lr, step, gradNorm }: OuterUpdate): StretchUpdate[] {
  const { optimizer, beta1, beta2, epsilon, momentum } = rule;
  const scale = gradNorm > rule.clipNorm ? rule.clipNorm / gradNorm : 1;
  return learnables(layout).flatMap(({ start, end, learned }, part) => {
    if (!learned || start === end) return [];
    const pace = part === 1 ? lr * (rule.ratesFactor ?? 1) : lr;
    const shrink = part === 0 ? lr * rule.weightDecay : 0;
    const [rate, lift] = [pace / (1 - beta1 ** step), 1 / (1 - beta2 ** step)];
    const scalars = optimizer === "adam"
      ? [scale, beta1, 1 - beta1, beta2, 1 - beta2, rate, lift, epsilon, shrink]
      : [scale, momentum, pace, shrink];
    return [{ start, end, scalars: Float32Array.from(scalars) }];
  });
}

const { fround } = Math;

function moveByAdam({ values, first, second, gradient }: OuterBuffers, { start, end, scalars }: StretchUpdate): void {
  const [scale, beta1, rest1, beta2, rest2, rate, lift, epsilon, shrink] = scalars;
  for (let i = start; i < end; i++) {
    const slope = fround(gradient[i] * scale);
    const m = fround(fround(beta1 * first[i]) + fround(rest1 * slope));
    const v = fround(fround(beta2 * second[i]) + fround(fround(rest2 * slope) * slope));
    const root = fround(fround(Math.sqrt(fround(v * lift))) + epsilon);
    const move = fround(fround(rate * m) / root);
    first[i] = m;
    second[i] = v;
    values[i] -= fround(move + fround(shrink * values[i]));
  }
}

function moveBySgd({ values, first, gradient }: OuterBuffers, { start, end, scalars }: StretchUpdate): void {
  const [scale, momentum, rate, shrink] = scalars;
  for (let i = start; i < end; i++) {
    const m = fround(fround(momentum * first[i]) + fround(gradient[i] * scale));
    first[i] = m;
    values[i] -= fround(fround(rate * m) + fround(shrink * values[i]));
  }
}

/** Holds a learned ω at or above 0. */
export function holdDecay(values: Float32Array, layout: OuterLayout): void {
  const { start: omega } = learnables(layout)[3];
  if (layout.learn.weightDecay && values[omega] < 0) values[omega] = 0;
}

/**
 * Applies one outer update in place:
 * Adam m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², x −= lr·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε) (Kingma & Ba 2015, algorithm 1);
 * SGD m = μm + g, x −= lr·m. θ_0 also loses lr·decay·θ_0 when the rule decays.
 */
export function outerUpdate(buffers: OuterBuffers, layout: OuterLayout, update: OuterUpdate): void {
  const move = update.rule.optimizer === "adam" ? moveByAdam : moveBySgd;
  for (const stretch of stretchUpdates(layout, update)) move(buffers, stretch);
  holdDecay(buffers.values, layout);
}
