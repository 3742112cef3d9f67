/**
 * Outputs of a few rows after an inner step that is never taken. With W′ = W + Σ_i a_iᵀ(−α δ_i) and b′ = b + Σ_i (−α δ_i) over
 * the support rows i, z = a·W′ + b′ = a·W + b + Σ_i (1 + a·a_i)(−α δ_i): for few rows far less work than W′ itself.
 * It is for uniform steps, whose −α is in the δ_i already.
 * @module
 */
import * as F from "./fields";
import { multiply } from "./gemm";
import { activateRows, affineRows, clipOf, inputOf } from "./network";
import { narrow } from "./rows";
import { at, layer, pad4, word } from "./words";

/**
 * Outputs into `slot` for at most `UNTAKEN_ROWS` rows at x, for parameters that are θ but for the step whose a_i are in
 * `supportSlot` (and, of the first layer, at `supportX`) with the −α δ_i, from layer `first` on.
 */
export function forwardUntaken(
  d: usize,
  s: usize,
  theta: usize,
  x: usize,
  rows: i32,
  slot: usize,
  supportX: usize,
  supportRows: i32,
  supportSlot: usize,
  first: i32,
): void {
  const layers = word(d, F.LAYERS), gram = s + at(d, F.AT_GRAM);
  const ldg = <usize> pad4(supportRows) << 2;
  let a = x;
  for (let l = 0; l < layers; ++l) {
    const e = layer(d, l), z = slot + at(e, F.OUTPUT), ld = word(e, F.LD_IN), ldz = at(e, F.LD_OUT) << 2;
    const clip = clipOf(d, l);
    affineRows(e, theta, a, rows, z, l >= first ? 0 : clip);
    if (l >= first) {
      const before = inputOf(d, l, supportX, supportSlot, 0), lda = <usize> ld << 2;
      for (let i: usize = 0; i < ldg * rows; i += 16) v128.store(gram + i, f32x4.splat(1));
      narrow(rows, supportRows, ld, a, lda, before, lda, gram, ldg, gram, ldg);
      multiply(
        rows,
        word(e, F.LD_OUT),
        supportRows,
        gram,
        supportSlot + at(e, F.DELTA),
        0,
        0,
        ldg,
        ldz,
        z,
        ldz,
        z,
        ldz,
        clip,
      );
    }
    if (l < layers - 1) activateRows(d, e, 0, rows, slot, 0);
    a = z;
  }
}
