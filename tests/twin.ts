/** References in float64 for tests, through the interpreter: what an adapted model puts out, and a loss with its derivatives. */
import { runInterpreted } from "../lib/engine/naive/engine.ts";
import type { InnerProblem, LossShape, Samples } from "../lib/engine/problem.ts";
import { rowInputs } from "../lib/engine/programmed.ts";
import { lossOf } from "../lib/loss/losses.ts";
import { adaptPredictProgram } from "../lib/method/programs.ts";
import { grad } from "../lib/program/grad.ts";
import { createGraph } from "../lib/program/graph.ts";
import { interpreter } from "../lib/program/interpret.ts";
import { toProgram } from "../lib/program/program.ts";

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

/** A loss of one output and target, with its derivatives by the prediction and by φ. */
export interface LossDerivatives {
  value: number;
  slope: number;
  curvature: number;
  byPhi: number[];
  slopeByPhi: number[];
}

/** The derivatives of a loss at one prediction. */
export function lossDerivatives(
  loss: LossShape,
): (phi: ArrayLike<number>, predicted: number, target: number) => LossDerivatives {
  const g = createGraph();
  const [predicted, target, phi] = [g.input("predicted", [1, 1]), g.input("target", [1, 1]), g.input("phi", [3])];
  const value = g.reshape(lossOf(loss).row(g, { predicted, target, phi }), []);
  const [slope, byPhi] = grad(g, value, [predicted, phi]);
  const [curvature, slopeByPhi] = grad(g, g.reshape(slope, []), [predicted, phi]);
  const run = interpreter(toProgram({ value, slope, byPhi, curvature, slopeByPhi }));
  return (phi, predicted, target) => {
    const found = run({ phi, predicted: [predicted], target: [target] });
    return {
      value: found.value[0],
      slope: found.slope[0],
      curvature: found.curvature[0],
      byPhi: [...found.byPhi],
      slopeByPhi: [...found.slopeByPhi],
    };
  };
}
