// One sweep of the fused kernel: forward, loss, backward and gradient, and the inner step that follows: a module of
// fused_task.wgsl. A lane works four rows of one unit, or four parameters. Formulas as in the kernels named as twins.

struct Points {
  value: vec4f,
  slope: vec4f,
  curvature: vec4f,
}

fn activate4(z: vec4f) -> Points {
  let a = activate(z.x);
  let b = activate(z.y);
  let c = activate(z.z);
  let d = activate(z.w);
  return Points(vec4f(a.x, b.x, c.x, d.x), vec4f(a.y, b.y, c.y, d.y), vec4f(a.z, b.z, c.z, d.z));
}

// c ℓ into the terms, and δ = c ℓ'. Twin: loss_head.wgsl.
fn judge(rows: Rows, tile: u32, n: u32, forecast: vec4f) {
  let c = rows.weight * data4(rows, rows.c, tile, 1u, 0u);
  let label = data4(rows, rows.y, tile, OUTPUTS, n);
  var values = vec4f(0.0);
  var delta = vec4f(0.0);
  for (var i = 0u; i < 4u; i++) {
    if (c[i] != 0.0) {
      let terms = loss_terms(rows.loss, forecast[i], label[i], rows.shape, phi());
      values[i] = c[i] * terms.value;
      delta[i] = c[i] * terms.slope;
    }
  }
  let to = tile * OUTPUTS + n;
  set_right(row_at(LAYERS, tile) + n, delta);
  if (rows.is_query) {
    query_sum += dot(values, vec4f(1.0));
  } else {
    tape[rows.terms + to] = values;
  }
  if (rows.is_kept) {
    tape[rows.sweep + FORECAST + to] = forecast;
    tape[rows.sweep + DELTA + unit_at(LAST, tile) + n] = delta;
  }
}

// Z = [A, 1] W, A' = σ(Z). Twin: dense_forward.wgsl.
fn forward_layer(rows: Rows, at: u32, l: u32) {
  let outputs = width(l + 1u);
  let quads = input_quads(l);
  for (var item = lane; item < rows.tiles * outputs; item += TEAM) {
    let tile = item / outputs;
    let n = item % outputs;
    var a = row_at(l, tile);
    var p = quad_at(l) + n;
    var sum = vec4f(0.0);
    for (var q = 0u; q < quads; q++) {
      let w = theta4(at, p);
      sum += w.x * left(a) + w.y * left(a + 1u) + w.z * left(a + 2u) + w.w * left(a + 3u);
      a += 4u;
      p += quad_stride(l);
    }
    if (l < LAST) {
      tape[rows.sweep + unit_at(l, tile) + n] = sum;
      set_left(row_at(l + 1u, tile) + n, activate4(sum).value);
    } else {
      judge(rows, tile, n, sum);
    }
  }
  sync_rows();
}

// δ' = δ Wᵀ ⊙ σ', and the bend (δ Wᵀ) ⊙ σ''; behind a forward at the same θ. Twin: dense_backward.wgsl.
fn backward_layer(rows: Rows, at: u32, l: u32) {
  let inputs = width(l);
  let outputs = width(l + 1u);
  for (var item = lane; item < rows.tiles * inputs; item += TEAM) {
    let tile = item / inputs;
    let n = item % inputs;
    let unit = unit_at(l - 1u, tile) + n;
    let z = tape[rows.sweep + unit];
    let d = row_at(l + 1u, tile);
    let p = quad_at(l) + n / 4u * quad_stride(l);
    let c = n % 4u;
    var sum = vec4f(0.0);
    var j = 0u;
    for (; j + 3u < outputs; j += 4u) {
      sum += theta1(at, p + j, c) * right(d + j) + theta1(at, p + j + 1u, c) * right(d + j + 1u) +
        theta1(at, p + j + 2u, c) * right(d + j + 2u) + theta1(at, p + j + 3u, c) * right(d + j + 3u);
    }
    for (; j < outputs; j++) {
      sum += theta1(at, p + j, c) * right(d + j);
    }
    let points = activate4(z);
    let delta = sum * points.slope;
    set_right(row_at(l, tile) + n, delta);
    if (rows.is_kept) {
      tape[rows.sweep + DELTA + unit] = delta;
      if (BENT) {
        tape[rows.sweep + BEND + unit] = sum * points.curvature;
      }
    }
  }
  sync_rows();
}

// Four parameters of [A, 1]ᵀ δ. Twin: dense_gradient.wgsl.
fn gradient4(rows: Rows, l: u32, q: u32, n: u32) -> vec4f {
  var a = row_at(l, 0u) + 4u * q;
  var d = row_at(l + 1u, 0u) + n;
  var sum = vec4f(0.0);
  for (var tile = 0u; tile < rows.tiles; tile++) {
    let delta = right(d);
    sum += vec4f(dot(left(a), delta), dot(left(a + 1u), delta), dot(left(a + 2u), delta), dot(left(a + 3u), delta));
    a += row_stride(l);
    d += row_stride(l + 1u);
  }
  return sum;
}

// g = ∇L + ω θ + ρ (θ − θ_0), θ' = θ − m α g. Twin: inner_update.wgsl.
fn descend(k: u32, l: u32, q: u32, n: u32, slope: vec4f) {
  let i = quad_at(l) + q * quad_stride(l) + n;
  let now = theta4(theta_at(k), i);
  var g = vec4f(0.0);
  var next = now;
  if (!HEAD_ONLY || l == LAST) {
    g = slope + omega() * now;
    if (u.rho != 0.0) {
      g += u.rho * (now - start4(l, q, n));
    }
    next = now - rates4(k, l, q, n) * g;
  }
  if (HELD > 0u) {
    memory[place + i] = next;
  }
  if (HELD == 0u || u.reverse != 0u) {
    tape[theta_at(k + 1u) + i] = next;
  }
  if (u.reverse != 0u) {
    tape[gradient_at(k) + i] = g;
  } else if (k + 1u == u.steps) {
    set_outcome(task * u.outcome, l, q, n, next);
  }
}

// Forward and backward over a task's support, and the step; or over its query, and the gradient into λ.
fn sweep(rows: Rows, k: u32, is_back: bool) {
  let at = theta_at(k);
  for (var l = 0u; l < LAYERS; l++) {
    forward_layer(rows, at, l);
  }
  if (!HEAD_ONLY || is_back || (u.reverse != 0u && k >= u.curved_from)) {
    for (var l = LAST; l > 0u; l--) {
      backward_layer(rows, at, l);
    }
  }
  for (var l = 0u; l < LAYERS; l++) {
    let outputs = width(l + 1u);
    for (var item = lane; item < quads_of(l); item += TEAM) {
      let q = item / outputs;
      let n = item % outputs;
      let slope = gradient4(rows, l, q, n);
      if (is_back) {
        tape[tape_at + u.lambda + quad_at(l) + q * quad_stride(l) + n] += slope;
      } else {
        descend(k, l, q, n, slope);
      }
    }
  }
  sync();
}

// Makes ready for the query at θ_k. θ_K is held already.
fn turn_to_query(rows: Rows, k: u32) {
  load_inputs(rows);
  if (HELD > 0u && k < u.steps) {
    for (var i = lane; i < select(0u, QUADS, is_live); i += TEAM) {
      memory[place + i] = tape[theta_at(k) + i];
    }
  }
  sync();
}
