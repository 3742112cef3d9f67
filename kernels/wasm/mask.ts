/**
 * What a product may do to its sums before it stores them.
 * @module
 */

/** A `mask` that stands for max(C, 0). */
export const CLIP: usize = 1;
