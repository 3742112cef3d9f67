/**
 * How methods are judged: by the loss of their forecasts on query rows, beside that of a forecast which needs no method.
 * @module
 */
import { adaptPredict, type Engine, type MetaState, type Task } from "@adaptrade/adaptrade";
import { pointForecasts } from "@adaptrade/adaptrade/methods";
import { held, softmax } from "../few_shot_classes/score.ts";

/** Mean loss of forecasts `[rows, width]` of one task's query rows: squared error, or surprise where targets are one-hot. */
function lossOf(task: Task, forecasts: readonly (readonly number[])[], classes: boolean): number {
  const { rows, y } = task.query;
  const width = y.length / rows;
  const losses = forecasts.map((one, i) => {
    const target = y.subarray(i * width, (i + 1) * width);
    return classes ? -Math.log(held(one)[target.indexOf(1)]) : (one[0] - target[0]) ** 2;
  });
  return losses.reduce((sum, one) => sum + one / rows, 0);
}

/** Shares of the classes among some tasks' labels. */
export function classShares(tasks: readonly Task[]): number[] {
  const width = tasks[0].query.y.length / tasks[0].query.rows;
  const counts: number[] = new Array(width).fill(0);
  for (const { support, query } of tasks) {
    for (const { y } of [support, query]) y.forEach((value, i) => counts[i % width] += value);
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/**
 * Loss of each task by what needs no method: of numbers the mean of the support's targets, of classes their shares among the tasks
 * learned from, which a handful of support rows would only blur.
 */
export function plainLosses(tasks: readonly Task[], shares?: readonly number[]): number[] {
  return tasks.map((task) => {
    const { support: { rows, y }, query } = task;
    const constant = shares ?? [y.reduce((sum, value) => sum + value / rows, 0)];
    return lossOf(task, Array.from({ length: query.rows }, () => constant), shares !== undefined);
  });
}

/** Loss of each task by a state's forecasts. */
export async function methodLosses(
  engine: Engine,
  state: MetaState,
  { tasks, classes }: { readonly tasks: readonly Task[]; readonly classes: boolean },
): Promise<number[]> {
  const outputs = await adaptPredict(engine, state, tasks.map(({ support, query: { x } }) => ({ support, x })));
  const { loss = { kind: "mse" as const } } = state.config;
  return tasks.map((task, t) => {
    const { rows } = task.query;
    const width = outputs[t].length / rows;
    const forecasts = Array.from({ length: rows }, (_, i) => {
      const row = outputs[t].subarray(i * width, (i + 1) * width);
      if (!classes) return Array.from(pointForecasts(loss, row, width));
      // Matching networks answer with probabilities, all others with logits.
      return loss.kind === "crossEntropy" ? softmax([...row]) : [...row];
    });
    return lossOf(task, forecasts, classes);
  });
}
