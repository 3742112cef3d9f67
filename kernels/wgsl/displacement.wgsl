// Reptile's gradient (Nichol et al. 2018, algorithm 1): λ = θ_0 − θ_K. Shapes: theta, adjoint [tasks, P].
// Dispatch: flat.wgsl with count = tasks · P.

struct Sizes {
  count: u32,
  params: u32, // P
  theta: u32,  // θ_K
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> learner: array<f32>;
@group(0) @binding(2) var<storage, read> theta: array<f32>;
@group(0) @binding(3) var<storage, read_write> adjoint: array<f32>;

fn element(i: u32) {
  adjoint[i] = learner[i % u.params] - theta[u.theta + i];
}
