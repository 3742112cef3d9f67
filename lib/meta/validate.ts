/**
 * Checks of arrays, samples and tasks at the public edge. Kernels behind it assume valid input.
 * Every message names the argument, what was expected and what came.
 * @module
 */
import type { InnerProblem, Samples, Task } from "../engine/problem.ts";
import { forecastsClasses, lossOf } from "../loss/losses.ts";

/** Requires a Float32Array of `length` finite numbers. */
export function checkVector(action: string, name: string, vector: Float32Array, length: number): void {
  if (!(vector instanceof Float32Array)) {
    throw new TypeError(`${action}: expected ${name} to be a Float32Array, received ${describe(vector)}`);
  }
  if (vector.length !== length) {
    throw new TypeError(`${action}: expected ${name} to hold ${length} values, received ${vector.length}`);
  }
  checkFinite(action, name, vector);
}

function checkFinite(action: string, name: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RangeError(`${action}: expected ${name} to be finite, received ${values[i]} at index ${i}`);
    }
  }
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? value.constructor?.name ?? "object" : typeof value;
}

/** How wide the rows of a problem are. */
export interface RowWidths {
  /** Inputs of a row. */
  readonly inputs: number;
  /** Targets of a row; absent where a method leaves them to its tasks. */
  readonly targets?: number;
  /** What a message calls them: outputs, where each is an output of the model. */
  readonly targetName: string;
  /** Kind of the loss where targets are classes or probabilities, in [0, 1]; absent where they are any numbers. */
  readonly classes?: string;
}

/** The widths that a model and its loss want. */
export function widthsOf(
  { net, loss, outerLoss = loss, method }: Pick<InnerProblem, "net" | "loss" | "outerLoss" | "method">,
): RowWidths {
  const { inputs } = net;
  const told = [loss, outerLoss].find(forecastsClasses);
  const classes = told && { classes: told.kind === "custom" ? told.name ?? told.kind : told.kind };
  if (method && method.outputs === undefined) return { inputs, targetName: "targets", ...classes };
  const targets = lossOf(loss).targets(net.outputs)!;
  return { inputs, targets, targetName: targets === net.outputs ? "outputs" : "targets", ...classes };
}

/** Requires inputs `[rows, net.inputs]` with at least one row; gives the rows. */
export function checkInputs(action: string, name: string, x: Float32Array, net: Pick<RowWidths, "inputs">): number {
  if (!(x instanceof Float32Array)) {
    throw new TypeError(`${action}: expected ${name} to be a Float32Array, received ${describe(x)}`);
  }
  if (x.length === 0 || x.length % net.inputs !== 0) {
    throw new TypeError(
      `${action}: expected ${name} to hold rows of ${net.inputs} inputs, received ${x.length} values`,
    );
  }
  checkFinite(action, name, x);
  return x.length / net.inputs;
}

/** Requires samples of these widths, finite, with usable weights. */
export function checkSamples(action: string, name: string, samples: Samples, widths: RowWidths): void {
  if (typeof samples !== "object" || samples === null) {
    throw new TypeError(`${action}: expected ${name} to be samples { rows, x, y }, received ${describe(samples)}`);
  }
  const { rows, x, y, weights } = samples;
  if (!Number.isInteger(rows) || rows < 1) {
    throw new RangeError(`${action}: expected ${name}.rows to be an integer of at least 1, received ${String(rows)}`);
  }
  const { inputs, targets = Math.max(1, Math.floor((y?.length ?? 0) / rows)), targetName } = widths;
  checkVector(action, `${name}.x [${rows} rows, ${inputs} inputs]`, x, rows * inputs);
  checkVector(action, `${name}.y [${rows} rows, ${targets} ${targetName}]`, y, rows * targets);
  const { classes } = widths;
  const beyond = classes === undefined ? -1 : y.findIndex((value) => value < 0 || value > 1);
  if (beyond >= 0) {
    throw new RangeError(
      `${action}: expected ${name}.y to lie within [0, 1] for the loss ${classes}, received ${y[beyond]} at index ` +
        `${beyond}; labels of market rows are scaled numbers, not classes`,
    );
  }
  if (weights === undefined) return;
  checkVector(action, `${name}.weights [${rows} rows]`, weights, rows);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    if (weights[i] < 0) {
      throw new RangeError(
        `${action}: expected ${name}.weights to be at least 0, received ${weights[i]} at index ${i}`,
      );
    }
    total += weights[i];
  }
  if (total === 0) throw new RangeError(`${action}: expected ${name}.weights not to be all 0`);
}

/** Requires at least one task, each with valid support and query samples. */
export function checkTasks(action: string, tasks: readonly Task[], widths: RowWidths): void {
  if (!Array.isArray(tasks)) {
    throw new TypeError(`${action}: expected tasks to be an array, received ${describe(tasks)}`);
  }
  if (tasks.length === 0) throw new RangeError(`${action}: expected at least one task, received an empty batch`);
  tasks.forEach((task, t) => {
    const name = task?.name ? `tasks[${t}] (${task.name})` : `tasks[${t}]`;
    checkSamples(action, `${name}.support`, task?.support, widths);
    const { rows, y } = task.support;
    checkSamples(action, `${name}.query`, task.query, { targets: y.length / rows, ...widths });
  });
}
