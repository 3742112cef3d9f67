/**
 * Per-output losses ℓ(ŷ, y) with ℓ′ and ℓ″ by ŷ and their derivatives by φ (design section 4), weighted row by row.
 * The twin of `lib/loss`. Arithmetic is float64: a few values a row, and losses are sums.
 * @module
 */
import { LOSS, LOSS_HUBER, LOSS_LEARNED, LOSS_MSE, LOSS_SCALE, PARAMETERS, RATES } from "./fields";
import { LEARNER } from "./fields";
import { at, float, word } from "./words";

let slope: f64 = 0;
let curve: f64 = 0;
let phi0: f64 = 0;
let phi1: f64 = 0;
let phi2: f64 = 0;
let weight0: f64 = 0;
let weight1: f64 = 0;
let tilt: f64 = 0;
let scale: f64 = 0;

function sigmoid(x: f64): f64 {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: f64): f64 {
  return (x > 0 ? x : 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function loadPhi(d: usize): void {
  scale = float(d, LOSS_SCALE);
  if (word(d, LOSS) != LOSS_LEARNED) return;
  const phi = at(d, LEARNER) + (<usize> (word(d, PARAMETERS) + word(d, RATES)) << 2);
  phi0 = load<f32>(phi);
  phi1 = load<f32>(phi, 4);
  phi2 = load<f32>(phi, 8);
  weight0 = softplus(phi0);
  weight1 = softplus(phi1);
  tilt = Math.tanh(phi2);
}

/** The loss of a query set: the configured one, but mse for a learned one. */
export function outerLoss(d: usize): i32 {
  const kind = word(d, LOSS);
  return kind == LOSS_LEARNED ? LOSS_MSE : kind;
}

function one(kind: i32, p: f64, y: f64): f64 {
  const e = p - y;
  if (kind == LOSS_MSE) {
    slope = 2 * e;
    curve = 2;
    return e * e;
  }
  if (kind == LOSS_HUBER) {
    const size = Math.abs(e);
    if (!(size > scale)) {
      slope = e;
      curve = 1;
      return 0.5 * e * e;
    }
    slope = e > 0 ? scale : -scale;
    curve = 0;
    return scale * (size - 0.5 * scale);
  }
  const side = e < 0 ? 1 + tilt : 1 - tilt;
  const sign: f64 = y > 0 ? 1 : y < 0 ? -1 : 0;
  // One exponential serves both the sigmoid and the softplus of t.
  const t = -p * sign / scale, small = Math.exp(-Math.abs(t)), s = (t < 0 ? small : 1) / (1 + small);
  slope = 2 * weight1 * side * e - weight0 * sign * s;
  curve = 2 * weight1 * side + weight0 * sign * sign * s * (1 - s) / scale;
  return weight1 * side * e * e + weight0 * scale * ((t > 0 ? t : 0) + Math.log1p(small));
}

/** c_i = w_i / (outputs · Σ w); `w` 0 means all 1. The twin of `rowCoefficients` in `lib/engine/layout.ts`. */
export function coefficients(rows: i32, outputs: i32, w: usize, c: usize): void {
  let total: f64 = 0;
  if (w) { for (let i: i32 = 0; i < rows; ++i) total += load<f32>(w + (<usize> i << 2)); }
  else total = rows;
  const share = 1 / (<f64> outputs * total);
  for (let i: i32 = 0; i < rows; ++i) {
    const weight: f64 = w ? load<f32>(w + (<usize> i << 2)) : 1;
    store<f32>(c + (<usize> i << 2), <f32> (weight * share));
  }
}

/**
 * Each row's c_i Σ ℓ, float64, to `losses` unless that is 0; fills δ = factor·c ℓ′ and, unless its address is 0,
 * h = factor·c ℓ″, both `[rows, ld]`. ŷ is `[rows, ld]`, y `[rows, outputs]`.
 */
export function lossRows(
  d: usize,
  kind: i32,
  rows: i32,
  outputs: i32,
  ld: i32,
  p: usize,
  y: usize,
  c: usize,
  delta: usize,
  h: usize,
  factor: f64,
  losses: usize,
): void {
  loadPhi(d);
  for (let i: i32 = 0; i < rows; ++i) {
    const share: f64 = load<f32>(c + (<usize> i << 2));
    let loss: f64 = 0;
    for (let o: i32 = 0; o < ld; ++o) {
      const to = <usize> (i * ld + o) << 2;
      let first: f64 = 0, second: f64 = 0;
      // A row of weight 0 changes nothing, whatever it holds.
      if (o < outputs && share != 0) {
        loss += one(kind, load<f32>(p + to), load<f32>(y + (<usize> (i * outputs + o) << 2)));
        first = share * factor * slope;
        second = share * factor * curve;
      }
      store<f32>(delta + to, <f32> first);
      if (h) store<f32>(h + to, <f32> second);
    }
    store<f64>(losses + (<usize> i << 3), share * loss);
  }
}

/** Adds to out `[3]` Σ c_i ∂_φ ℓ where `tangent` is 0, else factor · Σ c_i ∂_φ ℓ′ Rŷ; learned loss only. */
export function lossByPhi(
  d: usize,
  rows: i32,
  outputs: i32,
  ld: i32,
  p: usize,
  y: usize,
  c: usize,
  tangent: usize,
  factor: f64,
  out: usize,
): void {
  if (word(d, LOSS) != LOSS_LEARNED) return;
  loadPhi(d);
  let sum0: f64 = 0, sum1: f64 = 0, sum2: f64 = 0;
  for (let i: i32 = 0; i < rows; ++i) {
    const share: f64 = load<f32>(c + (<usize> i << 2));
    if (share == 0) continue;
    for (let o: i32 = 0; o < outputs; ++o) {
      const from = <usize> (i * ld + o) << 2;
      const target: f64 = load<f32>(y + (<usize> (i * outputs + o) << 2)), output: f64 = load<f32>(p + from);
      const e = output - target, lean: f64 = e < 0 ? 1 : -1, side = 1 + lean * tilt;
      const sign: f64 = target > 0 ? 1 : target < 0 ? -1 : 0, t = -output * sign / scale;
      if (tangent) {
        const along = share * factor * load<f32>(tangent + from);
        sum0 -= along * sign * sigmoid(t);
        sum1 += along * 2 * side * e;
        sum2 += along * 2 * e * lean;
      } else {
        sum0 += share * scale * softplus(t);
        sum1 += share * side * e * e;
        sum2 += share * e * e * lean;
      }
    }
  }
  store<f32>(out, load<f32>(out) + <f32> (sigmoid(phi0) * sum0));
  store<f32>(out, load<f32>(out, 4) + <f32> (sigmoid(phi1) * sum1), 4);
  store<f32>(out, load<f32>(out, 8) + <f32> (weight1 * (1 - tilt * tilt) * sum2), 8);
}
