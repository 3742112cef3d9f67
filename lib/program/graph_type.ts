/**
 * What a model, a loss or a rule is written with: operations on values. Shapes are checked where a value is built.
 * @module
 */
import type { Shape, Value } from "./value.ts";

/** A value, or a number that stands for one of any shape. */
export type Operand = Value | number;

/** Axes to reduce: one, several, or (absent) all. Negative ones count from the last. */
export type Axes = number | readonly number[];

/** What the reducing operations take beyond their axes. */
export interface ReduceOptions {
  /** True to keep the reduced axes with size 1 (default: they go). */
  readonly keep?: boolean;
}

/** What {@linkcode Graph.matmul} takes beyond its operands. */
export interface MatmulOptions {
  /** True to read the first operand with its last two axes exchanged. */
  readonly transposeA?: boolean;
  /** The same for the second. */
  readonly transposeB?: boolean;
}

/**
 * A graph of values. Operations that work element by element broadcast as NumPy does: shapes are aligned at their last
 * axis, and axes that are missing or of size 1 are repeated. Equal operations on equal values are one value. Every method
 * throws a `TypeError` that names the operation, the shapes and the caller's line where they do not fit.
 */
export interface Graph {
  /** A value given when the program runs. The same name must have the same shape. */
  input(name: string, shape: Shape): Value;
  /** A number everywhere in `shape` (default a scalar), or an array of numbers laid out row-major in `shape` (default `[length]`). */
  constant(data: number | ArrayLike<number>, shape?: Shape): Value;

  /** a + b */
  add(a: Operand, b: Operand): Value;
  /** a − b */
  sub(a: Operand, b: Operand): Value;
  /** a · b, element by element */
  mul(a: Operand, b: Operand): Value;
  /** a / b */
  div(a: Operand, b: Operand): Value;
  /** −x */
  neg(x: Operand): Value;
  /** 1 / x */
  recip(x: Operand): Value;
  /** eˣ */
  exp(x: Operand): Value;
  /** Natural logarithm. */
  log(x: Operand): Value;
  /** Square root; its gradient at 0 is infinite. */
  sqrt(x: Operand): Value;
  /** x² */
  square(x: Operand): Value;
  /** |x|, with gradient 0 at 0. */
  abs(x: Operand): Value;
  /** −1, 0 or 1; no gradient. */
  sign(x: Operand): Value;
  /** 1 where x is above 0, else 0; no gradient. */
  step(x: Operand): Value;
  /** Hyperbolic tangent. */
  tanh(x: Operand): Value;
  /** 1 / (1 + e⁻ˣ) */
  sigmoid(x: Operand): Value;
  /** log(1 + eˣ), without overflow. */
  softplus(x: Operand): Value;
  /** max(x, 0), with gradient 0 at 0. */
  relu(x: Operand): Value;
  /** x·sigmoid(x) */
  silu(x: Operand): Value;
  /** The tanh form (Hendrycks & Gimpel 2016, eq. 2). */
  gelu(x: Operand): Value;
  /** The larger, element by element; where equal the gradient goes to b. */
  maximum(a: Operand, b: Operand): Value;
  /** The smaller, element by element; where equal the gradient goes to b. */
  minimum(a: Operand, b: Operand): Value;
  /** a where `condition` is not 0, else b; the gradient goes to what was chosen. */
  select(condition: Operand, a: Operand, b: Operand): Value;
  /** The same value, through which no gradient flows. */
  stop(x: Operand): Value;

  /** Product of the last two axes; axes before them must agree. */
  matmul(a: Value, b: Value, options?: MatmulOptions): Value;
  /** A⁻¹B for A symmetric positive definite `[n, n]` and B `[n, m]`. */
  solve(a: Value, b: Value): Value;

  /** Sum over axes. */
  sum(x: Value, axes?: Axes, options?: ReduceOptions): Value;
  /** Mean over axes. */
  mean(x: Value, axes?: Axes, options?: ReduceOptions): Value;
  /** Largest over axes; those that share it share the gradient. */
  max(x: Value, axes?: Axes, options?: ReduceOptions): Value;
  /** log Σ eˣ over axes, without overflow. */
  logSumExp(x: Value, axes?: Axes, options?: ReduceOptions): Value;
  /** eˣ / Σ eˣ over axes (default the last), without overflow; the shape stays. */
  softmax(x: Value, axes?: Axes): Value;

  /** x repeated to a shape, as NumPy broadcasts. */
  broadcast(x: Operand, shape: Shape): Value;
  /** The same numbers, row-major, in another shape. */
  reshape(x: Value, shape: Shape): Value;
  /** Axis `order[i]` becomes axis i (default: the last two are exchanged). */
  transpose(x: Value, order?: readonly number[]): Value;
  /** Indices `start` (default 0) to `end` (not included; default the size) of one axis. */
  slice(x: Value, axis: number, range: { readonly start?: number; readonly end?: number }): Value;
  /** One index of an axis, which goes. */
  at(x: Value, axis: number, index: number): Value;
  /** Values one after another along an axis. */
  concat(values: readonly Value[], axis: number): Value;
  /** Zeros before and after along an axis. */
  pad(x: Value, axis: number, zeros: { readonly before?: number; readonly after?: number }): Value;
  /** Rows of `x` `[n, width]` by whole numbers `index` `[m]`; rows of zeros where an index lies outside. */
  gather(x: Value, index: Value): Value;
  /** Rows of `x` `[m, width]` added up at their `index` `[m]` among `rows` rows. */
  scatter(x: Value, index: Value, rows: number): Value;

  /** The numbers of x, no earlier than those of `earlier` are there: what is made of them is not merged with what was made of x. */
  after(x: Value, earlier: Value): Value;
  /** `result`, whose gradient computes again what lies between it and `roots` and `others`; {@linkcode scan} builds these. */
  segment(result: Value, roots: readonly Value[], others: readonly Value[]): Value;
  /** How many values there are: what is built from now on has ids from this one on. */
  count(): number;
  /** Whether it is a value of this graph. */
  owns(given: unknown): given is Value;
  /** The operation of `value` on other inputs of the same shapes, exactly as it is. */
  like(value: Value, inputs: readonly Value[]): Value;
}
