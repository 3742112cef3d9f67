/**
 * The sweeps through the network, forward and backward. Rows are independent of each other, and so are the columns of a
 * weight gradient, so that threads may take parts of either: no sum crosses a boundary, and no bit depends on who took what.
 * The twin of `lib/method/inner_loop.ts`. A slot keeps what one sweep found; layouts are in `plan.ts`.
 * @module
 */
import * as F from "./fields";
import { activate, chain, keepsZero, RELU } from "./activation";
import { multiply } from "./gemm";
import { multiplyTransposed } from "./gemm_transposed";
import { firstAdapted } from "./learner";
import { CLIP } from "./mask";
import { narrow, sumRows, transpose } from "./rows";
import { at, layer, word } from "./words";

/** Address of row `from` of layer e's array at word `field`, in a slot or in the tangent area. */
export function rowsOf(e: usize, field: i32, area: usize, from: i32): usize {
  return area + at(e, field) + (at(e, F.LD_OUT) << 2) * from;
}

/** Bytes of `rows` rows of a layer's values. */
export function bytesOf(e: usize, rows: i32): usize {
  return (at(e, F.LD_OUT) << 2) * rows;
}

/** Address of row `from` of layer l's input. */
export function inputOf(d: usize, l: i32, x: usize, slot: usize, from: i32): usize {
  return l == 0 ? x + (at(layer(d, 0), F.LD_IN) << 2) * from : rowsOf(layer(d, l - 1), F.OUTPUT, slot, from);
}

/** Layer e's weights, transposed: those of a flipped layer are so already, in the vector itself. */
export function turnedOf(e: usize, vector: usize, turned: usize): usize {
  return word(e, F.FLIPPED) ? vector + at(e, F.WEIGHTS) : turned + at(e, F.TRANSPOSED);
}

/** Where the first parameters' weights lie transposed. */
export function startTurned(d: usize): usize {
  return at(d, F.PACKED) + at(d, F.START_TURNED);
}

/** Layer l's weights at θ, transposed: a layer that does not adapt has those of the start. */
export function thetaTurned(d: usize, l: i32, theta: usize, turned: usize): usize {
  return turnedOf(layer(d, l), theta, l < firstAdapted(d) ? startTurned(d) : turned);
}

/** z = init + a·W + a₂·W₂ (without the second where a₂ is 0); `init` has rows `ldi` bytes apart; narrow layers ignore `mask`. */
export function affine(
  e: usize,
  rows: i32,
  a: usize,
  w: usize,
  a2: usize,
  w2: usize,
  z: usize,
  init: usize,
  ldi: usize,
  mask: usize,
): void {
  const ld = word(e, F.LD_IN), lda = <usize> ld << 2, ldz = at(e, F.LD_OUT) << 2;
  if (!word(e, F.FLIPPED)) {
    // Padding columns of a and padding rows of W are zero: k runs over them for the sake of whole vectors.
    multiply(rows, word(e, F.LD_OUT), ld, a, w, a2, w2, lda, ldz, z, ldz, init, ldi, mask);
    return;
  }
  const outputs = word(e, F.OUTPUTS);
  narrow(rows, outputs, ld, a, lda, w, lda, z, ldz, init, ldi);
  if (a2) narrow(rows, outputs, ld, a2, lda, w2, lda, z, ldz, z, ldz);
}

/** E = δ·Wᵀ + δ₂·W₂ᵀ (without the second where δ₂ is 0), from weights already transposed; masked as `multiply` says. */
export function back(
  e: usize,
  rows: i32,
  delta: usize,
  wt: usize,
  delta2: usize,
  wt2: usize,
  to: usize,
  zero: usize,
  mask: usize,
): void {
  const n = word(e, F.LD_IN), ldz = at(e, F.LD_OUT) << 2, lda = <usize> n << 2;
  const k = word(e, word(e, F.FLIPPED) ? F.OUTPUTS : F.LD_OUT);
  multiply(rows, n, k, delta, wt, delta2, wt2, ldz, lda, to, lda, zero, 0, mask);
}

/** First column of part `part` of `parts` of a layer's n columns: whole tiles, so that a part has none or a multiple of 8. */
function columnOf(n: i32, part: i32, parts: i32): i32 {
  return part == parts ? n : n * part / parts & ~7;
}

/**
 * One part of layer e's columns of G = base + aᵀδ + a₂ᵀδ₂ (without the second where a₂ is 0), weights and bias, at `g` in a
 * packed vector; `base` is such a vector or 0 for zeros. Where `turned` is not 0, G is left there transposed too.
 */
export function outer(
  e: usize,
  rows: i32,
  a: usize,
  delta: usize,
  a2: usize,
  delta2: usize,
  g: usize,
  base: usize,
  zero: usize,
  part: i32,
  parts: i32,
  turned: usize,
): void {
  const lda = at(e, F.LD_IN) << 2, ldz = at(e, F.LD_OUT) << 2, flipped = word(e, F.FLIPPED) != 0;
  const n = word(e, flipped ? F.LD_IN : F.LD_OUT), from = columnOf(n, part, parts), to = columnOf(n, part + 1, parts);
  const o = <usize> from << 2, weights = g + at(e, F.WEIGHTS), bias = g + at(e, F.BIAS);
  const init = base ? base + at(e, F.WEIGHTS) + o : zero, first = base ? base + at(e, F.BIAS) : zero;
  if (flipped) {
    const full = base ? lda : 0, second = a2 ? a2 + o : 0, outputs = word(e, F.OUTPUTS);
    multiplyTransposed(
      outputs,
      to - from,
      rows,
      delta,
      a + o,
      a2 ? delta2 : 0,
      second,
      ldz,
      lda,
      weights + o,
      lda,
      init,
      full,
    );
    if (part == 0) sumRows(rows, word(e, F.LD_OUT), delta, ldz, bias, first);
    return;
  }
  // The padding rows of G come out zero, as a's padding columns are.
  const m = word(e, F.LD_IN), full = base ? ldz : 0;
  multiplyTransposed(m, to - from, rows, a, delta + o, a2, delta2 + o, lda, ldz, weights + o, ldz, init, full);
  sumRows(rows, to - from, delta + o, ldz, bias + o, base ? first + o : zero);
  if (turned) transpose(m, to - from, ldz, weights + o, turned + at(e, F.TRANSPOSED) + lda * from);
}

/** Leaves every layer's weights in a packed vector transposed at `turned`, but for the first layer's, which nobody needs. */
export function turn(d: usize, vector: usize, turned: usize): void {
  for (let l = 1; l < word(d, F.LAYERS); ++l) {
    const e = layer(d, l);
    if (word(e, F.FLIPPED)) continue;
    transpose(
      word(e, F.LD_IN),
      word(e, F.LD_OUT),
      at(e, F.LD_OUT) << 2,
      vector + at(e, F.WEIGHTS),
      turnedOf(e, 0, turned),
    );
  }
}

/** Hidden layer e's z, of so many rows, becomes its output; padding stays zero. */
export function activateRows(d: usize, e: usize, from: i32, rows: i32, slot: usize, keep: i32): void {
  const kind = word(d, F.ACTIVATION), z = rowsOf(e, F.OUTPUT, slot, from);
  if (kind == RELU && !word(e, F.FLIPPED)) return;
  const slope = keep > 0 ? rowsOf(e, F.SLOPE, slot, from) : 0, curve = keep > 1 ? rowsOf(e, F.CURVE, slot, from) : 0;
  activate(kind, bytesOf(e, rows), z, slope, curve);
  const outputs = word(e, F.OUTPUTS), ld = word(e, F.LD_OUT);
  if (outputs == ld || keepsZero(kind)) return;
  for (let i = 0; i < rows; ++i) memory.fill(z + (<usize> (i * ld + outputs) << 2), 0, <usize> (ld - outputs) << 2);
}

/** The mask of hidden layer l's z: relu is taken in the product itself. */
export function clipOf(d: usize, l: i32): usize {
  return word(d, F.ACTIVATION) == RELU && l < word(d, F.LAYERS) - 1 ? CLIP : 0;
}

/** z = a·W + b of layer e from its input at `a`, masked as `multiply` says. */
export function affineRows(e: usize, theta: usize, a: usize, rows: i32, z: usize, mask: usize): void {
  if (word(e, F.FLIPPED)) memory.fill(z, 0, bytesOf(e, rows));
  affine(e, rows, a, theta + at(e, F.WEIGHTS), 0, 0, z, theta + at(e, F.BIAS), 0, mask);
}

/** Outputs of every layer into the slot, for `rows` rows from row `from` on; with `keep` 1 slopes, with 2 curvatures too. */
export function forward(d: usize, theta: usize, x: usize, slot: usize, keep: i32, from: i32, rows: i32): void {
  const layers = word(d, F.LAYERS);
  for (let l = 0; l < layers; ++l) {
    const e = layer(d, l);
    affineRows(e, theta, inputOf(d, l, x, slot, from), rows, rowsOf(e, F.OUTPUT, slot, from), clipOf(d, l));
    if (l < layers - 1) activateRows(d, e, from, rows, slot, keep);
  }
}

/**
 * Sweeps `rows` rows from row `from` on back through the layers above `first`, from the last layer's δ in the slot: leaves
 * every layer's δ there. `keep` 2 leaves (δWᵀ) ⊙ σ″ behind for the tangents.
 */
export function backward(
  d: usize,
  s: usize,
  theta: usize,
  turned: usize,
  slot: usize,
  first: i32,
  keep: i32,
  from: i32,
  rows: i32,
): void {
  const zero = s + at(d, F.AT_ZERO), kind = word(d, F.ACTIVATION);
  for (let l = word(d, F.LAYERS) - 1; l > first; --l) {
    const e = layer(d, l), below = layer(d, l - 1), to = rowsOf(below, F.DELTA, slot, from);
    const mask = kind == RELU ? rowsOf(below, F.OUTPUT, slot, from) : 0;
    back(e, rows, rowsOf(e, F.DELTA, slot, from), thetaTurned(d, l, theta, turned), 0, 0, to, zero, mask);
    const curve = keep > 1 ? rowsOf(below, F.CURVE, slot, from) : 0;
    chain(kind, bytesOf(below, rows), to, rowsOf(below, F.SLOPE, slot, from), curve);
  }
}

/**
 * One part of the columns of base + the gradient at g, of the layers from `first` on, from the δ that {@linkcode backward}
 * left; `base` is 0 for the gradient alone, and may be g. Where `turned` is not 0, the sum is left there transposed too.
 */
export function gradient(
  d: usize,
  s: usize,
  x: usize,
  rows: i32,
  slot: usize,
  base: usize,
  g: usize,
  first: i32,
  part: i32,
  parts: i32,
  turned: usize,
): void {
  const zero = s + at(d, F.AT_ZERO);
  for (let l = word(d, F.LAYERS) - 1; l >= first; --l) {
    const e = layer(d, l), a = inputOf(d, l, x, slot, 0), delta = rowsOf(e, F.DELTA, slot, 0);
    outer(e, rows, a, delta, 0, 0, g, base, zero, part, parts, l > 0 ? turned : 0);
  }
}
