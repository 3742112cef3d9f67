/**
 * The form in which a product is computed: which operand is walked by rows, which is packed first.
 * A kernel reads B by rows (tiles of C in registers), or rows of A with rows of B (dots), which suits a single column. Which it
 * is does not depend on the number of rows: what a model says of a row depends on no other, to the bit.
 * @module
 */

/** An operand of `[batch, rows, columns]` by its strides. */
export type Strides = readonly [number, number, number];

/** How a product is computed. */
export interface ProductForm {
  /** True where Cᵀ = BᵀAᵀ is computed instead: a single column as a single row, of one element too. */
  readonly swapped: boolean;
  /** Rows and columns of what is computed. */
  readonly m: number;
  readonly n: number;
  /** Strides of the left side (batch, row, k) and the right one (batch, k, column). */
  readonly a: Strides;
  readonly b: Strides;
  /** Whether a side must be packed densely first. */
  readonly packA: boolean;
  readonly packB: boolean;
  /** Rows with rows. */
  readonly dots: boolean;
}

/** Chooses the form of C[m, n] = A[m, k] B[k, n]; without dots where `dotted` is false. */
export function productForm(
  size: { readonly m: number; readonly n: number; readonly k: number; readonly dotted?: boolean },
  a: Strides,
  b: Strides,
): ProductForm {
  const { k, dotted = true } = size;
  const swapped = size.n === 1;
  const [m, n] = swapped ? [1, size.m] : [size.m, size.n];
  let [batchA, rowA, kA] = swapped ? [b[0], b[2], b[1]] : a;
  let [batchB, kB, columnB] = swapped ? [a[0], a[2], a[1]] : b;
  if (k === 1) kA = kB = 1;
  else if (m === 1 && kA !== 1) rowA = 1;
  const dots = dotted && swapped && kB === 1;
  if (n === 1) columnB = 1;
  const packA = kA !== 1 && (dots || rowA !== 1);
  const packB = !dots && columnB !== 1;
  if (packA) [batchA, rowA, kA] = [batchA === 0 ? 0 : m * k, k, 1];
  if (packB) [batchB, kB, columnB] = [batchB === 0 ? 0 : k * n, n, 1];
  return { swapped, m, n, a: [batchA, rowA, kA], b: [batchB, kB, columnB], packA, packB, dots };
}
