/**
 * Where a value belongs in ascending numbers, by halving. It checks no order.
 * @module
 */

/** Index of the first number at or above `bound`; the length when there is none. */
export function bisectLeft(ascending: ArrayLike<number>, bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first number above `bound`; the length when there is none. */
export function bisectRight(ascending: ArrayLike<number>, bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
