/**
 * The implicit outer gradient (I + H/ρ)⁻¹ r by conjugate gradients (Rajeswaran et al. 2019, eq. 6 and algorithm 2), which end at
 * negative curvature with what they have: before the first step with r itself (Steihaug 1983; Nocedal & Wright 2006, alg. 7.1).
 * The twin of `implicit` in `lib/method/meta_gradient.ts`; dot products are float64.
 * @module
 */
import * as F from "./fields";
import { turn } from "./network";
import { product } from "./team";
import { madd, splat } from "./vector";
import { at, float, word } from "./words";

function dot(a: usize, b: usize, bytes: usize): f64 {
  let sum = f64x2.splat(0), more = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(a + i), y = v128.load(b + i);
    sum = f64x2.add(sum, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)));
    const x2 = v128.shuffle<f32>(x, x, 2, 3, 0, 1), y2 = v128.shuffle<f32>(y, y, 2, 3, 0, 1);
    more = f64x2.add(more, f64x2.mul(f64x2.promote_low_f32x4(x2), f64x2.promote_low_f32x4(y2)));
  }
  sum = f64x2.add(sum, more);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** `solution` becomes (I + H/ρ)⁻¹ of the vector at `residual`, which is used up; f is the frame of a sweep with curvatures. */
export function solveImplicit(
  d: usize,
  s: usize,
  f: usize,
  residual: usize,
  solution: usize,
): void {
  const bytes = at(d, F.VECTOR_BYTES), direction = s + at(d, F.AT_VECTORS), applied = direction + bytes;
  const inverse = splat(1 / float(d, F.PROXIMAL)), tolerance: f64 = float(d, F.TOLERANCE);
  memory.fill(solution, 0, bytes);
  memory.copy(direction, residual, bytes);
  let squared = dot(residual, residual, bytes);
  const enough = tolerance * tolerance * squared;
  for (let n = 0; n < word(d, F.CG_STEPS) && squared > enough; ++n) {
    memory.fill(applied, 0, bytes);
    turn(d, direction, s + at(d, F.AT_U_TURNED));
    product(d, s, f, direction, applied, 0);
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(applied + i, madd(inverse, v128.load(applied + i), v128.load(direction + i)));
    }
    const along = dot(direction, applied, bytes);
    if (along <= 0) {
      if (n == 0) memory.copy(solution, direction, bytes);
      break;
    }
    const length = splat(<f32> (squared / along)), back = f32x4.neg(length);
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(solution + i, madd(length, v128.load(direction + i), v128.load(solution + i)));
      v128.store(residual + i, madd(back, v128.load(applied + i), v128.load(residual + i)));
    }
    const next = dot(residual, residual, bytes), turn = splat(<f32> (next / squared));
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(direction + i, madd(turn, v128.load(direction + i), v128.load(residual + i)));
    }
    squared = next;
  }
}
