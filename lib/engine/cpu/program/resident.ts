/**
 * Programs compiled over an engine's memory, kept while they are in use: the caller's instance, and the module's bytes where
 * workers find them.
 * @module
 */
import type { Program } from "../../../program/program.ts";
import type { Heap } from "../heap.ts";
import { type CompiledProgram, type CompileOptions, compileProgram } from "./compile.ts";

/** A program ready to run. */
export interface ResidentProgram {
  /** Tells programs apart in workers; never 0. */
  readonly id: number;
  /** Where the module's bytes lie, and how many there are. */
  readonly address: number;
  readonly length: number;
  /** Its arena. */
  readonly compiled: CompiledProgram;
  /** Runs one item on the caller's thread. */
  run(job: number, item: number, thread: number): void;
  /** Adds an array of `bytes` bytes, a multiple of 64, to another. */
  add(to: number, from: number, bytes: number): void;
}

/** What tasks of a program share. */
export interface Sharing {
  /** Inputs. */
  readonly common: readonly string[];
  /** Outputs that are added up. */
  readonly sum: readonly string[];
}

/** An engine's programs. */
export interface ResidentPrograms {
  /** The program, compiled at its first use. */
  get(program: Program, sharing: Sharing): Promise<ResidentProgram>;
}

/** Programs kept; the one not used for longest goes first. */
const KEPT = 256;

/** What programs were compiled to, by program and by how: engines share it. */
const COMPILED = new WeakMap<Program, Map<string, CompiledProgram>>();

function compiledOf(program: Program, options: CompileOptions): CompiledProgram {
  const known = COMPILED.get(program) ?? new Map<string, CompiledProgram>();
  COMPILED.set(program, known);
  const key = JSON.stringify(options);
  const compiled = known.get(key) ?? compileProgram(program, options);
  known.set(key, compiled);
  return compiled;
}

const NUMBERS = new WeakMap<Program, number>();
let numbered = 0;

function numberOf(program: Program): number {
  if (!NUMBERS.has(program)) NUMBERS.set(program, numbered++);
  return NUMBERS.get(program)!;
}

/** Opens an empty collection over a memory. */
export function openResidentPrograms(
  memory: WebAssembly.Memory,
  heap: Heap,
  target: { readonly relaxed: boolean; readonly shared: boolean },
): ResidentPrograms {
  const kept = new Map<string, ResidentProgram>();
  let ids = 0;
  async function compile(program: Program, sharing: Sharing): Promise<ResidentProgram> {
    const compiled = compiledOf(program, { ...target, ...sharing });
    const { instance } = await WebAssembly.instantiate(compiled.bytes, { env: { memory } });
    const { length } = compiled.bytes;
    const address = heap.take(length);
    new Uint8Array(memory.buffer, address, length).set(compiled.bytes);
    const { run, add } = instance.exports as unknown as Pick<ResidentProgram, "run" | "add">;
    return { id: ++ids, address, length, compiled, run, add };
  }
  return {
    async get(program: Program, sharing: Sharing): Promise<ResidentProgram> {
      const key = [numberOf(program), ...sharing.common, "", ...sharing.sum].join();
      const found = kept.get(key) ?? await compile(program, sharing);
      kept.delete(key);
      kept.set(key, found);
      if (kept.size > KEPT) {
        const [oldest, { address }] = kept.entries().next().value!;
        kept.delete(oldest);
        heap.give(address);
      }
      return found;
    },
  };
}
