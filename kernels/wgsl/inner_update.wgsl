// One inner step: g = ∇L + ω θ + ρ (θ − θ_0), θ' = θ − m α g with α = exp(logLr). Where m is 0, g is 0 and θ' = θ.
// Shapes: theta, gradient [tasks, P] at their offsets; the gradient becomes g in place. rate_map[p] is p's place in a row of logLr.
// Dispatch: flat.wgsl with count = tasks · P.

struct Sizes {
  count: u32,
  params: u32, // P
  first: u32,  // m is 0 below it
  before: u32, // θ
  after: u32,  // θ', may equal θ
  gradient: u32,
  rates: u32,  // this step's row of logLr in the learner
  omega: u32,  // ω in the learner
  rho: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> learner: array<f32>;
@group(0) @binding(2) var<storage, read> rate_map: array<u32>;
@group(0) @binding(3) var<storage, read_write> theta: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;

fn element(i: u32) {
  let p = i % u.params;
  let now = theta[u.before + i];
  if (p < u.first) {
    gradient[u.gradient + i] = 0.0;
    theta[u.after + i] = now;
    return;
  }
  let g = gradient[u.gradient + i] + learner[u.omega] * now + u.rho * (now - learner[p]);
  gradient[u.gradient + i] = g;
  theta[u.after + i] = now - exp(learner[u.rates + rate_map[p]]) * g;
}
