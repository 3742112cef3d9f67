/**
 * The outer update where the learner resides: stretches of `[params | logLr | phi | weightDecay | others]` handed to the kernels.
 * @module
 */
import { learnables, type OuterLayout } from "../layout.ts";
import { type OuterUpdate, stretchUpdates } from "../outer_update.ts";
import type { Heap } from "./heap.ts";
import { ADAM, type UpdateKernels } from "./update_kernels.ts";

/** Addresses of the arrays of an update, each of all learnables. */
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
  /** Divides the numbers at an address by one. */
  divide(address: number, length: number, divisor: number): void;
  /** Euclidean norm of the learned part of a gradient. */
  norm(gradient: number, layout: OuterLayout): number;
  /** Applies an update in place; the caller holds ω at or above 0. */
  apply(buffers: ResidentBuffers, layout: OuterLayout, update: OuterUpdate): void;
}

/** The update by kernels; it takes a little of the heap for their scalars. */
export function residentUpdate(kernels: UpdateKernels, heap: Heap): ResidentUpdate {
  const at = heap.take(4 * ADAM.length);
  return {
    divide(address, length, divisor): void {
      heap.floats()[at / 4] = divisor;
      kernels.divide(address, length, at);
    },
    norm(gradient, layout): number {
      let sum = 0;
      for (const { start, end, learned } of learnables(layout)) {
        if (!learned) continue;
        kernels.squares(gradient + start * 4, end - start, at);
        sum += heap.doubles()[at / 8];
      }
      return Math.sqrt(sum);
    },
    apply(buffers, layout, update): void {
      for (const { start, end, scalars } of stretchUpdates(layout, update)) {
        const [values, first, second, gradient] = [buffers.values, buffers.first, buffers.second, buffers.gradient]
          .map((address) => address + start * 4);
        heap.floats().set(scalars, at / 4);
        if (update.rule.optimizer === "adam") kernels.adam(values, first, second, gradient, end - start, at);
        else kernels.sgd(values, first, gradient, end - start, at);
      }
    },
  };
}
