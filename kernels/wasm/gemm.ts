/**
 * Dense products on padded row-major matrices: C = I + A·B + A₂·B₂ (that of Aᵀ is in `gemm_transposed.ts`).
 * Strides are in bytes; columns come in multiples of 4. Every element is one sum in the order of k, whatever tile it falls
 * into, so that rows may be split anywhere without a change of bits.
 * @module
 */
import { rows5x8 } from "./gemm_five";
import { rows4x4, rows4x8 } from "./gemm_four";
import { CLIP } from "./mask";
import { oneRow } from "./one_row";

/** The 8-column strips, and the 4 columns left over, of so many rows in tiles of five or four. */
function strips(
  tiles: i32,
  five: bool,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
  mask: usize,
): void {
  for (; n >= 8; n -= 8) {
    if (five) rows5x8(tiles, k, a, b, a2, b2, lda, ldb, c, ldc, i, ldi, mask);
    else rows4x8(tiles, k, a, b, a2, b2, lda, ldb, c, ldc, i, ldi, mask);
    b += 32;
    if (b2) b2 += 32;
    c += 32;
    i += 32;
    if (mask > CLIP) mask += 32;
  }
  if (n == 0) return;
  const rows = five ? 5 * tiles : 4 * tiles;
  rows4x4(rows >> 2, k, a, b, a2, b2, lda, ldb, c, ldc, i, ldi, mask);
  for (let r = rows & ~3; r < rows; ++r) {
    const shape = mask > CLIP ? mask + ldc * r : mask;
    oneRow(4, k, a + lda * r, b, b2 ? a2 + lda * r : 0, b2, 4, ldb, c + ldc * r, i + ldi * r, shape);
  }
}

/** C[m, n] = I[m, n] + Σ_k A[m, k] B[k, n] + Σ_k A₂[m, k] B₂[k, n]; no second product where a2 is 0. C may be I. Where
 * `mask` is `CLIP`, negative sums become 0; where it is an address, sums become 0 where that matrix, laid out as C, is not
 * positive. */
export function multiply(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  a2: usize,
  b2: usize,
  lda: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  i: usize,
  ldi: usize,
  mask: usize,
): void {
  if (!a2) b2 = 0;
  // As many tiles of five rows as leave a multiple of four; where there is no such number up to three rows are left over.
  let fours = (5 - m % 5) % 5;
  if (4 * fours > m) fours = 0;
  const fives = (m - 4 * fours) / 5;
  if (fives > 0) strips(fives, true, n, k, a, b, a2, b2, lda, ldb, c, ldc, i, ldi, mask);
  let r = 5 * fives;
  if (fours > 0) {
    const shape = mask > CLIP ? mask + ldc * r : mask;
    strips(fours, false, n, k, a + lda * r, b, a2 + lda * r, b2, lda, ldb, c + ldc * r, ldc, i + ldi * r, ldi, shape);
  }
  for (r += 4 * fours; r < m; ++r) {
    const shape = mask > CLIP ? mask + ldc * r : mask;
    oneRow(n, k, a + lda * r, b, a2 ? a2 + lda * r : 0, b2, 4, ldb, c + ldc * r, i + ldi * r, shape);
  }
}
