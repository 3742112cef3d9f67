// Sums logLr's terms over the parameters that share a rate. Shapes: gradient [slices, P], out [slices, rates], a slice for each
// (step, task); rate j covers the parameters rate_map[P + j] up to rate_map[P + j + 1].
// Dispatch: one workgroup of LANES threads per (slice, rate). Header: LANES.

struct Sizes {
  slices: u32,
  params: u32, // P
  rates: u32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> rate_map: array<u32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let flat = group.x + group.y * groups.x;
  if (flat >= u.slices * u.rates) {
    return;
  }
  let slice = flat / u.rates;
  let rate = flat % u.rates;
  let end = rate_map[u.params + rate + 1u];
  var sum = 0.0;
  for (var p = rate_map[u.params + rate] + thread; p < end; p += LANES) {
    sum += gradient[slice * u.params + p];
  }
  let total = workgroup_sum(thread, vec4f(sum, 0.0, 0.0, 0.0));
  if (thread == 0u) {
    out[flat] = total.x;
  }
}
