// A whole task in one team of TEAM lanes: the inner loop and, where asked, the adjoint back through it, in one dispatch.
// On the chip (planFused in lib/engine/webgpu/fused_plan.ts): the rows of a sweep if ROWS_HELD, and of θ and the direction u both
// (HELD 2), the one that is in turn (1) or none (0). Storage keeps the trajectory, each place of which only the lane reads that
// wrote it, so that lanes meet at workgroup barriers alone: 2L an inner step and 3L a step back, L layers, whatever they hold.
// A storage barrier comes in where lanes read each other's storage: before the way back, at the end, and at the syncs of what
// is not held.
// Layout: a vec4 is four rows of one unit, or of the parameters four inputs of one output (bias as input, padded with zeros).
// Twin: taskGradient in lib/engine/naive/bilevel.ts. Formulas as in the batched kernels. Dispatch: a workgroup per TEAMS tasks.

struct Sizes {
  tasks: u32,
  support_rows: u32,
  support_x: u32,
  support_y: u32,
  support_c: u32,
  query_rows: u32,
  query_x: u32,
  query_y: u32,
  query_c: u32,
  tape_stride: u32, // vec4s of a task's tape; places within it:
  theta: u32,
  gradient: u32,
  direction: u32,
  lambda: u32,
  anchor: u32,
  sweep: u32,       // sweeps over the support, then z of the query's
  slot: u32,        // vec4s of one of them
  query: u32,
  tangent: u32,     // tangents of z
  terms: u32,       // loss terms [steps, TILES, OUTPUTS]
  rate_terms: u32,  // [rate slots, TEAM]
  outcome: u32,     // floats from task to task of the outcome
  loss: u32,        // stats: support losses [steps, tasks]
  query_loss: u32,  // [tasks]
  reverse: u32,     // 0 for the inner loop alone
  steps: u32,
  kept_from: u32,   // first step whose θ has a slot of its own
  curved_from: u32,
  rates: u32,       // length of logLr
  rate_width: u32,  // rates in a row of it: 1, LAYERS or PARAMS
  support_loss: u32,
  outer_loss: u32,
  rho: f32,
  support_shape: f32,
  outer_shape: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> control: array<f32>;
@group(0) @binding(2) var<storage, read> learner: array<f32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(0) @binding(4) var<storage, read_write> tape: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> outcome: array<f32>; // θ_K [tasks, P], or [tasks, P | rates | φ 3 | ω | loss]
@group(0) @binding(6) var<storage, read_write> stats: array<f32>;

const LAST: u32 = LAYERS - 1u;

var<workgroup> memory: array<vec4f, MEMORY>;

var<private> task: u32;
var<private> thread: u32;
var<private> lane: u32;
var<private> is_live: bool;     // past the last task a team only keeps the barriers
var<private> place: u32;        // of the team in memory
var<private> tape_at: u32;      // of the task
var<private> query_sum: f32;
var<private> omega_sum: f32;
var<private> phi_sum: vec3f;
var<private> is_query_loaded: bool;

fn width(l: u32) -> u32 { var table = WIDTHS; return table[l]; }
fn input_quads(l: u32) -> u32 { return (width(l) + 4u) / 4u; }
fn weights(l: u32) -> u32 { var table = WEIGHTS; return table[l]; }
fn quad_at(l: u32) -> u32 { var table = QUAD_AT; return table[l]; }
fn quad_stride(l: u32) -> u32 { return width(l + 1u) | 1u; } // odd: neighbouring inputs lie in different banks
fn row_stride(l: u32) -> u32 { return select(4u * input_quads(l), OUTPUTS, l == LAYERS); }
fn row_at(l: u32, tile: u32) -> u32 { var table = ROW_AT; return table[l] + tile * row_stride(l); }
fn unit_at(l: u32, tile: u32) -> u32 { var table = UNIT_AT; return table[l] + tile * width(l + 1u); }

fn sync_rows() {
  if (!ROWS_HELD) {
    storageBarrier();
  }
  workgroupBarrier();
}

fn sync() {
  if (!ROWS_HELD || HELD == 0u) {
    storageBarrier();
  }
  workgroupBarrier();
}

// Rows of one sweep: where its data and its tape are, and how its forecasts are judged.
struct Rows {
  count: u32,
  tiles: u32,
  x: u32,
  y: u32,
  c: u32,
  sweep: u32,
  is_query: bool,
  is_kept: bool, // for the way back
  terms: u32,
  loss: u32,
  shape: f32,
  weight: f32,
}

// Activations of a sweep, on the way back overwritten by δ layer by layer; and δ, on the way back tangents, then Rδ.
fn left(i: u32) -> vec4f {
  if (ROWS_HELD) {
    return memory[place + LEFT + i];
  }
  return tape[tape_at + LEFT + i];
}

fn right(i: u32) -> vec4f {
  if (ROWS_HELD) {
    return memory[place + RIGHT + i];
  }
  return tape[tape_at + RIGHT + i];
}

fn set_left(i: u32, value: vec4f) {
  if (ROWS_HELD) {
    memory[place + LEFT + i] = value;
  } else {
    tape[tape_at + LEFT + i] = value;
  }
}

fn set_right(i: u32, value: vec4f) {
  if (ROWS_HELD) {
    memory[place + RIGHT + i] = value;
  } else {
    tape[tape_at + RIGHT + i] = value;
  }
}

fn theta_at(k: u32) -> u32 { return tape_at + u.theta + (max(k, u.kept_from) - u.kept_from) * QUADS; }
fn gradient_at(k: u32) -> u32 { return tape_at + u.gradient + k * QUADS; }

// Four parameters, or one, of the θ whose sweep runs; `at` is its place in storage.
fn theta4(at: u32, i: u32) -> vec4f {
  if (HELD > 0u) {
    return memory[place + i];
  }
  return tape[at + i];
}

fn theta1(at: u32, i: u32, c: u32) -> f32 {
  if (HELD > 0u) {
    return memory[place + i][c];
  }
  return tape[at + i][c];
}

// The same on the way back, where the direction comes first.
fn turned4(at: u32, i: u32) -> vec4f {
  if (HELD == 2u) {
    return memory[place + i];
  }
  return tape[at + i];
}

fn turned1(at: u32, i: u32, c: u32) -> f32 {
  if (HELD == 2u) {
    return memory[place + i][c];
  }
  return tape[at + i][c];
}

fn direction4(i: u32) -> vec4f {
  if (HELD > 0u) {
    return memory[place + DIRECTION + i];
  }
  return tape[tape_at + u.direction + i];
}

fn direction1(i: u32, c: u32) -> f32 {
  if (HELD > 0u) {
    return memory[place + DIRECTION + i][c];
  }
  return tape[tape_at + u.direction + i][c];
}

fn set_direction(i: u32, value: vec4f) {
  if (HELD > 0u) {
    memory[place + DIRECTION + i] = value;
  } else {
    tape[tape_at + u.direction + i] = value;
  }
}

// The inputs' share of four parameters: which of them are there.
fn inside(l: u32, q: u32) -> vec4<bool> { return 4u * q + vec4u(0u, 1u, 2u, 3u) <= vec4u(width(l)); }

// Their places in a flat `[in][out]` layout with the bias behind; past it the bias again.
fn flat4(l: u32, q: u32, n: u32) -> vec4u {
  return weights(l) + min(4u * q + vec4u(0u, 1u, 2u, 3u), vec4u(width(l))) * width(l + 1u) + n;
}

fn start4(l: u32, q: u32, n: u32) -> vec4f {
  let p = flat4(l, q, n);
  return select(vec4f(0.0), vec4f(learner[p.x], learner[p.y], learner[p.z], learner[p.w]), inside(l, q));
}

fn set_outcome(at: u32, l: u32, q: u32, n: u32, value: vec4f) {
  let p = at + flat4(l, q, n);
  let here = inside(l, q);
  outcome[p.x] = value.x;
  if (here.y) { outcome[p.y] = value.y; }
  if (here.z) { outcome[p.z] = value.z; }
  if (here.w) { outcome[p.w] = value.w; }
}

fn rate_row(k: u32) -> u32 { return min(k, u.rates / u.rate_width - 1u) * u.rate_width; }

fn rates4(k: u32, l: u32, q: u32, n: u32) -> vec4f {
  let at = PARAMS + rate_row(k);
  if (u.rate_width == PARAMS) {
    let p = at + flat4(l, q, n);
    return exp(vec4f(learner[p.x], learner[p.y], learner[p.z], learner[p.w]));
  }
  return vec4f(exp(learner[at + select(0u, l, u.rate_width > 1u)]));
}

fn phi() -> vec3f {
  let at = PARAMS + u.rates;
  return vec3f(learner[at], learner[at + 1u], learner[at + 2u]);
}

fn omega() -> f32 { return learner[PARAMS + u.rates + 3u]; }

fn support(k: u32) -> Rows {
  let rows = select(0u, u.support_rows, is_live);
  return Rows(
    rows,
    (rows + 3u) / 4u,
    u.support_x + task * rows * INPUTS,
    u.support_y + task * rows * OUTPUTS,
    u.support_c + task * rows,
    tape_at + u.sweep + (max(k, u.curved_from) - u.curved_from) * u.slot,
    false,
    u.reverse != 0u && k >= u.curved_from,
    tape_at + u.terms + k * TILES * OUTPUTS,
    u.support_loss,
    u.support_shape,
    1.0,
  );
}

fn query(weight: f32) -> Rows {
  let rows = select(0u, u.query_rows, is_live);
  return Rows(
    rows,
    (rows + 3u) / 4u,
    u.query_x + task * rows * INPUTS,
    u.query_y + task * rows * OUTPUTS,
    u.query_c + task * rows,
    tape_at + u.query,
    true,
    false,
    0u,
    u.outer_loss,
    u.outer_shape,
    weight,
  );
}

// Column n of four rows of data, `stride` wide; zeros past the last row.
fn data4(rows: Rows, at: u32, tile: u32, stride: u32, n: u32) -> vec4f {
  let r = 4u * tile + vec4u(0u, 1u, 2u, 3u);
  let p = at + min(r, vec4u(rows.count - 1u)) * stride + n;
  return select(vec4f(0.0), vec4f(data[p.x], data[p.y], data[p.z], data[p.w]), r < vec4u(rows.count));
}

// Between syncs.
fn load_inputs(rows: Rows) {
  is_query_loaded = rows.is_query;
  for (var item = lane; item < rows.tiles * INPUTS; item += TEAM) {
    let tile = item / INPUTS;
    let n = item % INPUTS;
    set_left(row_at(0u, tile) + n, data4(rows, rows.x, tile, INPUTS, n));
  }
}

struct Points {
  value: vec4f,
  slope: vec4f,
  curvature: vec4f,
}

fn activate4(z: vec4f) -> Points {
  let a = activate(z.x);
  let b = activate(z.y);
  let c = activate(z.z);
  let d = activate(z.w);
  return Points(vec4f(a.x, b.x, c.x, d.x), vec4f(a.y, b.y, c.y, d.y), vec4f(a.z, b.z, c.z, d.z));
}

// c ℓ into the terms, and δ = c ℓ'. Twin: loss_head.wgsl.
fn judge(rows: Rows, tile: u32, n: u32, forecast: vec4f) {
  let c = rows.weight * data4(rows, rows.c, tile, 1u, 0u);
  let label = data4(rows, rows.y, tile, OUTPUTS, n);
  var values = vec4f(0.0);
  var delta = vec4f(0.0);
  for (var i = 0u; i < 4u; i++) {
    if (c[i] != 0.0) {
      let terms = loss_terms(rows.loss, forecast[i], label[i], rows.shape, phi());
      values[i] = c[i] * terms.value;
      delta[i] = c[i] * terms.slope;
    }
  }
  let to = tile * OUTPUTS + n;
  set_right(row_at(LAYERS, tile) + n, delta);
  if (rows.is_query) {
    query_sum += dot(values, vec4f(1.0));
  } else {
    tape[rows.terms + to] = values;
  }
  if (rows.is_kept) {
    tape[rows.sweep + FORECAST + to] = forecast;
    tape[rows.sweep + DELTA + unit_at(LAST, tile) + n] = delta;
  }
}

// Z = [A, 1] W, A' = σ(Z). Twin: dense_forward.wgsl.
fn forward_layer(rows: Rows, at: u32, l: u32) {
  let outputs = width(l + 1u);
  let quads = input_quads(l);
  for (var item = lane; item < rows.tiles * outputs; item += TEAM) {
    let tile = item / outputs;
    let n = item % outputs;
    var a = row_at(l, tile);
    var p = quad_at(l) + n;
    var sum = vec4f(0.0);
    for (var q = 0u; q < quads; q++) {
      let w = theta4(at, p);
      sum += w.x * left(a) + w.y * left(a + 1u) + w.z * left(a + 2u) + w.w * left(a + 3u);
      a += 4u;
      p += quad_stride(l);
    }
    if (l < LAST) {
      tape[rows.sweep + unit_at(l, tile) + n] = sum;
      set_left(row_at(l + 1u, tile) + n, activate4(sum).value);
    } else {
      judge(rows, tile, n, sum);
    }
  }
  sync_rows();
}

// δ' = δ Wᵀ ⊙ σ', and the bend (δ Wᵀ) ⊙ σ''; behind a forward at the same θ. Twin: dense_backward.wgsl.
fn backward_layer(rows: Rows, at: u32, l: u32) {
  let inputs = width(l);
  let outputs = width(l + 1u);
  for (var item = lane; item < rows.tiles * inputs; item += TEAM) {
    let tile = item / inputs;
    let n = item % inputs;
    let unit = unit_at(l - 1u, tile) + n;
    let z = tape[rows.sweep + unit];
    let d = row_at(l + 1u, tile);
    let p = quad_at(l) + n / 4u * quad_stride(l);
    let c = n % 4u;
    var sum = vec4f(0.0);
    var j = 0u;
    for (; j + 3u < outputs; j += 4u) {
      sum += theta1(at, p + j, c) * right(d + j) + theta1(at, p + j + 1u, c) * right(d + j + 1u) +
        theta1(at, p + j + 2u, c) * right(d + j + 2u) + theta1(at, p + j + 3u, c) * right(d + j + 3u);
    }
    for (; j < outputs; j++) {
      sum += theta1(at, p + j, c) * right(d + j);
    }
    let points = activate4(z);
    let delta = sum * points.slope;
    set_right(row_at(l, tile) + n, delta);
    if (rows.is_kept) {
      tape[rows.sweep + DELTA + unit] = delta;
      if (BENT) {
        tape[rows.sweep + BEND + unit] = sum * points.curvature;
      }
    }
  }
  sync_rows();
}

// Four parameters of [A, 1]ᵀ δ. Twin: dense_gradient.wgsl.
fn gradient4(rows: Rows, l: u32, q: u32, n: u32) -> vec4f {
  var a = row_at(l, 0u) + 4u * q;
  var d = row_at(l + 1u, 0u) + n;
  var sum = vec4f(0.0);
  for (var tile = 0u; tile < rows.tiles; tile++) {
    let delta = right(d);
    sum += vec4f(dot(left(a), delta), dot(left(a + 1u), delta), dot(left(a + 2u), delta), dot(left(a + 3u), delta));
    a += row_stride(l);
    d += row_stride(l + 1u);
  }
  return sum;
}

fn quads_of(l: u32) -> u32 { return select(0u, input_quads(l) * width(l + 1u), is_live); }

// g = ∇L + ω θ + ρ (θ − θ_0), θ' = θ − m α g. Twin: inner_update.wgsl.
fn descend(k: u32, l: u32, q: u32, n: u32, slope: vec4f) {
  let i = quad_at(l) + q * quad_stride(l) + n;
  let now = theta4(theta_at(k), i);
  var g = vec4f(0.0);
  var next = now;
  if (!HEAD_ONLY || l == LAST) {
    g = slope + omega() * now;
    if (u.rho != 0.0) {
      g += u.rho * (now - start4(l, q, n));
    }
    next = now - rates4(k, l, q, n) * g;
  }
  if (HELD > 0u) {
    memory[place + i] = next;
  }
  if (HELD == 0u || u.reverse != 0u) {
    tape[theta_at(k + 1u) + i] = next;
  }
  if (u.reverse != 0u) {
    tape[gradient_at(k) + i] = g;
  } else if (k + 1u == u.steps) {
    set_outcome(task * u.outcome, l, q, n, next);
  }
}

// Forward and backward over a task's support, and the step; or over its query, and the gradient into λ.
fn sweep(rows: Rows, k: u32, is_back: bool) {
  let at = theta_at(k);
  for (var l = 0u; l < LAYERS; l++) {
    forward_layer(rows, at, l);
  }
  if (!HEAD_ONLY || is_back || (u.reverse != 0u && k >= u.curved_from)) {
    for (var l = LAST; l > 0u; l--) {
      backward_layer(rows, at, l);
    }
  }
  for (var l = 0u; l < LAYERS; l++) {
    let outputs = width(l + 1u);
    for (var item = lane; item < quads_of(l); item += TEAM) {
      let q = item / outputs;
      let n = item % outputs;
      let slope = gradient4(rows, l, q, n);
      if (is_back) {
        tape[tape_at + u.lambda + quad_at(l) + q * quad_stride(l) + n] += slope;
      } else {
        descend(k, l, q, n, slope);
      }
    }
  }
  sync();
}

// Makes ready for the query at θ_k. θ_K is held already.
fn turn_to_query(rows: Rows, k: u32) {
  load_inputs(rows);
  if (HELD > 0u && k < u.steps) {
    for (var i = lane; i < select(0u, QUADS, is_live); i += TEAM) {
      memory[place + i] = tape[theta_at(k) + i];
    }
  }
  sync();
}

// u = m α λ, the rate terms −u g, θ_0's share, and −⟨u, θ_k⟩. Twins: adjoint_step.wgsl, decay_term.wgsl, rate_terms.wgsl.
fn step_back(k: u32, is_curved: bool) {
  for (var l = select(0u, LAST, HEAD_ONLY); l < LAYERS; l++) {
    let outputs = width(l + 1u);
    var rate_sum = 0.0;
    for (var item = lane; item < quads_of(l); item += TEAM) {
      let q = item / outputs;
      let n = item % outputs;
      let i = quad_at(l) + q * quad_stride(l) + n;
      let along = rates4(k, l, q, n) * tape[tape_at + u.lambda + i];
      let terms = -along * tape[gradient_at(k) + i];
      if (u.rate_width == PARAMS) {
        add_rate_terms(k, l, q, n, terms);
      } else {
        rate_sum += dot(terms, vec4f(1.0));
      }
      if (is_curved) {
        let now = tape[theta_at(k) + i];
        omega_sum -= dot(along, now);
        set_direction(i, along);
        if (u.rho != 0.0) {
          tape[tape_at + u.anchor + i] += u.rho * along;
        }
        if (HELD == 2u) {
          memory[place + i] = now;
        }
      }
    }
    if (u.rate_width != PARAMS && is_live) {
      let rate = rate_row(k) + select(0u, l, u.rate_width > 1u);
      let at = tape_at + u.rate_terms + rate / 4u * TEAM + lane;
      tape[at] += select(vec4f(0.0), vec4f(rate_sum), vec4u(rate % 4u) == vec4u(0u, 1u, 2u, 3u));
    }
  }
}

fn add_rate_terms(k: u32, l: u32, q: u32, n: u32, terms: vec4f) {
  let p = task * u.outcome + PARAMS + rate_row(k) + flat4(l, q, n);
  let here = inside(l, q);
  outcome[p.x] += terms.x;
  if (here.y) { outcome[p.y] += terms.y; }
  if (here.z) { outcome[p.z] += terms.z; }
  if (here.w) { outcome[p.w] += terms.w; }
}

// Activations of a kept sweep, for the way back.
fn recall(rows: Rows) {
  if (is_query_loaded) {
    load_inputs(rows);
  }
  for (var l = 0u; l < LAST; l++) {
    let outputs = width(l + 1u);
    for (var item = lane; item < rows.tiles * outputs; item += TEAM) {
      let tile = item / outputs;
      let n = item % outputs;
      set_left(row_at(l + 1u, tile) + n, activate4(tape[rows.sweep + unit_at(l, tile) + n]).value);
    }
  }
}

// c ℓ'' Rŷ and its part by φ; δ beside it. Twin: tangent_head.wgsl.
fn judge_tangent(rows: Rows, tile: u32, n: u32, moved: vec4f) {
  let c = data4(rows, rows.c, tile, 1u, 0u);
  let label = data4(rows, rows.y, tile, OUTPUTS, n);
  let forecast = tape[rows.sweep + FORECAST + tile * OUTPUTS + n];
  var delta = vec4f(0.0);
  for (var i = 0u; i < 4u; i++) {
    if (c[i] != 0.0) {
      let terms = loss_terms(rows.loss, forecast[i], label[i], rows.shape, phi());
      delta[i] = c[i] * moved[i] * terms.curvature;
      phi_sum -= c[i] * moved[i] * terms.slope_by_phi;
    }
  }
  set_right(row_at(LAYERS, tile) + n, delta);
  set_left(row_at(LAYERS, tile) + n, tape[rows.sweep + DELTA + unit_at(LAST, tile) + n]);
}

// RZ = A U + RA W, RA' = σ' ⊙ RZ. Twin: tangent_forward.wgsl.
fn tangent_layer(rows: Rows, at: u32, l: u32) {
  let outputs = width(l + 1u);
  let quads = input_quads(l);
  for (var item = lane; item < rows.tiles * outputs; item += TEAM) {
    let tile = item / outputs;
    let n = item % outputs;
    var a = row_at(l, tile);
    var p = quad_at(l) + n;
    var sum = vec4f(0.0);
    for (var q = 0u; q < quads; q++) {
      let v = direction4(p);
      sum += v.x * left(a) + v.y * left(a + 1u) + v.z * left(a + 2u) + v.w * left(a + 3u);
      if (l > 0u && !HEAD_ONLY) {
        let w = turned4(at, p);
        sum += w.x * right(a) + w.y * right(a + 1u) + w.z * right(a + 2u) + w.w * right(a + 3u);
      }
      a += 4u;
      p += quad_stride(l);
    }
    if (l < LAST) {
      let unit = unit_at(l, tile) + n;
      set_right(row_at(l + 1u, tile) + n, sum * activate4(tape[rows.sweep + unit]).slope);
      if (BENT) {
        tape[tape_at + u.tangent + unit] = sum;
      }
    } else {
      judge_tangent(rows, tile, n, sum);
    }
  }
  sync_rows();
}

// λ −= Aᵀ Rδ + RAᵀ δ + (ω + ρ) u. Twin: tangent_gradient.wgsl.
fn curve_layer(rows: Rows, l: u32) {
  let outputs = width(l + 1u);
  let pull = omega() + u.rho;
  for (var item = lane; item < quads_of(l); item += TEAM) {
    let q = item / outputs;
    let n = item % outputs;
    let i = quad_at(l) + q * quad_stride(l) + n;
    var a = row_at(l, 0u) + 4u * q;
    var d = row_at(l + 1u, 0u) + n;
    var sum = vec4f(0.0);
    for (var tile = 0u; tile < rows.tiles; tile++) {
      let turned = right(d);
      sum += vec4f(dot(left(a), turned), dot(left(a + 1u), turned), dot(left(a + 2u), turned), dot(left(a + 3u), turned));
      if (l > 0u && !HEAD_ONLY) {
        let delta = left(d);
        sum += vec4f(dot(right(a), delta), dot(right(a + 1u), delta), dot(right(a + 2u), delta), dot(right(a + 3u), delta));
      }
      a += row_stride(l);
      d += row_stride(l + 1u);
    }
    if (!HEAD_ONLY || l == LAST) {
      sum += pull * direction4(i);
    }
    tape[tape_at + u.lambda + i] -= sum;
  }
}

// Rδ' = (Rδ Wᵀ + δ Uᵀ) ⊙ σ' + bend ⊙ RZ, over the tangents of this layer's inputs; δ' over their activations, which
// curve_layer() was the last to read. Twin: tangent_backward.wgsl.
fn turn_layer(rows: Rows, at: u32, l: u32) {
  let inputs = width(l);
  let outputs = width(l + 1u);
  let turns = !HEAD_ONLY || l == LAST;
  for (var item = lane; item < rows.tiles * inputs; item += TEAM) {
    let tile = item / inputs;
    let n = item % inputs;
    let unit = unit_at(l - 1u, tile) + n;
    let z = tape[rows.sweep + unit];
    let delta = tape[rows.sweep + DELTA + unit];
    let d = row_at(l + 1u, tile);
    let p = quad_at(l) + n / 4u * quad_stride(l);
    let c = n % 4u;
    var sum = vec4f(0.0);
    var j = 0u;
    for (; j + 1u < outputs; j += 2u) {
      sum += turned1(at, p + j, c) * right(d + j) + turned1(at, p + j + 1u, c) * right(d + j + 1u);
      if (turns) {
        sum += direction1(p + j, c) * left(d + j) + direction1(p + j + 1u, c) * left(d + j + 1u);
      }
    }
    if (j < outputs) {
      sum += turned1(at, p + j, c) * right(d + j);
      if (turns) {
        sum += direction1(p + j, c) * left(d + j);
      }
    }
    var turned = sum * activate4(z).slope;
    if (BENT && !HEAD_ONLY) {
      turned += tape[rows.sweep + BEND + unit] * tape[tape_at + u.tangent + unit];
    }
    set_right(row_at(l, tile) + n, turned);
    set_left(row_at(l, tile) + n, delta);
  }
  sync_rows();
}

// λ −= H u + (ω + ρ) u, and φ's share.
fn curve(k: u32) {
  let rows = support(k);
  let at = theta_at(k);
  recall(rows);
  sync();
  for (var l = select(0u, LAST, HEAD_ONLY); l < LAYERS; l++) {
    tangent_layer(rows, at, l);
  }
  for (var down = 0u; down < LAYERS; down++) {
    let l = LAST - down;
    curve_layer(rows, l);
    sync_rows();
    if (l > 0u) {
      turn_layer(rows, at, l);
    }
  }
}

// Sum over the team by a fixed tree; its first lane has it.
fn team_sum(value: vec4f) -> vec4f {
  memory[thread] = value;
  workgroupBarrier();
  for (var half = HALF; half > 0u; half /= 2u) {
    if (lane < half && lane + half < TEAM) {
      memory[thread] += memory[thread + half];
    }
    workgroupBarrier();
  }
  let total = memory[thread];
  workgroupBarrier();
  return total;
}

// θ_0, and zeros and ones that stay: the bias' input and the padding behind it, λ and the sums.
fn begin() {
  for (var l = 0u; l < LAYERS; l++) {
    let outputs = width(l + 1u);
    for (var item = lane; item < quads_of(l); item += TEAM) {
      let q = item / outputs;
      let n = item % outputs;
      let i = quad_at(l) + q * quad_stride(l) + n;
      let now = start4(l, q, n);
      if (HELD > 0u) {
        memory[place + i] = now;
      }
      if (HELD == 0u || u.reverse != 0u) {
        tape[theta_at(0u) + i] = now;
      }
      if (u.reverse != 0u) {
        tape[tape_at + u.lambda + i] = vec4f(0.0);
        tape[tape_at + u.anchor + i] = vec4f(0.0);
      }
    }
    let inputs = width(l);
    let past = row_stride(l) - inputs;
    for (var item = lane; item < select(0u, TILES * past, is_live); item += TEAM) {
      let n = inputs + item % past;
      set_left(row_at(l, item / past) + n, vec4f(select(0.0, 1.0, n == inputs)));
      if (l > 0u) {
        set_right(row_at(l, item / past) + n, vec4f(0.0));
      }
    }
  }
  if (u.reverse != 0u && is_live) {
    if (u.rate_width == PARAMS) {
      for (var row = 0u; row < u.rates; row += PARAMS) {
        for (var l = 0u; l < LAYERS; l++) {
          let outputs = width(l + 1u);
          for (var item = lane; item < quads_of(l); item += TEAM) {
            set_outcome(task * u.outcome + PARAMS + row, l, item / outputs, item % outputs, vec4f(0.0));
          }
        }
      }
    } else {
      for (var slot = 0u; slot < (u.rates + 3u) / 4u; slot++) {
        tape[tape_at + u.rate_terms + slot * TEAM + lane] = vec4f(0.0);
      }
    }
  }
  load_inputs(support(0u));
  sync();
}

// The support losses: each step's terms, summed by one lane in the order of their rows.
fn report_losses() {
  storageBarrier();
  workgroupBarrier();
  let rows = support(0u);
  for (var k = lane; k < select(0u, u.steps, is_live); k += TEAM) {
    var sum = vec4f(0.0);
    for (var i = 0u; i < rows.tiles * OUTPUTS; i++) {
      sum += tape[tape_at + u.terms + k * TILES * OUTPUTS + i];
    }
    stats[u.loss + k * u.tasks + task] = dot(sum, vec4f(1.0));
  }
}

fn report_gradient() {
  let to = task * u.outcome;
  for (var l = 0u; l < LAYERS; l++) {
    let outputs = width(l + 1u);
    for (var item = lane; item < quads_of(l); item += TEAM) {
      let q = item / outputs;
      let n = item % outputs;
      let i = quad_at(l) + q * quad_stride(l) + n;
      set_outcome(to, l, q, n, tape[tape_at + u.lambda + i] + tape[tape_at + u.anchor + i]);
    }
  }
  if (u.rate_width != PARAMS) {
    for (var rate = 0u; rate < u.rates; rate += 4u) {
      var own = vec4f(0.0);
      if (is_live) {
        own = tape[tape_at + u.rate_terms + rate / 4u * TEAM + lane];
      }
      let total = team_sum(own);
      if (lane == 0u && is_live) {
        for (var i = 0u; i < min(4u, u.rates - rate); i++) {
          outcome[to + PARAMS + rate + i] = total[i];
        }
      }
    }
  }
  let sums = team_sum(vec4f(phi_sum, omega_sum));
  let loss = team_sum(vec4f(query_sum, 0.0, 0.0, 0.0)).x;
  if (lane == 0u && is_live) {
    let at = to + PARAMS + u.rates;
    outcome[at] = sums.x;
    outcome[at + 1u] = sums.y;
    outcome[at + 2u] = sums.z;
    outcome[at + 3u] = sums.w;
    outcome[at + 4u] = loss;
    stats[u.query_loss + task] = loss;
  }
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  thread = index;
  lane = index % TEAM;
  task = (group.x + group.y * groups.x) * TEAMS + index / TEAM;
  is_live = task < u.tasks;
  place = index / TEAM * TEAM_MEMORY;
  tape_at = task * u.tape_stride;
  begin();
  // The way there and the way back in one loop: a sweep's code is compiled once.
  let ways = select(u.steps, 2u * u.steps + 1u, u.reverse != 0u);
  for (var way = 0u; way < ways; way++) {
    let is_back = way >= u.steps;
    let k = select(way, 2u * u.steps - way, is_back);
    if (way == u.steps) {
      storageBarrier();
      workgroupBarrier();
    }
    if (is_back && k < u.steps) {
      step_back(k, k >= u.curved_from);
      if (k >= u.curved_from) {
        curve(k);
      }
    }
    if (!is_back || control[1u + k] != 0.0) {
      var rows = support(k);
      if (is_back) {
        rows = query(control[1u + k]);
        turn_to_query(rows, k);
      }
      sweep(rows, k, is_back);
    }
  }
  report_losses();
  if (u.reverse != 0u) {
    report_gradient();
  }
}
