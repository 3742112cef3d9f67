// Behind the last layer, tangents: Rδ = c ℓ''(ŷ) Rŷ, and for the learned loss φ's gradient −= Σ c ∂_φ ℓ'(ŷ) Rŷ.
// Per task: ŷ on the tape, Rŷ, Rδ [rows, outputs] in the tangents, y and c in the data, φ's gradient [3, tasks] in the stats.
// Dispatch: one workgroup of LANES threads per task. Header: LOSS, ACTIVATION, LANES.

struct Sizes {
  tasks: u32,
  rows: u32,
  outputs: u32,
  forecast: u32,
  label: u32,
  coefficient: u32,
  r_forecast: u32,
  r_delta: u32,
  phi: u32,
  loss_phi: u32,
  shape: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> learner: array<f32>;
@group(0) @binding(2) var<storage, read> data: array<f32>;
@group(0) @binding(3) var<storage, read> tape: array<f32>;
@group(0) @binding(4) var<storage, read_write> tangent: array<f32>;
@group(0) @binding(5) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let task = group.x + group.y * groups.x;
  if (task >= u.tasks) {
    return;
  }
  let phi = vec3f(learner[u.phi], learner[u.phi + 1u], learner[u.phi + 2u]);
  let count = u.rows * u.outputs;
  var sum = vec3f(0.0);
  for (var i = thread; i < count; i += LANES) {
    let c = data[u.coefficient + task * u.rows + i / u.outputs];
    let at = task * count + i;
    var r_delta = 0.0;
    if (c != 0.0) {
      let terms = loss_terms(LOSS, tape[u.forecast + at], data[u.label + at], u.shape, phi);
      let moved = c * tangent[u.r_forecast + at];
      r_delta = terms.curvature * moved;
      sum += moved * terms.slope_by_phi;
    }
    tangent[u.r_delta + at] = r_delta;
  }
  if (LOSS == 2u) {
    let total = workgroup_sum(thread, vec4f(sum, 0.0));
    if (thread == 0u) {
      stats[u.loss_phi + task] -= total.x;
      stats[u.loss_phi + u.tasks + task] -= total.y;
      stats[u.loss_phi + 2u * u.tasks + task] -= total.z;
    }
  }
}
