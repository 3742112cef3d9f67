// Weight decay's gradient from one inner step: stats_t −= ⟨u_t, θ_t⟩. Shapes: direction, theta [tasks, P], stats [tasks].
// Dispatch: one workgroup of LANES threads per task. Header: LANES.

struct Sizes {
  tasks: u32,
  params: u32, // P
  theta: u32,
  out: u32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> direction: array<f32>;
@group(0) @binding(2) var<storage, read> theta: array<f32>;
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
    sum += direction[task * u.params + p] * theta[u.theta + task * u.params + p];
  }
  let total = workgroup_sum(thread, vec4f(sum, 0.0, 0.0, 0.0));
  if (thread == 0u) {
    stats[u.out + task] -= total.x;
  }
}
