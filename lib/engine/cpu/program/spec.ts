/**
 * What one kernel does, with every size and stride known: the text of a spec is its identity, so that kernels are shared by
 * all places of a program that do the same. Strides are in elements; addresses are arguments.
 * @module
 */

/** A value within a kernel: `l0` a load, `o0` an operation's result, `a` the product, `#0.5` a number. */
export type Ref = string;

/** One elementwise operation. */
export interface Operation {
  /** Its primitive. */
  readonly op: string;
  /** What it takes. */
  readonly ins: readonly Ref[];
}

/** Elementwise work over a domain: loads and stores by stride. */
export interface Body {
  /** Sizes of the axes, outermost first. */
  readonly domain: readonly number[];
  /** Strides of each load. */
  readonly loads: readonly (readonly number[])[];
  /** Operations in order. */
  readonly ops: readonly Operation[];
  /** What is stored, with its strides. */
  readonly stores: readonly { readonly value: Ref; readonly strides: readonly number[] }[];
}

/** Element by element. */
export interface MapSpec extends Body {
  readonly kind: "map";
}

/** Into one store whose strides are 0 along reduced axes. */
export interface ReduceSpec extends Body {
  readonly kind: "sum" | "max";
}

/** C = Σ A·B over the terms, one after another in the same sums, then the body over `[batch, m, n]`. */
export interface ProductSpec extends Body {
  readonly kind: "product";
  /** At least one. */
  readonly terms: readonly ProductTerm[];
  /** True where rows of A are multiplied with rows of B. */
  readonly dots: boolean;
}

/** One A·B. */
export interface ProductTerm {
  /** Length of the sums. */
  readonly k: number;
  /** Strides of A by batch, row and k; of these last two one is 1. */
  readonly a: readonly number[];
  /** Strides of B by batch, k and column; the last is 1, or (for `dots`) that of k. */
  readonly b: readonly number[];
}

/** Rows by index, rows added at their index, or a symmetric positive definite system; operands are dense. */
export interface RowsSpec {
  readonly kind: "gather" | "scatter" | "solve";
  /** Rows of the result (of the system for `solve`). */
  readonly rows: number;
  /** Rows that are read. */
  readonly from: number;
  /** Numbers a row. */
  readonly width: number;
}

/** What one kernel does. */
export type Spec = MapSpec | ReduceSpec | ProductSpec | RowsSpec;

/** A kernel and where its operands and results lie: for products A and B of each term, loads, stores; else loads, stores. */
export interface Call {
  /** What to do. */
  readonly spec: Spec;
  /** First elements of what is read. */
  readonly reads: readonly Location[];
  /** First elements of what is written. */
  readonly writes: readonly Location[];
}

/** An element of a block. */
export interface Location {
  /** Which block: a node, or a number above them. */
  readonly block: number;
  /** Elements from its start. */
  readonly at: number;
}
