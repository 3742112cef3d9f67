/**
 * Hessian-vector products by Pearlmutter's R-operator (1994), with v in the place of the parameters' motion:
 * Rz = Ra·W + a·V + c, RgW = Raᵀδ + aᵀRδ, Re = Rδ·Wᵀ + δ·Vᵀ, Rδ = Re⊙σ′ + (δWᵀ)⊙σ″⊙Rz.
 * The twin of `lib/method/inner_loop.ts`. By rows and by columns, as the sweeps of `network.ts` are.
 * @module
 */
import * as F from "./fields";
import { isSmooth, RELU, tangentChain, tangentOutput } from "./activation";
import { affine, back, bytesOf, clipOf, inputOf, outer, rowsOf, thetaTurned, turnedOf } from "./network";
import { at, layer, word } from "./words";

/**
 * Leaves Rz and Rδ of every layer in the tangent area, for `rows` rows from row `from` on, from a slot that `forward` and
 * `backward` filled with curvatures; v is zero below layer `first`.
 */
export function tangents(
  d: usize,
  s: usize,
  theta: usize,
  turned: usize,
  v: usize,
  vTurned: usize,
  x: usize,
  slot: usize,
  first: i32,
  from: i32,
  rows: i32,
): void {
  const layers = word(d, F.LAYERS), kind = word(d, F.ACTIVATION), area = s + at(d, F.AT_TANGENT);
  const zero = s + at(d, F.AT_ZERO);
  for (let l = first; l < layers; ++l) {
    const e = layer(d, l), rz = rowsOf(e, F.R_Z, area, from), output = rowsOf(e, F.OUTPUT, slot, from);
    if (word(e, F.FLIPPED)) memory.fill(rz, 0, bytesOf(e, rows));
    const ra = l > first ? rowsOf(layer(d, l - 1), F.R_OUTPUT, area, from) : 0, weights = at(e, F.WEIGHTS);
    const a = inputOf(d, l, x, slot, from), mask = clipOf(d, l) ? output : 0;
    affine(e, rows, a, v + weights, ra, theta + weights, rz, v + at(e, F.BIAS), 0, mask);
    if (l < layers - 1 && (isSmooth(kind) || word(e, F.FLIPPED))) {
      const slope = rowsOf(e, F.SLOPE, slot, from);
      tangentOutput(kind, bytesOf(e, rows), rz, output, slope, rowsOf(e, F.R_OUTPUT, area, from));
    }
  }
  const last = layer(d, layers - 1), h = rowsOf(last, F.CURVE, slot, from);
  const ry = rowsOf(last, F.R_Z, area, from), top = rowsOf(last, F.R_DELTA, area, from);
  for (let i: usize = 0; i < bytesOf(last, rows); i += 16) {
    v128.store(top + i, f32x4.mul(v128.load(h + i), v128.load(ry + i)));
  }
  for (let l = layers - 1; l > 0; --l) {
    const e = layer(d, l), below = layer(d, l - 1), to = rowsOf(below, F.R_DELTA, area, from);
    const rd = rowsOf(e, F.R_DELTA, area, from), mask = kind == RELU ? rowsOf(below, F.OUTPUT, slot, from) : 0;
    const delta = l >= first ? rowsOf(e, F.DELTA, slot, from) : 0;
    back(e, rows, rd, thetaTurned(d, l, theta, turned), delta, turnedOf(e, v, vTurned), to, zero, mask);
    const rz = l > first && isSmooth(kind) ? rowsOf(below, F.R_Z, area, from) : 0;
    const slope = rowsOf(below, F.SLOPE, slot, from), curve = rowsOf(below, F.CURVE, slot, from);
    tangentChain(kind, bytesOf(below, rows), to, slope, curve, rz);
  }
}

/** Adds one part of the columns of H·v to `out`; where `turned` is not 0, the sum is left there transposed too. */
export function tangentGradient(
  d: usize,
  s: usize,
  x: usize,
  rows: i32,
  slot: usize,
  out: usize,
  first: i32,
  part: i32,
  parts: i32,
  turned: usize,
): void {
  const area = s + at(d, F.AT_TANGENT), zero = s + at(d, F.AT_ZERO);
  for (let l = word(d, F.LAYERS) - 1; l >= 0; --l) {
    const e = layer(d, l), a = inputOf(d, l, x, slot, 0), rd = rowsOf(e, F.R_DELTA, area, 0);
    const ra = l > first ? rowsOf(layer(d, l - 1), F.R_OUTPUT, area, 0) : 0;
    const delta = rowsOf(e, F.DELTA, slot, 0);
    outer(e, rows, a, rd, ra, delta, out, out, zero, part, parts, l > 0 ? turned : 0);
  }
}
