/**
 * One task, start to end, in one call: the inner loop, the query loss, and the way back through it (design section 4).
 * The twin of `lib/method/meta_gradient.ts`. Inside, u = −α ⊙ λ, so that every term is added. Where one rate serves all
 * parameters and a step is nothing but θ − αg, −α is taken into δ instead: then u is λ itself and no vector is scaled.
 * @module
 */
import * as F from "./fields";
import { solveImplicit } from "./implicit";
import {
  addRate,
  alongDecay,
  copyFixed,
  descend,
  dot,
  firstAdapted,
  isUniform,
  pull,
  pullRates,
  pullStart,
  uniformStep,
} from "./learner";
import { coefficients, lossByPhi, outerLoss } from "./loss";
import { bytesOf, forward, startTurned, turn } from "./network";
import { padRows, unpackVector } from "./plan";
import * as T from "./team";
import { forwardUntaken } from "./untaken";
import { at, float, layer, setAt, setWord, word } from "./words";

function last(d: usize): usize {
  return layer(d, word(d, F.LAYERS) - 1);
}

/** The frame of the support set. */
function supportFrame(d: usize, s: usize, task: usize): usize {
  const f = s + at(d, F.AT_FRAMES), rows = word(task, F.S_ROWS), c = s + at(d, F.AT_SUPPORT_C);
  coefficients(rows, word(last(d), F.OUTPUTS), at(task, F.S_W), c);
  setWord(f, T.ROWS, rows);
  setAt(f, T.X, padRows(d, rows, at(task, F.S_X), s + at(d, F.AT_SUPPORT_X)));
  setAt(f, T.Y, at(task, F.S_Y));
  setAt(f, T.C, c);
  setWord(f, T.KIND, word(d, F.LOSS));
  setWord(f, T.FIRST, firstAdapted(d));
  setAt(f, T.SLOT, s + at(d, F.AT_SLOTS));
  store<f64>(f + (T.FACTOR << 2), 1);
  return f;
}

/** The frame of the query set. */
function queryFrame(d: usize, s: usize, task: usize): usize {
  const f = s + at(d, F.AT_FRAMES) + T.FRAME_BYTES, rows = word(task, F.Q_ROWS), c = s + at(d, F.AT_QUERY_C);
  coefficients(rows, word(last(d), F.OUTPUTS), at(task, F.Q_W), c);
  setWord(f, T.ROWS, rows);
  setAt(f, T.X, queryInputs(d, s, task));
  setAt(f, T.Y, at(task, F.Q_Y));
  setAt(f, T.C, c);
  setWord(f, T.KIND, outerLoss(d));
  setWord(f, T.FIRST, 0);
  setAt(f, T.SLOT, s + at(d, F.AT_QUERY_SLOT));
  return f;
}

function queryInputs(d: usize, s: usize, task: usize): usize {
  return padRows(d, word(task, F.Q_ROWS), at(task, F.Q_X), s + at(d, F.AT_QUERY_X));
}

/** Outputs, loss and δ at θ; returns the loss. */
function sweep(d: usize, s: usize, f: usize, theta: usize, turned: usize, keep: i32): f64 {
  setAt(f, T.THETA, theta);
  setAt(f, T.TURNED, turned);
  setWord(f, T.KEEP, keep);
  T.share(d, s, f, T.SWEEP);
  const losses = s + at(d, F.AT_ROW_LOSSES);
  let total: f64 = 0;
  for (let i = 0; i < word(f, T.ROWS); ++i) total += load<f64>(losses + (<usize> i << 3));
  return total;
}

/** base + the gradient to `sum`, its weights transposed to `turned` unless that is 0. */
function gather(d: usize, s: usize, f: usize, base: usize, sum: usize, turned: usize): void {
  setAt(f, T.BASE, base);
  setAt(f, T.SUM, sum);
  setAt(f, T.SUM_TURNED, turned);
  T.share(d, s, f, T.GRADIENT);
}

function byPhi(d: usize, f: usize, tangent: usize, factor: f64, out: usize): void {
  const e = last(d), p = at(f, T.SLOT) + at(e, F.OUTPUT);
  const outputs = word(e, F.OUTPUTS), ld = word(e, F.LD_OUT);
  lossByPhi(d, word(f, T.ROWS), outputs, ld, p, at(f, T.Y), at(f, T.C), tangent, factor, out);
}

/** One inner step from θ to `next`; returns the loss before it. Its direction stays at `g`, but for uniform steps. */
function advance(
  d: usize,
  s: usize,
  f: usize,
  k: i32,
  theta: usize,
  turned: usize,
  g: usize,
  next: usize,
  nextTurned: usize,
  keep: i32,
): f64 {
  const uniform = g == 0;
  store<f64>(f + (T.FACTOR << 2), uniform ? uniformStep(d, k) : 1);
  const loss = sweep(d, s, f, theta, turned, keep);
  if (uniform) {
    copyFixed(d, theta, next);
    gather(d, s, f, theta, next, nextTurned);
  } else {
    gather(d, s, f, 0, g, 0);
    descend(d, k, theta, g, next);
    turn(d, next, nextTurned);
  }
  return loss;
}

/** Copies outputs `[rows, LD_OUT]` to `[rows, outputs]`. */
function copyOutputs(d: usize, rows: i32, slot: usize, to: usize): void {
  const e = last(d), bytes = at(e, F.OUTPUTS) << 2;
  let from = slot + at(e, F.OUTPUT);
  for (let i = 0; i < rows; ++i) {
    memory.copy(to, from, bytes);
    from += at(e, F.LD_OUT) << 2;
    to += bytes;
  }
}

/** Adapts, and predicts the query inputs; where they are few the last step is not taken but looked through. */
export function adaptPredictTask(d: usize, s: usize, task: usize): void {
  const steps = word(d, F.STEPS), rows = word(task, F.Q_ROWS);
  if (steps == 0 || rows > F.UNTAKEN_ROWS || !isUniform(d)) {
    predictTask(d, s, task, adaptTask(d, s, task, steps, 0));
    return;
  }
  const theta = adaptTask(d, s, task, steps - 1, 0), f = s + at(d, F.AT_FRAMES);
  store<f64>(f + (T.FACTOR << 2), uniformStep(d, steps - 1));
  sweep(d, s, f, theta, steps > 1 ? s + at(d, F.AT_TURNED) : startTurned(d), 1);
  const slot = s + at(d, F.AT_QUERY_SLOT), x = queryInputs(d, s, task);
  forwardUntaken(d, s, theta, x, rows, slot, at(f, T.X), word(f, T.ROWS), at(f, T.SLOT), firstAdapted(d));
  copyOutputs(d, rows, slot, at(task, F.Q_Y));
}

/** Outputs for the query inputs at θ. */
export function predictTask(d: usize, s: usize, task: usize, theta: usize): void {
  const slot = s + at(d, F.AT_QUERY_SLOT), rows = word(task, F.Q_ROWS);
  forward(d, theta, queryInputs(d, s, task), slot, 0, 0, rows);
  copyOutputs(d, rows, slot, at(task, F.Q_Y));
}

/** Loss, gradient by parameters and by φ of one sample set: to the losses, and `[params | phi]` to the result. */
export function gradientTask(d: usize, s: usize, task: usize): void {
  const f = supportFrame(d, s, task), g = s + at(d, F.AT_DIRECTIONS);
  store<f64>(at(d, F.LOSSES), sweep(d, s, f, at(d, F.PACKED), startTurned(d), 1));
  gather(d, s, f, 0, g, 0);
  const phi = at(d, F.RESULT) + (at(d, F.PARAMETERS) << 2);
  unpackVector(d, g, at(d, F.RESULT));
  memory.fill(phi, 0, 12);
  byPhi(d, f, 0, 1, phi);
}

/** Hessian of one sample set's loss times the job's vector, to the result. */
export function hessianTask(d: usize, s: usize, task: usize): void {
  const f = supportFrame(d, s, task), g = s + at(d, F.AT_DIRECTIONS), theta = at(d, F.PACKED);
  const vector = theta + at(d, F.VECTOR_BYTES);
  sweep(d, s, f, theta, startTurned(d), 2);
  memory.fill(g, 0, at(d, F.VECTOR_BYTES));
  turn(d, vector, s + at(d, F.AT_U_TURNED));
  T.product(d, s, f, vector, g, 0);
  unpackVector(d, g, at(d, F.RESULT));
}

/** Takes `steps` inner steps; their θ ends in the first trajectory vector, losses `[steps + 1]` at `losses` unless that is 0. */
export function adaptTask(d: usize, s: usize, task: usize, steps: i32, losses: usize): usize {
  const f = supportFrame(d, s, task), g: usize = isUniform(d) ? 0 : s + at(d, F.AT_DIRECTIONS);
  const moving = s + at(d, F.AT_THETAS), turned = s + at(d, F.AT_TURNED);
  let theta = at(d, F.PACKED);
  for (let k = 0; k < steps; ++k) {
    const loss = advance(d, s, f, k, theta, k == 0 ? startTurned(d) : turned, g, moving, turned, 1);
    if (losses) store<f32>(losses + (<usize> k << 2), <f32> loss);
    theta = moving;
  }
  if (losses) store<f32>(losses + (<usize> steps << 2), <f32> sweep(d, s, f, theta, turned, 0));
  return theta;
}

/** One task's meta-loss (float64, to `loss`) and packed gradient (to `out`). */
export function metaTask(d: usize, s: usize, task: usize, out: usize, loss: usize): void {
  const steps = word(d, F.STEPS), vector = at(d, F.VECTOR_BYTES), turnedBytes = at(d, F.TURNED_BYTES);
  const slotBytes = at(d, F.SLOT_BYTES), slots = s + at(d, F.AT_SLOTS), wants = word(d, F.WANTS);
  const thetas = s + at(d, F.AT_THETAS) - vector, turneds = s + at(d, F.AT_TURNED) - turnedBytes;
  const directions = s + at(d, F.AT_DIRECTIONS), start = at(d, F.PACKED);
  const kind = word(d, F.GRADIENT), unrolled = kind == F.GRADIENT_UNROLLED;
  const curved = unrolled ? max(0, steps - word(d, F.BACKPROP_STEPS)) : steps;
  // A rate's gradient at a step without curvature needs that step's direction.
  const uniform = isUniform(d) && !(unrolled && curved > 0 && wants & F.WANT_RATES);
  const f = supportFrame(d, s, task), q = queryFrame(d, s, task);

  let theta = start, turned = startTurned(d);
  for (let k = 0; k < steps; ++k) {
    const keep = k >= curved ? 2 : 1, next = thetas + vector * (k + 1), nextTurned = turneds + turnedBytes * (k + 1);
    setAt(f, T.SLOT, slots + (k >= curved ? slotBytes * (k - curved) : 0));
    advance(d, s, f, k, theta, turned, uniform ? <usize> 0 : directions + vector * k, next, nextTurned, keep);
    theta = next;
    turned = nextTurned;
  }

  const byRate = out + vector, rest = byRate + at(d, F.RATE_BYTES);
  memory.fill(out, 0, at(d, F.GRADIENT_BYTES));
  store<f64>(q + (T.FACTOR << 2), 1);
  if (kind == F.GRADIENT_REPTILE) {
    store<f64>(loss, sweep(d, s, q, theta, turned, 0));
    for (let i: usize = 0; i < vector; i += 16) {
      v128.store(out + i, f32x4.sub(v128.load(start + i), v128.load(theta + i)));
    }
    return;
  }
  if (kind == F.GRADIENT_IMPLICIT) {
    const right = s + at(d, F.AT_VECTORS) + 2 * vector;
    store<f64>(loss, sweep(d, s, q, theta, turned, 1));
    gather(d, s, q, 0, right, 0);
    store<f64>(f + (T.FACTOR << 2), 1);
    setAt(f, T.SLOT, slots);
    setWord(f, T.FIRST, 0);
    sweep(d, s, f, theta, turned, 2);
    solveImplicit(d, s, f, right, out);
    return;
  }

  const weights = at(d, F.STEP_WEIGHTS), u = s + at(d, F.AT_U), atStart = u + vector;
  const ry = s + at(d, F.AT_TANGENT) + at(last(d), F.R_Z), uTurned = s + at(d, F.AT_U_TURNED);
  const rho = float(d, F.PROXIMAL);
  // Uniform steps take λ for u; whatever adds to λ leaves it transposed.
  const sumTurned: usize = uniform ? uTurned : 0;
  let total: f64 = 0, byDecay: f32 = 0;
  if (rho != 0) memory.fill(atStart, 0, vector);
  if (load<f32>(weights + (<usize> steps << 2)) == 0) memory.fill(uTurned, 0, turnedBytes);
  for (let k = steps; k >= 0; --k) {
    theta = k == 0 ? start : thetas + vector * k;
    turned = k == 0 ? startTurned(d) : turneds + turnedBytes * k;
    if (k < steps) {
      if (!uniform) pull(d, k, out, u);
      if (!uniform && wants & F.WANT_RATES) pullRates(d, k, u, directions + vector * k, byRate);
      if (k >= curved) {
        const factor = uniform ? uniformStep(d, k) : <f32> 1, along = uniform ? out : u;
        if (wants & F.WANT_DECAY) byDecay += factor * alongDecay(d, along, theta);
        if (!uniform) {
          pullStart(d, u, out, atStart);
          turn(d, u, uTurned);
        }
        setAt(f, T.THETA, theta);
        setAt(f, T.TURNED, turned);
        setAt(f, T.SLOT, slots + slotBytes * (k - curved));
        T.product(d, s, f, along, out, sumTurned);
        if (uniform && wants & F.WANT_RATES) {
          // ⟨∇L, u⟩ = Σ δ Rŷ: the direction itself is not needed.
          addRate(d, k, dot(ry, at(f, T.SLOT) + at(last(d), F.DELTA), 0, bytesOf(last(d), word(f, T.ROWS))), byRate);
        }
        if (wants & F.WANT_PHI) byPhi(d, f, ry, factor, rest);
      }
    }
    const weight = load<f32>(weights + (<usize> k << 2));
    if (weight != 0) {
      store<f64>(q + (T.FACTOR << 2), weight);
      total += weight * sweep(d, s, q, theta, turned, 1);
      gather(d, s, q, out, out, sumTurned);
    }
  }
  if (rho != 0) {
    for (let i: usize = 0; i < vector; i += 16) {
      v128.store(out + i, f32x4.add(v128.load(out + i), v128.load(atStart + i)));
    }
  }
  store<f32>(rest, byDecay, 12);
  store<f64>(loss, total);
}
