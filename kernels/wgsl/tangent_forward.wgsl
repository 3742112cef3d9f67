// One dense layer's tangents forward (R-operator, Pearlmutter 1994): Rz = [a, 1] Ṽ + Ra W, hidden layers also Ra' = σ'(z) Rz.
// Per task: a, Ra [rows, inputs], W̃ and the direction Ṽ [inputs + 1, outputs], Rz and Ra' [rows, outputs].
// Dispatch: tile.wgsl with m = rows, n = outputs, depth = inputs + 1, or 2 inputs + 1 where Ra is not zero.
// Header: FROM_DATA, HIDDEN, ACTIVATION.

struct Sizes {
  tasks: u32,
  m: u32,
  n: u32,
  depth: u32,
  inputs: u32,
  input: u32,   // a
  r_input: u32, // Ra
  theta: u32,
  theta_stride: u32,
  direction: u32,
  direction_stride: u32,
  z: u32,
  r_z: u32,
  r_value: u32, // Ra'
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> data: array<f32>;
@group(0) @binding(2) var<storage, read> theta: array<f32>;
@group(0) @binding(3) var<storage, read> direction: array<f32>;
@group(0) @binding(4) var<storage, read> tape: array<f32>;
@group(0) @binding(5) var<storage, read_write> tangent: array<f32>;

const LEFT_ALONG_DEPTH = true;
const RIGHT_ALONG_DEPTH = false;

fn left(task: u32, m: u32, k: u32) -> f32 {
  let row = (task * u.m + m) * u.inputs;
  if (k > u.inputs) {
    return tangent[u.r_input + row + k - u.inputs - 1u];
  }
  if (k == u.inputs) {
    return 1.0;
  }
  if (FROM_DATA) {
    return data[u.input + row + k];
  }
  return tape[u.input + row + k];
}

fn right(task: u32, k: u32, n: u32) -> f32 {
  if (k > u.inputs) {
    return theta[u.theta + task * u.theta_stride + (k - u.inputs - 1u) * u.n + n];
  }
  return direction[u.direction + task * u.direction_stride + k * u.n + n];
}

fn store(task: u32, m: u32, n: u32, sum: f32) {
  let at = (task * u.m + m) * u.n + n;
  tangent[u.r_z + at] = sum;
  if (HIDDEN) {
    tangent[u.r_value + at] = activate(tape[u.z + at]).y * sum;
  }
}
