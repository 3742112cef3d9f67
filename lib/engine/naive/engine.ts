/**
 * The float64 reference behind the Engine interface: every call is a program, run one operation after another as the table of
 * primitives defines them. It runs on the caller's thread and refuses to be fast.
 * @module
 */
import { type Interpreter, interpreter } from "../../program/interpret.ts";
import type { Program } from "../../program/program.ts";
import type { Engine, EngineInfo } from "../engine.ts";
import type { ProgramBatch, ProgramExecutor, ProgramResults } from "../executor.ts";
import { programMethods } from "../programmed.ts";
import { TreeSum } from "../tree_sum.ts";

const INFO: EngineInfo = Object.freeze({
  backend: "naive",
  adapter: "float64 reference",
  isFallback: false,
  threads: 1,
  limits: Object.freeze({}),
});

const INTERPRETERS = new WeakMap<Program, Interpreter>();

function interpreterOf(program: Program): Interpreter {
  const found = INTERPRETERS.get(program) ?? interpreter(program);
  INTERPRETERS.set(program, found);
  return found;
}

/** Runs a batch, task after task. */
export function runInterpreted({ shared, tasks, sum }: ProgramBatch): ProgramResults {
  const sums = Object.fromEntries(sum.map((name) => [name, new TreeSum<Float64Array>()]));
  const each = tasks.map(({ program, inputs }) => {
    const outputs = interpreterOf(program)({ ...shared, ...inputs });
    for (const name of sum) sums[name].add(outputs[name]);
    return Object.fromEntries(Object.entries(outputs).filter(([name]) => !(name in sums)));
  });
  return { each, sum: Object.fromEntries(sum.map((name) => [name, sums[name].total()])) };
}

/** The interpreter as an executor. */
export const INTERPRETED: ProgramExecutor = Object.freeze({
  run: (batch: ProgramBatch): Promise<ProgramResults> => Promise.resolve(runInterpreted(batch)),
});

/** Opens the float64 reference engine. */
export function openNaiveEngine(): Engine {
  return {
    info: INFO,
    heldBytes: 0,
    ...programMethods(INTERPRETED),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
