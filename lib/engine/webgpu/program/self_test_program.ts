/**
 * A small program with every kind of step that is generated, for the check of a device before its first program.
 * @module
 */
import { random } from "../../../net/random.ts";
import { grad } from "../../../program/grad.ts";
import { createGraph } from "../../../program/graph.ts";
import { type Program, toProgram } from "../../../program/program.ts";

/** The program, and numbers for its inputs. */
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
