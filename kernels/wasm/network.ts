/**
 * The sweeps through the network: forward, backward, and their tangents by Pearlmutter's R-operator (1994):
 * Rz = Ra·W + a·V + c, RgW = Raᵀδ + aᵀRδ, Re = Rδ·Wᵀ + δ·Vᵀ, Rδ = Re⊙σ′ + (δWᵀ)⊙σ″⊙Rz.
 * The twin of `lib/engine/naive/network.ts`. A slot keeps what one sweep found; layouts are in `plan.ts`.
 * @module
 */
import * as F from "./fields";
import { activate, chain, isSmooth, keepsZero, RELU, tangentChain, tangentOutput } from "./activation";
import { CLIP, multiply } from "./gemm";
import { multiplyTransposed } from "./gemm_transposed";
import { narrow, sumRows, transpose } from "./rows";
import { layerRate } from "./learner";
import { listBytes, listPositive, multiplySparse } from "./sparse";
import { at, layer, pad4, word } from "./words";

/** Eighths of a layer's values that may be positive for lists to pay. */
const MOST_LISTED: i32 = 5;

/** z = init + a·W + a₂·W₂ (without the second where a₂ is 0); `init` has rows `ldi` bytes apart; narrow layers ignore `mask`. */
function affine(
  e: usize,
  rows: i32,
  a: usize,
  w: usize,
  a2: usize,
  w2: usize,
  z: usize,
  init: usize,
  ldi: usize,
  lists: usize,
  mask: usize,
): void {
  const inputs = word(e, F.INPUTS), outputs = word(e, F.OUTPUTS), ld = word(e, F.LD_IN);
  const lda = <usize> ld << 2, ldz = at(e, F.LD_OUT) << 2;
  if (lists && !word(e, F.FLIPPED)) {
    const n = word(e, F.LD_OUT), size: usize = listBytes(ld);
    multiplySparse(rows, n, a, w, a2, w2, lda, 4, ldz, z, ldz, init, ldi, lists, size, mask);
    return;
  }
  if (!word(e, F.FLIPPED)) {
    multiply(rows, word(e, F.LD_OUT), inputs, a, w, a2, w2, lda, ldz, z, ldz, init, ldi, mask);
    return;
  }
  narrow(rows, outputs, ld, a, lda, w, lda, z, ldz, init, ldi);
  if (a2) narrow(rows, outputs, ld, a2, lda, w2, lda, z, ldz, z, ldz);
}

/** G = base + aᵀδ + a₂ᵀδ₂ (without the second where a₂ is 0); `base` is shaped as G, or one row of zeros where not `full`. */
function outer(
  e: usize,
  rows: i32,
  a: usize,
  delta: usize,
  a2: usize,
  delta2: usize,
  g: usize,
  base: usize,
  full: bool,
  lists: usize,
): void {
  const outputs = word(e, F.OUTPUTS), lda = at(e, F.LD_IN) << 2, ldz = at(e, F.LD_OUT) << 2;
  if (word(e, F.FLIPPED)) {
    const n = word(e, F.LD_IN), second = a2 ? delta2 : 0;
    multiplyTransposed(outputs, n, rows, delta, a, second, a2, ldz, lda, g, lda, base, full ? lda : 0);
  } else if (lists) {
    const n = word(e, F.LD_OUT), size: usize = listBytes(pad4(rows)), m = word(e, F.LD_IN);
    multiplySparse(m, n, a, delta, a2, delta2, 4, lda, ldz, g, ldz, base, full ? ldz : 0, lists, size, 0);
  } else {
    // The padding rows of G come out zero, as a's padding columns are.
    const n = word(e, F.LD_OUT);
    multiplyTransposed(<i32> (lda >> 2), n, rows, a, delta, a2, delta2, lda, ldz, g, ldz, base, full ? ldz : 0);
  }
}

/** E = δ·Wᵀ + δ₂·W₂ᵀ (without the second where δ₂ is 0), from weights already transposed; masked as `multiply` says. */
function back(
  e: usize,
  rows: i32,
  delta: usize,
  wt: usize,
  delta2: usize,
  wt2: usize,
  to: usize,
  zero: usize,
  lists: usize,
  mask: usize,
): void {
  const n = word(e, F.LD_IN), ldz = at(e, F.LD_OUT) << 2, lda = <usize> n << 2;
  if (lists) {
    const size: usize = listBytes(word(e, F.LD_OUT));
    multiplySparse(rows, n, delta, wt, delta2, wt2, ldz, 4, lda, to, lda, zero, 0, lists, size, mask);
    return;
  }
  multiply(rows, n, word(e, F.OUTPUTS), delta, wt, delta2, wt2, ldz, lda, to, lda, zero, 0, mask);
}

/** Weights transposed: those of a flipped layer as they are, others written to `to`. */
function turned(e: usize, w: usize, to: usize): usize {
  if (word(e, F.FLIPPED)) return w;
  transpose(word(e, F.LD_IN), word(e, F.LD_OUT), w, to);
  return to;
}

/** Lists of layer l's positive outputs row by row (0: none in use): of its successor's input, and of its own δ. */
function rowLists(d: usize, l: i32, slot: usize): usize {
  const offset = l < 0 ? 0 : at(layer(d, l), F.ROW_LISTS);
  return offset != 0 && load<i32>(slot + offset) != 0 ? slot + offset + 16 : 0;
}

/** Lists of layer l's positive outputs unit by unit (0: none in use). */
function unitLists(d: usize, l: i32, slot: usize): usize {
  const offset = l < 0 ? 0 : at(layer(d, l), F.UNIT_LISTS);
  return offset != 0 && rowLists(d, l, slot) != 0 ? slot + offset : 0;
}

/** Lists layer l's positive outputs, or says that there are none: without curvature, or where few values are zero. */
function listOutputs(d: usize, s: usize, e: usize, rows: i32, slot: usize, keep: i32): void {
  if (at(e, F.ROW_LISTS) == 0) return;
  const ld = word(e, F.LD_OUT), a = slot + at(e, F.OUTPUT), lists = slot + at(e, F.ROW_LISTS);
  const listed = keep > 1 && listPositive(rows, ld, a, lists + 16) * 8 < rows * ld * MOST_LISTED;
  store<i32>(lists, listed ? 1 : 0);
  if (!listed || at(e, F.UNIT_LISTS) == 0) return;
  const t = s + at(d, F.AT_TRANSPOSED), padded = pad4(rows);
  memory.fill(a + (<usize> (rows * ld) << 2), 0, <usize> ((padded - rows) * ld) << 2);
  transpose(padded, ld, a, t);
  listPositive(ld, padded, t, slot + at(e, F.UNIT_LISTS));
}

/** Bytes of a layer's values. */
function size(e: usize, rows: i32): usize {
  return <usize> (rows * word(e, F.LD_OUT)) << 2;
}

/** Hidden layer e's z, in the slot, becomes its output; padding stays zero. */
export function activateLayer(d: usize, e: usize, rows: i32, slot: usize, keep: i32): void {
  const kind = word(d, F.ACTIVATION), z = slot + at(e, F.OUTPUT);
  if (kind == RELU && !word(e, F.FLIPPED)) return;
  const slope = keep > 0 ? slot + at(e, F.SLOPE) : 0, curve = keep > 1 ? slot + at(e, F.CURVE) : 0;
  activate(kind, size(e, rows), z, slope, curve);
  const outputs = word(e, F.OUTPUTS), ld = word(e, F.LD_OUT);
  if (outputs == ld || keepsZero(kind)) return;
  for (let i = 0; i < rows; ++i) memory.fill(z + (<usize> (i * ld + outputs) << 2), 0, <usize> (ld - outputs) << 2);
}

/** The mask of hidden layer l's z: relu is taken in the product itself. */
export function clipOf(d: usize, l: i32): usize {
  return word(d, F.ACTIVATION) == RELU && l < word(d, F.LAYERS) - 1 ? CLIP : 0;
}

/** z = a·W + b of layer e from its input at `a`, into the slot, masked as `multiply` says. */
export function affineLayer(
  e: usize,
  theta: usize,
  a: usize,
  rows: i32,
  slot: usize,
  lists: usize,
  mask: usize,
): void {
  const z = slot + at(e, F.OUTPUT);
  if (word(e, F.FLIPPED)) memory.fill(z, 0, size(e, rows));
  affine(e, rows, a, theta + at(e, F.WEIGHTS), 0, 0, z, theta + at(e, F.BIAS), 0, lists, mask);
}

/** Outputs of every layer into the slot; with `keep` 1 slopes, with `keep` 2 curvatures too. */
export function forward(d: usize, s: usize, theta: usize, x: usize, rows: i32, slot: usize, keep: i32): void {
  const layers = word(d, F.LAYERS);
  let a = x;
  for (let l = 0; l < layers; ++l) {
    const e = layer(d, l);
    affineLayer(e, theta, a, rows, slot, rowLists(d, l - 1, slot), clipOf(d, l));
    if (l < layers - 1) {
      activateLayer(d, e, rows, slot, keep);
      listOutputs(d, s, e, rows, slot, keep);
    }
    a = slot + at(e, F.OUTPUT);
  }
}

/** Address of layer l's input. */
export function inputOf(d: usize, l: i32, x: usize, slot: usize): usize {
  return l == 0 ? x : slot + at(layer(d, l - 1), F.OUTPUT);
}

/**
 * Sweeps back through the layers from `first` on, from the last layer's δ in the slot, and leaves base + gradient in g:
 * `base` is 0 for the gradient alone, g to add to it. With a step k ≥ 0, g becomes base − α_k ⊙ gradient: an inner step
 * in the same pass, for rates that a layer shares; g may be θ, or 0 to leave −α_k δ as every layer's Rδ and no more. `keep` 2 leaves (δWᵀ) ⊙ σ″ behind for {@linkcode tangents}.
 */
export function backward(
  d: usize,
  s: usize,
  theta: usize,
  x: usize,
  rows: i32,
  slot: usize,
  g: usize,
  base: usize,
  k: i32,
  first: i32,
  keep: i32,
): void {
  const zero = s + at(d, F.AT_ZERO), area = s + at(d, F.AT_TANGENT), kind = word(d, F.ACTIVATION);
  for (let l = word(d, F.LAYERS) - 1; l >= first; --l) {
    const e = layer(d, l), a = inputOf(d, l, x, slot), weights = at(e, F.WEIGHTS), bias = at(e, F.BIAS);
    let delta = slot + at(e, F.DELTA);
    if (l > first) {
      const below = layer(d, l - 1), to = slot + at(below, F.DELTA);
      back(
        e,
        rows,
        delta,
        turned(e, theta + weights, slot + at(e, F.TRANSPOSED)),
        0,
        0,
        to,
        zero,
        rowLists(d, l, slot),
        kind == RELU ? a : 0,
      );
      chain(kind, size(below, rows), to, slot + at(below, F.SLOPE), keep > 1 ? slot + at(below, F.CURVE) : 0);
    }
    if (k >= 0) {
      const rate = f32x4.neg(layerRate(d, k, l)), scaled = area + at(e, F.R_DELTA);
      for (let i: usize = 0; i < size(e, rows); i += 16) {
        v128.store(scaled + i, f32x4.mul(rate, v128.load(delta + i)));
      }
      delta = scaled;
    }
    if (!g) continue;
    outer(e, rows, a, delta, 0, 0, g + weights, base ? base + weights : zero, base != 0, unitLists(d, l - 1, slot));
    sumRows(rows, word(e, F.LD_OUT), delta, g + bias, base ? base + bias : zero);
  }
}

/**
 * Adds H·v to `out`, from a slot that {@linkcode forward} and {@linkcode backward} filled with curvatures; v is zero below
 * layer `first`. Leaves Rŷ in the tangent area.
 */
export function tangents(
  d: usize,
  s: usize,
  theta: usize,
  v: usize,
  x: usize,
  rows: i32,
  slot: usize,
  out: usize,
  first: i32,
): void {
  const layers = word(d, F.LAYERS), kind = word(d, F.ACTIVATION), area = s + at(d, F.AT_TANGENT);
  const zero = s + at(d, F.AT_ZERO), t = s + at(d, F.AT_TRANSPOSED);
  for (let l = first; l < layers; ++l) {
    const e = layer(d, l), rz = area + at(e, F.R_Z);
    if (word(e, F.FLIPPED)) memory.fill(rz, 0, size(e, rows));
    const ra = l > first ? area + at(layer(d, l - 1), F.R_OUTPUT) : 0, weights = at(e, F.WEIGHTS);
    const output = slot + at(e, F.OUTPUT), mask = clipOf(d, l) ? output : 0, lists = rowLists(d, l - 1, slot);
    affine(
      e,
      rows,
      inputOf(d, l, x, slot),
      v + weights,
      ra,
      theta + weights,
      rz,
      v + at(e, F.BIAS),
      0,
      lists,
      mask,
    );
    if (l < layers - 1 && (isSmooth(kind) || word(e, F.FLIPPED))) {
      tangentOutput(kind, size(e, rows), rz, output, slot + at(e, F.SLOPE), area + at(e, F.R_OUTPUT));
    }
  }
  const last = layer(d, layers - 1), h = slot + at(last, F.CURVE);
  const ry = area + at(last, F.R_Z), top = area + at(last, F.R_DELTA);
  for (let i: usize = 0; i < size(last, rows); i += 16) {
    v128.store(top + i, f32x4.mul(v128.load(h + i), v128.load(ry + i)));
  }
  for (let l = layers - 1; l >= 0; --l) {
    const e = layer(d, l), a = inputOf(d, l, x, slot), rd = area + at(e, F.R_DELTA);
    const weights = out + at(e, F.WEIGHTS), bias = out + at(e, F.BIAS), delta = slot + at(e, F.DELTA);
    const below = l > 0 ? layer(d, l - 1) : 0, ra = l > first ? area + at(below, F.R_OUTPUT) : 0;
    outer(e, rows, a, rd, ra, delta, weights, weights, true, unitLists(d, l - 1, slot));
    sumRows(rows, word(e, F.LD_OUT), rd, bias, bias);
    if (l == 0) break;
    const to = area + at(below, F.R_DELTA), own = theta + at(e, F.WEIGHTS), lists = rowLists(d, l, slot);
    const mask = kind == RELU ? a : 0;
    // The backward sweep has transposed the weights of the layers above the first that adapts.
    const wt = l > first && !word(e, F.FLIPPED)
      ? slot + at(e, F.TRANSPOSED)
      : turned(e, own, slot + at(e, F.TRANSPOSED));
    if (l >= first) back(e, rows, rd, wt, delta, turned(e, v + at(e, F.WEIGHTS), t), to, zero, lists, mask);
    else back(e, rows, rd, wt, 0, 0, to, zero, lists, mask);
    const rz = l > first && isSmooth(kind) ? area + at(below, F.R_Z) : 0;
    tangentChain(kind, size(below, rows), to, slot + at(below, F.SLOPE), slot + at(below, F.CURVE), rz);
  }
}
