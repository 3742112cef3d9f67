/**
 * The sweeps through the network: forward, backward, and their tangents by Pearlmutter's R-operator (1994):
 * Rz = Ra·W + a·V + c, RgW = Raᵀδ + aᵀRδ, Re = Rδ·Wᵀ + δ·Vᵀ, Rδ = Re⊙σ′ + (δWᵀ)⊙σ″⊙Rz.
 * The twin of `lib/engine/naive/network.ts`. A slot keeps what one sweep found; layouts are in `plan.ts`.
 * @module
 */
import * as F from "./fields";
import { activate, chain, isSmooth, keepsZero, tangentChain, tangentOutput } from "./activation";
import { gemm, narrow, sumRows, transpose } from "./gemm";
import { at, layer, word } from "./words";

/** z = init + a·W; `init` has rows `ldi` bytes apart. */
function affine(e: usize, rows: i32, a: usize, w: usize, z: usize, init: usize, ldi: usize): void {
  const inputs = word(e, F.INPUTS), outputs = word(e, F.OUTPUTS);
  const lda = at(e, F.LD_IN) << 2, ldz = at(e, F.LD_OUT) << 2;
  if (word(e, F.FLIPPED)) narrow(rows, outputs, word(e, F.LD_IN), a, lda, w, lda, z, ldz, init, ldi);
  else gemm(rows, word(e, F.LD_OUT), inputs, a, lda, 4, w, ldz, z, ldz, init, ldi);
}

/** G += aᵀδ where `init` is G, G = aᵀδ where `init` has stride `ldi` 0 and is zero. */
function outer(e: usize, rows: i32, a: usize, delta: usize, g: usize, init: usize, keep: bool): void {
  const lda = at(e, F.LD_IN) << 2, ldz = at(e, F.LD_OUT) << 2;
  if (word(e, F.FLIPPED)) {
    gemm(word(e, F.OUTPUTS), word(e, F.LD_IN), rows, delta, 4, ldz, a, lda, g, lda, init, keep ? lda : 0);
  } else gemm(word(e, F.INPUTS), word(e, F.LD_OUT), rows, a, 4, lda, delta, ldz, g, ldz, init, keep ? ldz : 0);
}

/** E = init + δ·Wᵀ. */
function back(e: usize, rows: i32, delta: usize, w: usize, t: usize, to: usize, init: usize, ldi: usize): void {
  const lda = at(e, F.LD_IN) << 2, ldz = at(e, F.LD_OUT) << 2;
  if (!word(e, F.FLIPPED)) {
    transpose(word(e, F.INPUTS), word(e, F.LD_OUT), w, t);
    w = t;
  }
  gemm(rows, word(e, F.LD_IN), word(e, F.OUTPUTS), delta, ldz, 4, w, lda, to, lda, init, ldi);
}

/** Bytes of a layer's values. */
function size(e: usize, rows: i32): usize {
  return <usize> (rows * word(e, F.LD_OUT)) << 2;
}

/** Outputs of every layer into the slot; with `keep` 1 slopes, with `keep` 2 curvatures too. */
export function forward(d: usize, theta: usize, x: usize, rows: i32, slot: usize, keep: i32): void {
  const layers = word(d, F.LAYERS), kind = word(d, F.ACTIVATION);
  let a = x;
  for (let l = 0; l < layers; ++l) {
    const e = layer(d, l), z = slot + at(e, F.OUTPUT);
    if (word(e, F.FLIPPED)) memory.fill(z, 0, size(e, rows));
    affine(e, rows, a, theta + at(e, F.WEIGHTS), z, theta + at(e, F.BIAS), 0);
    if (l < layers - 1) {
      activate(
        kind,
        size(e, rows),
        z,
        keep > 0 ? slot + at(e, F.SLOPE) : 0,
        keep > 1 ? slot + at(e, F.CURVE) : 0,
      );
      const outputs = word(e, F.OUTPUTS), ld = word(e, F.LD_OUT);
      if (outputs < ld && !keepsZero(kind)) {
        for (let i = 0; i < rows; ++i) {
          memory.fill(z + (<usize> (i * ld + outputs) << 2), 0, <usize> (ld - outputs) << 2);
        }
      }
    }
    a = z;
  }
}

/** Address of layer l's input. */
function inputOf(d: usize, l: i32, x: usize, slot: usize): usize {
  return l == 0 ? x : slot + at(layer(d, l - 1), F.OUTPUT);
}

/**
 * Gradient of the layers from `first` on into g (added to it where `add`), from the last layer's δ in the slot.
 * `keep` 2 leaves (δWᵀ) ⊙ σ″ behind for {@linkcode tangents}.
 */
export function backward(
  d: usize,
  s: usize,
  theta: usize,
  x: usize,
  rows: i32,
  slot: usize,
  g: usize,
  add: bool,
  first: i32,
  keep: i32,
): void {
  const zero = s + at(d, F.AT_ZERO), t = s + at(d, F.AT_TRANSPOSED), kind = word(d, F.ACTIVATION);
  for (let l = word(d, F.LAYERS) - 1; l >= first; --l) {
    const e = layer(d, l), a = inputOf(d, l, x, slot), delta = slot + at(e, F.DELTA);
    const weights = g + at(e, F.WEIGHTS), bias = g + at(e, F.BIAS);
    outer(e, rows, a, delta, weights, add ? weights : zero, add);
    sumRows(rows, word(e, F.LD_OUT), delta, bias, add ? bias : zero);
    if (l == first) break;
    const below = layer(d, l - 1), to = slot + at(below, F.DELTA);
    back(e, rows, delta, theta + at(e, F.WEIGHTS), t, to, zero, 0);
    chain(kind, size(below, rows), to, a, slot + at(below, F.SLOPE), keep > 1 ? slot + at(below, F.CURVE) : 0);
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
    const e = layer(d, l), rz = area + at(e, F.R_Z), ldz = at(e, F.LD_OUT) << 2;
    if (word(e, F.FLIPPED)) memory.fill(rz, 0, size(e, rows));
    affine(e, rows, inputOf(d, l, x, slot), v + at(e, F.WEIGHTS), rz, v + at(e, F.BIAS), 0);
    if (l > first) {
      const ra = area + at(layer(d, l - 1), F.R_OUTPUT);
      affine(e, rows, ra, theta + at(e, F.WEIGHTS), rz, rz, ldz);
    }
    if (l < layers - 1) {
      const to = area + at(e, F.R_OUTPUT);
      tangentOutput(kind, size(e, rows), rz, slot + at(e, F.OUTPUT), slot + at(e, F.SLOPE), to);
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
    outer(e, rows, a, rd, weights, weights, true);
    sumRows(rows, word(e, F.LD_OUT), rd, bias, bias);
    if (l == 0) break;
    const below = layer(d, l - 1), to = area + at(below, F.R_DELTA);
    if (l > first) outer(e, rows, area + at(below, F.R_OUTPUT), delta, weights, weights, true);
    back(e, rows, rd, theta + at(e, F.WEIGHTS), t, to, zero, 0);
    const moved = l > first;
    if (l >= first) back(e, rows, delta, v + at(e, F.WEIGHTS), t, to, to, at(e, F.LD_IN) << 2);
    const rz = moved && isSmooth(kind) ? area + at(below, F.R_Z) : 0;
    tangentChain(kind, size(below, rows), to, a, slot + at(below, F.SLOPE), slot + at(below, F.CURVE), rz);
  }
}
