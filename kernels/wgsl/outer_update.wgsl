// The outer update: clip, then Adam or SGD with momentum, decoupled decay, ω held at or above 0. A halted training moves nothing.
// Twin: lib/engine/outer_update.ts, which holds the formulas. Shapes: learner, first, second [P | rates | φ | 1 | others], report [norm, halted, ...].
// Dispatch: flat.wgsl with count = learnables. Header: LANES.

struct Sizes {
  count: u32,
  params: u32, // P
  rates: u32,
  phi: u32,
  learned: u32, // bits: 1 params, 2 rates, 4 φ, 8 ω, 16 others
  rule: u32,    // the rule in the control: lr, 1 − β₁ᵗ, 1 − β₂ᵗ
  adam: u32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  momentum: f32,
  decay: f32,
  clip: f32,    // negative for never
  rest1: f32,   // 1 − β₁ and 1 − β₂, rounded once
  rest2: f32,
  pace: f32,    // factor of lr for the log rates
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> control: array<f32>;
@group(0) @binding(2) var<storage, read> meta_gradient: array<f32>;
@group(0) @binding(3) var<storage, read> report: array<f32>;
@group(0) @binding(4) var<storage, read_write> learner: array<f32>;
@group(0) @binding(5) var<storage, read_write> moments: array<f32>;

fn element(i: u32) {
  let part = part_of(i);
  if (report[1] != 0.0 || ((u.learned >> part) & 1u) == 0u) {
    return;
  }
  let lr = control[u.rule] * select(1.0, u.pace, part == 1u);
  var g = meta_gradient[i];
  if (u.clip >= 0.0 && report[0] > u.clip) {
    g *= u.clip / report[0];
  }
  var change = 0.0;
  if (u.adam == 1u) {
    let m = u.beta1 * moments[i] + u.rest1 * g;
    let v = u.beta2 * moments[u.count + i] + u.rest2 * g * g;
    moments[i] = m;
    moments[u.count + i] = v;
    change = lr * (m / control[u.rule + 1u]) / (sqrt(v / control[u.rule + 2u]) + u.epsilon);
  } else {
    let m = u.momentum * moments[i] + g;
    moments[i] = m;
    change = lr * m;
  }
  let now = learner[i];
  let shrink = select(0.0, lr * u.decay * now, part == 0u);
  let next = now - (change + shrink);
  learner[i] = select(next, max(next, 0.0), part == 3u);
}
