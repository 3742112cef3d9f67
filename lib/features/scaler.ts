/**
 * Z-scores: fitted on one set of rows, applied to others, turned back.
 * It refuses to fit and apply in one go, so what a scaler has seen stays visible where it is fitted.
 * @module
 */

/** Mean and scale of each column. */
export interface Scaler {
  /** Column means, `[cols]`. */
  readonly mean: Float64Array;
  /** Column sample deviations, `[cols]`; 1 where the column is constant. */
  readonly scale: Float64Array;
}

function requireColumns(action: string, length: number, cols: number): void {
  if (!Number.isInteger(cols) || cols < 1) {
    throw new RangeError(`Cannot ${action}: cols must be an integer of at least 1, got ${String(cols)}`);
  }
  if (length % cols !== 0) {
    throw new TypeError(`Cannot ${action}: expected a multiple of ${cols} values, received ${length}`);
  }
}

/**
 * Fits mean and sample deviation (n − 1) of each column, in two passes. A column that is constant (or a single row)
 * gets scale 1, so scaling it gives zeros rather than NaN.
 *
 * @param values `[rows, cols]` row-major, at least one row.
 * @param cols Number of columns.
 * @throws {TypeError} `values` holds no row, is no multiple of `cols`, or holds a number that is not finite.
 * @throws {RangeError} `cols` is not a positive integer.
 *
 * @example
 * ```ts
 * import { fitScaler } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * const { mean, scale } = fitScaler(Float64Array.of(1, 10, 3, 10), 2);
 * assertEquals([...mean], [2, 10]);
 * assertEquals([...scale], [Math.SQRT2, 1]); // the second column is constant
 * ```
 */
export function fitScaler(values: Float64Array, cols: number): Scaler {
  requireColumns("fit a scaler", values.length, cols);
  const rows = values.length / cols;
  if (rows === 0) throw new TypeError("Cannot fit a scaler: expected at least 1 row, received 0");
  const mean = new Float64Array(cols);
  const scale = new Float64Array(cols);
  for (let j = 0; j < cols; j++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * cols + j];
    const center = sum / rows;
    if (!Number.isFinite(center)) {
      throw new TypeError(`Cannot fit a scaler: column ${j} has values that are not finite`);
    }
    let squares = 0;
    let largest = 0;
    for (let i = 0; i < rows; i++) {
      squares += (values[i * cols + j] - center) ** 2;
      largest = Math.max(largest, Math.abs(values[i * cols + j]));
    }
    const deviation = rows > 1 ? Math.sqrt(squares / (rows - 1)) : 0;
    mean[j] = center;
    // Below this the spread is the rounding of the mean, not of the data.
    scale[j] = deviation > 1e-14 * largest ? deviation : 1;
  }
  return { mean, scale };
}

/**
 * Scales rows: (x − mean) / scale, column by column.
 *
 * @param scaler From {@linkcode fitScaler}.
 * @param values `[rows, cols]` row-major.
 * @returns A new array, `[rows, cols]`.
 * @throws {TypeError} `values` is no multiple of the scaler's columns.
 *
 * @example
 * ```ts
 * import { applyScaler } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * const scaler = { mean: Float64Array.of(2), scale: Float64Array.of(4) };
 * assertEquals([...applyScaler(scaler, Float64Array.of(6, 2))], [1, 0]);
 * ```
 */
export function applyScaler(scaler: Scaler, values: Float64Array): Float64Array {
  const cols = scaler.mean.length;
  requireColumns("apply a scaler", values.length, cols);
  return values.map((value, i) => (value - scaler.mean[i % cols]) / scaler.scale[i % cols]);
}

/**
 * Turns scaled rows (such as predictions) back: z · scale + mean, column by column.
 *
 * @param scaler From {@linkcode fitScaler}.
 * @param values `[rows, cols]` row-major.
 * @returns A new array, `[rows, cols]`.
 * @throws {TypeError} `values` is no multiple of the scaler's columns.
 *
 * @example
 * ```ts
 * import { invertScaler } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * const scaler = { mean: Float64Array.of(2), scale: Float64Array.of(4) };
 * assertEquals([...invertScaler(scaler, Float64Array.of(1, 0))], [6, 2]);
 * ```
 */
export function invertScaler(scaler: Scaler, values: Float64Array | Float32Array): Float64Array {
  const cols = scaler.mean.length;
  requireColumns("invert a scaler", values.length, cols);
  return Float64Array.from(values, (value, i) => value * scaler.scale[i % cols] + scaler.mean[i % cols]);
}
