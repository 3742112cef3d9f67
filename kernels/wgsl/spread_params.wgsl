// Every task starts from the same parameters: θ_t = θ_0. Shapes: learner [P | ...], theta [tasks, P].
// Dispatch: flat.wgsl with count = tasks · P.

struct Sizes {
  count: u32,
  params: u32, // P
  theta: u32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> learner: array<f32>;
@group(0) @binding(2) var<storage, read_write> theta: array<f32>;

fn element(i: u32) {
  theta[u.theta + i] = learner[i % u.params];
}
