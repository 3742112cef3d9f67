// One dense layer forward: Z = [A, 1] W̃, hidden layers also A' = σ(Z). W̃ is [inputs + 1, outputs]: the bias is its last row.
// Per task: A [rows, inputs] (the data for the first layer, else the tape), Z and A' [rows, outputs] on the tape.
// Dispatch: tile.wgsl with m = rows, n = outputs, depth = inputs + 1. Header: FROM_DATA, HIDDEN, ACTIVATION.

struct Sizes {
  tasks: u32,
  m: u32,
  n: u32,
  depth: u32,
  input: u32,        // A
  theta: u32,        // this layer's W̃ in task 0
  theta_stride: u32, // from task to task; 0 for parameters shared by all
  z: u32,
  value: u32,        // A'; the forecast for the last layer
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> data: array<f32>;
@group(0) @binding(2) var<storage, read> theta: array<f32>;
@group(0) @binding(3) var<storage, read_write> tape: array<f32>;

const LEFT_ALONG_DEPTH = true;
const RIGHT_ALONG_DEPTH = false;

fn left(task: u32, m: u32, k: u32) -> f32 {
  let inputs = u.depth - 1u;
  if (k == inputs) {
    return 1.0;
  }
  let at = u.input + (task * u.m + m) * inputs + k;
  if (FROM_DATA) {
    return data[at];
  }
  return tape[at];
}

fn right(task: u32, k: u32, n: u32) -> f32 {
  return theta[u.theta + task * u.theta_stride + k * u.n + n];
}

fn store(task: u32, m: u32, n: u32, sum: f32) {
  let at = (task * u.m + m) * u.n + n;
  if (HIDDEN) {
    tape[u.z + at] = sum;
    tape[u.value + at] = activate(sum).x;
  } else {
    tape[u.value + at] = sum;
  }
}
