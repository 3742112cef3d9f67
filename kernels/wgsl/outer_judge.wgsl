// Before an outer update: the Euclidean norm of the gradient's learned part, and whether it and the loss are finite. If not,
// the training halts for good: `halted` is set and the report stays that of the failing step. Twin: learnedNorm in
// lib/engine/outer_update.ts. The norm is scaled by the largest element, so it does not overflow before the gradient does.
// Shapes: meta [P | rates | φ | 1 | others | loss | task losses], report [norm, halted, loss, loss sum, good steps, updates, tasks, 0 | task losses].
// Dispatch: one workgroup of LANES threads. Header: LANES.

struct Sizes {
  count: u32, // learnables
  params: u32, // P
  rates: u32,
  phi: u32,
  tasks: u32,
  learned: u32, // bits: 1 params, 2 rates, 4 φ, 8 ω, 16 others
}

@group(0) @binding(0) var<uniform> u: Sizes;
@group(0) @binding(1) var<storage, read> meta_gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> report: array<f32>;

var<workgroup> largest: array<f32, LANES>;
var<workgroup> broken: array<u32, LANES>;

fn is_learned(i: u32) -> bool {
  return ((u.learned >> part_of(i)) & 1u) == 1u;
}

fn is_broken(value: f32) -> u32 {
  return select(0u, 1u, (bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) thread: u32) { // one workgroup, no guard
  let length = u.count;
  var top = 0.0;
  var bad = is_broken(meta_gradient[length]);
  for (var i = thread; i < length; i += LANES) {
    if (is_learned(i)) {
      top = max(top, abs(meta_gradient[i]));
      bad |= is_broken(meta_gradient[i]);
    }
  }
  largest[thread] = top;
  broken[thread] = bad;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    if (thread < half) {
      largest[thread] = max(largest[thread], largest[thread + half]);
      broken[thread] |= broken[thread + half];
    }
    workgroupBarrier();
  }
  let peak = largest[0];
  var sum = 0.0;
  for (var i = thread; i < length; i += LANES) {
    if (is_learned(i) && peak > 0.0) {
      let part = meta_gradient[i] / peak;
      sum += part * part;
    }
  }
  let total = workgroup_sum(thread, sum);
  let was_halted = report[1] != 0.0;
  workgroupBarrier();
  if (was_halted) {
    return;
  }
  for (var t = thread; t < u.tasks; t += LANES) {
    report[8u + t] = meta_gradient[length + 1u + t];
  }
  if (thread == 0u) {
    report[0] = peak * sqrt(total);
    report[2] = meta_gradient[length];
    report[6] = f32(u.tasks);
    if (broken[0] == 1u) {
      report[1] = 1.0;
    } else {
      report[3] += meta_gradient[length];
      report[4] += 1.0;
      report[5] += 1.0;
    }
  }
}
