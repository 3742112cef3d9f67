// Sums over tasks, in task order, and over slices within a task: out_j (+)= Σ_t Σ_s scale · source[s, t, j].
// It goes on from what an earlier chunk of tasks left, so chunks do not change the result. Shapes: out [count].
// Dispatch: flat.wgsl with count = elements of out.

struct Sizes {
  count: u32,
  tasks: u32,
  slices: u32,
  source: u32,
  task_stride: u32,
  slice_stride: u32,
  out: u32,
  keep: u32, // 1 to go on from what is there, 0 to start
  scale: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

fn element(i: u32) {
  var sum = 0.0;
  if (u.keep == 1u) {
    sum = out[u.out + i];
  }
  for (var t = 0u; t < u.tasks; t++) {
    for (var s = 0u; s < u.slices; s++) {
      sum += u.scale * source[u.source + s * u.slice_stride + t * u.task_stride + i];
    }
  }
  out[u.out + i] = sum;
}
