// One dense layer's gradient: G = [A, 1]ᵀ δ, [inputs + 1, outputs], stored or added to what is there.
// Per task: A [rows, inputs] (the data for the first layer, else the tape), δ [rows, outputs] on the tape.
// Dispatch: tile.wgsl with m = inputs + 1, n = outputs, depth = the rows of one block (MOST_STEPS says why). Header: FROM_DATA.

struct Sizes {
  tasks: u32,
  m: u32,
  n: u32,
  depth: u32,
  rows: u32,       // rows a task
  row: u32,        // first row of the block
  input: u32,
  delta: u32,
  out: u32,        // this layer's G in task 0
  out_stride: u32, // from task to task
  keep: u32,       // 1 to add, 0 to overwrite
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> data: array<f32>;
@group(0) @binding(2) var<storage, read> tape: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const LEFT_ALONG_DEPTH = false;
const RIGHT_ALONG_DEPTH = false;

fn left(task: u32, m: u32, k: u32) -> f32 {
  let inputs = u.m - 1u;
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
  return tape[u.delta + (task * u.rows + u.row + k) * u.n + n];
}

fn store(task: u32, m: u32, n: u32, sum: f32) {
  let at = u.out + task * u.out_stride + m * u.n + n;
  if (u.keep == 1u) {
    out[at] += sum;
  } else {
    out[at] = sum;
  }
}
