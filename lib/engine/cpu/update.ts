/**
 * The outer update where the learner resides: ranges of `[params | logLr | phi | weightDecay]` handed to the kernels.
 * @module
 */
import { learnables, type OuterLayout } from "../layout.ts";
import type { OuterRule } from "../problem.ts";
import type { Heap } from "./heap.ts";
import { ADAM, type UpdateKernels } from "./update_kernels.ts";

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

/** The outer update over a memory. */
export interface ResidentUpdate {
  /** Euclidean norm of the learned part of a gradient. */
  norm(gradient: number, layout: OuterLayout): number;
  /** Applies update number `step` (1 is the first) in place; the caller holds ω at or above 0. */
  apply(
    buffers: ResidentBuffers,
    update: OuterLayout & {
      readonly rule: OuterRule;
      readonly lr: number;
      readonly step: number;
      readonly gradNorm: number;
      /** What the gradient is to be divided by. */
      readonly count: number;
    },
  ): void;
}

/** The update by kernels; it takes a little of the heap for their scalars. */
export function residentUpdate(kernels: UpdateKernels, heap: Heap): ResidentUpdate {
  const scalars = heap.take(4 * ADAM.length);
  return {
    norm(gradient, layout): number {
      let sum = 0;
      for (const { start, end, learned } of learnables(layout)) {
        if (!learned) continue;
        kernels.squares(gradient + start * 4, end - start, scalars);
        sum += heap.doubles()[scalars / 8];
      }
      return Math.sqrt(sum);
    },
    apply(buffers, update): void {
      const { rule, lr, step, gradNorm, count } = update;
      const scale = (gradNorm > rule.clipNorm ? rule.clipNorm / gradNorm : 1) / count;
      for (const { start, end, learned } of learnables(update)) {
        if (!learned) continue;
        const pace = start === update.parameterCount ? lr * (rule.ratesFactor ?? 1) : lr;
        const shrink = start === 0 ? lr * rule.weightDecay : 0;
        const [values, first, second, gradient] = [buffers.values, buffers.first, buffers.second, buffers.gradient]
          .map((address) => address + start * 4);
        const numbers = heap.floats().subarray(scalars / 4);
        if (rule.optimizer === "adam") {
          const { beta1, beta2, epsilon } = rule;
          const [rate, lift] = [pace / (1 - beta1 ** step), 1 / (1 - beta2 ** step)];
          numbers.set([scale, beta1, 1 - beta1, beta2, 1 - beta2, rate, lift, epsilon, shrink]);
          kernels.adam(values, first, second, gradient, end - start, scalars);
        } else {
          numbers.set([scale, rule.momentum, pace, shrink]);
          kernels.sgd(values, first, gradient, end - start, scalars);
        }
      }
    },
  };
}
