/**
 * Where a batch's rows lie on the device: data (x, y, c), tape (what a sweep keeps) and tangents; and packing the data.
 * Rows of ragged tasks are padded with x = 0, y = 0 and c = 0, which adds exactly nothing.
 * @module
 */
import type { Mlp } from "../../net/mlp.ts";
import { rowCoefficients } from "../layout.ts";
import type { Samples } from "../problem.ts";

/** Offsets of one sweep on the tape, by layer: of a hidden layer's output, or of the forecast for the last layer. */
export interface Tape {
  /** Outputs: activations, and the forecast last. */
  readonly value: readonly number[];
  /** Pre-activations of the hidden layers. */
  readonly z: readonly number[];
  /** Loss slopes by z, and by the forecast last. */
  readonly delta: readonly number[];
  /** (δ Wᵀ) ⊙ σ″(z) of the hidden layers. */
  readonly bend: readonly number[];
}

/** Offsets of one sweep's tangents, by layer. */
export interface Tangents {
  /** Tangents of the activations of the hidden layers. */
  readonly value: readonly number[];
  /** Tangents of z, and of the forecast last. */
  readonly z: readonly number[];
  /** Tangents of δ. */
  readonly delta: readonly number[];
}

/** One set of rows of every task in a chunk. */
export interface RowSet {
  /** Rows a task, padding included. */
  readonly rows: number;
  /** Offset of the inputs in the data, `[tasks, rows, inputs]`. */
  readonly x: number;
  /** Offset of the labels, `[tasks, rows, outputs]`. */
  readonly y: number;
  /** Offset of the row coefficients, `[tasks, rows]`. */
  readonly c: number;
}

/** Floats of data a task's set of rows needs. */
export function dataWidth(net: Mlp, rows: number): number {
  return rows * (net.inputs + net.outputs + 1);
}

/** Hidden units in all. */
export function hiddenUnits(net: Mlp): number {
  return net.hidden.reduce((sum, width) => sum + width, 0);
}

/** Floats of tape that one sweep over a task's rows needs. */
export function tapeWidth(net: Mlp, rows: number): number {
  return rows * (4 * hiddenUnits(net) + 2 * net.outputs);
}

/** Floats of tangents that one sweep over a task's rows needs. */
export function tangentWidth(net: Mlp, rows: number): number {
  return rows * (3 * hiddenUnits(net) + 2 * net.outputs);
}

/** Lays a set of rows out from `start` on. */
export function rowSet(net: Mlp, shape: { readonly tasks: number; readonly rows: number }, start: number): RowSet {
  const { tasks, rows } = shape;
  const y = start + tasks * rows * net.inputs;
  return { rows, x: start, y, c: y + tasks * rows * net.outputs };
}

/** Hands out consecutive places for `lines` rows of each width. */
function places(
  widths: readonly number[],
  lines: number,
  start: number,
): { readonly at: number[]; readonly end: number } {
  const at: number[] = [];
  let end = start;
  for (const width of widths) {
    at.push(end);
    end += lines * width;
  }
  return { at, end };
}

/** Lays a sweep's tape out from `start` on; `lines` is tasks times rows. */
export function tapeLayout(net: Mlp, lines: number, start: number): Tape {
  const value = places([...net.hidden, net.outputs], lines, start);
  const delta = places([...net.hidden, net.outputs], lines, value.end);
  const z = places(net.hidden, lines, delta.end);
  const bend = places(net.hidden, lines, z.end);
  return { value: value.at, z: z.at, delta: delta.at, bend: bend.at };
}

/** Lays a sweep's tangents out from 0 on; `lines` is tasks times rows. */
export function tangentLayout(net: Mlp, lines: number): Tangents {
  const z = places([...net.hidden, net.outputs], lines, 0);
  const delta = places([...net.hidden, net.outputs], lines, z.end);
  return { z: z.at, delta: delta.at, value: places(net.hidden, lines, delta.end).at };
}

/** Writes samples into a chunk's data. */
export function packSamples(net: Mlp, data: Float32Array, set: RowSet, samples: readonly Samples[]): void {
  samples.forEach((one, t) => {
    data.set(one.x, set.x + t * set.rows * net.inputs);
    data.set(one.y, set.y + t * set.rows * net.outputs);
    data.set(rowCoefficients(one, net.outputs), set.c + t * set.rows);
  });
}
