/**
 * The outer update where the learner resides: ranges of `[params | logLr | phi | weightDecay]` handed to the kernels.
 * The float32 twin of `lib/engine/outer_update.ts`.
 * @module
 */
import { learnables, type OuterLayout } from "../layout.ts";
import type { OuterRule } from "../problem.ts";
import type { Kernels } from "./build.ts";

/** Addresses of the arrays of an update, `[P + R + 4]` each. */
export interface ResidentBuffers {
  /** The learnables, updated in place. */
  readonly values: number;
  /** First moment or velocity, updated in place. */
  readonly first: number;
  /** Second moment, updated in place. */
  readonly second: number;
  /** The gradient. */
  readonly gradient: number;
}

/** Euclidean norm of the learned part of a gradient. */
export function residentNorm(kernels: Kernels, gradient: number, layout: OuterLayout): number {
  let sum = 0;
  for (const { start, end, learned } of learnables(layout)) {
    if (learned) sum += kernels.squares(gradient + start * 4, end - start);
  }
  return Math.sqrt(sum);
}

/** Applies update number `step` (1 is the first) in place; the caller holds ω at or above 0. */
export function residentUpdate(
  kernels: Kernels,
  buffers: ResidentBuffers,
  update: OuterLayout & {
    readonly rule: OuterRule;
    readonly lr: number;
    readonly step: number;
    readonly gradNorm: number;
    /** What the gradient is to be divided by. */
    readonly count: number;
  },
): void {
  const { rule, lr, step, gradNorm, count } = update;
  const scale = (gradNorm > rule.clipNorm ? rule.clipNorm / gradNorm : 1) / count;
  for (const { start, end, learned } of learnables(update)) {
    if (!learned) continue;
    const pace = start === update.parameterCount ? lr * (rule.ratesFactor ?? 1) : lr;
    const shrink = start === 0 ? lr * rule.weightDecay : 0;
    const [values, first, second, gradient] = [buffers.values, buffers.first, buffers.second, buffers.gradient]
      .map((address) => address + start * 4);
    if (rule.optimizer === "adam") {
      const { beta1, beta2, epsilon } = rule;
      const rate = pace / (1 - beta1 ** step);
      const lift = 1 / (1 - beta2 ** step);
      const moments = [beta1, 1 - beta1, beta2, 1 - beta2];
      kernels.adam(values, first, second, gradient, end - start, scale, ...moments, rate, lift, epsilon, shrink);
    } else kernels.sgd(values, first, gradient, end - start, scale, rule.momentum, pace, shrink);
  }
}
