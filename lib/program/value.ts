/**
 * A tensor as a value: the operation that makes it, of which values, with which attributes, and its static shape.
 * It holds no numbers (constants apart) and no device; values are made by a {@linkcode Graph} alone and never change.
 * @module
 */

/** Sizes by axis, outermost first, each at least 1; `[]` is a scalar. Data are row-major. */
export type Shape = readonly number[];

/** What each operation takes beside its inputs. An operation without a line of its own takes nothing. */
export interface AttributesOf {
  /** A value given when the program runs. */
  readonly input: { readonly name: string };
  /** One number everywhere. */
  readonly fill: { readonly value: number; readonly shape: Shape };
  /** Numbers known when the program is built, `shape` row-major. */
  readonly constant: { readonly data: Float64Array; readonly shape: Shape };
  /** Sum over axes, which keep size 1. */
  readonly sum: { readonly axes: readonly number[] };
  /** Largest along one axis, which keeps size 1. */
  readonly max: { readonly axis: number };
  /** Axes of size 1 repeated to `shape`, of the same rank. */
  readonly broadcast: { readonly shape: Shape };
  /** The same numbers in another shape. */
  readonly reshape: { readonly shape: Shape };
  /** Axis `order[i]` of the input becomes axis i. */
  readonly transpose: { readonly order: readonly number[] };
  /** Indices `start` to `end` (not included) of one axis. */
  readonly slice: { readonly axis: number; readonly start: number; readonly end: number };
  /** Inputs one after another along an axis. */
  readonly concat: { readonly axis: number };
  /** Product of the last two axes; an operand may be read transposed. */
  readonly matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** Rows added up at their index among `rows`. */
  readonly scatter: { readonly rows: number };
  /** How many of the inputs behind the first one everything between depends on; see `segment.ts`. */
  readonly segment: { readonly roots: number };
  /** Nothing. */
  readonly [plain: string]: object;
}

/** Operations of one or more inputs, element by element, all of one shape. */
export type ElementwiseOp =
  | "add"
  | "mul"
  | "recip"
  | "exp"
  | "log"
  | "tanh"
  | "softplus"
  | "sqrt"
  | "abs"
  | "sign"
  | "step"
  | "select"
  | "stop";

/** Operations whose inputs are given from outside. */
export type LeafOp = "input" | "fill" | "constant";

/** Every other operation. */
export type StructuralOp =
  | "sum"
  | "max"
  | "broadcast"
  | "reshape"
  | "transpose"
  | "slice"
  | "concat"
  | "matmul"
  | "gather"
  | "scatter"
  | "solve"
  | "after";

/** Names of the operations that compute. */
export type PrimitiveOp = ElementwiseOp | StructuralOp;

/** Names of the operations of programs. */
export type ProgramOp = LeafOp | PrimitiveOp;

/** Names of all operations. A segment is its first input to programs and counts for gradients alone. */
export type Op = ProgramOp | "segment";

/** One tensor of a graph. */
export interface ValueOf<O extends Op> {
  /** Its place in the graph; inputs have smaller ones. */
  readonly id: number;
  /** The operation that makes it. */
  readonly op: O;
  /** What it is made of. */
  readonly inputs: readonly Value[];
  /** What the operation takes besides. */
  readonly attributes: AttributesOf[O];
  /** Sizes by axis. */
  readonly shape: Shape;
}

/** A tensor as a value; `op` says which attributes it has. */
export type Value = { readonly [O in Op]: ValueOf<O> }[Op];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/**
 * What some values are made of, themselves among them, in the order in which they were built; nothing older than `earliest`
 * is followed.
 */
export function ancestors(values: readonly Value[], earliest = 0): Value[] {
  const isReached = new Uint8Array(Math.max(...values.map(({ id }) => id)) + 1);
  const reached: Value[] = [];
  const visit = (value: Value): void => {
    if (value.id < earliest || isReached[value.id]) return;
    isReached[value.id] = 1;
    reached.push(value);
  };
  values.forEach(visit);
  for (let i = 0; i < reached.length; i++) reached[i].inputs.forEach(visit);
  return reached.sort((a, b) => a.id - b.id);
}

/** A shape as `[20, 64]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
