// A whole task in one workgroup: the inner loop and, where asked, the adjoint back through it, with no dispatch in between.
// Formulas as in the batched kernels, whose results it writes: theta, gradient [slots, tasks, P] and stats as they do; λ, θ_0's
// share, u, sweeps and tangents of a task lie together on the tape, `tape_stride` apart. Four rows (or inputs) share a load.
// Where it fits (CACHED), θ_k is held in workgroup memory while a sweep at it runs: CACHE floats, PARAMS then and 1 otherwise.
// Dispatch: one workgroup of LANES threads per task. Header: the network (LAYERS, WIDTHS, WEIGHTS, BEFORE: hidden units before
// each layer's output, ...), the inner loop and what is kept of it, as fusedConstants in lib/engine/webgpu/fused.ts lists them.

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
  tape_stride: u32,
  tape_slot: u32,  // floats of one sweep over the support
  query: u32,      // places within a task's tape
  lambda: u32,     // λ, then θ_0's share, then u
  tangent: u32,
  loss: u32,       // stats: support losses [steps, tasks]
  query_loss: u32, // [tasks]
  phi: u32,        // [3, tasks]
  omega: u32,      // [tasks]
  reverse: u32,    // 0 for the inner loop alone
  steps: u32,
  kept_from: u32,  // first step whose θ has a slot of its own
  curved_from: u32,
  rate_rows: u32,  // rows of logLr
  gradient_slots: u32,
  rho: f32,
  loss_shape: f32,
  outer_shape: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> control: array<f32>;
@group(0) @binding(2) var<storage, read> learner: array<f32>;
@group(0) @binding(3) var<storage, read> rate_map: array<u32>;
@group(0) @binding(4) var<storage, read> data: array<f32>;
@group(0) @binding(5) var<storage, read_write> theta: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(7) var<storage, read_write> tape: array<f32>;
@group(0) @binding(8) var<storage, read_write> stats: array<f32>;

const LAST: u32 = LAYERS - 1u;
const UNITS: u32 = HIDDEN + OUTPUTS;

var<private> widths: array<u32, LAYERS + 1u> = WIDTHS;
var<private> weights: array<u32, LAYERS> = WEIGHTS;
var<private> before: array<u32, LAYERS> = BEFORE;
var<private> task: u32;
var<private> thread: u32;

var<workgroup> held: array<f32, CACHE>;

fn sync() {
  storageBarrier();
  workgroupBarrier();
}

// Rows of one sweep: where its data and its tape are.
struct Rows {
  count: u32,
  x: u32,
  y: u32,
  c: u32,
  tape: u32,
}

fn value_at(rows: Rows, l: u32) -> u32 { return rows.tape + rows.count * before[l]; }
fn delta_at(rows: Rows, l: u32) -> u32 { return rows.tape + rows.count * (UNITS + before[l]); }
fn z_at(rows: Rows, l: u32) -> u32 { return rows.tape + rows.count * (2u * UNITS + before[l]); }
fn bend_at(rows: Rows, l: u32) -> u32 { return rows.tape + rows.count * (2u * UNITS + HIDDEN + before[l]); }

fn tangent_base() -> u32 { return task * u.tape_stride + u.tangent; }
fn r_z_at(rows: Rows, l: u32) -> u32 { return tangent_base() + rows.count * before[l]; }
fn r_delta_at(rows: Rows, l: u32) -> u32 { return tangent_base() + rows.count * (UNITS + before[l]); }
fn r_value_at(rows: Rows, l: u32) -> u32 { return tangent_base() + rows.count * (2u * UNITS + before[l]); }

fn lambda_at() -> u32 { return task * u.tape_stride + u.lambda; }
fn anchor_at() -> u32 { return lambda_at() + PARAMS; }
fn direction_at() -> u32 { return lambda_at() + 2u * PARAMS; }

fn theta_at(k: u32) -> u32 {
  return (max(k, u.kept_from) - u.kept_from) * u.tasks * PARAMS + task * PARAMS;
}

fn gradient_at(k: u32) -> u32 {
  return min(k, u.gradient_slots - 1u) * u.tasks * PARAMS + task * PARAMS;
}

fn rate_at(k: u32, p: u32) -> u32 {
  return PARAMS + min(k, u.rate_rows - 1u) * RATES + rate_map[p];
}

fn phi_at() -> u32 { return PARAMS + u.rate_rows * RATES; }

fn phi() -> vec3f { return vec3f(learner[phi_at()], learner[phi_at() + 1u], learner[phi_at() + 2u]); }

fn support(k: u32) -> Rows {
  let rows = u.support_rows;
  let slot = max(min(k, max(u.steps, 1u) - 1u), u.curved_from) - u.curved_from;
  return Rows(
    rows,
    u.support_x + task * rows * INPUTS,
    u.support_y + task * rows * OUTPUTS,
    u.support_c + task * rows,
    task * u.tape_stride + slot * u.tape_slot,
  );
}

fn query() -> Rows {
  let rows = u.query_rows;
  return Rows(
    rows,
    u.query_x + task * rows * INPUTS,
    u.query_y + task * rows * OUTPUTS,
    u.query_c + task * rows,
    task * u.tape_stride + u.query,
  );
}

// Offsets of four rows from r on, `width` apart; past the end the last row again, whose result is dropped.
fn four(r: u32, count: u32, at: u32, width: u32) -> vec4u {
  return at + min(vec4u(r, r + 1u, r + 2u, r + 3u), vec4u(count - 1u)) * width;
}

// Holds θ at `at` for weight(). Every thread calls it; no sweep is running.
fn hold(at: u32) {
  if (CACHED) {
    for (var p = thread; p < PARAMS; p += LANES) {
      held[p] = theta[at + p];
    }
    workgroupBarrier();
  }
}

// Parameter p of the θ at `at`, which is the one held.
fn weight(at: u32, p: u32) -> f32 {
  if (CACHED) {
    return held[p];
  }
  return theta[at + p];
}

fn tape4(at: vec4u) -> vec4f { return vec4f(tape[at.x], tape[at.y], tape[at.z], tape[at.w]); }
fn data4(at: vec4u) -> vec4f { return vec4f(data[at.x], data[at.y], data[at.z], data[at.w]); }

// Z = [A, 1] W, A' = σ(Z). Twin: dense_forward.wgsl.
fn forward(rows: Rows, at: u32) {
  hold(at);
  for (var l = 0u; l < LAYERS; l++) {
    let inputs = widths[l];
    let outputs = widths[l + 1u];
    let w = weights[l];
    let items = (rows.count + 3u) / 4u * outputs;
    for (var item = thread; item < items; item += LANES) {
      let n = item % outputs;
      let r = item / outputs * 4u;
      var sum = vec4f(weight(at, w + inputs * outputs + n));
      if (l == 0u) {
        let a = four(r, rows.count, rows.x, inputs);
        for (var k = 0u; k < inputs; k++) {
          sum += weight(at, w + k * outputs + n) * data4(a + k);
        }
      } else {
        let a = four(r, rows.count, value_at(rows, l - 1u), inputs);
        for (var k = 0u; k < inputs; k++) {
          sum += weight(at, w + k * outputs + n) * tape4(a + k);
        }
      }
      for (var i = 0u; i < min(4u, rows.count - r); i++) {
        let to = (r + i) * outputs + n;
        if (l < LAST) {
          tape[z_at(rows, l) + to] = sum[i];
          tape[value_at(rows, l) + to] = activate(sum[i]).x;
        } else {
          tape[value_at(rows, l) + to] = sum[i];
        }
      }
    }
    sync();
  }
}

// Σ c ℓ, times a weight, and δ = c ℓ'. Twin: loss_head.wgsl.
fn judge(rows: Rows, kind: u32, shape: f32, weight: f32) -> f32 {
  var sum = 0.0;
  for (var i = thread; i < rows.count * OUTPUTS; i += LANES) {
    let c = weight * data[rows.c + i / OUTPUTS];
    var delta = 0.0;
    if (c != 0.0) {
      let terms = loss_terms(kind, tape[value_at(rows, LAST) + i], data[rows.y + i], shape, phi());
      delta = c * terms.slope;
      sum += c * terms.value;
    }
    tape[delta_at(rows, LAST) + i] = delta;
  }
  sync();
  return workgroup_sum(thread, vec4f(sum, 0.0, 0.0, 0.0)).x;
}

// δ' = δ Wᵀ ⊙ σ', and the bend; behind a forward at the same θ. Twin: dense_backward.wgsl.
fn backward(rows: Rows, at: u32) {
  for (var l = LAST; l > 0u; l--) {
    let inputs = widths[l];
    let outputs = widths[l + 1u];
    let w = weights[l];
    let items = (rows.count + 3u) / 4u * inputs;
    for (var item = thread; item < items; item += LANES) {
      let n = item % inputs;
      let r = item / inputs * 4u;
      let delta = four(r, rows.count, delta_at(rows, l), outputs);
      var sum = vec4f(0.0);
      for (var k = 0u; k < outputs; k++) {
        sum += weight(at, w + n * outputs + k) * tape4(delta + k);
      }
      for (var i = 0u; i < min(4u, rows.count - r); i++) {
        let to = (r + i) * inputs + n;
        let point = activate(tape[z_at(rows, l - 1u) + to]);
        tape[delta_at(rows, l - 1u) + to] = sum[i] * point.y;
        tape[bend_at(rows, l - 1u) + to] = sum[i] * point.z;
      }
    }
    sync();
  }
}

// Four inputs of a row from m on, the bias' 1 (or `bias`) behind the last; past it zeros.
fn inputs4(rows: Rows, l: u32, r: u32, m: u32) -> vec4f {
  let inputs = widths[l];
  var values = vec4f(0.0);
  for (var i = 0u; i < 4u; i++) {
    if (m + i < inputs) {
      if (l == 0u) {
        values[i] = data[rows.x + r * inputs + m + i];
      } else {
        values[i] = tape[value_at(rows, l - 1u) + r * inputs + m + i];
      }
    } else if (m + i == inputs) {
      values[i] = 1.0;
    }
  }
  return values;
}

// [A, 1]ᵀ δ, into the gradient of step k or, for the query, added to λ. Twin: dense_gradient.wgsl.
fn differentiate(rows: Rows, k: u32, to_lambda: bool) {
  for (var l = select(0u, LAST, HEAD_ONLY && !to_lambda); l < LAYERS; l++) {
    let inputs = widths[l];
    let outputs = widths[l + 1u];
    let items = (inputs + 4u) / 4u * outputs;
    for (var item = thread; item < items; item += LANES) {
      let n = item % outputs;
      let m = item / outputs * 4u;
      var sum = vec4f(0.0);
      for (var r = 0u; r < rows.count; r++) {
        sum += tape[delta_at(rows, l) + r * outputs + n] * inputs4(rows, l, r, m);
      }
      for (var i = 0u; i < min(4u, inputs + 1u - m); i++) {
        let p = weights[l] + (m + i) * outputs + n;
        if (!to_lambda) {
          gradient[gradient_at(k) + p] = sum[i];
        } else {
          tape[lambda_at() + p] += sum[i];
        }
      }
    }
  }
  sync();
}

// g = ∇L + ω θ + ρ (θ − θ_0), θ' = θ − m α g. Twin: inner_update.wgsl.
fn update(k: u32) {
  let omega = learner[phi_at() + 3u];
  for (var p = thread; p < PARAMS; p += LANES) {
    let now = theta[theta_at(k) + p];
    var g = 0.0;
    var next = now;
    if (p >= FIRST) {
      g = gradient[gradient_at(k) + p] + omega * now + u.rho * (now - learner[p]);
      next = now - exp(learner[rate_at(k, p)]) * g;
    }
    gradient[gradient_at(k) + p] = g;
    theta[theta_at(k + 1u) + p] = next;
  }
  sync();
}

// s_k L_query(θ_k) and its gradient into λ.
fn judge_query(k: u32) -> f32 {
  let rows = query();
  forward(rows, theta_at(k));
  let loss = judge(rows, OUTER_LOSS, u.outer_shape, control[1u + k]);
  backward(rows, theta_at(k));
  differentiate(rows, k, true);
  return loss;
}

// u = m α λ, the rate terms −u g in place of g, θ_0's share, and ⟨u, θ_k⟩. Twins: adjoint_step.wgsl, decay_term.wgsl.
fn step_back(k: u32, curved: bool) -> f32 {
  var sum = 0.0;
  for (var p = thread; p < PARAMS; p += LANES) {
    var along = 0.0;
    if (p >= FIRST) {
      along = exp(learner[rate_at(k, p)]) * tape[lambda_at() + p];
    }
    tape[direction_at() + p] = along;
    gradient[gradient_at(k) + p] *= -along;
    if (curved) {
      tape[anchor_at() + p] += u.rho * along;
      sum += along * theta[theta_at(k) + p];
    }
  }
  sync();
  return workgroup_sum(thread, vec4f(sum, 0.0, 0.0, 0.0)).x;
}

// λ −= H u + (ω + ρ) u; returns Σ c ∂_φ ℓ' Rŷ. Twins: the tangent kernels.
fn curve(k: u32) -> vec3f {
  let rows = support(k);
  let at = theta_at(k);
  let v = direction_at();
  hold(at);
  for (var l = select(0u, LAST, HEAD_ONLY); l < LAYERS; l++) {
    let inputs = widths[l];
    let outputs = widths[l + 1u];
    let items = (rows.count + 3u) / 4u * outputs;
    for (var item = thread; item < items; item += LANES) {
      let n = item % outputs;
      let r = item / outputs * 4u;
      var sum = vec4f(tape[v + weights[l] + inputs * outputs + n]);
      if (l == 0u) {
        let a = four(r, rows.count, rows.x, inputs);
        for (var i = 0u; i < inputs; i++) {
          sum += tape[v + weights[l] + i * outputs + n] * data4(a + i);
        }
      } else {
        let a = four(r, rows.count, value_at(rows, l - 1u), inputs);
        let r_a = four(r, rows.count, r_value_at(rows, l - 1u), inputs);
        for (var i = 0u; i < inputs; i++) {
          sum += tape[v + weights[l] + i * outputs + n] * tape4(a + i);
          if (!HEAD_ONLY) {
            sum += weight(at, weights[l] + i * outputs + n) * tape4(r_a + i);
          }
        }
      }
      for (var i = 0u; i < min(4u, rows.count - r); i++) {
        let to = (r + i) * outputs + n;
        tape[r_z_at(rows, l) + to] = sum[i];
        if (l < LAST) {
          tape[r_value_at(rows, l) + to] = activate(tape[z_at(rows, l) + to]).y * sum[i];
        }
      }
    }
    sync();
  }
  var by_phi = vec3f(0.0);
  for (var i = thread; i < rows.count * OUTPUTS; i += LANES) {
    let c = data[rows.c + i / OUTPUTS];
    var r_delta = 0.0;
    if (c != 0.0) {
      let terms = loss_terms(LOSS, tape[value_at(rows, LAST) + i], data[rows.y + i], u.loss_shape, phi());
      let moved = c * tape[r_z_at(rows, LAST) + i];
      r_delta = terms.curvature * moved;
      by_phi += moved * terms.slope_by_phi;
    }
    tape[r_delta_at(rows, LAST) + i] = r_delta;
  }
  sync();
  for (var l = LAST; l > 0u; l--) {
    let inputs = widths[l];
    let outputs = widths[l + 1u];
    let turns = !HEAD_ONLY || l == LAST;
    let items = (rows.count + 3u) / 4u * inputs;
    for (var item = thread; item < items; item += LANES) {
      let n = item % inputs;
      let r = item / inputs * 4u;
      let delta = four(r, rows.count, delta_at(rows, l), outputs);
      let r_delta = four(r, rows.count, r_delta_at(rows, l), outputs);
      var sum = vec4f(0.0);
      for (var i = 0u; i < outputs; i++) {
        sum += weight(at, weights[l] + n * outputs + i) * tape4(r_delta + i);
        if (turns) {
          sum += tape[v + weights[l] + n * outputs + i] * tape4(delta + i);
        }
      }
      for (var i = 0u; i < min(4u, rows.count - r); i++) {
        let to = (r + i) * inputs + n;
        var value = sum[i] * activate(tape[z_at(rows, l - 1u) + to]).y;
        if (!HEAD_ONLY) {
          value += tape[bend_at(rows, l - 1u) + to] * tape[r_z_at(rows, l - 1u) + to];
        }
        tape[r_delta_at(rows, l - 1u) + to] = value;
      }
    }
    sync();
  }
  let pull = learner[phi_at() + 3u] + u.rho;
  for (var l = 0u; l < LAYERS; l++) {
    let inputs = widths[l];
    let outputs = widths[l + 1u];
    let items = (inputs + 4u) / 4u * outputs;
    for (var item = thread; item < items; item += LANES) {
      let n = item % outputs;
      let m = item / outputs * 4u;
      var sum = vec4f(0.0);
      for (var r = 0u; r < rows.count; r++) {
        sum += tape[r_delta_at(rows, l) + r * outputs + n] * inputs4(rows, l, r, m);
        if (l > 0u && !HEAD_ONLY) {
          let moved = four(m, inputs, r_value_at(rows, l - 1u) + r * inputs, 1u);
          let inside = vec4u(m, m + 1u, m + 2u, m + 3u) < vec4u(inputs);
          sum += tape[delta_at(rows, l) + r * outputs + n] * select(vec4f(0.0), tape4(moved), inside);
        }
      }
      for (var i = 0u; i < min(4u, inputs + 1u - m); i++) {
        let p = weights[l] + (m + i) * outputs + n;
        tape[lambda_at() + p] -= sum[i] + pull * tape[v + p];
      }
    }
  }
  sync();
  return workgroup_sum(thread, vec4f(by_phi, 0.0)).xyz;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  if (group.x + group.y * groups.x >= u.tasks) {
    return;
  }
  task = group.x + group.y * groups.x;
  thread = index;
  for (var p = thread; p < PARAMS; p += LANES) {
    theta[theta_at(0u) + p] = learner[p];
  }
  sync();
  for (var k = 0u; k < u.steps; k++) {
    let rows = support(k);
    forward(rows, theta_at(k));
    let loss = judge(rows, LOSS, u.loss_shape, 1.0);
    if (thread == 0u) {
      stats[u.loss + k * u.tasks + task] = loss;
    }
    if (!HEAD_ONLY || k >= u.curved_from) {
      backward(rows, theta_at(k));
    }
    differentiate(rows, k, false);
    update(k);
  }
  if (u.reverse == 0u) {
    return;
  }
  for (var p = thread; p < PARAMS; p += LANES) {
    tape[lambda_at() + p] = 0.0;
    tape[anchor_at() + p] = 0.0;
  }
  sync();
  var loss = 0.0;
  var decay = 0.0;
  var by_phi = vec3f(0.0);
  for (var back = 0u; back <= u.steps; back++) {
    let k = u.steps - back;
    if (back > 0u) {
      let along = step_back(k, k >= u.curved_from);
      if (k >= u.curved_from) {
        decay -= along;
        by_phi -= curve(k);
      }
    }
    if (control[1u + k] != 0.0) {
      loss += judge_query(k);
    }
  }
  if (thread == 0u) {
    stats[u.query_loss + task] = loss;
    stats[u.omega + task] = decay;
    stats[u.phi + task] = by_phi.x;
    stats[u.phi + u.tasks + task] = by_phi.y;
    stats[u.phi + 2u * u.tasks + task] = by_phi.z;
  }
}
