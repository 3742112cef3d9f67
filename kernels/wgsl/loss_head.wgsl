// Behind the last layer: the loss of each task, Σ c ℓ, its slope δ = c ℓ'(ŷ) and its gradient by φ, all times a weight.
// Per task: ŷ, δ [rows, outputs] on the tape, y [rows, outputs] and c [rows] in the data; rows with c = 0 add exactly nothing.
// Dispatch: one workgroup of LANES threads per task. Header: LOSS, ACTIVATION, LANES.

struct Sizes {
  tasks: u32,
  rows: u32,
  outputs: u32,
  forecast: u32,
  label: u32,
  coefficient: u32,
  delta: u32,
  weight: u32,   // index of the weight in the control
  phi: u32,      // index of φ in the learner
  loss: u32,     // stats: [tasks]
  loss_phi: u32, // stats: [3, tasks], written for the learned loss alone
  keep: u32,     // 1 to add to the loss, 0 to overwrite it
  shape: f32,    // huber's delta, the learned loss' tau
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> control: array<f32>;
@group(0) @binding(2) var<storage, read> learner: array<f32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(0) @binding(4) var<storage, read_write> tape: array<f32>;
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
  let weight = control[u.weight];
  let phi = vec3f(learner[u.phi], learner[u.phi + 1u], learner[u.phi + 2u]);
  let count = u.rows * u.outputs;
  var sum = vec4f(0.0);
  for (var i = thread; i < count; i += LANES) {
    let c = weight * data[u.coefficient + task * u.rows + i / u.outputs];
    let at = task * count + i;
    var delta = 0.0;
    if (c != 0.0) {
      let terms = loss_terms(LOSS, tape[u.forecast + at], data[u.label + at], u.shape, phi);
      delta = c * terms.slope;
      sum += c * vec4f(terms.value, terms.by_phi);
    }
    tape[u.delta + at] = delta;
  }
  let total = workgroup_sum(thread, sum);
  if (thread == 0u) {
    if (u.keep == 1u) {
      stats[u.loss + task] += total.x;
    } else {
      stats[u.loss + task] = total.x;
    }
    if (LOSS == 2u) {
      stats[u.loss_phi + task] = total.y;
      stats[u.loss_phi + u.tasks + task] = total.z;
      stats[u.loss_phi + 2u * u.tasks + task] = total.w;
    }
  }
}
