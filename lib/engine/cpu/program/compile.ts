/**
 * A program as one WebAssembly module: a kernel for each different piece of work, and a driver that calls them in order with
 * addresses in an arena. `run(base)` is the whole program on the arena at `base`; the arena is the caller's, one a thread.
 * @module
 */
import { Arena } from "../../../program/arena.ts";
import type { Program } from "../../../program/program.ts";
import { sizeOf } from "../../../program/value.ts";
import { assemble, Code, OP, type Procedure } from "./assembler.ts";
import { ALIGN, lower } from "./lower.ts";
import { emitMap, emitReduce } from "./nest.ts";
import { emitProduct } from "./product.ts";
import { emitRows } from "./rows.ts";
import type { Call, Location, Spec } from "./spec.ts";
import type { Target } from "./vectors.ts";

/** How a program is compiled. */
export interface CompileOptions extends Target {
  /** Whether the memory is shared. */
  readonly shared: boolean;
}

/** A stretch of an arena, in float32 elements. */
export interface Stretch {
  /** First element. */
  readonly at: number;
  /** Elements. */
  readonly size: number;
}

/** A compiled program. */
export interface CompiledProgram {
  /** The module: imports `env.memory`, exports `run(base)`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Elements of an arena. */
  readonly size: number;
  /** Where each input must be written. */
  readonly inputs: Readonly<Record<string, Stretch>>;
  /** Numbers that must be written once. */
  readonly constants: readonly { readonly at: number; readonly data: Float32Array }[];
  /** Where each output is found. */
  readonly outputs: Readonly<Record<string, Stretch>>;
  /** Kernels and calls of them, for reports. */
  readonly kernels: number;
  readonly calls: number;
}

/** Calls in one function of the driver. */
const CHUNK = 64;

function emit(spec: Spec, target: Target): Procedure {
  switch (spec.kind) {
    case "map":
      return emitMap(spec, target);
    case "product":
      return emitProduct(spec, target);
    case "sum":
    case "max":
      return emitReduce(spec, target);
    default:
      return emitRows(spec);
  }
}

/** First element of each block; blocks that are never needed at once share their place. */
function arrange(
  calls: readonly Call[],
  sizes: ReadonlyMap<number, number>,
  fixed: ReadonlyMap<number, number>,
): { readonly at: ReadonlyMap<number, number>; readonly size: number } {
  const last = new Map<number, number>();
  calls.forEach(({ reads, writes }, i) => [...reads, ...writes].forEach(({ block }) => last.set(block, i)));
  const ending = Map.groupBy(last.keys(), (block) => last.get(block)!);
  const arena = new Arena();
  const at = new Map(fixed);
  calls.forEach(({ writes }, i) => {
    for (const { block } of writes) if (!at.has(block)) at.set(block, arena.take(padded(sizes.get(block)!)));
    for (const block of ending.get(i) ?? []) {
      if (!fixed.has(block)) arena.give(at.get(block)!, padded(sizes.get(block)!));
    }
  });
  return { at, size: arena.size };
}

function padded(size: number): number {
  return Math.ceil(size / ALIGN) * ALIGN;
}

function driver(
  calls: readonly Call[],
  kernels: ReadonlyMap<string, number>,
  keys: readonly string[],
  addressOf: (location: Location) => number,
): Procedure[] {
  const parts: Procedure[] = [];
  for (let from = 0; from < calls.length; from += CHUNK) {
    const code = new Code(1);
    calls.slice(from, from + CHUNK).forEach(({ reads, writes }, i) => {
      for (const location of [...reads, ...writes]) code.get(0).i32(addressOf(location)).op(OP.i32Add);
      code.op(0x10, kernels.get(keys[from + i])!);
    });
    parts.push({ parameters: 1, body: code.finish() });
  }
  const code = new Code(1);
  parts.forEach((_, i) => code.get(0).op(0x10, kernels.size + i));
  return [...parts, { parameters: 1, body: code.finish() }];
}

/**
 * Compiles a program.
 *
 * @param program What to compile.
 * @param options The host's instructions.
 * @returns The module and where its inputs, constants and outputs lie in an arena.
 */
export function compileProgram(program: Program, options: CompileOptions): CompiledProgram {
  const { calls, sizes, outputs } = lower(program);
  const { nodes } = program;
  const fixed = new Map<number, number>();
  let fixedSize = 0;
  const fix = (block: number, size: number): void => {
    fixed.set(block, fixedSize);
    fixedSize += padded(size);
  };
  nodes.forEach(({ op, shape }, i) => {
    if (op === "input" || op === "constant") fix(i, sizeOf(shape));
  });
  fix(outputs.block, outputs.size);
  const places = arrange(calls, sizes, fixed);
  const start = (block: number): number => {
    const at = places.at.get(block)!;
    return fixed.has(block) ? at : at + fixedSize;
  };

  const kernels = new Map<string, number>();
  const procedures: Procedure[] = [];
  const keys = calls.map(({ spec }) => {
    const key = JSON.stringify(spec);
    if (!kernels.has(key)) {
      kernels.set(key, procedures.length);
      procedures.push(emit(spec, options));
    }
    return key;
  });
  const parts = driver(calls, kernels, keys, ({ block, at }) => (start(block) + at) * 4);
  return {
    bytes: assemble([...procedures, ...parts], options),
    // What is read past an end stays inside.
    size: fixedSize + places.size + ALIGN,
    inputs: Object.fromEntries(
      Object.entries(program.inputs).map(([name, i]) => [name, { at: start(i), size: sizeOf(nodes[i].shape) }]),
    ),
    constants: nodes.flatMap((node, i) =>
      node.op === "constant" ? [{ at: start(i), data: Float32Array.from(node.attributes.data) }] : []
    ),
    outputs: Object.fromEntries(
      Object.entries(program.outputs).map(([name, i]) => [
        name,
        { at: start(outputs.block) + outputs.at[name], size: sizeOf(nodes[i].shape) },
      ]),
    ),
    kernels: procedures.length,
    calls: calls.length,
  };
}
