/**
 * Runs a program for many tasks: its shader, its buffers and its dispatches, recorded once for a number of tasks and kept.
 * Tasks that do not fit on the device together run in chunks; sums over them are the same, whatever the chunks.
 * @module
 */
import { defineKernel, type Fields } from "../../../../kernels/wgsl/contract.ts";
import type { ProgramNode } from "../../../program/program.ts";
import type { Generated, ShaderLimits } from "./generated.ts";
import type { Space } from "./layout.ts";
import { schedule } from "./schedule.ts";
import type { TaskProgram } from "./task_program.ts";
import type { Gpu } from "../gpu.ts";
import type { Budget } from "../plan.ts";
import { Recording } from "../recording.ts";
import { leafCount, recordLeaves, recordRoot, type Tree } from "../tree.ts";

/** Numbers for a program's inputs, by name, row-major. */
export type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** What came out. */
export interface TaskOutputs {
  /** Sums over tasks, by output. */
  readonly sums: Readonly<Record<string, Float32Array>>;
  /** The other outputs of each task, by name. */
  readonly each: readonly Readonly<Record<string, Float32Array>>[];
}

/** What a device lets a program use. */
export interface TaskLimits extends ShaderLimits {
  /** Bytes of buffers. */
  readonly budget: Budget;
}

function kernelOf(text: string, held: boolean) {
  return defineKernel({
    stem: "program",
    text,
    modules: [],
    fields: {
      tasks: "u32",
      parts: "u32",
      first: "u32",
      end: "u32",
      own: "u32",
      arena: "u32",
      each: "u32",
      summed: "u32",
    },
    bindings: {
      words: "read",
      shared_data: "read",
      own_data: "read",
      each_out: "readWrite",
      summed_out: "readWrite",
      ...(held ? {} : { arena: "readWrite" as const }),
    } as Record<"words" | "shared_data" | "own_data" | "each_out" | "summed_out" | "arena", "read" | "readWrite">,
    workgroups: ({ tasks, parts }: Fields<"tasks" | "parts">) => tasks * parts,
  });
}

/** Tasks that fit together. */
function chunkTasks(tasks: number, { sizes }: Generated["layout"], budget: Budget): number {
  const floats = [sizes.own, sizes.arena, sizes.each, sizes.summed];
  const widest = 4 * Math.max(1, ...floats);
  const all = 4 * Math.max(1, floats.reduce((sum, size) => sum + size, 0));
  const most = Math.floor(Math.min(budget.buffer / widest, budget.total / all));
  if (most < 1) {
    throw new RangeError(
      `Cannot fit a task on the GPU: it needs a buffer of ${widest} bytes and ${all} bytes in all, ` +
        `the limits are ${budget.buffer} and ${budget.total}; use fewer rows or inner steps, or backpropSteps`,
    );
  }
  return Math.min(most, tasks);
}

interface Chunk {
  readonly start: number;
  readonly tasks: number;
  readonly recording: Recording;
}

/** A program on the device for a number of tasks. */
export class TaskRun {
  readonly #gpu: Gpu;
  readonly #given: Readonly<Record<"shared" | "own", readonly { readonly node: ProgramNode; readonly at: number }[]>>;
  readonly #generated: Generated;
  readonly #chunks: Chunk[] = [];
  readonly #buffers: GPUBuffer[] = [];
  readonly #shared: GPUBuffer;
  readonly #own: GPUBuffer;
  readonly #staging: GPUBuffer;

  constructor(
    gpu: Gpu,
    work: TaskProgram,
    options: { readonly tasks: number; readonly generated: Generated; readonly limits: TaskLimits },
  ) {
    const { tasks, generated, limits } = options;
    const { layout: { sizes }, words } = generated;
    this.#gpu = gpu;
    const given = (wanted: Space) =>
      [...generated.layout.nodes].filter(([, { space }]) => space === wanted)
        .map(([i, { at }]) => ({ node: work.program.nodes[i], at }));
    this.#given = { shared: given("shared"), own: given("own") };
    this.#generated = generated;
    const most = chunkTasks(tasks, generated.layout, limits.budget);
    const storage = (label: string, count: number): GPUBuffer => {
      const buffer = gpu.storage(label, count);
      this.#buffers.push(buffer);
      return buffer;
    };
    const leaves = leafCount(tasks);
    const buffers = {
      words: storage("words", words.length),
      shared_data: storage("shared", sizes.shared),
      own_data: storage("own", most * sizes.own),
      each_out: storage("each", most * sizes.each),
      summed_out: storage("summed", most * sizes.summed),
      arena: storage("arena", generated.held ? 0 : most * sizes.arena),
    };
    const tree: Tree = {
      tasks,
      width: sizes.summed,
      leaves: storage("leaves", leaves * sizes.summed),
      pairs: storage("pairs", Math.ceil(leaves / 2) * sizes.summed),
    };
    const root = storage("root", sizes.summed);
    gpu.device.queue.writeBuffer(buffers.words, 0, words);
    this.#shared = buffers.shared_data;
    this.#own = buffers.own_data;
    this.#staging = gpu.staging("results", sizes.summed + tasks * sizes.each);
    this.#buffers.push(this.#staging);
    const kernels = generated.shaders.map((text) => kernelOf(text, generated.held));
    for (let start = 0; start < tasks; start += most) {
      const count = Math.min(most, tasks - start);
      const recording = new Recording(gpu);
      const bases = { own: sizes.own, arena: generated.held ? 0 : sizes.arena, each: sizes.each, summed: sizes.summed };
      for (const range of schedule(generated, { tasks: count, iterations: limits.iterations })) {
        const { shader, ...words } = range;
        recording.run(kernels[shader], { buffers, sizes: { tasks: count, ...words, ...bases } });
      }
      if (sizes.summed > 0) {
        const source = { buffer: buffers.summed_out, at: 0 };
        const shares = { source, at: 0, elements: sizes.summed, taskStride: sizes.summed };
        recordLeaves(recording, tree, { ...shares, start, tasks: count });
      }
      const at = sizes.summed + start * sizes.each;
      if (sizes.each > 0) {
        recording.copy({ buffer: buffers.each_out, at: 0 }, { buffer: this.#staging, at }, count * sizes.each);
      }
      if (start + count === tasks && sizes.summed > 0) {
        recordRoot(recording, tree, { buffer: root, at: 0 }, 1);
        recording.copy({ buffer: root, at: 0 }, { buffer: this.#staging, at: 0 }, sizes.summed);
      }
      recording.seal();
      this.#chunks.push({ start, tasks: count, recording });
    }
  }

  /** Writes what is given of a space, constants included. */
  #pack(space: "shared" | "own", given: Numbers, to: Float32Array): void {
    for (const { node, at } of this.#given[space]) {
      if (node.op === "constant") to.set(node.attributes.data, at);
      else if (node.op === "fill") to[at] = node.attributes.value;
      else if (node.op === "input") to.set(given[node.attributes.name], at);
    }
  }

  /** Uploads the shared inputs and each task's own, runs, and reads back. */
  async run(shared: Numbers, tasks: readonly Numbers[]): Promise<TaskOutputs> {
    const gpu = this.#gpu;
    const { layout: { sizes, outputs } } = this.#generated;
    const { queue } = gpu.device;
    // Deno panics where nothing is written.
    const write = (buffer: GPUBuffer, numbers: Float32Array<ArrayBuffer>): void => {
      if (numbers.length > 0) queue.writeBuffer(buffer, 0, numbers);
    };
    const common = new Float32Array(sizes.shared);
    this.#pack("shared", shared, common);
    write(this.#shared, common);
    for (const { start, tasks: count, recording } of this.#chunks) {
      const own = new Float32Array(count * sizes.own);
      for (let t = 0; t < count; t++) {
        this.#pack("own", tasks[start + t], own.subarray(t * sizes.own, (t + 1) * sizes.own));
      }
      write(this.#own, own);
      recording.submit();
    }
    const mapped = this.#staging.mapAsync(GPUMapMode.READ);
    mapped.catch(() => {}); // awaited below, behind the errors that explain it
    await gpu.settle();
    await mapped;
    const numbers = new Float32Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    const taken = (space: Space, start: number): Record<string, Float32Array> =>
      Object.fromEntries(
        [...outputs].filter(([, place]) => place.space === space)
          .map(([name, { at, size }]) => [name, numbers.slice(start + at, start + at + size)]),
      );
    const each = tasks.map((_, t) => taken("each", sizes.summed + t * sizes.each));
    return { sums: taken("summed", 0), each };
  }

  /** Frees the buffers. */
  free(): void {
    for (const { recording } of this.#chunks) recording.free();
    for (const buffer of this.#buffers) this.#gpu.free(buffer);
  }
}
