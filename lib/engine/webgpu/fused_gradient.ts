/**
 * A training's gradients by the kernels that are written by hand.
 * @module
 */
import type { FusedProblem, OuterGradient, Task } from "../problem.ts";
import { type BatchOptions, freeBatch, openBatch, uploadRows } from "./batch.ts";
import type { Gpu } from "./gpu.ts";
import { metaLength, recordMetaGradient } from "./meta_gradient.ts";
import { Recording } from "./recording.ts";
import type { GradientSource } from "./training.ts";
import { batchKey, uploadControl } from "./upload.ts";

function most(tasks: readonly Task[], set: "support" | "query"): number {
  return tasks.reduce((rows, task) => Math.max(rows, task[set].rows), 0);
}

/** Gradients of a problem that the kernels serve. */
export function fusedGradients(
  gpu: Gpu,
  inner: FusedProblem,
  bounds: Pick<BatchOptions, "budget" | "limits" | "rates">,
): GradientSource {
  const optionsOf = (tasks: readonly Task[], gradient: OuterGradient): BatchOptions => ({
    inner,
    gradient,
    tasks: tasks.length,
    rows: { support: most(tasks, "support"), query: most(tasks, "query") },
    ...bounds,
  });
  return {
    key: (tasks, gradient) => batchKey("step", inner, optionsOf(tasks, gradient)),
    open(tasks, gradient, { learner, finish }) {
      const batch = openBatch(gpu, { ...optionsOf(tasks, gradient), learner });
      const recording = new Recording(gpu);
      const meta = gpu.storage("meta-gradient", metaLength(batch));
      recordMetaGradient(recording, batch, meta);
      finish(recording, meta);
      recording.seal();
      return {
        submit(own, at): void {
          uploadControl(gpu, batch, at);
          uploadRows(gpu, batch, own.map(({ support }) => support), own.map(({ query }) => query));
          recording.submit();
        },
        free(): void {
          recording.free();
          freeBatch(gpu, batch);
          gpu.free(meta);
        },
      };
    },
  };
}
