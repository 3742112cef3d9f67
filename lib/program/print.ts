/**
 * A program as text, one value a line, for people and for hashes: equal programs print equally.
 * @module
 */
import type { Program, ProgramNode } from "./program.ts";
import { showShape } from "./value.ts";

/** A number as text that no other number has. */
function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** What stands between an operation's name and its inputs, and the marks behind them. */
function details(node: ProgramNode): { readonly what: string; readonly marks?: readonly string[] } {
  switch (node.op) {
    case "input":
      return { what: ` ${node.attributes.name}` };
    case "fill":
      return { what: ` ${numberText(node.attributes.value)}` };
    case "constant":
      return { what: ` ${Array.from(node.attributes.data, numberText).join(" ")}` };
    case "sum":
      return { what: ` over ${node.attributes.axes.join(" ")}` };
    case "max":
      return { what: ` over ${node.attributes.axis}` };
    case "transpose":
      return { what: ` to ${node.attributes.order.join(" ")}` };
    case "slice":
      return { what: ` ${node.attributes.start}:${node.attributes.end} on ${node.attributes.axis}` };
    case "concat":
      return { what: ` on ${node.attributes.axis}` };
    case "matmul":
      return { what: "", marks: [node.attributes.transposeA ? "ᵀ" : "", node.attributes.transposeB ? "ᵀ" : ""] };
    default:
      return { what: "" };
  }
}

/**
 * Prints a program: `%2 = matmul %0 %1ᵀ : [20, 64]`, one line a value, then a line an output.
 *
 * @param program What to print.
 * @returns Lines without a last line break.
 *
 * @example
 * ```ts
 * import { createGraph, printProgram, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", [2]);
 * const program = toProgram({ y: g.mul(x, x) });
 * assertEquals(printProgram(program), "%0 = input x : [2]\n%1 = mul %0 %0 : [2]\ny = %1");
 * ```
 */
export function printProgram(program: Program): string {
  const lines = program.nodes.map((node, i) => {
    const { what, marks } = details(node);
    const inputs = node.inputs.map((input, k) => ` %${input}${marks?.[k] ?? ""}`).join("");
    return `%${i} = ${node.op}${what}${inputs} : ${showShape(node.shape)}`;
  });
  return [...lines, ...Object.entries(program.outputs).map(([name, index]) => `${name} = %${index}`)].join("\n");
}
