// Back through one inner step: u = m α λ, the direction of the Hessian-vector product, and logLr's term −u g in place of g.
// With a proximal pull and curvature, θ_0's own share += ρ u. Shapes: adjoint (λ, and the share), direction, gradient [tasks, P].
// Dispatch: flat.wgsl with count = tasks · P.

struct Sizes {
  count: u32,
  params: u32, // P
  first: u32,  // m is 0 below it
  lambda: u32,
  anchor: u32, // θ_0's own share
  gradient: u32,
  rates: u32,
  keep: u32,   // 1 to add to the share, 0 to start it
  rho: f32,    // 0 to leave the share alone
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> learner: array<f32>;
@group(0) @binding(2) var<storage, read> rate_map: array<u32>;
@group(0) @binding(3) var<storage, read_write> adjoint: array<f32>;
@group(0) @binding(4) var<storage, read_write> direction: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;

fn element(i: u32) {
  let p = i % u.params;
  var along = 0.0;
  if (p >= u.first) {
    along = exp(learner[u.rates + rate_map[p]]) * adjoint[u.lambda + i];
  }
  direction[i] = along;
  gradient[u.gradient + i] *= -along;
  if (u.rho != 0.0) {
    let share = u.rho * along;
    if (u.keep == 1u) {
      adjoint[u.anchor + i] += share;
    } else {
      adjoint[u.anchor + i] = share;
    }
  }
}
