/**
 * One task, start to end, in one call: the inner loop, the query loss, and the way back through it (design section 4).
 * The twin of `lib/engine/naive/bilevel.ts`. Inside, u = −α ⊙ λ, so that every term is added.
 * @module
 */
import * as F from "./fields";
import { solveImplicit } from "./implicit";
import { alongDecay, copyFixed, descend, firstAdapted, isPlain, pull, pullRates, pullStart } from "./learner";
import { coefficients, lossByPhi, lossSweep, outerLoss } from "./loss";
import { backward, forward, tangents } from "./network";
import { padRows, unpackVector } from "./plan";
import { forwardUntaken } from "./untaken";
import { at, float, layer, word } from "./words";

function last(d: usize): usize {
  return layer(d, word(d, F.LAYERS) - 1);
}

/** Loss at the outputs in `slot`, leaving δ there and, with `keep` 2, c ℓ″. */
function lossAt(d: usize, kind: i32, rows: i32, slot: usize, y: usize, c: usize, keep: i32, factor: f64): f64 {
  const e = last(d);
  const h = keep > 1 ? slot + at(e, F.CURVE) : 0, delta = slot + at(e, F.DELTA), p = slot + at(e, F.OUTPUT);
  return lossSweep(d, kind, rows, word(e, F.OUTPUTS), word(e, F.LD_OUT), p, y, c, delta, h, factor);
}

function byPhi(d: usize, rows: i32, slot: usize, y: usize, c: usize, tangent: usize, out: usize): void {
  const e = last(d);
  lossByPhi(d, rows, word(e, F.OUTPUTS), word(e, F.LD_OUT), slot + at(e, F.OUTPUT), y, c, tangent, out);
}

/** Query loss at θ, times `factor`; its gradient is added to `lambda` unless that is 0. */
function query(d: usize, s: usize, task: usize, theta: usize, lambda: usize, factor: f64): f64 {
  const rows = word(task, F.Q_ROWS), x = queryInputs(d, s, task), slot = s + at(d, F.AT_QUERY_SLOT);
  const c = s + at(d, F.AT_QUERY_C);
  coefficients(rows, word(last(d), F.OUTPUTS), at(task, F.Q_W), c);
  forward(d, s, theta, x, rows, slot, lambda ? 1 : 0);
  const loss = lossAt(d, outerLoss(d), rows, slot, at(task, F.Q_Y), c, 1, factor);
  if (lambda) backward(d, s, theta, x, rows, slot, lambda, lambda, -1, 0, 1);
  return loss;
}

/** Moves θ_k to `next` from the δ in `slot`; the direction stays at `g` unless that is 0. */
function advance(
  d: usize,
  s: usize,
  k: i32,
  theta: usize,
  x: usize,
  rows: i32,
  slot: usize,
  g: usize,
  next: usize,
  keep: i32,
): void {
  const first = firstAdapted(d);
  if (g) {
    backward(d, s, theta, x, rows, slot, g, 0, -1, first, keep);
    descend(d, k, theta, g, next);
  } else {
    copyFixed(d, theta, next);
    backward(d, s, theta, x, rows, slot, next, theta, k, first, keep);
  }
}

function supportInputs(d: usize, s: usize, task: usize): usize {
  coefficients(word(task, F.S_ROWS), word(last(d), F.OUTPUTS), at(task, F.S_W), s + at(d, F.AT_SUPPORT_C));
  return padRows(d, word(task, F.S_ROWS), at(task, F.S_X), s + at(d, F.AT_SUPPORT_X));
}

function queryInputs(d: usize, s: usize, task: usize): usize {
  return padRows(d, word(task, F.Q_ROWS), at(task, F.Q_X), s + at(d, F.AT_QUERY_X));
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
  if (steps == 0 || rows > F.UNTAKEN_ROWS || !isPlain(d)) {
    predictTask(d, s, task, adaptTask(d, s, task, steps, 0));
    return;
  }
  const theta = adaptTask(d, s, task, steps - 1, 0), supportRows = word(task, F.S_ROWS), first = firstAdapted(d);
  const supportX = supportInputs(d, s, task), slot = s + at(d, F.AT_SLOTS), querySlot = s + at(d, F.AT_QUERY_SLOT);
  forward(d, s, theta, supportX, supportRows, slot, 1);
  lossAt(d, word(d, F.LOSS), supportRows, slot, at(task, F.S_Y), s + at(d, F.AT_SUPPORT_C), 1, 1);
  backward(d, s, theta, supportX, supportRows, slot, 0, 0, steps - 1, first, 1);
  const x = queryInputs(d, s, task);
  forwardUntaken(d, s, theta, x, rows, querySlot, supportX, supportRows, slot, first);
  copyOutputs(d, rows, querySlot, at(task, F.Q_Y));
}

/** Outputs for the query inputs at θ. */
export function predictTask(d: usize, s: usize, task: usize, theta: usize): void {
  const slot = s + at(d, F.AT_QUERY_SLOT), rows = word(task, F.Q_ROWS);
  forward(d, s, theta, queryInputs(d, s, task), rows, slot, 0);
  copyOutputs(d, rows, slot, at(task, F.Q_Y));
}

/** Loss, gradient by parameters and by φ of one sample set: to the losses, and `[params | phi]` to the result. */
export function gradientTask(d: usize, s: usize, task: usize): void {
  const x = supportInputs(d, s, task), rows = word(task, F.S_ROWS), theta = at(d, F.PACKED);
  const slot = s + at(d, F.AT_SLOTS),
    c = s + at(d, F.AT_SUPPORT_C),
    y = at(task, F.S_Y),
    g = s + at(d, F.AT_DIRECTIONS);
  forward(d, s, theta, x, rows, slot, 1);
  const loss = lossAt(d, word(d, F.LOSS), rows, slot, y, c, 1, 1);
  backward(d, s, theta, x, rows, slot, g, 0, -1, 0, 1);
  const phi = at(d, F.RESULT) + (at(d, F.PARAMETERS) << 2);
  unpackVector(d, g, at(d, F.RESULT));
  memory.fill(phi, 0, 12);
  byPhi(d, rows, slot, y, c, 0, phi);
  store<f64>(at(d, F.LOSSES), loss);
}

/** Hessian of one sample set's loss times the job's vector, to the result. */
export function hessianTask(d: usize, s: usize, task: usize): void {
  const x = supportInputs(d, s, task), rows = word(task, F.S_ROWS), theta = at(d, F.PACKED);
  const slot = s + at(d, F.AT_SLOTS), c = s + at(d, F.AT_SUPPORT_C), g = s + at(d, F.AT_DIRECTIONS);
  forward(d, s, theta, x, rows, slot, 2);
  lossAt(d, word(d, F.LOSS), rows, slot, at(task, F.S_Y), c, 2, 1);
  backward(d, s, theta, x, rows, slot, g, 0, -1, 0, 2);
  memory.fill(g, 0, at(d, F.VECTOR_BYTES));
  tangents(d, s, theta, theta + at(d, F.VECTOR_BYTES), x, rows, slot, g, 0);
  unpackVector(d, g, at(d, F.RESULT));
}

/** Takes `steps` inner steps; their θ ends in the first trajectory vector, losses `[steps + 1]` at `losses` unless that is 0. */
export function adaptTask(d: usize, s: usize, task: usize, steps: i32, losses: usize): usize {
  const x = supportInputs(d, s, task), rows = word(task, F.S_ROWS), kind = word(d, F.LOSS);
  const slot = s + at(d, F.AT_SLOTS),
    c = s + at(d, F.AT_SUPPORT_C),
    y = at(task, F.S_Y),
    g = s + at(d, F.AT_DIRECTIONS);
  const moving = s + at(d, F.AT_THETAS), plain = isPlain(d);
  let theta = at(d, F.PACKED);
  for (let k = 0; k < steps; ++k) {
    forward(d, s, theta, x, rows, slot, 1);
    const loss = lossAt(d, kind, rows, slot, y, c, 1, 1);
    if (losses) store<f32>(losses + (<usize> k << 2), <f32> loss);
    advance(d, s, k, theta, x, rows, slot, plain ? 0 : g, moving, 1);
    theta = moving;
  }
  if (losses) {
    forward(d, s, theta, x, rows, slot, 0);
    store<f32>(losses + (<usize> steps << 2), <f32> lossAt(d, kind, rows, slot, y, c, 1, 1));
  }
  return theta;
}

/** One task's meta-loss (float64, to `loss`) and packed gradient (to `out`). */
export function metaTask(d: usize, s: usize, task: usize, out: usize, loss: usize): void {
  const x = supportInputs(d, s, task), rows = word(task, F.S_ROWS), steps = word(d, F.STEPS), kind = word(d, F.LOSS);
  const vector = at(d, F.VECTOR_BYTES), slotBytes = at(d, F.SLOT_BYTES), slots = s + at(d, F.AT_SLOTS);
  const c = s + at(d, F.AT_SUPPORT_C), y = at(task, F.S_Y), first = firstAdapted(d), wants = word(d, F.WANTS);
  const plain = isPlain(d) && !(wants & F.WANT_RATES);
  const thetas = s + at(d, F.AT_THETAS) - vector, directions = s + at(d, F.AT_DIRECTIONS), start = at(d, F.PACKED);
  const gradient = word(d, F.GRADIENT), unrolled = gradient == F.GRADIENT_UNROLLED;
  const curved = unrolled ? max(0, steps - word(d, F.BACKPROP_STEPS)) : steps;

  let theta = start;
  for (let k = 0; k < steps; ++k) {
    const keep = k >= curved ? 2 : 1, slot = slots + (k >= curved ? slotBytes * (k - curved) : 0);
    const g = directions + vector * k, next = thetas + vector * (k + 1);
    forward(d, s, theta, x, rows, slot, keep);
    lossAt(d, kind, rows, slot, y, c, keep, 1);
    advance(d, s, k, theta, x, rows, slot, plain ? 0 : g, next, keep);
    theta = next;
  }

  const byRate = out + vector, rest = byRate + at(d, F.RATE_BYTES);
  memory.fill(out, 0, at(d, F.GRADIENT_BYTES));
  if (gradient == F.GRADIENT_REPTILE) {
    store<f64>(loss, query(d, s, task, theta, 0, 1));
    for (let i: usize = 0; i < vector; i += 16) {
      v128.store(out + i, f32x4.sub(v128.load(start + i), v128.load(theta + i)));
    }
    return;
  }
  if (gradient == F.GRADIENT_IMPLICIT) {
    const right = s + at(d, F.AT_VECTORS) + 2 * vector, g = directions;
    memory.fill(right, 0, vector);
    store<f64>(loss, query(d, s, task, theta, right, 1));
    forward(d, s, theta, x, rows, slots, 2);
    lossAt(d, kind, rows, slots, y, c, 2, 1);
    backward(d, s, theta, x, rows, slots, g, 0, -1, 0, 2);
    solveImplicit(d, s, theta, x, rows, slots, right, out);
    return;
  }

  const weights = at(d, F.STEP_WEIGHTS), u = s + at(d, F.AT_U), atStart = u + vector;
  const ry = s + at(d, F.AT_TANGENT) + at(last(d), F.R_Z);
  const rho = float(d, F.PROXIMAL);
  let total: f64 = 0, byDecay: f32 = 0;
  if (rho != 0) memory.fill(atStart, 0, vector);
  for (let k = steps; k >= 0; --k) {
    theta = k == 0 ? start : thetas + vector * k;
    if (k < steps) {
      pull(d, k, out, u);
      if (wants & F.WANT_RATES) pullRates(d, k, u, directions + vector * k, byRate);
      if (k >= curved) {
        const slot = slots + slotBytes * (k - curved);
        pullStart(d, u, out, atStart);
        tangents(d, s, theta, u, x, rows, slot, out, first);
        if (wants & F.WANT_PHI) byPhi(d, rows, slot, y, c, ry, rest);
        if (wants & F.WANT_DECAY) byDecay += alongDecay(d, u, theta);
      }
    }
    const weight = load<f32>(weights + (<usize> k << 2));
    if (weight != 0) total += query(d, s, task, theta, out, weight);
  }
  if (rho != 0) {
    for (let i: usize = 0; i < vector; i += 16) {
      v128.store(out + i, f32x4.add(v128.load(out + i), v128.load(atStart + i)));
    }
  }
  store<f32>(rest, byDecay, 12);
  store<f64>(loss, total);
}
