// One dense layer's rows of the Hessian-vector product: Hv = [a, 1]ᵀ Rδ + [Ra, 0]ᵀ δ, [inputs + 1, outputs], stored as
// out = keep · out + scale · Hv + (shift + decay · ω) · v. Per task: a, Ra [rows, inputs], δ, Rδ [rows, outputs].
// Dispatch: tile.wgsl with m = inputs + 1, n = outputs, depth = the rows of one block (MOST_STEPS
// says why), or twice them where Ra is not zero. Header: FROM_DATA.

struct Sizes {
  tasks: u32,
  m: u32,
  n: u32,
  depth: u32,
  rows: u32,    // rows a task
  row: u32,     // first row of the block
  block: u32,   // rows of the block
  input: u32,   // a
  r_input: u32, // Ra
  delta: u32,
  r_delta: u32,
  direction: u32,
  direction_stride: u32,
  out: u32,
  out_stride: u32,
  keep: u32,
  omega: u32,   // index of ω in the learner
  scale: f32,
  shift: f32,
  decay: f32,
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> data: array<f32>;
@group(0) @binding(2) var<storage, read> learner: array<f32>;
@group(0) @binding(3) var<storage, read> direction: array<f32>;
@group(0) @binding(4) var<storage, read> tape: array<f32>;
@group(0) @binding(5) var<storage, read> tangent: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;

const LEFT_ALONG_DEPTH = false;
const RIGHT_ALONG_DEPTH = false;

fn left(task: u32, m: u32, k: u32) -> f32 {
  let inputs = u.m - 1u;
  if (k >= u.block) {
    if (m == inputs) {
      return 0.0;
    }
    return tangent[u.r_input + (task * u.rows + u.row + k - u.block) * inputs + m];
  }
  if (m == inputs) {
    return 1.0;
  }
  let at = u.input + (task * u.rows + u.row + k) * inputs + m;
  if (FROM_DATA) {
    return data[at];
  }
  return tape[at];
}

fn right(task: u32, k: u32, n: u32) -> f32 {
  if (k >= u.block) {
    return tape[u.delta + (task * u.rows + u.row + k - u.block) * u.n + n];
  }
  return tangent[u.r_delta + (task * u.rows + u.row + k) * u.n + n];
}

fn store(task: u32, m: u32, n: u32, sum: f32) {
  let at = task * u.out_stride + u.out + m * u.n + n;
  let along = direction[u.direction + task * u.direction_stride + m * u.n + n];
  let value = u.scale * sum + (u.shift + u.decay * learner[u.omega]) * along;
  if (u.keep == 1u) {
    out[at] += value;
  } else {
    out[at] = value;
  }
}
