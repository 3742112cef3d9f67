/**
 * Kernels of elementwise work and of reductions: loops over the axes, the innermost in blocks of four lanes.
 * Addresses are parameters: loads, then stores. What a block reads past its end is never stored.
 * @module
 */
import { Code, type Local, type Procedure, SIMD, V128 } from "./assembler.ts";
import type { Body, MapSpec, ReduceSpec } from "./spec.ts";
import { evaluate, type Target, type Values, type Vectors, vectorsOf } from "./vectors.ts";

/** Bytes of a lane. */
const LANE = 4;
/** Blocks up to this many are written out, without a loop. */
const WRITTEN_OUT = 4;
/** Instructions up to which a loop's body is repeated, four times or twice. */
const SHORT = 6;
const MIDDLING = 16;

/** An address and how it moves along an axis. */
export interface Pointer {
  /** The address. */
  readonly local: Local;
  /** Elements along each axis. */
  readonly strides: readonly number[];
}

/** Pushes up to four elements at a stride from `offset` bytes on. */
export function loadLanes(code: Code, pointer: Local, at: { stride: number; offset: number; lanes: number }): Local {
  const { stride, offset, lanes } = at;
  const local = code.local(V128);
  code.get(pointer).memory(stride === 1 ? SIMD.load : SIMD.loadSplat, offset).set(local);
  if (stride > 1) {
    for (let lane = 1; lane < lanes; lane++) {
      code.get(pointer).get(local).memory(SIMD.loadLane, offset + lane * stride * LANE, lane).set(local);
    }
  }
  return local;
}

/** Stores the first lanes of a vector at a stride. */
export function storeLanes(
  code: Code,
  pointer: Local,
  value: Local,
  at: { stride: number; offset: number; lanes: number },
): void {
  const { stride, offset, lanes } = at;
  code.get(pointer).get(value);
  if (stride === 1 && lanes === 4) code.memory(SIMD.store, offset);
  else if (stride === 1 && lanes > 1) {
    code.memory(SIMD.store64Lane, offset, 0);
    if (lanes === 3) code.get(pointer).get(value).memory(SIMD.storeLane, offset + 2 * LANE, 2);
  } else {
    code.memory(SIMD.storeLane, offset, 0);
    for (let lane = 1; lane < lanes; lane++) {
      code.get(pointer).get(value).memory(SIMD.storeLane, offset + lane * stride * LANE, lane);
    }
  }
}

/** Walks `axes` (outermost first) around `body`; afterwards the pointers are where they were. */
function walk(
  code: Code,
  domain: readonly number[],
  pointers: readonly Pointer[],
  axes: readonly number[],
  body: () => void,
): void {
  const [axis, ...rest] = axes;
  if (axis === undefined) return body();
  const move = (times: number): void => {
    for (const { local, strides } of pointers) code.raise(local, times * strides[axis] * LANE);
  };
  code.repeat(domain[axis], () => {
    walk(code, domain, pointers, rest, body);
    move(1);
  });
  move(-domain[axis]);
}

/** Runs `block(offset in blocks, lanes)` over `length` elements, unrolled by what a block costs. */
function inBlocks(
  code: Code,
  { length, cost, advance }: { readonly length: number; readonly cost: number; advance(blocks: number): void },
  block: (index: number, lanes: number) => void,
): void {
  const whole = length >> 2;
  const unroll = whole <= WRITTEN_OUT ? Math.max(1, whole) : cost <= SHORT ? 4 : cost <= MIDDLING ? 2 : 1;
  const rounds = Math.floor(whole / unroll);
  code.repeat(rounds, () => {
    for (let i = 0; i < unroll; i++) block(i, 4);
    advance(unroll);
  });
  const left = whole - rounds * unroll;
  for (let i = 0; i < left; i++) block(i, 4);
  if (length % 4 > 0) block(left, length % 4);
  advance(-rounds * unroll);
}

interface Frame {
  readonly code: Code;
  readonly v: Vectors;
  readonly domain: readonly number[];
  readonly loads: readonly Pointer[];
  readonly stores: readonly Pointer[];
  readonly inner: number;
  /** The operations' values for a block; loads that do not move along the innermost axis may be given. */
  values(index: number, lanes: number): Values;
  /** Moves all pointers along the innermost axis. */
  advance(blocks: number): void;
}

function open(body: Body, target: Target): Frame {
  const domain = body.domain.length > 0 ? body.domain : [1];
  const filled = (strides: readonly number[]): readonly number[] => strides.length > 0 ? strides : [1];
  const code = new Code(body.loads.length + body.stores.length);
  const v = vectorsOf(code, target);
  const loads = body.loads.map((strides, local) => ({ local, strides: filled(strides) }));
  const stores = body.stores.map(({ strides }, k) => ({ local: loads.length + k, strides: filled(strides) }));
  const inner = domain.length - 1;
  return {
    code,
    v,
    domain,
    loads,
    stores,
    inner,
    values(index, lanes): Values {
      const known = new Map<string, Local>();
      return evaluate(v, body.ops, (ref) => {
        const { local, strides } = loads[Number(ref.slice(1))];
        const stride = strides[inner];
        const found = known.get(ref) ?? loadLanes(code, local, { stride, offset: index * 16 * stride, lanes });
        known.set(ref, found);
        return found;
      });
    },
    advance(blocks): void {
      for (const { local, strides } of [...loads, ...stores]) code.raise(local, blocks * 16 * strides[inner]);
    },
  };
}

/** 0, 1, ... up to (not including) `end`. */
export function range(end: number): number[] {
  return Array.from({ length: end }, (_, i) => i);
}

/** The kernel of elementwise work. */
export function emitMap(spec: MapSpec, target: Target): Procedure {
  const turned = emitTurned(spec);
  if (turned) return turned;
  const frame = open(spec, target);
  const { code, domain, loads, stores, inner } = frame;
  const cost = loads.length + stores.length + spec.ops.length;
  walk(code, domain, [...loads, ...stores], range(inner), () => {
    inBlocks(code, { length: domain[inner], cost, advance: frame.advance }, (index, lanes) => {
      const values = frame.values(index, lanes);
      const results = spec.stores.map(({ value }) => values(value));
      stores.forEach(({ local, strides }, k) => {
        const stride = strides[inner];
        storeLanes(code, local, results[k], { stride, offset: index * 16 * stride, lanes });
      });
    });
  });
  return { parameters: loads.length + stores.length, body: code.finish() };
}

/** A copy that exchanges the last two axes, four by four; undefined where the spec is none. */
function emitTurned({ domain, ops, loads, stores }: MapSpec): Procedure | undefined {
  const last = domain.length - 1;
  if (last < 1 || ops.length > 0 || loads.length !== 1 || stores.length !== 1) return undefined;
  const [from, to] = [loads[0], stores[0].strides];
  if (from[last - 1] !== 1 || to[last] !== 1 || from[last] < 2) return undefined;
  const code = new Code(2);
  const pointers = [{ local: 0, strides: from }, { local: 1, strides: to }];
  const [rows, columns] = domain.slice(-2);
  const block = (height: number, width: number): void => {
    const x = range(4).map((i) =>
      i < width ? loadLanes(code, 0, { stride: 1, offset: i * from[last] * LANE, lanes: 4 }) : -1
    );
    const y = x.map((local) => local < 0 ? x[0] : local);
    const mixed = [[0, 1, [0, 4, 1, 5]], [2, 3, [0, 4, 1, 5]], [0, 1, [2, 6, 3, 7]], [2, 3, [2, 6, 3, 7]]] as const;
    const pairs = mixed.map(([i, j, lanes]) => {
      const local = code.local(V128);
      code.get(y[i]).get(y[j]).shuffle(lanes).set(local);
      return local;
    });
    range(height).forEach((row) => {
      const local = code.local(V128);
      const half = row >> 1;
      code.get(pairs[2 * half]).get(pairs[2 * half + 1]).shuffle(row % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7]).set(
        local,
      );
      storeLanes(code, 1, local, { stride: 1, offset: row * to[last - 1] * LANE, lanes: width });
    });
  };
  const across = (height: number): void => {
    code.repeat(columns >> 2, () => {
      block(height, 4);
      code.raise(0, 4 * from[last] * LANE).raise(1, 16);
    });
    if (columns % 4 > 0) block(height, columns % 4);
    const moved = columns & ~3;
    code.raise(0, -moved * from[last] * LANE).raise(1, -moved * LANE);
  };
  walk(code, domain, pointers, range(last - 1), () => {
    code.repeat(rows >> 2, () => {
      across(4);
      code.raise(0, 16).raise(1, 4 * to[last - 1] * LANE);
    });
    if (rows % 4 > 0) across(rows % 4);
    code.raise(0, -(rows & ~3) * LANE).raise(1, -(rows & ~3) * to[last - 1] * LANE);
  });
  return { parameters: 2, body: code.finish() };
}

/** The kernel of a sum or a maximum. */
export function emitReduce(spec: ReduceSpec, target: Target): Procedure {
  const frame = open(spec, target);
  const { code, v, domain, loads, stores: [store], inner } = frame;
  const [{ value }] = spec.stores;
  const pointers = [...loads, store];
  const op = spec.kind === "sum" ? SIMD.add : SIMD.max;
  const identity = v.number(spec.kind === "sum" ? 0 : -Infinity);
  const kept = range(inner).filter((axis) => store.strides[axis] !== 0);
  const reduced = range(inner).filter((axis) => store.strides[axis] === 0);
  const accumulate = (sum: Local, x: Local): void => void code.get(sum).get(x).simd(op).set(sum);
  const started = (): Local => {
    const sum = code.local(V128);
    code.get(identity).set(sum);
    return sum;
  };

  if (store.strides[inner] !== 0) {
    walk(code, domain, pointers, kept, () => {
      inBlocks(code, { length: domain[inner], cost: MIDDLING, advance: frame.advance }, (index, lanes) => {
        const sum = started();
        walk(code, domain, loads, reduced, () => accumulate(sum, frame.values(index, lanes)(value)));
        const stride = store.strides[inner];
        storeLanes(code, store.local, sum, { stride, offset: index * 16 * stride, lanes });
      });
    });
    return { parameters: pointers.length, body: code.finish() };
  }
  walk(code, domain, pointers, kept, () => {
    const sums = range(Math.min(4, Math.max(1, domain[inner] >> 2))).map(started);
    walk(code, domain, loads, reduced, () => {
      inBlocks(code, { length: domain[inner], cost: SHORT, advance: frame.advance }, (index, lanes) => {
        let x = frame.values(index, lanes)(value);
        if (lanes < 4) x = v.choose(v.bits(range(4).map((lane) => lane < lanes ? -1 : 0)), x, identity);
        accumulate(sums[index % sums.length], x);
      });
    });
    for (const sum of sums.slice(1)) accumulate(sums[0], sum);
    storeLanes(code, store.local, v.across(op, sums[0]), { stride: 1, offset: 0, lanes: 1 });
  });
  return { parameters: pointers.length, body: code.finish() };
}
