/**
 * A batch of tasks, whatever their programs: a run for each program, and the sums over all tasks along the fixed tree. Where
 * programs differ, each writes its tasks' shares into one array in task order first.
 * @module
 */
import type { Gpu } from "../gpu.ts";
import type { Recording } from "../recording.ts";
import { leafCount, recordLeaves, type Tree } from "../tree.ts";
import { type ChunkOutputs, type Numbers, type Prepared, type RunHooks, type TaskLimits, TaskRun } from "./task_run.ts";

/** Tasks of one program. */
export interface BatchGroup {
  /** The program. */
  readonly prepared: Prepared;
  /** Their places in the batch, ascending. */
  readonly places: readonly number[];
}

/** Neighbours in a batch that are neighbours in a chunk of one program. */
export interface Stretch {
  /** First among the chunk's tasks. */
  readonly from: number;
  /** Its place in the batch. */
  readonly place: number;
  /** How many. */
  readonly count: number;
}

/** What a batch records besides. */
export interface BatchHooks extends Pick<RunHooks, "resident"> {
  /** What becomes of outputs that are kept apart. */
  readonly each: (
    recording: Recording,
    chunk: ChunkOutputs & { readonly group: BatchGroup; readonly stretches: Stretch[] },
  ) => void;
  /** What follows once all tasks have run; the tree has all its leaves. */
  readonly finish: (recording: Recording, tree: Tree) => void;
}

function stretchesOf(places: readonly number[]): Stretch[] {
  const found: Stretch[] = [];
  places.forEach((place, from) => {
    const last = found.at(-1);
    if (last && last.place + last.count === place) found[found.length - 1] = { ...last, count: last.count + 1 };
    else found.push({ from, place, count: 1 });
  });
  return found;
}

/** A batch on the device. */
export class BatchRun {
  readonly #gpu: Gpu;
  readonly #groups: readonly BatchGroup[];
  readonly #runs: TaskRun[];
  readonly #buffers: readonly GPUBuffer[];

  constructor(
    gpu: Gpu,
    groups: readonly BatchGroup[],
    options: { readonly tasks: number; readonly limits: TaskLimits; readonly hooks: BatchHooks },
  ) {
    const { tasks, limits, hooks } = options;
    const width = groups[0].prepared.generated.layout.sizes.summed;
    const leaves = leafCount(tasks);
    const tree: Tree = {
      tasks,
      width,
      leaves: gpu.storage("leaves", leaves * width),
      pairs: gpu.storage("pairs", Math.ceil(leaves / 2) * width),
    };
    const isMixed = groups.length > 1;
    const shares = gpu.storage("shares", isMixed ? tasks * width : 0);
    const add = (
      recording: Recording,
      buffer: GPUBuffer,
      part: { readonly start: number; readonly tasks: number },
    ): void => {
      if (width === 0) return;
      recordLeaves(recording, tree, { source: { buffer, at: 0 }, at: 0, elements: width, taskStride: width, ...part });
    };
    this.#gpu = gpu;
    this.#groups = groups;
    this.#buffers = [tree.leaves, tree.pairs, shares];
    this.#runs = groups.map((group, g) => {
      const end = (recording: Recording, chunk: ChunkOutputs): void => {
        const stretches = stretchesOf(group.places.slice(chunk.start, chunk.start + chunk.tasks));
        if (!isMixed) add(recording, chunk.summed, chunk);
        else if (width > 0) {
          for (const { from, place, count } of stretches) {
            const source = { buffer: chunk.summed, at: from * width };
            recording.copy(source, { buffer: shares, at: place * width }, count * width);
          }
        }
        hooks.each(recording, { ...chunk, group, stretches });
        if (!chunk.isLast || g < groups.length - 1) return;
        if (isMixed) add(recording, shares, { start: 0, tasks });
        hooks.finish(recording, tree);
      };
      const { resident } = hooks;
      return new TaskRun(gpu, group.prepared, {
        tasks: group.places.length,
        limits,
        hooks: { end, ...(resident && { resident }) },
      });
    });
  }

  /** Uploads the shared inputs and each task's own, in task order, and submits. */
  submit(shared: Numbers, tasks: readonly Numbers[]): void {
    this.#groups.forEach(({ places }, g) => this.#runs[g].submit(shared, places.map((place) => tasks[place])));
  }

  /** Frees the buffers. */
  free(): void {
    for (const run of this.#runs) run.free();
    for (const buffer of this.#buffers) this.#gpu.free(buffer);
  }
}
