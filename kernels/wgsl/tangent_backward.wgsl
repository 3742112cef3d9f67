// One dense layer's error tangents sent back: Rδ' = (Rδ Wᵀ + δ Vᵀ) ⊙ σ'(z) + (δ Wᵀ) ⊙ σ''(z) ⊙ Rz, where (δ Wᵀ) ⊙ σ''(z) is the
// bend that dense_backward kept. Per task: δ, Rδ [rows, outputs], W, V [inputs, outputs], z, Rz, Rδ' [rows, inputs].
// Dispatch: tile.wgsl with m = rows, n = inputs, depth = 2 outputs, or outputs where V is zero. Header: ACTIVATION.

struct Sizes {
  tasks: u32,
  m: u32,
  n: u32,
  depth: u32,
  outputs: u32,
  delta: u32,
  r_delta: u32,
  theta: u32,
  theta_stride: u32,
  direction: u32,
  direction_stride: u32,
  z: u32,
  bend: u32,
  r_z: u32,
  r_delta_before: u32, // Rδ'
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> theta: array<f32>;
@group(0) @binding(2) var<storage, read> direction: array<f32>;
@group(0) @binding(3) var<storage, read> tape: array<f32>;
@group(0) @binding(4) var<storage, read_write> tangent: array<f32>;

const LEFT_ALONG_DEPTH = true;
const RIGHT_ALONG_DEPTH = true;

fn left(task: u32, m: u32, k: u32) -> f32 {
  let row = (task * u.m + m) * u.outputs;
  if (k < u.outputs) {
    return tangent[u.r_delta + row + k];
  }
  return tape[u.delta + row + k - u.outputs];
}

fn right(task: u32, k: u32, n: u32) -> f32 {
  if (k < u.outputs) {
    return theta[u.theta + task * u.theta_stride + n * u.outputs + k];
  }
  return direction[u.direction + task * u.direction_stride + n * u.outputs + k - u.outputs];
}

fn store(task: u32, m: u32, n: u32, sum: f32) {
  let at = (task * u.m + m) * u.n + n;
  let slope = activate(tape[u.z + at]).y;
  tangent[u.r_delta_before + at] = sum * slope + tape[u.bend + at] * tangent[u.r_z + at];
}
