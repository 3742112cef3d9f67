/** Runs a program on the wasm executor alone: one arena in a memory of its own. */
import { openMemory } from "../../lib/engine/cpu/build.ts";
import { compileProgram } from "../../lib/engine/cpu/program/compile.ts";
import type { Program } from "../../lib/program/program.ts";

/** A program that runs in float32: numbers by input name in, fresh arrays by output name out. */
export type WasmRun = (inputs: Readonly<Record<string, ArrayLike<number>>>) => Record<string, Float32Array>;

/** Compiles and instantiates a program. */
export function wasmRunner(program: Program, { relaxed = true }: { readonly relaxed?: boolean } = {}): WasmRun {
  const compiled = compileProgram(program, { relaxed, shared: false });
  const memory = openMemory(false);
  memory.grow(Math.ceil(compiled.size * 4 / 65536));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), { env: { memory } });
  const base = 64;
  const floats = new Float32Array(memory.buffer, base, compiled.size).fill(NaN);
  for (const { at, data } of compiled.constants) floats.set(data, at);
  return (inputs) => {
    for (const [name, { at }] of Object.entries(compiled.inputs)) floats.set(inputs[name], at);
    (instance.exports.program as (base: number) => void)(base);
    return Object.fromEntries(
      Object.entries(compiled.outputs).map(([name, { at, size }]) => [name, floats.slice(at, at + size)]),
    );
  };
}
