// One iteration of conjugate gradients: a = r·r / p·Ap, x += a p, r −= a Ap, p = r + (r'·r' / r·r) p. A task stops for good,
// keeping its x, once ‖r‖ ≤ tolerance ‖b‖ or p·Ap ≤ 0 (Steihaug 1983): in the first iteration with x = b. Shapes as in
// cg_start.wgsl.
// Dispatch: one workgroup of LANES threads per task. Header: LANES.

struct Sizes {
  tasks: u32,
  params: u32, // P
  solution: u32,
  product: u32, // A p
  norm: u32,
  first: u32, // 1 in the first iteration
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
  let base = task * u.params;
  var sum = 0.0;
  for (var p = thread; p < u.params; p += LANES) {
    sum += direction[base + p] * adjoint[u.product + base + p];
  }
  let bend = workgroup_sum(thread, vec4f(sum, 0.0, 0.0, 0.0)).x;
  let before = stats[u.norm + task];
  let goal = stats[u.norm + u.tasks + task];
  let moving = goal >= 0.0 && bend > 0.0;
  if (u.first == 1u && goal >= 0.0 && !moving) {
    for (var p = thread; p < u.params; p += LANES) {
      adjoint[u.solution + base + p] = direction[base + p];
    }
  }
  let a = select(0.0, before / bend, moving);
  sum = 0.0;
  if (moving) {
    for (var p = thread; p < u.params; p += LANES) {
      adjoint[u.solution + base + p] += a * direction[base + p];
      let r = adjoint[base + p] - a * adjoint[u.product + base + p];
      adjoint[base + p] = r;
      sum += r * r;
    }
  }
  let after = workgroup_sum(thread, vec4f(sum, 0.0, 0.0, 0.0)).x;
  if (moving) {
    for (var p = thread; p < u.params; p += LANES) {
      direction[base + p] = adjoint[base + p] + after / before * direction[base + p];
    }
  }
  if (thread == 0u) {
    stats[u.norm + task] = after;
    if (!moving || after <= goal) {
      stats[u.norm + u.tasks + task] = -1.0;
    }
  }
}
