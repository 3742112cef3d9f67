/**
 * The outer update on a range of learnables in float32: Adam (Kingma & Ba 2015, algorithm 1) and SGD with momentum.
 * The twin of `lib/engine/outer_update.ts`, which has the formulas. Addresses need no alignment; the host picks ranges.
 * @module
 */
import { splat } from "./vector";

/** Σ g², in float64, over n values. */
export function squares(g: usize, n: i32): f64 {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (; n >= 4; n -= 4, g += 16) {
    const x = v128.load(g), a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; n > 0; --n, g += 4) sum += <f64> load<f32>(g) * <f64> load<f32>(g);
  return sum;
}

/**
 * m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g² with g scaled, x −= rate·m / (√(v·lift) + ε) + shrink·x,
 * where rate = lr/(1−β₁ᵗ) and lift = 1/(1−β₂ᵗ).
 */
export function adam(
  x: usize,
  m: usize,
  v: usize,
  g: usize,
  n: i32,
  scale: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  lift: f32,
  epsilon: f32,
  shrink: f32,
): void {
  for (; n >= 4; n -= 4) {
    const slope = f32x4.mul(v128.load(g), splat(scale));
    const first = f32x4.add(f32x4.mul(splat(beta1), v128.load(m)), f32x4.mul(splat(rest1), slope));
    const square = f32x4.mul(f32x4.mul(splat(rest2), slope), slope);
    const second = f32x4.add(f32x4.mul(splat(beta2), v128.load(v)), square);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(second, splat(lift))), splat(epsilon));
    const move = f32x4.div(f32x4.mul(splat(rate), first), root), value = v128.load(x);
    v128.store(m, first);
    v128.store(v, second);
    v128.store(x, f32x4.sub(value, f32x4.add(move, f32x4.mul(splat(shrink), value))));
    x += 16;
    m += 16;
    v += 16;
    g += 16;
  }
  for (; n > 0; --n) {
    const slope = load<f32>(g) * scale, first = beta1 * load<f32>(m) + rest1 * slope;
    const second = beta2 * load<f32>(v) + rest2 * slope * slope, value = load<f32>(x);
    store<f32>(m, first);
    store<f32>(v, second);
    store<f32>(x, value - (rate * first / (Mathf.sqrt(second * lift) + epsilon) + shrink * value));
    x += 4;
    m += 4;
    v += 4;
    g += 4;
  }
}

/** m = μm + g with g scaled, x −= lr·m + shrink·x. */
export function sgd(x: usize, m: usize, g: usize, n: i32, scale: f32, momentum: f32, lr: f32, shrink: f32): void {
  for (; n > 0; --n) {
    const first = momentum * load<f32>(m) + load<f32>(g) * scale, value = load<f32>(x);
    store<f32>(m, first);
    store<f32>(x, value - (lr * first + shrink * value));
    x += 4;
    m += 4;
    g += 4;
  }
}
