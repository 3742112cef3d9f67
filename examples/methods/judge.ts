/**
 * How methods are judged: by the loss of their forecasts on query rows, as a share of what a forecast of the support alone costs.
 * @module
 */
import { adaptPredict, type Engine, type MetaState, type Task } from "@adaptrade/adaptrade";
import { pointForecasts } from "@adaptrade/adaptrade/methods";

/** Least probability that a forecast of classes is held to, a method's and the support's alike. */
const LEAST_PROBABILITY = 0.01;

/** −log of the probability of what came, after each is held to at least 0.01. */
function surprise(probabilities: readonly number[], target: Float32Array): number {
  const held = probabilities.map((one) => LEAST_PROBABILITY + (1 - LEAST_PROBABILITY * target.length) * one);
  return -Math.log(held[target.indexOf(1)]);
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const shares = logits.map((one) => Math.exp(one - largest));
  const total = shares.reduce((sum, one) => sum + one, 0);
  return shares.map((one) => one / total);
}

/** Mean loss of forecasts `[rows, width]` of one task's query rows: squared error, or surprise where targets are one-hot. */
function lossOf(task: Task, forecasts: readonly (readonly number[])[], classes: boolean): number {
  const { rows, y } = task.query;
  const width = y.length / rows;
  const losses = forecasts.map((one, i) => {
    const target = y.subarray(i * width, (i + 1) * width);
    return classes ? surprise(one, target) : (one[0] - target[0]) ** 2;
  });
  return losses.reduce((sum, one) => sum + one / rows, 0);
}

/** Mean loss over tasks of forecasting the mean of the support's targets: of classes, their shares with one row more of each. */
export function supportLoss(tasks: readonly Task[], classes: boolean): number {
  return tasks.reduce((total, task) => {
    const { support: { rows, y }, query } = task;
    const width = y.length / rows;
    const mean = Array.from({ length: width }, (_, o) => {
      let sum = classes ? 1 : 0;
      for (let r = 0; r < rows; r++) sum += y[r * width + o];
      return sum / (classes ? rows + width : rows);
    });
    return total + lossOf(task, Array.from({ length: query.rows }, () => mean), classes) / tasks.length;
  }, 0);
}

/** Mean loss over tasks of a state's forecasts. */
export async function methodLoss(
  engine: Engine,
  state: MetaState,
  run: { tasks: readonly Task[]; classes: boolean },
): Promise<number> {
  const { tasks, classes } = run;
  const outputs = await adaptPredict(engine, state, tasks.map(({ support, query: { x } }) => ({ support, x })));
  const { loss = { kind: "mse" as const }, net } = state.config;
  return tasks.reduce((total, task, t) => {
    const { rows } = task.query;
    const width = outputs[t].length / rows;
    const row = (i: number): number[] => Array.from(outputs[t].subarray(i * width, (i + 1) * width));
    const forecasts = Array.from({ length: rows }, (_, i) => {
      if (!classes) {
        return Array.from(pointForecasts(loss, Float32Array.from(row(i)), state.config.method ? width : net.outputs));
      }
      // Matching networks answer with probabilities, all others with logits.
      return loss.kind === "crossEntropy" ? softmax(row(i)) : row(i);
    });
    return total + lossOf(task, forecasts, classes) / tasks.length;
  }, 0);
}
