/**
 * A batch whose results are read back: sums over tasks, and every task's other outputs.
 * @module
 */
import type { ProgramResults } from "../../executor.ts";
import type { Gpu } from "../gpu.ts";
import { recordRoot } from "../tree.ts";
import { type BatchGroup, BatchRun } from "./batch_run.ts";
import type { Numbers, TaskLimits } from "./task_run.ts";

/** A batch on the device with room for its results. */
export class BatchReading {
  readonly #gpu: Gpu;
  readonly #groups: readonly BatchGroup[];
  readonly #run: BatchRun;
  readonly #root: GPUBuffer;
  readonly #staging: GPUBuffer;
  /** Where each task's outputs are in the staging buffer, by its place in the batch. */
  readonly #places: number[] = [];

  constructor(
    gpu: Gpu,
    groups: readonly BatchGroup[],
    options: { readonly tasks: number; readonly limits: TaskLimits },
  ) {
    const width = groups[0].prepared.generated.layout.sizes.summed;
    let end = width;
    for (const { prepared, places } of groups) {
      for (const place of places) {
        this.#places[place] = end;
        end += prepared.generated.layout.sizes.each;
      }
    }
    this.#gpu = gpu;
    this.#groups = groups;
    this.#root = gpu.storage("root", width);
    this.#staging = gpu.staging("results", end);
    const staging = this.#staging;
    const root = { buffer: this.#root, at: 0 };
    this.#run = new BatchRun(gpu, groups, {
      ...options,
      hooks: {
        each: (recording, { each, start, tasks, group: { prepared, places } }) => {
          const size = prepared.generated.layout.sizes.each;
          if (size === 0) return;
          recording.copy({ buffer: each, at: 0 }, { buffer: staging, at: this.#places[places[start]] }, tasks * size);
        },
        finish: (recording, tree) => {
          if (width === 0) return;
          recordRoot(recording, tree, root, 1);
          recording.copy(root, { buffer: staging, at: 0 }, width);
        },
      },
    });
  }

  /** Uploads, runs and reads back. */
  async read(shared: Numbers, tasks: readonly Numbers[]): Promise<ProgramResults> {
    const gpu = this.#gpu;
    this.#run.submit(shared, tasks);
    const mapped = this.#staging.mapAsync(GPUMapMode.READ);
    mapped.catch(() => {}); // awaited below, behind the errors that explain it
    await gpu.settle();
    await mapped;
    const numbers = new Float32Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    const taken = ({ prepared }: BatchGroup, space: "each" | "summed", start: number): Record<string, Float32Array> =>
      Object.fromEntries(
        [...prepared.generated.layout.outputs].filter(([, place]) => place.space === space)
          .map(([name, { at, size }]) => [name, numbers.slice(start + at, start + at + size)]),
      );
    const each: Record<string, Float32Array>[] = [];
    for (const group of this.#groups) {
      for (const place of group.places) each[place] = taken(group, "each", this.#places[place]);
    }
    return { sum: taken(this.#groups[0], "summed", 0), each };
  }

  /** Frees the buffers. */
  free(): void {
    this.#run.free();
    for (const buffer of [this.#root, this.#staging]) this.#gpu.free(buffer);
  }
}
