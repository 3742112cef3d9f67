/**
 * A learner in the packed layout: θ_0 and rates α = m ⊙ exp(logLr), a layer's and, where asked for, a parameter's;
 * and the vector passes that use them: one inner step, u = −α ⊙ λ, the mean of the tasks' gradients.
 * @module
 */
import * as F from "./fields";
import { startTurned, turn } from "./network";
import { packVector, unpackVector } from "./plan";
import { madd, splat, sumLanes, vexp } from "./vector";
import { at, float, layer, word } from "./words";

/** Byte offset where layer l begins in a packed vector; the vector's end for l = layers. */
function begin(d: usize, l: i32): usize {
  return l < word(d, F.LAYERS) ? at(layer(d, l), F.WEIGHTS) : at(d, F.VECTOR_BYTES);
}

/** The first layer that the inner loop moves. */
export function firstAdapted(d: usize): i32 {
  return word(d, F.HEAD_ONLY) ? word(d, F.LAYERS) - 1 : 0;
}

function rateRow(d: usize, k: i32): i32 {
  return min(k, word(d, F.RATE_ROWS) - 1);
}

/** ω. */
export function decay(d: usize): f32 {
  return load<f32>(at(d, F.LEARNER) + (<usize> (word(d, F.PARAMETERS) + word(d, F.RATES) + 3) << 2));
}

/** Packs the learner that the job points at. Runs once a job, on the caller, before any item. */
export function packLearner(d: usize): void {
  const packed = at(d, F.PACKED), vector = at(d, F.VECTOR_BYTES), layers = word(d, F.LAYERS);
  packVector(d, at(d, F.LEARNER), packed);
  if (word(d, F.KIND) != F.JOB_FORWARD) turn(d, packed, startTurned(d));
  if (at(d, F.VECTOR)) packVector(d, at(d, F.VECTOR), packed + vector);
  const per = word(d, F.RATE_PER), first = firstAdapted(d);
  const perRow = <usize> (per == F.PER_SCALAR ? 1 : per == F.PER_LAYER ? layers : word(d, F.PARAMETERS)) << 2;
  let logLr = at(d, F.LEARNER) + (<usize> word(d, F.PARAMETERS) << 2);
  for (let row = 0; row < word(d, F.RATE_ROWS); ++row, logLr += perRow) {
    const shared = packed + at(d, F.LAYER_RATES) + (<usize> (row * layers) << 2);
    for (let l = 0; l < layers; ++l) {
      const rate = vexp(v128.load32_splat(logLr + (per == F.PER_LAYER ? <usize> l << 2 : 0)));
      store<f32>(shared + (<usize> l << 2), l < first ? 0 : f32x4.extract_lane(rate, 0));
    }
    if (per == F.PER_PARAMETER) {
      const rates = packed + at(d, F.PARAMETER_RATES) + row * vector;
      packVector(d, logLr, rates);
      for (let i: usize = 0; i < begin(d, first); i += 16) v128.store(rates + i, splat(0));
      for (let i = begin(d, first); i < vector; i += 16) v128.store(rates + i, vexp(v128.load(rates + i)));
    }
  }
}

/** Address of a parameter's rates at step k, or 0 when rates are a layer's. */
function parameterRates(d: usize, k: i32): usize {
  if (word(d, F.RATE_PER) != F.PER_PARAMETER) return 0;
  return at(d, F.PACKED) + at(d, F.PARAMETER_RATES) + at(d, F.VECTOR_BYTES) * rateRow(d, k);
}

/** α_k of layer l in four lanes, for rates that a layer shares. */
function layerRate(d: usize, k: i32, l: i32): v128 {
  const row = rateRow(d, k) * word(d, F.LAYERS);
  return v128.load32_splat(at(d, F.PACKED) + at(d, F.LAYER_RATES) + (<usize> (row + l) << 2));
}

/** Whether an inner step is θ − α_k ∇L with one α_k: then −α_k is taken into the loss, and all that follows is scaled. */
export function isUniform(d: usize): bool {
  return decay(d) == 0 && float(d, F.PROXIMAL) == 0 && word(d, F.RATE_PER) == F.PER_SCALAR;
}

/** −α_k, where there is one α_k. */
export function uniformStep(d: usize, k: i32): f32 {
  const last = rateRow(d, k) * word(d, F.LAYERS) + word(d, F.LAYERS) - 1;
  return -load<f32>(at(d, F.PACKED) + at(d, F.LAYER_RATES) + (<usize> last << 2));
}

/** Copies to `next` the layers that do not adapt. */
export function copyFixed(d: usize, theta: usize, next: usize): void {
  if (next != theta && firstAdapted(d) > 0) memory.copy(next, theta, begin(d, firstAdapted(d)));
}

/** g becomes g + ωθ + ρ(θ − θ_0), and next = θ − α ⊙ g. `next` may be θ. */
export function descend(d: usize, k: i32, theta: usize, g: usize, next: usize): void {
  const rates = parameterRates(d, k), start = at(d, F.PACKED), first = firstAdapted(d);
  const omega = splat(decay(d)), rho = splat(float(d, F.PROXIMAL));
  copyFixed(d, theta, next);
  for (let l = first; l < word(d, F.LAYERS); ++l) {
    const end = begin(d, l + 1);
    let alpha = layerRate(d, k, l);
    for (let i = begin(d, l); i < end; i += 16) {
      const value = v128.load(theta + i);
      let slope = madd(omega, value, v128.load(g + i));
      slope = madd(rho, f32x4.sub(value, v128.load(start + i)), slope);
      v128.store(g + i, slope);
      if (rates) alpha = v128.load(rates + i);
      v128.store(next + i, f32x4.sub(value, f32x4.mul(alpha, slope)));
    }
  }
}

/** u = −α_k ⊙ λ on the adapted layers. */
export function pull(d: usize, k: i32, lambda: usize, u: usize): void {
  const rates = parameterRates(d, k);
  for (let l = firstAdapted(d); l < word(d, F.LAYERS); ++l) {
    const end = begin(d, l + 1);
    let alpha = f32x4.neg(layerRate(d, k, l));
    for (let i = begin(d, l); i < end; i += 16) {
      if (rates) alpha = f32x4.neg(v128.load(rates + i));
      v128.store(u + i, f32x4.mul(alpha, v128.load(lambda + i)));
    }
  }
}

/** Adds u ⊙ g_k to the rates' gradient. */
export function pullRates(d: usize, k: i32, u: usize, g: usize, byRate: usize): void {
  const layers = word(d, F.LAYERS), row = rateRow(d, k), per = word(d, F.RATE_PER);
  if (per == F.PER_PARAMETER) {
    byRate += at(d, F.VECTOR_BYTES) * row;
    for (let i = begin(d, firstAdapted(d)); i < at(d, F.VECTOR_BYTES); i += 16) {
      v128.store(byRate + i, madd(v128.load(u + i), v128.load(g + i), v128.load(byRate + i)));
    }
    return;
  }
  for (let l = firstAdapted(d); l < layers; ++l) {
    const to = byRate + (<usize> (per == F.PER_LAYER ? row * layers + l : row) << 2);
    store<f32>(to, load<f32>(to) + dot(u, g, begin(d, l), begin(d, l + 1)));
  }
}

/** Adds `value` to the gradient of step k's only rate. */
export function addRate(d: usize, k: i32, value: f32, byRate: usize): void {
  const to = byRate + (<usize> rateRow(d, k) << 2);
  store<f32>(to, load<f32>(to) + value);
}

/** λ += (ω + ρ)u, `start` −= ρu. */
export function pullStart(d: usize, u: usize, lambda: usize, start: usize): void {
  const rho = float(d, F.PROXIMAL), sum = decay(d) + rho;
  if (sum == 0) return;
  const both = splat(sum), minus = splat(-rho);
  for (let i = begin(d, firstAdapted(d)); i < at(d, F.VECTOR_BYTES); i += 16) {
    const value = v128.load(u + i);
    v128.store(lambda + i, madd(both, value, v128.load(lambda + i)));
    if (rho != 0) v128.store(start + i, madd(minus, value, v128.load(start + i)));
  }
}

/** ⟨u, θ⟩ over the adapted layers. */
export function alongDecay(d: usize, u: usize, theta: usize): f32 {
  return dot(u, theta, begin(d, firstAdapted(d)), at(d, F.VECTOR_BYTES));
}

/** Σ aᵢ bᵢ over the bytes from `from` to `to`. */
export function dot(a: usize, b: usize, from: usize, to: usize): f32 {
  let sum = splat(0);
  for (let i = from; i < to; i += 16) sum = madd(v128.load(a + i), v128.load(b + i), sum);
  return sumLanes(sum);
}

/** Adds a packed gradient to another. */
export function addGradient(d: usize, from: usize, to: usize): void {
  for (let i: usize = 0; i < at(d, F.GRADIENT_BYTES); i += 16) {
    v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  }
}

/** Means `groups` packed gradients, `stride` bytes apart, into the first: 16 bytes of each at `p`. */
function mean16(p: usize, stride: usize, groups: i32, share: v128): void {
  let q = p, sum = v128.load(q);
  for (let t = 1; t < groups; ++t) {
    q += stride;
    sum = f32x4.add(sum, v128.load(q));
  }
  v128.store(p, f32x4.mul(sum, share));
}

/** The same of 64 bytes, a cache line. */
function mean64(p: usize, stride: usize, groups: i32, share: v128): void {
  let q = p, s0 = v128.load(q), s1 = v128.load(q, 16), s2 = v128.load(q, 32), s3 = v128.load(q, 48);
  for (let t = 1; t < groups; ++t) {
    q += stride;
    s0 = f32x4.add(s0, v128.load(q));
    s1 = f32x4.add(s1, v128.load(q, 16));
    s2 = f32x4.add(s2, v128.load(q, 32));
    s3 = f32x4.add(s3, v128.load(q, 48));
  }
  v128.store(p, f32x4.mul(s0, share));
  v128.store(p, f32x4.mul(s1, share), 16);
  v128.store(p, f32x4.mul(s2, share), 32);
  v128.store(p, f32x4.mul(s3, share), 48);
}

/** Means part `item` of the groups' packed gradients into the first one, in task order. */
export function reduce(d: usize, item: i32): void {
  const stride = at(d, F.GRADIENT_BYTES), tasks = word(d, F.TASKS), first = at(d, F.GRADIENTS);
  const groups = (tasks + word(d, F.GROUP) - 1) / word(d, F.GROUP);
  const to = first + min(stride, <usize> (item + 1) * F.REDUCE_BYTES);
  const share = splat(1 / <f32> tasks);
  let p = first + <usize> item * F.REDUCE_BYTES;
  for (; p + 64 <= to; p += 64) mean64(p, stride, groups, share);
  for (; p < to; p += 16) mean16(p, stride, groups, share);
}

/** Unpacks the first packed gradient to `[params | logLr | phi | weightDecay]` at the job's result. */
export function unpackGradient(d: usize): void {
  const from = at(d, F.GRADIENTS), vector = at(d, F.VECTOR_BYTES);
  let to = at(d, F.RESULT);
  unpackVector(d, from, to);
  to += at(d, F.PARAMETERS) << 2;
  if (word(d, F.RATE_PER) == F.PER_PARAMETER) {
    for (let row = 0; row < word(d, F.RATE_ROWS); ++row) {
      unpackVector(d, from + vector * (row + 1), to);
      to += at(d, F.PARAMETERS) << 2;
    }
  } else {
    memory.copy(to, from + vector, at(d, F.RATES) << 2);
    to += at(d, F.RATES) << 2;
  }
  memory.copy(to, from + vector + at(d, F.RATE_BYTES), 16);
}
