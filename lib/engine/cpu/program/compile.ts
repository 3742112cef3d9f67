/**
 * A program as one WebAssembly module: a kernel for each different piece of work, and a driver that calls them in order with
 * addresses in an arena. `program(base)` is the whole program on the arena at `base`; `run` takes tasks through it.
 * @module
 */
import { Arena } from "../../../program/arena.ts";
import type { Program } from "../../../program/program.ts";
import { sizeOf } from "../../../program/value.ts";
import { assemble, Code, OP, type Procedure } from "./assembler.ts";
import { ALIGN, lower, padded } from "./lower.ts";
import { emitMap, emitReduce } from "./nest.ts";
import { emitProduct } from "./product.ts";
import { emitRows } from "./rows.ts";
import type { Call, Location, Spec } from "./spec.ts";
import { emitAdd, emitTaskLoop, HEADER } from "./task_loop.ts";
import type { Target } from "./vectors.ts";
import { groupBy } from "../../../group_by.ts";

/** How a program is compiled. */
export interface CompileOptions extends Target {
  /** Whether the memory is shared. */
  readonly shared: boolean;
  /** Inputs that all tasks share (default none). */
  readonly common?: readonly string[];
  /** Outputs that are added up over tasks (default none). */
  readonly sum?: readonly string[];
}

/** A stretch of an arena, in float32 elements. */
export interface Stretch {
  /** First element. */
  readonly at: number;
  /** Elements. */
  readonly size: number;
}

/** A part of an arena, and the inputs or outputs in it; `at` of each counts from the part's first element. */
export interface Part extends Stretch {
  /** What lies in it. */
  readonly fields: readonly (Stretch & { readonly name: string })[];
}

/** A compiled program. An arena holds its parts in the order of their names here, then what lives only while it runs. */
export interface CompiledProgram {
  /** The module: imports `env.memory`, exports `program(base)` and what `task_loop.ts` says. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Elements of an arena. */
  readonly size: number;
  /** What all tasks share: common inputs and constants. */
  readonly common: Part;
  /** A task's own inputs. */
  readonly own: Part;
  /** Outputs of each task. */
  readonly each: Part;
  /** Outputs that are added up. */
  readonly sum: Part;
  /** Where each input lies. */
  readonly inputs: Readonly<Record<string, Stretch>>;
  /** Numbers that must be written once. */
  readonly constants: readonly { readonly at: number; readonly data: Float32Array }[];
  /** Where each output lies. */
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
  const ending = groupBy(last.keys(), (block) => last.get(block)!);
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

function partOf({ at, size }: Stretch, places: Readonly<Record<string, Stretch>>): Part {
  const within = Object.entries(places).filter(([, place]) => place.at >= at && place.at < at + size);
  return { at, size, fields: within.map(([name, place]) => ({ name, at: place.at - at, size: place.size })) };
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
      code.call(kernels.get(keys[from + i])!);
    });
    parts.push({ parameters: 1, body: code.finish() });
  }
  const code = new Code(1);
  parts.forEach((_, i) => code.get(0).call(kernels.size + i));
  return [...parts, { parameters: 1, body: code.finish() }];
}

/**
 * Compiles a program.
 *
 * @param program What to compile.
 * @param options The host's instructions, and which inputs and outputs tasks share.
 * @returns The module and where its inputs, constants and outputs lie in an arena.
 */
export function compileProgram(program: Program, options: CompileOptions): CompiledProgram {
  const { common = [], sum = [] } = options;
  const { nodes } = program;
  const each = Object.keys(program.outputs).filter((name) => !sum.includes(name));
  const { calls, sizes, outputs } = lower(program, [...each, ...sum]);
  const fixed = new Map<number, number>();
  let fixedSize = HEADER;
  const fix = (blocks: readonly (readonly [block: number, size: number])[]): Stretch => {
    const at = fixedSize;
    for (const [block, size] of blocks) {
      fixed.set(block, fixedSize);
      fixedSize += padded(size);
    }
    return { at, size: fixedSize - at };
  };
  const leaves = (wanted: (name: string | undefined) => boolean): [number, number][] =>
    nodes.flatMap((node, i) => {
      const name = node.op === "input" ? node.attributes.name : undefined;
      return (node.op === "input" || node.op === "constant") && wanted(name) ? [[i, sizeOf(node.shape)]] : [];
    });
  const isCommon = (name: string | undefined): boolean => name === undefined || common.includes(name);
  const shared = fix(leaves(isCommon));
  const own = fix(leaves((name) => !isCommon(name)));
  const results = fix([[outputs.block, outputs.size]]);
  const eachSize = sum.length > 0 ? outputs.at[sum[0]] : results.size;
  const places = arrange(calls, sizes, fixed);
  const start = (block: number): number => places.at.get(block)! + (fixed.has(block) ? 0 : fixedSize);

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
  procedures.push(...driver(calls, kernels, keys, ({ block, at }) => (start(block) + at) * 4));
  const entry = procedures.length - 1;
  const stretches = (of: Readonly<Record<string, number>>, at: (name: string, i: number) => number) =>
    Object.fromEntries(
      Object.entries(of).map(([name, i]) => [name, { at: at(name, i), size: sizeOf(nodes[i].shape) }]),
    );
  const inputs = stretches(program.inputs, (_, i) => start(i));
  const ends = stretches(program.outputs, (name) => results.at + outputs.at[name]);
  const layout = {
    common: partOf(shared, inputs),
    own: partOf(own, inputs),
    each: partOf({ at: results.at, size: eachSize }, ends),
    sum: partOf({ at: results.at + eachSize, size: results.size - eachSize }, ends),
  };
  procedures.push(emitAdd(), emitTaskLoop(layout, { program: entry, add: entry + 1 }));
  return {
    bytes: assemble(procedures, { ...options, exports: { program: entry, add: entry + 1, run: entry + 2 } }),
    // What is read past an end stays inside.
    size: fixedSize + places.size + ALIGN,
    ...layout,
    inputs,
    constants: nodes.flatMap((node, i) =>
      node.op === "constant" ? [{ at: start(i), data: Float32Array.from(node.attributes.data) }] : []
    ),
    outputs: ends,
    kernels: kernels.size,
    calls: calls.length,
  };
}
