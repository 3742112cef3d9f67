// Sums over one workgroup of LANES threads by a fixed tree: a module. The order never changes, so results are bitwise equal
// from run to run. Call in uniform control flow alone; every thread receives the sum.

var<workgroup> lanes: array<f32, LANES>;

fn workgroup_sum(thread: u32, value: f32) -> f32 {
  lanes[thread] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (thread < half) {
      lanes[thread] += lanes[thread + half];
    }
    workgroupBarrier();
  }
  let total = lanes[0];
  workgroupBarrier();
  return total;
}
