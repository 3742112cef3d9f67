/**
 * Kernels of dense products C = A·B, or of sums of such, with elementwise work on the sums before they are stored: one description of the register
 * tile, from which every size is generated. Each element of C is one sum in the order of terms and k, whatever tile it falls
 * into. Addresses are parameters: A and B of each term, loads, stores.
 */
import { Code, I32, type Local, OP, type Procedure, SIMD, V128 } from "./assembler.ts";
import { loadLanes, range, storeLanes } from "./nest.ts";
import type { ProductSpec, ProductTerm } from "./spec.ts";
import { evaluate, type Target, type Vectors, vectorsOf } from "./vectors.ts";

/** Bytes of a lane. */
const LANE = 4;
/** Rows of a tile by its width in vectors: as many sums as registers hold beside a row of B and an element of A. */
const TILE_ROWS: Readonly<Record<number, number>> = { 1: 8, 2: 5, 4: 2, 8: 1 };

/** An operand: its first element now, and what it moves by. */
interface Operand {
  readonly local: Local;
  readonly strides: readonly number[];
}

/** One A·B of the sum, at addresses. */
interface Term extends ProductTerm {
  readonly left: Local;
  readonly right: Local;
}

interface Frame {
  readonly spec: ProductSpec;
  readonly code: Code;
  readonly v: Vectors;
  readonly terms: readonly Term[];
  /** What is read and written over `[batch, m, n]`. */
  readonly loads: readonly Operand[];
  readonly stores: readonly Operand[];
}

/** Elementwise work on the sums of row `row` and the four columns from `column` on, and its stores. */
function finish(frame: Frame, sum: Local, at: { row: number; column: number; lanes: number }): void {
  const { spec, code, v, loads, stores } = frame;
  const { row, column, lanes } = at;
  const offset = (strides: readonly number[]): number => (row * strides[1] + column * strides[2]) * LANE;
  const values = evaluate(v, spec.ops, (ref) => {
    if (ref === "a") return sum;
    const { local, strides } = loads[Number(ref.slice(1))];
    return loadLanes(code, local, { stride: strides[2], offset: offset(strides), lanes });
  });
  spec.stores.map(({ value }) => values(value)).forEach((result, k) => {
    const { local, strides } = stores[k];
    storeLanes(code, local, result, { stride: strides[2], offset: offset(strides), lanes });
  });
}

/** What the terms of a tile work with. */
interface Tile {
  readonly sums: readonly (readonly Local[])[];
  readonly right: readonly Local[];
  readonly wide: readonly Local[];
  readonly x: Local;
  readonly p: Local;
  readonly q: Local;
}

/** Adds A·B to the sums of a tile. */
function addTerm({ code, v }: Frame, { k, a: [, rowA, stepA], b, ...at }: Term, tile: Tile): void {
  const { sums, right, wide, x, p, q } = tile;
  const rows = sums.length;
  const turned = stepA !== 1;
  const ldb = b[1] * LANE;
  code.get(at.left).set(p).get(at.right).set(q);
  const spread = (from: Local, lane: number): void => {
    code.get(from).get(from).shuffle([lane, lane, lane, lane]).set(x);
  };
  // Rows whose elements of A are loaded four at once (steps of a row, or rows of a step where A is turned) and spread by shuffles;
  // the others are loaded spread. Where hosts check every load's bounds, a load costs a branch, and a shuffle shares a port with
  // multiply-adds.
  const shuffled = turned ? (rows >= 4 ? 3 : 0) : rows >= 5 ? 2 : rows;
  // An address a row of what is read, so that loads differ by few offsets: where bounds are checked, each costs an instruction.
  const ahead = (base: Local, by: number): Local => {
    if (by === 0) return base;
    const local = code.local(I32);
    code.get(base).i32(by).op(OP.i32Add).set(local);
    return local;
  };
  const steps = (count: number): void => {
    const left = (turned ? range(count) : range(rows)).map((i) => ahead(p, i * (turned ? stepA : rowA) * LANE));
    if (!turned && count === 4) {
      for (let i = 0; i < shuffled; i++) code.get(left[i]).memory(SIMD.load, 0).set(wide[i]);
    }
    for (let step = 0; step < count; step++) {
      const row = ahead(q, step * ldb);
      right.forEach((local, j) => code.get(row).memory(SIMD.load, 16 * j).set(local));
      if (turned && shuffled > 0) code.get(left[step]).memory(SIMD.load, 0).set(wide[0]);
      for (let i = 0; i < rows; i++) {
        const [line, along] = turned ? [step, i] : [i, step];
        if (i < shuffled && (turned || count === 4)) spread(wide[turned ? 0 : i], along);
        else code.get(left[line]).memory(SIMD.loadSplat, along * LANE).set(x);
        sums[i].forEach((sum, j) => v.accumulate(x, right[j], sum));
      }
    }
    code.raise(p, count * stepA * LANE).raise(q, count * ldb);
  };
  code.repeat(k >> 2, () => steps(4));
  if (k % 4 > 0) steps(k % 4);
}

/** One tile of `rows` rows and the columns of `widths` (lanes of each vector) at the frame's addresses. */
function tile(frame: Frame, rows: number, widths: readonly number[]): void {
  const { code, v, terms } = frame;
  const vectors = (count: number): Local[] => Array.from({ length: count }, () => code.local(V128));
  const sums = Array.from({ length: rows }, () => vectors(widths.length));
  for (const sum of sums.flat()) code.get(v.number(0)).set(sum);
  const [p, q] = [code.local(I32), code.local(I32)];
  const parts = { sums, right: vectors(widths.length), x: code.local(V128), wide: vectors(rows), p, q };
  for (const term of terms) addTerm(frame, term, parts);
  sums.forEach((row, i) => row.forEach((sum, j) => finish(frame, sum, { row: i, column: 4 * j, lanes: widths[j] })));
}

/** Heights of the tiles that cover `m` rows, as [rows, count]. */
function heights(m: number, most: number): [number, number][] {
  if (most !== 5) return [[most, Math.floor(m / most)], [m % most, 1]];
  // Fives as far as fours can cover the rest.
  let fours = (5 - m % 5) % 5;
  if (4 * fours > m) fours = 0;
  const fives = Math.floor((m - 4 * fours) / 5);
  return [[5, fives], [4, fours], [m - 5 * fives - 4 * fours, 1]];
}

/** What moves along axis 1 (rows) or 2 (columns), and by how many elements. */
function moved({ terms, loads, stores }: Frame, axis: 1 | 2): { readonly local: Local; readonly by: number }[] {
  return [
    ...terms.map(({ a, b, left, right }) => axis === 1 ? { local: left, by: a[1] } : { local: right, by: b[2] }),
    ...[...loads, ...stores].map(({ local, strides }) => ({ local, by: strides[axis] })),
  ];
}

/** Runs `body` at each multiple of `size` along an axis; `count` times, leaving the addresses moved. */
function along(frame: Frame, axis: 1 | 2, size: number, count: number, body: () => void): void {
  frame.code.repeat(count, () => {
    body();
    for (const { local, by } of moved(frame, axis)) frame.code.raise(local, size * by * LANE);
  });
}

/** Moves the addresses back along an axis. */
function back(frame: Frame, axis: 1 | 2, size: number): void {
  for (const { local, by } of moved(frame, axis)) frame.code.raise(local, -size * by * LANE);
}

function tiles(frame: Frame): void {
  const [, m, n] = frame.spec.domain;
  let left = n;
  const strip = (vectors: number): void => {
    const width = Math.min(4 * vectors, left);
    const count = Math.floor(left / width);
    const widths = Array.from({ length: Math.ceil(width / 4) }, (_, j) => Math.min(4, width - 4 * j));
    along(frame, 2, width, count, () => {
      for (const [height, times] of heights(m, TILE_ROWS[vectors])) {
        if (height > 0 && times > 0) along(frame, 1, height, times, () => tile(frame, height, widths));
      }
      back(frame, 1, m);
    });
    left -= width * count;
  };
  const wide = m === 1 ? 8 : m <= 3 ? 4 : 2;
  for (const vectors of [wide, 4, 2, 1]) {
    if (vectors <= wide && left >= 4 * vectors) strip(vectors);
  }
  if (left > 0) strip(1);
  back(frame, 2, n);
}

/** One row of A with up to four rows of B, sums along k in four lanes. */
function dot(frame: Frame, columns: number): void {
  const { code, v, terms } = frame;
  const sums = Array.from({ length: columns }, () => code.local(V128));
  for (const sum of sums) code.get(v.number(0)).set(sum);
  const [p, q] = [code.local(I32), code.local(I32)];
  for (const { k, b, left, right } of terms) {
    code.get(left).set(p).get(right).set(q);
    const step = (lanes: number): void => {
      const mask = lanes < 4 ? v.bits([0, 1, 2, 3].map((lane) => lane < lanes ? -1 : 0)) : undefined;
      const masked = (x: Local): Local => mask === undefined ? x : v.and(x, mask);
      const x = masked(loadLanes(code, p, { stride: 1, offset: 0, lanes: 4 }));
      sums.forEach((sum, j) => {
        v.accumulate(x, masked(loadLanes(code, q, { stride: 1, offset: j * b[2] * LANE, lanes: 4 })), sum);
      });
    };
    code.repeat(k >> 2, () => {
      step(4);
      code.raise(p, 16).raise(q, 16);
    });
    if (k % 4 > 0) step(k % 4);
  }
  const [s0, s1, s2, s3] = [0, 1, 2, 3].map((j) => sums[Math.min(j, columns - 1)]);
  const joined = (x: Local, y: Local, lanes: readonly number[]): Local => {
    const local = code.local(V128);
    code.get(x).get(y).shuffle(lanes).set(local);
    return local;
  };
  const half = (x: Local, y: Local): Local => v.add(joined(x, y, [0, 4, 1, 5]), joined(x, y, [2, 6, 3, 7]));
  const [low, high] = [half(s0, s1), half(s2, s3)];
  const sum = v.add(joined(low, high, [0, 1, 4, 5]), joined(low, high, [2, 3, 6, 7]));
  finish(frame, sum, { row: 0, column: 0, lanes: columns });
}

function dots(frame: Frame): void {
  const [, m, n] = frame.spec.domain;
  along(frame, 1, 1, m, () => {
    along(frame, 2, 4, n >> 2, () => dot(frame, 4));
    if (n % 4 > 0) dot(frame, n % 4);
    back(frame, 2, n & ~3);
  });
}

/** The kernel of a product. */
export function emitProduct(spec: ProductSpec, target: Target): Procedure {
  const sides = 2 * spec.terms.length;
  const parameters = sides + spec.loads.length + spec.stores.length;
  const code = new Code(parameters);
  const terms = spec.terms.map((term, t) => ({ ...term, left: 2 * t, right: 2 * t + 1 }));
  const loads = spec.loads.map((strides, l) => ({ local: sides + l, strides }));
  const stores = spec.stores.map(({ strides }, s) => ({ local: sides + loads.length + s, strides }));
  const frame: Frame = { spec, code, v: vectorsOf(code, target), terms, loads, stores };
  const [batch] = spec.domain;
  code.repeat(batch, () => {
    if (spec.dots) {
      dots(frame);
      if (batch > 1) back(frame, 1, spec.domain[1]);
    } else tiles(frame);
    if (batch === 1) return;
    for (const { a, b, left, right } of terms) code.raise(left, a[0] * LANE).raise(right, b[0] * LANE);
    for (const { local, strides } of [...loads, ...stores]) code.raise(local, strides[0] * LANE);
  });
  return { parameters, body: code.finish() };
}
