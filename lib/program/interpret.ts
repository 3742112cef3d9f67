/**
 * Runs a program in float64, one operation after another as the table defines them: the readable reference that every other
 * executor is tested against. It refuses to be fast.
 * @module
 */
import { planProgram } from "./plan.ts";
import type { Primitive } from "./primitive.ts";
import { PRIMITIVES } from "./primitives.ts";
import type { Program } from "./program.ts";
import { type PrimitiveOp, sizeOf } from "./value.ts";

/** A program ready to run: numbers by input name in, fresh arrays by output name out. */
export type Interpreter = (inputs: Readonly<Record<string, ArrayLike<number>>>) => Record<string, Float64Array>;

/**
 * Prepares a program to be run any number of times.
 *
 * @param program What to run.
 * @returns A function of the inputs' numbers, row-major; it throws a `TypeError` where one is missing or of another length.
 *
 * @example
 * ```ts
 * import { createGraph, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", [2]);
 * const program = toProgram({ y: g.mul(x, x) });
 * assertEquals([...interpreter(program)({ x: [2, 3] }).y], [4, 9]);
 * ```
 */
export function interpreter(program: Program): Interpreter {
  const { places, steps, size } = planProgram(program, { align: 1 });
  const arena = new Float64Array(size);
  const given = program.nodes.map((node) => {
    if (node.op === "constant") return node.attributes.data;
    if (node.op === "input") return new Float64Array(sizeOf(node.shape));
    return node.op === "fill" ? new Float64Array(sizeOf(node.shape)).fill(node.attributes.value) : arena;
  });
  const numbers = places.map(({ base, at, size }) => given[base].subarray(at, at + size));
  const calls = steps.map((i) => {
    const { op, inputs, attributes, shape } = program.nodes[i];
    const call = {
      out: numbers[i],
      outShape: shape,
      ins: inputs.map((input) => numbers[input]),
      shapes: inputs.map((input) => program.nodes[input].shape),
      attributes,
    };
    const row = PRIMITIVES[op as PrimitiveOp] as Primitive<PrimitiveOp>;
    return () => row.value(call);
  });
  return (inputs) => {
    for (const [name, i] of Object.entries(program.inputs)) {
      if (inputs[name]?.length !== given[i].length) {
        throw new TypeError(
          `Cannot run the program: expected input ${name} to hold ${given[i].length} numbers, received ${
            inputs[name]?.length ?? "none"
          }`,
        );
      }
      given[i].set(inputs[name]);
    }
    for (const call of calls) call();
    return Object.fromEntries(Object.entries(program.outputs).map(([name, i]) => [name, numbers[i].slice()]));
  };
}
