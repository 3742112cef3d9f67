// One thread an element: a module with the entry point for kernels that define element(i). Their uniform `u` starts with count.
// Dispatch: one workgroup of LANES threads per LANES elements, flattened over x and y.

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = (group.x + group.y * groups.x) * LANES + thread;
  if (i >= u.count) {
    return;
  }
  element(i);
}
