// A whole task in one team of TEAM lanes: the inner loop and, where asked, the adjoint back through it, in one dispatch.
// On the chip (planFused in lib/engine/webgpu/fused_plan.ts): the rows of a sweep if ROWS_HELD, and of θ and the direction u both
// (HELD 2), the one that is in turn (1) or none (0). Storage keeps the trajectory, each place of which only the lane reads that
// wrote it, so that lanes meet at workgroup barriers alone: 2L an inner step and 3L a step back, L layers, whatever they hold.
// A storage barrier comes in where lanes read each other's storage: before the way back, at the end, and at the syncs of what
// is not held.
// Layout: a vec4 is four rows of one unit, or of the parameters four inputs of one output (bias as input, padded with zeros).
// Modules: fused_places, fused_sweep, fused_back. Twin: taskGradient in lib/method/meta_gradient.ts.
// Dispatch: a workgroup of LANES threads per TEAMS tasks.

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
