/**
 * Where everything lies: fills in a job's layers, its packed learner, its packed gradients and one thread's scratch.
 * Padded rows are a multiple of 4 floats and all padding is zero. It runs once a job, on the caller.
 * @module
 */
import * as F from "./fields";
import { isSmooth } from "./activation";
import { FRAME_BYTES } from "./team";
import { at, layer, pad4, setWord, word } from "./words";

/** Layers with fewer outputs are narrow: their weights lie transposed. */
const NARROW: i32 = 4;

function bytes(floats: i32): i32 {
  return pad4(floats) << 2;
}

/** Lays out the layers. Layers narrower than a vector keep their weights transposed. */
function planLayers(d: usize): void {
  const layers = word(d, F.LAYERS), rows = max(word(d, F.SUPPORT_ROWS), word(d, F.QUERY_ROWS));
  const smooth = isSmooth(word(d, F.ACTIVATION));
  let packed = 0, raw = 0, slot = 0, tangent = 0, turned = 0, widest = 4;
  for (let l = 0; l < layers; ++l) {
    const e = layer(d, l), inputs = word(e, F.INPUTS), outputs = word(e, F.OUTPUTS);
    const ldIn = pad4(inputs), ldOut = pad4(outputs), flipped = outputs < NARROW;
    setWord(e, F.LD_IN, ldIn);
    setWord(e, F.LD_OUT, ldOut);
    setWord(e, F.FLIPPED, flipped ? 1 : 0);
    setWord(e, F.WEIGHTS, packed << 2);
    packed += flipped ? outputs * ldIn : ldIn * ldOut;
    setWord(e, F.BIAS, packed << 2);
    packed += ldOut;
    setWord(e, F.PUBLIC, raw << 2);
    raw += (inputs + 1) * outputs;
    const values = pad4(rows) * ldOut << 2, keeps = smooth || l == layers - 1;
    setWord(e, F.OUTPUT, slot);
    slot += values;
    setWord(e, F.DELTA, slot);
    slot += values;
    setWord(e, F.SLOPE, slot);
    if (keeps) slot += values;
    setWord(e, F.CURVE, slot);
    if (keeps) slot += values;
    setWord(e, F.TRANSPOSED, turned);
    if (l > 0 && !flipped) turned += ldIn * ldOut << 2;
    setWord(e, F.R_Z, tangent);
    tangent += values;
    setWord(e, F.R_OUTPUT, smooth ? tangent : word(e, F.R_Z));
    if (smooth) tangent += values;
    setWord(e, F.R_DELTA, tangent);
    tangent += values;
    widest = max(widest, max(ldIn, ldOut));
  }
  setWord(d, F.PARAMETERS, raw);
  setWord(d, F.VECTOR_BYTES, packed << 2);
  setWord(d, F.SLOT_BYTES, slot);
  setWord(d, F.AT_ZERO, 0);
  setWord(d, F.AT_FRAMES, widest << 2);
  setWord(d, F.TURNED_BYTES, turned);
  setWord(d, F.SCRATCH_BYTES, tangent);
}

/** Lays out a job whose header fields and widths the host has written. */
export function plan(d: usize): void {
  planLayers(d);
  const vector = word(d, F.VECTOR_BYTES), layers = word(d, F.LAYERS), kind = word(d, F.KIND);
  const rateRows = word(d, F.RATE_ROWS), per = word(d, F.RATE_PER), steps = word(d, F.STEPS);
  const perRow = per == F.PER_SCALAR ? 1 : per == F.PER_LAYER ? layers : word(d, F.PARAMETERS);
  setWord(d, F.RATES, rateRows * perRow);
  setWord(d, F.RATE_BYTES, per == F.PER_PARAMETER ? rateRows * vector : bytes(rateRows * perRow));
  setWord(d, F.GRADIENT_BYTES, vector + word(d, F.RATE_BYTES) + 32);
  setWord(d, F.LAYER_RATES, 2 * vector);
  setWord(d, F.PARAMETER_RATES, 2 * vector + bytes(rateRows * layers));
  setWord(d, F.START_TURNED, word(d, F.PARAMETER_RATES) + (per == F.PER_PARAMETER ? rateRows * vector : 0));
  setWord(d, F.PACKED_BYTES, word(d, F.START_TURNED) + word(d, F.TURNED_BYTES));

  const tangent = word(d, F.SCRATCH_BYTES), slot = word(d, F.SLOT_BYTES);
  const ld = word(layer(d, 0), F.LD_IN), meta = kind == F.JOB_META;
  const slots = meta && word(d, F.GRADIENT) == F.GRADIENT_UNROLLED ? max(1, min(steps, word(d, F.BACKPROP_STEPS))) : 1;
  setWord(d, F.SLOTS, slots);
  let next = word(d, F.AT_FRAMES) + 2 * FRAME_BYTES;
  setWord(d, F.AT_SUPPORT_X, next);
  next += word(d, F.SUPPORT_ROWS) * ld << 2;
  setWord(d, F.AT_QUERY_X, next);
  next += word(d, F.QUERY_ROWS) * ld << 2;
  setWord(d, F.AT_SUPPORT_C, next);
  next += bytes(word(d, F.SUPPORT_ROWS));
  setWord(d, F.AT_QUERY_C, next);
  next += bytes(word(d, F.QUERY_ROWS));
  setWord(d, F.AT_ROW_LOSSES, next);
  next += 2 * bytes(max(word(d, F.SUPPORT_ROWS), word(d, F.QUERY_ROWS)));
  setWord(d, F.AT_SLOTS, next);
  next += slots * slot;
  setWord(d, F.AT_QUERY_SLOT, next);
  next += slot;
  setWord(d, F.AT_THETAS, next);
  next += (meta ? max(1, steps) : 1) * vector;
  setWord(d, F.AT_TURNED, next);
  next += (meta ? max(1, steps) : 1) * word(d, F.TURNED_BYTES);
  setWord(d, F.AT_DIRECTIONS, next);
  next += (meta ? max(1, steps) : 1) * vector;
  setWord(d, F.AT_U, next);
  next += 2 * vector;
  setWord(d, F.AT_U_TURNED, next);
  next += word(d, F.TURNED_BYTES);
  setWord(d, F.AT_TANGENT, next);
  next += tangent;
  setWord(d, F.AT_VECTORS, next);
  if (meta && word(d, F.GRADIENT) == F.GRADIENT_IMPLICIT) next += 3 * vector;
  setWord(d, F.AT_GRADIENT, next);
  if (meta && word(d, F.GROUP) > 1) next += word(d, F.GRADIENT_BYTES);
  setWord(d, F.AT_GRAM, next);
  if (kind == F.JOB_PREDICT) next += F.UNTAKEN_ROWS * bytes(word(d, F.SUPPORT_ROWS));
  setWord(d, F.SCRATCH_BYTES, (next + 127) & ~63);
}

/** Copies x `[rows, inputs]` to padded rows, unless it needs no padding; returns where the padded rows are. */
export function padRows(d: usize, rows: i32, x: usize, to: usize): usize {
  const e = layer(d, 0), inputs = word(e, F.INPUTS), ld = word(e, F.LD_IN);
  if (inputs == ld) return x;
  const width = <usize> inputs << 2, stride = <usize> ld << 2;
  for (let i: i32 = 0; i < rows; ++i) {
    v128.store(to + stride - 16, f32x4.splat(0));
    memory.copy(to, x, width);
    x += width;
    to += stride;
  }
  return to - stride * rows;
}

/** The public layout of a parameter vector to the packed one. */
export function packVector(d: usize, from: usize, to: usize): void {
  memory.fill(to, 0, at(d, F.VECTOR_BYTES));
  for (let l = 0; l < word(d, F.LAYERS); ++l) {
    const e = layer(d, l), inputs = word(e, F.INPUTS), outputs = word(e, F.OUTPUTS);
    const weights = to + at(e, F.WEIGHTS);
    let source = from + at(e, F.PUBLIC);
    const row = <usize> outputs << 2;
    for (let k = 0; k < inputs; ++k, source += row) {
      if (word(e, F.FLIPPED)) {
        for (let o = 0; o < outputs; ++o) {
          store<f32>(weights + (<usize> (o * word(e, F.LD_IN) + k) << 2), load<f32>(source + (<usize> o << 2)));
        }
      } else memory.copy(weights + (<usize> (k * word(e, F.LD_OUT)) << 2), source, row);
    }
    memory.copy(to + at(e, F.BIAS), source, row);
  }
}

/** The packed layout of a parameter vector to the public one. */
export function unpackVector(d: usize, from: usize, to: usize): void {
  for (let l = 0; l < word(d, F.LAYERS); ++l) {
    const e = layer(d, l), inputs = word(e, F.INPUTS), outputs = word(e, F.OUTPUTS);
    const weights = from + at(e, F.WEIGHTS);
    let target = to + at(e, F.PUBLIC);
    const row = <usize> outputs << 2;
    for (let k = 0; k < inputs; ++k, target += row) {
      if (word(e, F.FLIPPED)) {
        for (let o = 0; o < outputs; ++o) {
          store<f32>(target + (<usize> o << 2), load<f32>(weights + (<usize> (o * word(e, F.LD_IN) + k) << 2)));
        }
      } else memory.copy(target, weights + (<usize> (k * word(e, F.LD_OUT)) << 2), row);
    }
    memory.copy(target, from + at(e, F.BIAS), row);
  }
}
