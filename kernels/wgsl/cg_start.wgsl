// Conjugate gradients (Hestenes & Stiefel 1952) on (I + H/ρ) x = b, first lines: r = b (in place), p = b, x = 0.
// Shapes: adjoint [r | x | A p], each [tasks, P]; direction p; stats [2, tasks]: r·r and its goal, −1 once a task is frozen.
// Dispatch: one workgroup of LANES threads per task. Header: LANES.

struct Sizes {
  tasks: u32,
  params: u32, // P
  solution: u32,
  norm: u32,   // stats: [2, tasks]
  tolerance: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read_write> adjoint: array<f32>;
@group(0) @binding(2) var<storage, read_write> direction: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<f32>;

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
  var sum = 0.0;
  for (var p = thread; p < u.params; p += LANES) {
    let at = task * u.params + p;
    let r = adjoint[at];
    direction[at] = r;
    adjoint[u.solution + at] = 0.0;
    sum += r * r;
  }
  let total = workgroup_sum(thread, vec4f(sum, 0.0, 0.0, 0.0));
  if (thread == 0u) {
    stats[u.norm + task] = total.x;
    stats[u.norm + u.tasks + task] = select(-1.0, u.tolerance * u.tolerance * total.x, total.x > 0.0);
  }
}
