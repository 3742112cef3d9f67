/**
 * One program for many tasks: its buffers and its dispatches, recorded once for a number of tasks and kept. Tasks that do not
 * fit on the device together run in chunks. What becomes of the results is for others to record.
 * @module
 */
import { defineKernel, type Fields } from "../../../../kernels/wgsl/contract.ts";
import type { ProgramNode } from "../../../program/program.ts";
import { sizeOf } from "../../../program/value.ts";
import type { Gpu } from "../gpu.ts";
import { Recording } from "../recording.ts";
import type { Generated, ShaderLimits } from "./generated.ts";
import type { Layout, Space } from "./layout.ts";
import { schedule } from "./schedule.ts";
import type { TaskProgram } from "./task_program.ts";

/** Numbers for a program's inputs, by name, row-major. */
export type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** What an adapter lets one batch use, in bytes. */
export interface Budget {
  /** Largest storage buffer. */
  readonly buffer: number;
  /** All buffers of a chunk of tasks together. */
  readonly total: number;
}

/** What a device lets a program use. */
export interface TaskLimits extends ShaderLimits {
  /** Bytes of buffers. */
  readonly budget: Budget;
}

/** A program as one batch uses it. */
export interface Prepared {
  /** Equal for equal uses of one program. */
  readonly key: string;
  /** The program. */
  readonly work: TaskProgram;
  /** Its shaders. */
  readonly generated: Generated;
}

/** A chunk's outputs, at `layout.sizes.each` and `layout.sizes.summed` numbers a task. */
export interface ChunkOutputs {
  /** First task. */
  readonly start: number;
  /** Tasks. */
  readonly tasks: number;
  /** Whether no chunk follows. */
  readonly isLast: boolean;
  /** Outputs that are kept apart. */
  readonly each: GPUBuffer;
  /** Outputs that are to be summed over tasks. */
  readonly summed: GPUBuffer;
}

/** What a run's recordings do besides. */
export interface RunHooks {
  /** Shared inputs that lie on the device, by name: they are copied, not uploaded. */
  readonly resident?: ReadonlyMap<string, { readonly buffer: GPUBuffer; readonly at: number }>;
  /** What follows a chunk's last step. */
  readonly end: (recording: Recording, chunk: ChunkOutputs) => void;
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
function chunkTasks(tasks: number, { sizes }: Layout, budget: Budget): number {
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

interface Given {
  readonly node: ProgramNode;
  readonly at: number;
}

/** A program on the device for a number of tasks. */
export class TaskRun {
  readonly #gpu: Gpu;
  readonly #given: Readonly<Record<"shared" | "own", readonly Given[]>>;
  readonly #sizes: Layout["sizes"];
  readonly #chunks: Chunk[] = [];
  readonly #buffers: Readonly<
    Record<"words" | "shared_data" | "own_data" | "each_out" | "summed_out" | "arena", GPUBuffer>
  >;

  constructor(
    gpu: Gpu,
    { work, generated }: Prepared,
    options: { readonly tasks: number; readonly limits: TaskLimits; readonly hooks: RunHooks },
  ) {
    const { tasks, limits, hooks } = options;
    const { layout, words, held } = generated;
    const { sizes } = layout;
    const resident = hooks.resident ?? new Map();
    this.#gpu = gpu;
    this.#sizes = sizes;
    const most = chunkTasks(tasks, layout, limits.budget);
    this.#buffers = {
      words: gpu.storage("words", words.length),
      shared_data: gpu.storage("shared", sizes.shared),
      own_data: gpu.storage("own", most * sizes.own),
      each_out: gpu.storage("each", most * sizes.each),
      summed_out: gpu.storage("summed", most * sizes.summed),
      arena: gpu.storage("arena", held ? 0 : most * sizes.arena),
    };
    gpu.device.queue.writeBuffer(this.#buffers.words, 0, words);
    const given = (wanted: Space): Given[] =>
      [...layout.nodes].filter(([, { space }]) => space === wanted).map(([i, { at }]) => ({
        node: work.program.nodes[i],
        at,
      }));
    const isResident = ({ node }: Given): boolean => node.op === "input" && resident.has(node.attributes.name);
    const shared = given("shared");
    this.#given = { shared: shared.filter((one) => !isResident(one)), own: given("own") };
    const kernels = generated.shaders.map((text) => kernelOf(text, held));
    const bases = { own: sizes.own, arena: held ? 0 : sizes.arena, each: sizes.each, summed: sizes.summed };
    for (let start = 0; start < tasks; start += most) {
      const count = Math.min(most, tasks - start);
      const recording = new Recording(gpu);
      for (const { node, at } of shared.filter(isResident)) {
        const from = resident.get((node.attributes as { readonly name: string }).name)!;
        recording.copy(from, { buffer: this.#buffers.shared_data, at }, sizeOf(node.shape));
      }
      for (const { shader, ...range } of schedule(generated, { tasks: count, iterations: limits.iterations })) {
        recording.run(kernels[shader], { buffers: this.#buffers, sizes: { tasks: count, ...range, ...bases } });
      }
      const { each_out: each, summed_out: summed } = this.#buffers;
      hooks.end(recording, { start, tasks: count, isLast: start + count === tasks, each, summed });
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

  /** Uploads the shared inputs and each task's own, and submits. */
  submit(shared: Numbers, tasks: readonly Numbers[]): void {
    const { queue } = this.#gpu.device;
    // Deno panics where nothing is written.
    const write = (buffer: GPUBuffer, numbers: Float32Array<ArrayBuffer>): void => {
      if (numbers.length > 0) queue.writeBuffer(buffer, 0, numbers);
    };
    const sizes = this.#sizes;
    const common = new Float32Array(sizes.shared);
    this.#pack("shared", shared, common);
    write(this.#buffers.shared_data, common);
    for (const { start, tasks: count, recording } of this.#chunks) {
      const own = new Float32Array(count * sizes.own);
      for (let t = 0; t < count; t++) {
        this.#pack("own", tasks[start + t], own.subarray(t * sizes.own, (t + 1) * sizes.own));
      }
      write(this.#buffers.own_data, own);
      recording.submit();
    }
  }

  /** Frees the buffers. */
  free(): void {
    for (const { recording } of this.#chunks) recording.free();
    for (const buffer of Object.values(this.#buffers)) this.#gpu.free(buffer);
  }
}
