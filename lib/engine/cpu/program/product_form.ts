/**
 * The form in which a product is computed: which operand is walked by rows, which is packed first.
 * A kernel reads B by rows (tiles of C in registers), or rows of A with rows of B (dots), which suits few rows of A.
 * @module
 */

/** An operand of `[batch, rows, columns]` by its strides. */
export type Strides = readonly [number, number, number];

/** How a product is computed. */
export interface ProductForm {
  /** True where Cᵀ = BᵀAᵀ is computed instead: a single column as a single row. */
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

/** Rows of A up to which rows with rows beats packing B. */
const DOT_ROWS = 3;

/** Chooses the form of C[m, n] = A[m, k] B[k, n]. */
export function productForm(size: { m: number; n: number; k: number }, a: Strides, b: Strides): ProductForm {
  const { k } = size;
  const swapped = size.n === 1 && size.m > 1;
  const [m, n] = swapped ? [1, size.m] : [size.m, size.n];
  let [batchA, rowA, kA] = swapped ? [b[0], b[2], b[1]] : a;
  let [batchB, kB, columnB] = swapped ? [a[0], a[2], a[1]] : b;
  if (k === 1) kA = 1;
  else if (m === 1 && kA !== 1) rowA = 1;
  if (n === 1) columnB = 1;
  let packA = kA !== 1 && rowA !== 1;
  let packB = false;
  let dots = false;
  if (columnB !== 1) {
    dots = m <= DOT_ROWS && (kB === 1 || k === 1);
    packB = !dots;
    if (dots && k === 1) kB = 1;
    if (dots && kA !== 1) packA = true;
  }
  if (packA) [batchA, rowA, kA] = [batchA === 0 ? 0 : m * k, k, 1];
  if (packB) [batchB, kB, columnB] = [batchB === 0 ? 0 : k * n, n, 1];
  return { swapped, m, n, a: [batchA, rowA, kA], b: [batchB, kB, columnB], packA, packB, dots };
}
