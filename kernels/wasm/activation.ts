/**
 * Activations on whole buffers: value, slope σ′ and curvature σ″, and the chain rule through them.
 * The twin of `lib/net/activation.ts`. Buffers are a multiple of 4 floats; relu and identity store no slope.
 * @module
 */
import { madd, splat, vexp, vlog1p, vsigmoid, vtanh } from "./vector";

/** The code of relu. */
export const RELU: i32 = 0;
const TANH: i32 = 1;
const GELU: i32 = 2;
const SILU: i32 = 3;
const SOFTPLUS: i32 = 4;
const SIGMOID: i32 = 5;
const IDENTITY: i32 = 6;

/** Whether an activation keeps slopes and curvatures. */
export function isSmooth(kind: i32): bool {
  return kind != RELU && kind != IDENTITY;
}

/** Whether σ(0) = 0, so that padding stays zero. */
export function keepsZero(kind: i32): bool {
  return kind != SOFTPLUS && kind != SIGMOID;
}

/** Overwrites z `[bytes]` with σ(z) and, unless their address is 0, fills σ′ and σ″. */
export function activate(kind: i32, bytes: usize, z: usize, slope: usize, curve: usize): void {
  if (kind == IDENTITY) return;
  if (kind == RELU) {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(z + i, f32x4.pmax(v128.load(z + i), splat(0)));
    return;
  }
  const one = splat(1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(z + i);
    let value = x, first = one, second = one;
    if (kind == TANH) {
      value = vtanh(x);
      first = f32x4.sub(one, f32x4.mul(value, value));
      second = f32x4.mul(splat(-2), f32x4.mul(value, first));
    } else if (kind == GELU) {
      const scale = splat(0.7978845608028654), square = f32x4.mul(x, x);
      const t = vtanh(f32x4.mul(f32x4.mul(scale, x), madd(splat(0.044715), square, one)));
      const du = f32x4.mul(scale, madd(splat(0.134145), square, one));
      const ddu = f32x4.mul(splat(0.7978845608028654 * 0.26829), x);
      const sech2 = f32x4.sub(one, f32x4.mul(t, t)), half = splat(0.5);
      const halfX = f32x4.mul(half, x), gate = madd(half, t, half);
      value = f32x4.mul(x, gate);
      first = madd(f32x4.mul(halfX, sech2), du, gate);
      const bend = f32x4.sub(ddu, f32x4.mul(f32x4.mul(splat(2), t), f32x4.mul(du, du)));
      second = f32x4.mul(sech2, madd(halfX, bend, du));
    } else {
      const s = vsigmoid(x), ds = f32x4.mul(s, f32x4.sub(one, s)), odd = madd(splat(-2), s, one);
      if (kind == SILU) {
        value = f32x4.mul(x, s);
        first = madd(x, ds, s);
        second = f32x4.mul(ds, madd(x, odd, splat(2)));
      } else if (kind == SOFTPLUS) {
        value = f32x4.add(f32x4.pmax(x, splat(0)), vlog1p(vexp(f32x4.neg(f32x4.abs(x)))));
        first = s;
        second = ds;
      } else {
        value = s;
        first = ds;
        second = f32x4.mul(ds, odd);
      }
    }
    v128.store(z + i, value);
    if (slope) v128.store(slope + i, first);
    if (curve) v128.store(curve + i, second);
  }
}

/** e becomes δ = e ⊙ σ′; where `curve` is given, σ″ becomes e ⊙ σ″. Relu's mask is in the product that made e. */
export function chain(kind: i32, bytes: usize, e: usize, slope: usize, curve: usize): void {
  if (!isSmooth(kind)) return;
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(e + i);
    if (curve) v128.store(curve + i, f32x4.mul(x, v128.load(curve + i)));
    v128.store(e + i, f32x4.mul(x, v128.load(slope + i)));
  }
}

/** Ra = σ′ ⊙ Rz; `ra` may be `rz`. */
export function tangentOutput(kind: i32, bytes: usize, rz: usize, a: usize, slope: usize, ra: usize): void {
  if (kind == RELU) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(ra + i, v128.and(v128.load(rz + i), f32x4.gt(v128.load(a + i), splat(0))));
    }
  } else if (kind != IDENTITY) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(ra + i, f32x4.mul(v128.load(rz + i), v128.load(slope + i)));
    }
  }
}

/** Re becomes Rδ = Re ⊙ σ′ + (e ⊙ σ″) ⊙ Rz; `rz` is 0 where Rz is zero. Relu's mask is in the product that made Re. */
export function tangentChain(kind: i32, bytes: usize, re: usize, slope: usize, curve: usize, rz: usize): void {
  if (!isSmooth(kind)) return;
  for (let i: usize = 0; i < bytes; i += 16) {
    let x = f32x4.mul(v128.load(re + i), v128.load(slope + i));
    if (rz) x = madd(v128.load(curve + i), v128.load(rz + i), x);
    v128.store(re + i, x);
  }
}
