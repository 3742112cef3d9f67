/**
 * The outer update on ranges of learnables in float32, as a module: means, sums of squares, Adam (Kingma & Ba 2015, algorithm 1)
 * and SGD with momentum. The twin of `lib/engine/outer_update.ts`, to the bit, which has the formulas. Addresses need no alignment.
 * @module
 */
import { assemble, Code, type Local, OP, type Procedure, SIMD, V128 } from "./program/assembler.ts";
import { loadLanes, storeLanes } from "./program/nest.ts";
import { type Target, type Vectors, vectorsOf } from "./program/vectors.ts";

/** What the module exports; addresses are bytes, scalars float32 numbers in the order of {@linkcode ADAM} and {@linkcode SGD}. */
export interface UpdateKernels {
  /** Divides values by the scalar. */
  divide(values: number, count: number, scalars: number): void;
  /** Writes Σ g² as a float64 number. */
  squares(gradient: number, count: number, result: number): void;
  /** Adam on values and moments. */
  adam(values: number, first: number, second: number, gradient: number, count: number, scalars: number): void;
  /** SGD with momentum on values and velocity. */
  sgd(values: number, first: number, gradient: number, count: number, scalars: number): void;
}

/** Scalars of `adam`, as `stretchUpdates` in `lib/engine/outer_update.ts` has them. */
export const ADAM = ["scale", "beta1", "rest1", "beta2", "rest2", "rate", "lift", "epsilon", "shrink"] as const;
/** Scalars of `sgd`, likewise. */
export const SGD = ["scale", "momentum", "rate", "shrink"] as const;

/** Runs `body` on four lanes at a time and on one at a time for the rest; the pointers move along. */
function strips(code: Code, pointers: readonly Local[], count: Local, body: (lanes: number) => void): void {
  for (const lanes of [4, 1]) {
    code.forever(() => {
      code.get(count).i32(lanes).op(OP.i32LtS).op(OP.branchIf, 1);
      body(lanes);
      for (const pointer of pointers) code.raise(pointer, 4 * lanes);
      code.raise(count, -lanes).op(OP.branch, 0);
    });
  }
}

function load(code: Code, pointer: Local, lanes: number): Local {
  return loadLanes(code, pointer, { stride: lanes === 4 ? 1 : 0, offset: 0, lanes });
}

function store(code: Code, pointer: Local, value: Local, lanes: number): void {
  storeLanes(code, pointer, value, { stride: 1, offset: 0, lanes });
}

/** A scalar in every lane, by name. */
type Scalars<Name extends string> = Readonly<Record<Name, Local>>;

function scalarsOf<Name extends string>(code: Code, at: Local, names: readonly Name[]): Scalars<Name> {
  const locals = names.map((name, i) => {
    const local = code.local(V128);
    code.get(at).memory(SIMD.loadSplat, 4 * i).set(local);
    return [name, local];
  });
  return Object.fromEntries(locals);
}

function emitAdam(target: Target): Procedure {
  const [x, m, v, g, count, at] = [0, 1, 2, 3, 4, 5];
  const code = new Code(6);
  const { add, sub, mul, div, sqrt }: Vectors = vectorsOf(code, target);
  const s = scalarsOf(code, at, ADAM);
  strips(code, [x, m, v, g], count, (lanes) => {
    const slope = mul(load(code, g, lanes), s.scale);
    const first = add(mul(s.beta1, load(code, m, lanes)), mul(s.rest1, slope));
    const second = add(mul(s.beta2, load(code, v, lanes)), mul(mul(s.rest2, slope), slope));
    const root = add(sqrt(mul(second, s.lift)), s.epsilon);
    const value = load(code, x, lanes);
    const moved = sub(value, add(div(mul(s.rate, first), root), mul(s.shrink, value)));
    store(code, m, first, lanes);
    store(code, v, second, lanes);
    store(code, x, moved, lanes);
  });
  return { parameters: 6, body: code.finish() };
}

function emitSgd(target: Target): Procedure {
  const [x, m, g, count, at] = [0, 1, 2, 3, 4];
  const code = new Code(5);
  const { add, sub, mul }: Vectors = vectorsOf(code, target);
  const s = scalarsOf(code, at, SGD);
  strips(code, [x, m, g], count, (lanes) => {
    const first = add(mul(s.momentum, load(code, m, lanes)), mul(load(code, g, lanes), s.scale));
    const value = load(code, x, lanes);
    store(code, m, first, lanes);
    store(code, x, sub(value, add(mul(s.rate, first), mul(s.shrink, value))), lanes);
  });
  return { parameters: 5, body: code.finish() };
}

function emitDivide(target: Target): Procedure {
  const [x, count, at] = [0, 1, 2];
  const code = new Code(3);
  const { div } = vectorsOf(code, target);
  const { divisor } = scalarsOf(code, at, ["divisor"]);
  strips(code, [x], count, (lanes) => store(code, x, div(load(code, x, lanes), divisor), lanes));
  return { parameters: 3, body: code.finish() };
}

function emitSquares(target: Target): Procedure {
  const [g, count, result] = [0, 1, 2];
  const code = new Code(3);
  const v = vectorsOf(code, target);
  const sums = [code.local(V128), code.local(V128)];
  for (const sum of sums) code.get(v.number(0)).set(sum);
  const wide = code.local(V128);
  strips(code, [g], count, (lanes) => {
    const loaded = load(code, g, lanes);
    const halves = lanes === 4 ? [[0, 1, 2, 3], [2, 3, 0, 1]] : [[0, 1, 2, 3]];
    halves.forEach((order, half) => {
      code.get(loaded).get(loaded).shuffle(order).simd(SIMD.promoteLow).set(wide);
      // A single number lies in both lanes: half of it counts.
      if (lanes === 1) code.get(wide).get(v.bits([-1, -1, 0, 0])).simd(SIMD.and).set(wide);
      code.get(sums[half]).get(wide).get(wide).simd(SIMD.f64Mul).simd(SIMD.f64Add).set(sums[half]);
    });
  });
  code.get(sums[0]).get(sums[1]).simd(SIMD.f64Add).set(wide);
  code.get(result);
  code.get(wide).simd(SIMD.f64ExtractLane, 0).get(wide).simd(SIMD.f64ExtractLane, 1).op(OP.f64Add);
  code.scalar(OP.f64Store, 0);
  return { parameters: 3, body: code.finish() };
}

/** The kernels over a memory. */
export async function openUpdateKernels(
  memory: WebAssembly.Memory,
  target: Target & { readonly shared: boolean },
): Promise<UpdateKernels> {
  const procedures = [emitDivide(target), emitSquares(target), emitAdam(target), emitSgd(target)];
  const bytes = assemble(procedures, { shared: target.shared, exports: { divide: 0, squares: 1, adam: 2, sgd: 3 } });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  return instance.exports as unknown as UpdateKernels;
}
