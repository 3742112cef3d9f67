// Where the fused kernel's numbers lie, in workgroup memory or on the task's tape, and how lanes wait for one another: a module
// of fused_task.wgsl, whose bindings and uniform it reads. It computes nothing.
// Header: the network (LAYERS, WIDTHS, ...) and its layout, as fusedConstants in lib/engine/webgpu/fused.ts lists them.

const LAST: u32 = LAYERS - 1u;

var<workgroup> memory: array<vec4f, MEMORY>;

var<private> task: u32;
var<private> thread: u32;
var<private> lane: u32;
var<private> is_live: bool;     // past the last task a team only keeps the barriers
var<private> place: u32;        // of the team in memory
var<private> tape_at: u32;      // of the task
var<private> query_sum: f32;
var<private> omega_sum: f32;
var<private> phi_sum: vec3f;
var<private> is_query_loaded: bool;

fn width(l: u32) -> u32 { var table = WIDTHS; return table[l]; }
fn input_quads(l: u32) -> u32 { return (width(l) + 4u) / 4u; }
fn weights(l: u32) -> u32 { var table = WEIGHTS; return table[l]; }
fn quad_at(l: u32) -> u32 { var table = QUAD_AT; return table[l]; }
fn quad_stride(l: u32) -> u32 { return width(l + 1u) | 1u; } // odd: neighbouring inputs lie in different banks
fn row_stride(l: u32) -> u32 { return select(4u * input_quads(l), OUTPUTS, l == LAYERS); }
fn row_at(l: u32, tile: u32) -> u32 { var table = ROW_AT; return table[l] + tile * row_stride(l); }
fn unit_at(l: u32, tile: u32) -> u32 { var table = UNIT_AT; return table[l] + tile * width(l + 1u); }

fn sync_rows() {
  if (!ROWS_HELD) {
    storageBarrier();
  }
  workgroupBarrier();
}

fn sync() {
  if (!ROWS_HELD || HELD == 0u) {
    storageBarrier();
  }
  workgroupBarrier();
}

// Rows of one sweep: where its data and its tape are, and how its forecasts are judged.
struct Rows {
  count: u32,
  tiles: u32,
  x: u32,
  y: u32,
  c: u32,
  sweep: u32,
  is_query: bool,
  is_kept: bool, // for the way back
  terms: u32,
  loss: u32,
  shape: f32,
  weight: f32,
}

// Activations of a sweep, on the way back overwritten by δ layer by layer; and δ, on the way back tangents, then Rδ.
fn left(i: u32) -> vec4f {
  if (ROWS_HELD) {
    return memory[place + LEFT + i];
  }
  return tape[tape_at + LEFT + i];
}

fn right(i: u32) -> vec4f {
  if (ROWS_HELD) {
    return memory[place + RIGHT + i];
  }
  return tape[tape_at + RIGHT + i];
}

fn set_left(i: u32, value: vec4f) {
  if (ROWS_HELD) {
    memory[place + LEFT + i] = value;
  } else {
    tape[tape_at + LEFT + i] = value;
  }
}

fn set_right(i: u32, value: vec4f) {
  if (ROWS_HELD) {
    memory[place + RIGHT + i] = value;
  } else {
    tape[tape_at + RIGHT + i] = value;
  }
}

fn theta_at(k: u32) -> u32 { return tape_at + u.theta + (max(k, u.kept_from) - u.kept_from) * QUADS; }
fn gradient_at(k: u32) -> u32 { return tape_at + u.gradient + k * QUADS; }

// Four parameters, or one, of the θ whose sweep runs; `at` is its place in storage.
fn theta4(at: u32, i: u32) -> vec4f {
  if (HELD > 0u) {
    return memory[place + i];
  }
  return tape[at + i];
}

fn theta1(at: u32, i: u32, c: u32) -> f32 {
  if (HELD > 0u) {
    return memory[place + i][c];
  }
  return tape[at + i][c];
}

// The same on the way back, where the direction comes first.
fn turned4(at: u32, i: u32) -> vec4f {
  if (HELD == 2u) {
    return memory[place + i];
  }
  return tape[at + i];
}

fn turned1(at: u32, i: u32, c: u32) -> f32 {
  if (HELD == 2u) {
    return memory[place + i][c];
  }
  return tape[at + i][c];
}

fn direction4(i: u32) -> vec4f {
  if (HELD > 0u) {
    return memory[place + DIRECTION + i];
  }
  return tape[tape_at + u.direction + i];
}

fn direction1(i: u32, c: u32) -> f32 {
  if (HELD > 0u) {
    return memory[place + DIRECTION + i][c];
  }
  return tape[tape_at + u.direction + i][c];
}

fn set_direction(i: u32, value: vec4f) {
  if (HELD > 0u) {
    memory[place + DIRECTION + i] = value;
  } else {
    tape[tape_at + u.direction + i] = value;
  }
}

// The inputs' share of four parameters: which of them are there.
fn inside(l: u32, q: u32) -> vec4<bool> { return 4u * q + vec4u(0u, 1u, 2u, 3u) <= vec4u(width(l)); }

// Their places in a flat `[in][out]` layout with the bias behind; past it the bias again.
fn flat4(l: u32, q: u32, n: u32) -> vec4u {
  return weights(l) + min(4u * q + vec4u(0u, 1u, 2u, 3u), vec4u(width(l))) * width(l + 1u) + n;
}

fn start4(l: u32, q: u32, n: u32) -> vec4f {
  let p = flat4(l, q, n);
  return select(vec4f(0.0), vec4f(learner[p.x], learner[p.y], learner[p.z], learner[p.w]), inside(l, q));
}

fn set_outcome(at: u32, l: u32, q: u32, n: u32, value: vec4f) {
  let p = at + flat4(l, q, n);
  let here = inside(l, q);
  outcome[p.x] = value.x;
  if (here.y) { outcome[p.y] = value.y; }
  if (here.z) { outcome[p.z] = value.z; }
  if (here.w) { outcome[p.w] = value.w; }
}

fn rate_row(k: u32) -> u32 { return min(k, u.rates / u.rate_width - 1u) * u.rate_width; }

fn rates4(k: u32, l: u32, q: u32, n: u32) -> vec4f {
  let at = PARAMS + rate_row(k);
  if (u.rate_width == PARAMS) {
    let p = at + flat4(l, q, n);
    return exp(vec4f(learner[p.x], learner[p.y], learner[p.z], learner[p.w]));
  }
  return vec4f(exp(learner[at + select(0u, l, u.rate_width > 1u)]));
}

fn phi() -> vec3f {
  let at = PARAMS + u.rates;
  return vec3f(learner[at], learner[at + 1u], learner[at + 2u]);
}

fn omega() -> f32 { return learner[PARAMS + u.rates + 3u]; }

fn support(k: u32) -> Rows {
  let rows = select(0u, u.support_rows, is_live);
  return Rows(
    rows,
    (rows + 3u) / 4u,
    u.support_x + task * rows * INPUTS,
    u.support_y + task * rows * OUTPUTS,
    u.support_c + task * rows,
    tape_at + u.sweep + (max(k, u.curved_from) - u.curved_from) * u.slot,
    false,
    u.reverse != 0u && k >= u.curved_from,
    tape_at + u.terms + k * TILES * OUTPUTS,
    u.support_loss,
    u.support_shape,
    1.0,
  );
}

fn query(weight: f32) -> Rows {
  let rows = select(0u, u.query_rows, is_live);
  return Rows(
    rows,
    (rows + 3u) / 4u,
    u.query_x + task * rows * INPUTS,
    u.query_y + task * rows * OUTPUTS,
    u.query_c + task * rows,
    tape_at + u.query,
    true,
    false,
    0u,
    u.outer_loss,
    u.outer_shape,
    weight,
  );
}

// Column n of four rows of data, `stride` wide; zeros past the last row.
fn data4(rows: Rows, at: u32, tile: u32, stride: u32, n: u32) -> vec4f {
  let r = 4u * tile + vec4u(0u, 1u, 2u, 3u);
  let p = at + min(r, vec4u(rows.count - 1u)) * stride + n;
  return select(vec4f(0.0), vec4f(data[p.x], data[p.y], data[p.z], data[p.w]), r < vec4u(rows.count));
}

// Between syncs.
fn load_inputs(rows: Rows) {
  is_query_loaded = rows.is_query;
  for (var item = lane; item < rows.tiles * INPUTS; item += TEAM) {
    let tile = item / INPUTS;
    let n = item % INPUTS;
    set_left(row_at(0u, tile) + n, data4(rows, rows.x, tile, INPUTS, n));
  }
}

// Quads that a team has to work in layer l.
fn quads_of(l: u32) -> u32 { return select(0u, input_quads(l) * width(l + 1u), is_live); }
