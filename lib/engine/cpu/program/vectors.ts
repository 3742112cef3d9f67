/**
 * Four float32 lanes in WebAssembly: the arithmetic that primitives are written in, and the value of a kernel's operations.
 * Each instruction ends in a local: a compiler that is given nested expressions keeps too many vectors alive.
 * @module
 */
import type { Lanes } from "../../../program/lanes.ts";
import { PRIMITIVES } from "../../../program/primitives.ts";
import type { ElementwiseOp } from "../../../program/value.ts";
import { type Code, type Local, SIMD, V128 } from "./assembler.ts";
import type { Operation, Ref } from "./spec.ts";

/** The host's instructions: `relaxed` has a multiply-add. */
export interface Target {
  /** Whether relaxed SIMD may be used. */
  readonly relaxed: boolean;
}

/** Vector arithmetic that appends to a function. */
export interface Vectors extends Lanes<Local> {
  /** c += a · b */
  accumulate(a: Local, b: Local, c: Local): void;
  /** A vector of given bits. */
  bits(values: readonly number[]): Local;
  /** Sum or largest of four lanes, in every lane. */
  across(op: number, x: Local): Local;
}

/** Vector arithmetic on `code`. */
export function vectorsOf(code: Code, { relaxed }: Target): Vectors {
  const made = (): Local => {
    const local = code.local(V128);
    code.set(local);
    return local;
  };
  const unary = (op: number) => (x: Local): Local => (code.get(x).simd(op), made());
  const binary = (op: number) => (a: Local, b: Local): Local => (code.get(a).get(b).simd(op), made());
  const bits = (values: readonly number[]): Local => code.constant(new Uint8Array(Int32Array.from(values).buffer));
  const shifted = (x: Local, op: number, by: number): Local => (code.get(x).i32(by).simd(op), made());
  const add = binary(SIMD.add);
  const mul = binary(SIMD.mul);
  const and = binary(SIMD.and);
  return {
    number: (value) => code.constant(new Uint8Array(new Float32Array(4).fill(value).buffer)),
    bits,
    add,
    sub: binary(SIMD.sub),
    mul,
    div: binary(SIMD.div),
    madd: (a, b, c) => relaxed ? (code.get(a).get(b).get(c).simd(SIMD.madd), made()) : add(mul(a, b), c),
    accumulate(a, b, c): void {
      if (relaxed) code.get(a).get(b).get(c).simd(SIMD.madd).set(c);
      else code.get(a).get(b).simd(SIMD.mul).get(c).simd(SIMD.add).set(c);
    },
    sqrt: unary(SIMD.sqrt),
    abs: unary(SIMD.abs),
    pmin: binary(SIMD.pmin),
    pmax: binary(SIMD.pmax),
    nearest: unary(SIMD.nearest),
    gt: binary(SIMD.gt),
    ne: binary(SIMD.ne),
    and,
    andnot: binary(SIMD.andnot),
    or: binary(SIMD.or),
    choose: (mask, a, b) => (code.get(a).get(b).get(mask).simd(SIMD.bitselect), made()),
    power(n): Local {
      code.get(n).simd(SIMD.truncSat).get(bits([127, 127, 127, 127])).simd(SIMD.intAdd);
      return shifted(made(), SIMD.intShl, 23);
    },
    split(x): readonly [Local, Local] {
      const exponent = shifted(x, SIMD.intShrU, 23);
      code.get(exponent).get(bits([126, 126, 126, 126])).simd(SIMD.intSub).simd(SIMD.convert);
      const e = made();
      const fraction = and(x, bits(new Array(4).fill(0x007fffff)));
      code.get(fraction).get(bits(new Array(4).fill(0x3f000000))).simd(SIMD.or);
      return [made(), e];
    },
    across(op, x): Local {
      code.get(x).get(x).get(x).shuffle([2, 3, 0, 1]).simd(op);
      const half = made();
      code.get(half).get(half).get(half).shuffle([1, 0, 3, 2]).simd(op);
      return made();
    },
  };
}

/** What a kernel's operations give: locals by reference. */
export type Values = (ref: Ref) => Local;

/** Appends operations; `given` has loads and the product. */
export function evaluate(v: Vectors, ops: readonly Operation[], given: (ref: Ref) => Local): Values {
  const results: (Local | undefined)[] = [];
  const masks = new Map<Ref, Local>();
  const value: Values = (ref) => {
    if (ref.startsWith("#")) return v.number(Number(ref.slice(1)));
    if (!ref.startsWith("o")) return given(ref);
    const i = Number(ref.slice(1));
    // A step that only chooses is never made a number.
    if (results[i] === undefined) results[i] = v.and(masks.get(ref)!, v.number(1));
    return results[i];
  };
  const maskOf = (ref: Ref): Local => masks.get(ref) ?? v.ne(value(ref), v.number(0));
  ops.forEach(({ op, ins }, i) => {
    if (op === "step") masks.set(`o${i}`, v.gt(value(ins[0]), v.number(0)));
    else if (op === "select") {
      const mask = maskOf(ins[0]);
      if (ins[2] === "#0") results[i] = v.and(value(ins[1]), mask);
      else if (ins[1] === "#0") results[i] = v.andnot(value(ins[2]), mask);
      else results[i] = v.choose(mask, value(ins[1]), value(ins[2]));
    } else results[i] = PRIMITIVES[op as ElementwiseOp].lanes!(v, ins.map(value));
  });
  return value;
}
