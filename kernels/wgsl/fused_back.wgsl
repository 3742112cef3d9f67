// The fused kernel's way back through an inner step: the adjoint's own terms, then the Hessian-vector product by tangents (R)
// of the kept sweep: a module of fused_task.wgsl. Its rows take the places of fused_sweep.wgsl's.

// u = m α λ, the rate terms −u g, θ_0's share, and −⟨u, θ_k⟩. Twins: adjoint_step.wgsl, decay_term.wgsl, rate_terms.wgsl.
fn step_back(k: u32, is_curved: bool) {
  for (var l = select(0u, LAST, HEAD_ONLY); l < LAYERS; l++) {
    let outputs = width(l + 1u);
    var rate_sum = 0.0;
    for (var item = lane; item < quads_of(l); item += TEAM) {
      let q = item / outputs;
      let n = item % outputs;
      let i = quad_at(l) + q * quad_stride(l) + n;
      let along = rates4(k, l, q, n) * tape[tape_at + u.lambda + i];
      let terms = -along * tape[gradient_at(k) + i];
      if (u.rate_width == PARAMS) {
        add_rate_terms(k, l, q, n, terms);
      } else {
        rate_sum += dot(terms, vec4f(1.0));
      }
      if (is_curved) {
        let now = tape[theta_at(k) + i];
        omega_sum -= dot(along, now);
        set_direction(i, along);
        if (u.rho != 0.0) {
          tape[tape_at + u.anchor + i] += u.rho * along;
        }
        if (HELD == 2u) {
          memory[place + i] = now;
        }
      }
    }
    if (u.rate_width != PARAMS && is_live) {
      let rate = rate_row(k) + select(0u, l, u.rate_width > 1u);
      let at = tape_at + u.rate_terms + rate / 4u * TEAM + lane;
      tape[at] += select(vec4f(0.0), vec4f(rate_sum), vec4u(rate % 4u) == vec4u(0u, 1u, 2u, 3u));
    }
  }
}

fn add_rate_terms(k: u32, l: u32, q: u32, n: u32, terms: vec4f) {
  let p = task * u.outcome + PARAMS + rate_row(k) + flat4(l, q, n);
  let here = inside(l, q);
  outcome[p.x] += terms.x;
  if (here.y) { outcome[p.y] += terms.y; }
  if (here.z) { outcome[p.z] += terms.z; }
  if (here.w) { outcome[p.w] += terms.w; }
}

// Activations of a kept sweep, for the way back.
fn recall(rows: Rows) {
  if (is_query_loaded) {
    load_inputs(rows);
  }
  for (var l = 0u; l < LAST; l++) {
    let outputs = width(l + 1u);
    for (var item = lane; item < rows.tiles * outputs; item += TEAM) {
      let tile = item / outputs;
      let n = item % outputs;
      set_left(row_at(l + 1u, tile) + n, activate4(tape[rows.sweep + unit_at(l, tile) + n]).value);
    }
  }
}

// c ℓ'' Rŷ and its part by φ; δ beside it. Twin: tangent_head.wgsl.
fn judge_tangent(rows: Rows, tile: u32, n: u32, moved: vec4f) {
  let c = data4(rows, rows.c, tile, 1u, 0u);
  let label = data4(rows, rows.y, tile, OUTPUTS, n);
  let forecast = tape[rows.sweep + FORECAST + tile * OUTPUTS + n];
  var delta = vec4f(0.0);
  for (var i = 0u; i < 4u; i++) {
    if (c[i] != 0.0) {
      let terms = loss_terms(rows.loss, forecast[i], label[i], rows.shape, phi());
      delta[i] = c[i] * moved[i] * terms.curvature;
      phi_sum -= c[i] * moved[i] * terms.slope_by_phi;
    }
  }
  set_right(row_at(LAYERS, tile) + n, delta);
  set_left(row_at(LAYERS, tile) + n, tape[rows.sweep + DELTA + unit_at(LAST, tile) + n]);
}

// RZ = A U + RA W, RA' = σ' ⊙ RZ. Twin: tangent_forward.wgsl.
fn tangent_layer(rows: Rows, at: u32, l: u32) {
  let outputs = width(l + 1u);
  let quads = input_quads(l);
  for (var item = lane; item < rows.tiles * outputs; item += TEAM) {
    let tile = item / outputs;
    let n = item % outputs;
    var a = row_at(l, tile);
    var p = quad_at(l) + n;
    var sum = vec4f(0.0);
    for (var q = 0u; q < quads; q++) {
      let v = direction4(p);
      sum += v.x * left(a) + v.y * left(a + 1u) + v.z * left(a + 2u) + v.w * left(a + 3u);
      if (l > 0u && !HEAD_ONLY) {
        let w = turned4(at, p);
        sum += w.x * right(a) + w.y * right(a + 1u) + w.z * right(a + 2u) + w.w * right(a + 3u);
      }
      a += 4u;
      p += quad_stride(l);
    }
    if (l < LAST) {
      let unit = unit_at(l, tile) + n;
      set_right(row_at(l + 1u, tile) + n, sum * activate4(tape[rows.sweep + unit]).slope);
      if (BENT) {
        tape[tape_at + u.tangent + unit] = sum;
      }
    } else {
      judge_tangent(rows, tile, n, sum);
    }
  }
  sync_rows();
}

// λ −= Aᵀ Rδ + RAᵀ δ + (ω + ρ) u. Twin: tangent_gradient.wgsl.
fn curve_layer(rows: Rows, l: u32) {
  let outputs = width(l + 1u);
  let pull = omega() + u.rho;
  for (var item = lane; item < quads_of(l); item += TEAM) {
    let q = item / outputs;
    let n = item % outputs;
    let i = quad_at(l) + q * quad_stride(l) + n;
    var a = row_at(l, 0u) + 4u * q;
    var d = row_at(l + 1u, 0u) + n;
    var sum = vec4f(0.0);
    for (var tile = 0u; tile < rows.tiles; tile++) {
      let turned = right(d);
      sum += vec4f(dot(left(a), turned), dot(left(a + 1u), turned), dot(left(a + 2u), turned), dot(left(a + 3u), turned));
      if (l > 0u && !HEAD_ONLY) {
        let delta = left(d);
        sum += vec4f(dot(right(a), delta), dot(right(a + 1u), delta), dot(right(a + 2u), delta), dot(right(a + 3u), delta));
      }
      a += row_stride(l);
      d += row_stride(l + 1u);
    }
    if (!HEAD_ONLY || l == LAST) {
      sum += pull * direction4(i);
    }
    tape[tape_at + u.lambda + i] -= sum;
  }
}

// Rδ' = (Rδ Wᵀ + δ Uᵀ) ⊙ σ' + bend ⊙ RZ, over the tangents of this layer's inputs; δ' over their activations, which
// curve_layer() was the last to read. Twin: tangent_backward.wgsl.
fn turn_layer(rows: Rows, at: u32, l: u32) {
  let inputs = width(l);
  let outputs = width(l + 1u);
  let turns = !HEAD_ONLY || l == LAST;
  for (var item = lane; item < rows.tiles * inputs; item += TEAM) {
    let tile = item / inputs;
    let n = item % inputs;
    let unit = unit_at(l - 1u, tile) + n;
    let z = tape[rows.sweep + unit];
    let delta = tape[rows.sweep + DELTA + unit];
    let d = row_at(l + 1u, tile);
    let p = quad_at(l) + n / 4u * quad_stride(l);
    let c = n % 4u;
    var sum = vec4f(0.0);
    var j = 0u;
    for (; j + 1u < outputs; j += 2u) {
      sum += turned1(at, p + j, c) * right(d + j) + turned1(at, p + j + 1u, c) * right(d + j + 1u);
      if (turns) {
        sum += direction1(p + j, c) * left(d + j) + direction1(p + j + 1u, c) * left(d + j + 1u);
      }
    }
    if (j < outputs) {
      sum += turned1(at, p + j, c) * right(d + j);
      if (turns) {
        sum += direction1(p + j, c) * left(d + j);
      }
    }
    var turned = sum * activate4(z).slope;
    if (BENT && !HEAD_ONLY) {
      turned += tape[rows.sweep + BEND + unit] * tape[tape_at + u.tangent + unit];
    }
    set_right(row_at(l, tile) + n, turned);
    set_left(row_at(l, tile) + n, delta);
  }
  sync_rows();
}

// λ −= H u + (ω + ρ) u, and φ's share.
fn curve(k: u32) {
  let rows = support(k);
  let at = theta_at(k);
  recall(rows);
  sync();
  for (var l = select(0u, LAST, HEAD_ONLY); l < LAYERS; l++) {
    tangent_layer(rows, at, l);
  }
  for (var down = 0u; down < LAYERS; down++) {
    let l = LAST - down;
    curve_layer(rows, l);
    sync_rows();
    if (l > 0u) {
      turn_layer(rows, at, l);
    }
  }
}
