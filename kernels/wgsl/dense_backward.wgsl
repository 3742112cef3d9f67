// One dense layer's error sent back to the hidden layer before it: E = δ Wᵀ, δ' = E ⊙ σ'(z), and E ⊙ σ''(z), kept for the
// Hessian. Per task: δ [rows, outputs], W [inputs, outputs]; z, δ' and the bend [rows, inputs], all on the tape.
// Dispatch: tile.wgsl with m = rows, n = inputs, depth = outputs. Header: ACTIVATION.

struct Sizes {
  tasks: u32,
  m: u32,
  n: u32,
  depth: u32,
  delta: u32,
  theta: u32,
  theta_stride: u32,
  z: u32,
  delta_before: u32, // δ'
  bend: u32,         // E ⊙ σ''(z)
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> theta: array<f32>;
@group(0) @binding(2) var<storage, read_write> tape: array<f32>;

const LEFT_ALONG_DEPTH = true;
const RIGHT_ALONG_DEPTH = true;

fn left(task: u32, m: u32, k: u32) -> f32 {
  return tape[u.delta + (task * u.m + m) * u.depth + k];
}

fn right(task: u32, k: u32, n: u32) -> f32 {
  return theta[u.theta + task * u.theta_stride + n * u.depth + k];
}

fn store(task: u32, m: u32, n: u32, sum: f32) {
  let at = (task * u.m + m) * u.n + n;
  let point = activate(tape[u.z + at]);
  tape[u.delta_before + at] = sum * point.y;
  tape[u.bend + at] = sum * point.z;
}
