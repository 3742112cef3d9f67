/** A reference in float64 for tests, through the interpreter: what an adapted model puts out. */
import { runInterpreted } from "../lib/engine/naive/engine.ts";
import type { InnerProblem, Samples } from "../lib/engine/problem.ts";
import { rowInputs } from "../lib/engine/programmed.ts";
import { adaptPredictProgram } from "../lib/method/programs.ts";

/** Numbers of a learner by the names of the programs' inputs: `theta`, `logLr`, ... */
export type LearnedNumbers = Readonly<Record<string, ArrayLike<number>>>;

/** Outputs at `x` after adapting to `support`, `[rows, outputs]`, unrounded. */
export function twinPredict(
  inner: InnerProblem,
  learned: LearnedNumbers,
  { support, x }: { readonly support: Samples; readonly x: Float32Array },
): Float64Array {
  const rows = { support: support.rows, query: x.length / inner.net.inputs };
  const program = adaptPredictProgram(inner, { rows, rates: learned.logLr.length });
  const inputs = { ...rowInputs("support", support), "query.x": x };
  return runInterpreted({ shared: learned, tasks: [{ program, inputs }], sum: [] }).each[0].outputs as Float64Array;
}
