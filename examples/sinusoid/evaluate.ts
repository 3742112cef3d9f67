/**
 * Test errors of a trained start: adapt to each curve's few points, measure on an even grid.
 * @module
 */
import { adaptPredict, type Engine, type MetaState } from "@adaptrade/adaptrade";
import { pointsAt, type Sinusoid, type TestTask } from "./tasks.ts";

/** Where curves are measured: 101 places from −5 to 5. */
export const GRID: Float32Array = Float32Array.from({ length: 101 }, (_, i) => -5 + i / 10);

/** Mean squared error on the grid after `steps` inner steps, one a task. */
export async function testErrors(
  engine: Engine,
  state: MetaState,
  run: { readonly tasks: readonly TestTask[]; readonly steps: number },
): Promise<number[]> {
  const curves = await fittedCurves(engine, state, run);
  return run.tasks.map(({ curve }, t) => meanSquaredError(curves[t], curve));
}

/** Predictions on the grid after `steps` inner steps, one array a task. */
export function fittedCurves(
  engine: Engine,
  state: MetaState,
  { tasks, steps }: { readonly tasks: readonly TestTask[]; readonly steps: number },
): Promise<Float32Array[]> {
  return adaptPredict(engine, state, tasks.map(({ support }) => ({ support, x: GRID })), { steps });
}

function meanSquaredError(predicted: Float32Array, curve: Sinusoid): number {
  const { y } = pointsAt(curve, GRID);
  return predicted.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / y.length;
}
