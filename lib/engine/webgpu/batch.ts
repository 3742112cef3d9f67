/**
 * A batch of tasks on the device, split into chunks that share their buffers: allocation, upload, and where each thing lies.
 * What runs on it is for inner_loop.ts, meta_gradient.ts and calls.ts to record.
 * @module
 */
import { rateRow, ratesPerRow } from "../../method/rates.ts";
import type { FusedProblem, OuterGradient, Samples } from "../problem.ts";
import type { Gpu } from "./gpu.ts";
import { type FusedPlan, planFused } from "./fused_plan.ts";
import { type Budget, choosePath, type PathLimits, planChunks, planWidths, type Widths } from "./plan.ts";
import type { Recording } from "./recording.ts";
import { dataWidth, packSamples, type RowSet, rowSet, tapeLayout, tapeWidth } from "./rows.ts";
import { planSlots, type Rows, type Slots } from "./slots.ts";
import type { PerTask, Sweep, SweepBuffers, SweepContext } from "./sweeps.ts";
import { leafCount, type Tree } from "./tree.ts";

/** What a batch is made for. */
export interface BatchOptions {
  /** The inner loop. */
  readonly inner: FusedProblem;
  /** How it will be differentiated, if it will. */
  readonly gradient?: OuterGradient;
  /** Number of tasks. */
  readonly tasks: number;
  /** Most rows of a support and of a query set. */
  readonly rows: Rows;
  /** Length of logLr. */
  readonly rates: number;
  /** Limits to stay within. */
  readonly budget: Budget;
  /** What the choice of a path depends on. */
  readonly limits: PathLimits;
  /** A learner that lives elsewhere; else the batch makes its own. */
  readonly learner?: GPUBuffer;
}

/** Consecutive tasks that are on the device at once. */
export interface Chunk {
  /** Index of the first. */
  readonly start: number;
  /** How many. */
  readonly tasks: number;
  /** Their data. */
  readonly data: GPUBuffer;
  /** Support rows in it. */
  readonly support: RowSet;
  /** Query rows in it. */
  readonly query: RowSet;
}

/** Buffers that the chunks use in turn. */
export interface Arena extends Omit<SweepBuffers, "data"> {
  /** Place of each parameter in a row of logLr, then the first parameter of each rate. */
  readonly rateMap: GPUBuffer;
  /** θ_k, `[slots, tasks, P]`. */
  readonly theta: GPUBuffer;
  /** g_k, `[slots, tasks, P]`. */
  readonly gradient: GPUBuffer;
  /** λ and what a solver needs beside it, each `[tasks, P]`. */
  readonly adjoint: GPUBuffer;
  /** u, `[tasks, P]`. */
  readonly direction: GPUBuffer;
  /** Rate terms, `[steps, tasks, rates]`. */
  readonly rateSums: GPUBuffer;
  /** Sums over the tasks of each leaf, `[leaves, P + rates + 5]`. */
  readonly leaves: GPUBuffer;
  /** The level above, half as long. */
  readonly pairs: GPUBuffer;
}

/** A batch laid out on the device. */
export interface Batch {
  /** What it was made for. */
  readonly options: BatchOptions;
  /** Which steps are stored where. */
  readonly slots: Slots;
  /** How its tasks are laid out if each runs in one dispatch; else they run kernel by kernel. */
  readonly fused?: FusedPlan | undefined;
  /** The chunks, in task order. */
  readonly chunks: readonly Chunk[];
  /** The shared buffers. */
  readonly arena: Arena;
}

function rateMapOf({ net, rate }: FusedProblem): Uint32Array<ArrayBuffer> {
  const rates = ratesPerRow(net, rate);
  const starts = rate.per === "layer"
    ? net.layers.map(({ weights }) => weights)
    : Array.from({ length: rates }, (_, p) => p);
  const layout = new Uint32Array(net.parameterCount + rates + 1);
  starts.forEach((start, j) => {
    const end = j + 1 < rates ? starts[j + 1] : net.parameterCount;
    layout.fill(j, start, end);
    layout[net.parameterCount + j] = start;
  });
  layout[net.parameterCount + rates] = net.parameterCount;
  return layout;
}

/** Numbers that a meta-gradient sums over tasks, `[P | rates | 3 | 1 | loss]`. */
export function summedLength({ options: { inner, rates } }: Pick<Batch, "options">): number {
  return inner.net.parameterCount + rates + 5;
}

/** The tree of a batch's sums over tasks. */
export function batchTree(batch: Batch): Tree {
  const { arena: { leaves, pairs }, options: { tasks } } = batch;
  return { tasks, width: summedLength(batch), leaves, pairs };
}

/** Allocates a batch. */
export function openBatch(gpu: Gpu, options: BatchOptions): Batch {
  const { inner, gradient, tasks, rows, rates, budget, limits } = options;
  const { net } = inner;
  const slots = planSlots(inner, gradient);
  const path = choosePath(inner, rows, { gradient, limits });
  const fused = path === "fused" ? planFused(net, rows, limits) : undefined;
  const widths: Widths = planWidths(inner, rows, { slots, rates, fused });
  const sizes = planChunks(tasks, widths, budget);
  const leaves = gradient ? leafCount(tasks) : 0;
  const summed = summedLength({ options });
  const buffer = (name: keyof Widths): GPUBuffer => gpu.storage(name, sizes[0] * widths[name]);
  const rateMap = rateMapOf(inner);
  const arena: Arena = {
    control: gpu.storage("control", inner.steps + 2),
    learner: options.learner ?? gpu.storage("learner", net.parameterCount + rates + 4),
    rateMap: gpu.storage("rateMap", rateMap.length),
    theta: buffer("theta"),
    gradient: buffer("gradient"),
    tape: buffer("tape"),
    adjoint: buffer("adjoint"),
    direction: buffer("direction"),
    tangent: buffer("tangent"),
    stats: buffer("stats"),
    rateSums: buffer("rateSums"),
    leaves: gpu.storage("leaves", leaves * summed),
    pairs: gpu.storage("pairs", Math.ceil(leaves / 2) * summed),
  };
  gpu.device.queue.writeBuffer(arena.rateMap, 0, rateMap);
  let start = 0;
  const chunks = sizes.map((size): Chunk => {
    const support = rowSet(net, { tasks: size, rows: rows.support }, 0);
    const query = rowSet(net, { tasks: size, rows: rows.query }, size * dataWidth(net, rows.support));
    const chunk = { start, tasks: size, data: gpu.storage("data", size * widths.data), support, query };
    start += size;
    return chunk;
  });
  return { options, slots, fused, chunks, arena };
}

/** Frees a batch, except for a learner that lives elsewhere. */
export function freeBatch(gpu: Gpu, batch: Batch): void {
  const { learner, ...own } = batch.arena;
  for (const buffer of Object.values(own)) gpu.free(buffer);
  if (learner !== batch.options.learner) gpu.free(learner);
  for (const { data } of batch.chunks) gpu.free(data);
}

/** Uploads rows; a query without y and c is given as inputs alone. */
export function uploadRows(
  gpu: Gpu,
  batch: Batch,
  supports: readonly Samples[],
  queries: readonly (Samples | Float32Array)[],
): void {
  const { inner: { net }, rows } = batch.options;
  for (const { start, tasks, data, support, query } of batch.chunks) {
    const packed = new Float32Array(tasks * (dataWidth(net, rows.support) + dataWidth(net, rows.query)));
    packSamples(net, packed, support, supports.slice(start, start + tasks));
    queries.slice(start, start + tasks).forEach((one, t) => {
      if (one instanceof Float32Array) packed.set(one, query.x + t * query.rows * net.inputs);
    });
    const judged = queries.slice(start, start + tasks).filter((one): one is Samples => !(one instanceof Float32Array));
    packSamples(net, packed, query, judged);
    gpu.device.queue.writeBuffer(data, 0, packed);
  }
}

/** A chunk being recorded: the sweeps' context with its places. */
export interface ChunkContext extends SweepContext {
  /** The batch. */
  readonly batch: Batch;
  /** The chunk. */
  readonly chunk: Chunk;
  /** θ_k of this chunk. */
  readonly theta: (k: number) => PerTask;
  /** g_k of this chunk. */
  readonly gradient: (k: number) => PerTask;
  /** Step k's sweep over the support. */
  readonly support: (k: number) => Sweep;
  /** A sweep over the query; each overwrites the last. */
  readonly query: Sweep;
  /** Where step k's row of logLr starts in the learner. */
  readonly rateAt: (k: number) => number;
  /** Offsets in the stats. */
  readonly stats: Readonly<Record<"support" | "query" | "phi" | "phiScratch" | "omega" | "solver", number>>;
}

/** Opens a chunk for recording. */
export function chunkContext(recording: Recording, batch: Batch, chunk: Chunk): ChunkContext {
  const { arena, slots, options: { inner, rows, rates } } = batch;
  const { net, steps, rate } = inner;
  const { tasks, data } = chunk;
  const params = net.parameterCount;
  const supportWidth = tasks * tapeWidth(net, rows.support);
  const one = (steps + 1) * tasks;
  const slotOf = (k: number): number => slots.gradientSlots > 1 ? k : 0;
  return {
    recording,
    net,
    tasks,
    batch,
    chunk,
    phi: params + rates,
    buffers: { ...arena, data },
    theta: (k) => ({ buffer: arena.theta, at: slots.theta(k) * tasks * params, stride: params }),
    gradient: (k) => ({ buffer: arena.gradient, at: slotOf(k) * tasks * params, stride: params }),
    support: (k) => ({
      set: chunk.support,
      tape: tapeLayout(net, tasks * rows.support, slots.tape(k) * supportWidth),
    }),
    query: { set: chunk.query, tape: tapeLayout(net, tasks * rows.query, slots.tapeSlots * supportWidth) },
    rateAt: (k) => params + rateRow(net, rate, k, rates) * ratesPerRow(net, rate),
    stats: {
      support: 0,
      query: one,
      phi: one + tasks,
      phiScratch: one + 4 * tasks,
      omega: one + 7 * tasks,
      solver: one + 8 * tasks,
    },
  };
}
