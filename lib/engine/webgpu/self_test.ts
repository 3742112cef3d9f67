/**
 * A small program with every kind of step that is generated, on the device against the float64 interpreter, run whenever an
 * engine opens: drivers have computed wrong numbers after an upgrade before.
 * @module
 */
import { random } from "../../net/random.ts";
import { grad } from "../../program/grad.ts";
import { createGraph } from "../../program/graph.ts";
import { interpreter } from "../../program/interpret.ts";
import { type Program, toProgram } from "../../program/program.ts";
import type { ProgramExecutor } from "../executor.ts";

/** Largest relative error that float32 sums of this length explain, with a wide margin. */
const TOLERANCE = 1e-3;

/** Relative distance of numbers from what they should be. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** The program, and numbers for its inputs; what it gives is to be summed over tasks, but for the loss. */
export function selfTestProgram(): { readonly program: Program; readonly inputs: Record<string, Float32Array> } {
  const stream = random(21);
  const normals = (length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());
  const g = createGraph();
  const [x, w, b] = [g.input("x", [9, 6]), g.input("w", [6, 9]), g.input("b", [9])];
  // A product with its epilogue, a long sum that lanes share, rows moved, a system solved, and the way back through all of it.
  const hidden = g.tanh(g.add(g.matmul(x, w), b));
  const moved = g.gather(g.concat([hidden, g.softplus(hidden)], 0), g.constant([0, 11, 4, 4, 17]));
  const system = g.add(
    g.matmul(moved, moved, { transposeB: true }),
    g.constant(Array.from({ length: 25 }, (_, i) => i % 6 === 0 ? 3 : 0), [5, 5]),
  );
  const loss = g.add(g.mean(g.square(hidden)), g.sum(g.max(g.solve(system, moved), 1)));
  const [byW, byB] = grad(g, loss, [w, b]);
  return { program: toProgram({ loss, byW, byB }), inputs: { x: normals(54), w: normals(54), b: normals(9) } };
}

/**
 * Runs the program for two tasks alike and compares each one's outputs, and their sum over both.
 *
 * @param adapter Its name.
 * @throws {Error} They disagree.
 */
export async function selfTest(executor: ProgramExecutor, adapter: string): Promise<void> {
  const { program, inputs: { w, ...own } } = selfTestProgram();
  const { loss, byW, byB } = interpreter(program)({ w, ...own });
  const task = { program, inputs: own };
  const { each, sum } = await executor.run({ shared: { w }, tasks: [task, task], sum: ["byW", "byB"] });
  const errors = {
    loss: Math.max(...each.map((found) => distance(found.loss, loss))),
    byW: distance(sum.byW, byW.map((value) => 2 * value)),
    byB: distance(sum.byB, byB.map((value) => 2 * value)),
  };
  const wrong = Object.entries(errors).filter(([, error]) => !(error <= TOLERANCE));
  if (wrong.length === 0) return;
  const figures = wrong.map(([name, error]) => `${name} is off by ${error.toExponential(2)}`).join(", ");
  throw new Error(
    `Cannot trust this GPU: ${adapter} fails the self-test against float64 (${figures}, ` +
      `expected at most ${TOLERANCE}); update its driver or use the cpu backend`,
  );
}
