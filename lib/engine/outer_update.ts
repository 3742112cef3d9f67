/**
 * The outer update in float32: clip, then Adam or SGD with momentum, decoupled decay, ω held at or above 0.
 * Its twin on the GPU is `kernels/wgsl/outer_update.wgsl`. The arithmetic is rounded as float32 stores.
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

/** Euclidean norm of the learned part of a gradient, summed in float64 in index order. */
export function learnedNorm(gradient: Float32Array, layout: OuterLayout): number {
  let sum = 0;
  for (const { start, end, learned } of learnables(layout)) {
    if (!learned) continue;
    for (let i = start; i < end; i++) sum += gradient[i] * gradient[i];
  }
  return Math.sqrt(sum);
}

/**
 * Applies one outer update in place, for update number `step` (1 is the first):
 * Adam m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², x −= lr·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε) (Kingma & Ba 2015, algorithm 1);
 * SGD m = μm + g, x −= lr·m. The log rates move at lr · ratesFactor. θ_0 also loses lr·decay·θ_0 when the rule decays.
 */
export function outerUpdate(
  buffers: OuterBuffers,
  layout: OuterLayout,
  update: { readonly rule: OuterRule; readonly lr: number; readonly step: number; readonly gradNorm: number },
): void {
  const { values, first, second, gradient } = buffers;
  const { rule, lr, step, gradNorm } = update;
  const scale = gradNorm > rule.clipNorm ? rule.clipNorm / gradNorm : 1;
  const correct1 = 1 - rule.beta1 ** step;
  const correct2 = 1 - rule.beta2 ** step;
  for (const { start, end, learned } of learnables(layout)) {
    if (!learned) continue;
    const pace = layout.rates > 0 && start === layout.parameterCount ? lr * (rule.ratesFactor ?? 1) : lr;
    const decay = start === 0 ? lr * rule.weightDecay : 0;
    for (let i = start; i < end; i++) {
      const g = gradient[i] * scale;
      let move: number;
      if (rule.optimizer === "adam") {
        first[i] = rule.beta1 * first[i] + (1 - rule.beta1) * g;
        second[i] = rule.beta2 * second[i] + (1 - rule.beta2) * g * g;
        move = pace * (first[i] / correct1) / (Math.sqrt(second[i] / correct2) + rule.epsilon);
      } else {
        first[i] = rule.momentum * first[i] + g;
        move = pace * first[i];
      }
      values[i] -= move + decay * values[i];
    }
  }
  const omega = learnables(layout)[3].start;
  if (layout.learn.weightDecay && values[omega] < 0) values[omega] = 0;
}
