/**
 * The WGSL of a linear system: Cholesky's factor by all lanes, column after column, then a lane a right side.
 * Twin: `solve` in lib/program/primitives/product.ts.
 * @module
 */
import { combine, type Form, named } from "../../../program/index_form.ts";
import type { Program } from "../../../program/program.ts";
import type { Place } from "./layout.ts";
import type { StepText } from "./step_text.ts";

function entry(row: Form, width: number, column: Form): Form {
  return combine([[row, width], [column, 1]]);
}

/** Writes X = A⁻¹B of node `i` into `out`, with A's factor in `factor`. */
export function writeSolve(
  text: StepText,
  program: Program,
  { node, out, factor }: { readonly node: number; readonly out: Place; readonly factor: Place },
): void {
  const { inputs: [a, b], shape: [n, width] } = program.nodes[node];
  const [row, column, k] = ["row", "column", "k"].map(named);
  const lower = (i: Form, j: Form): string => text.at(factor, entry(i, n, j));
  const solution = (i: Form): string => text.at(out, entry(i, width, column));
  text.block(`for (var column = 0u; column < ${n}u; column++)`, () => {
    text.line(`var pivot = ${text.load(a, [column, column])};`);
    text.block("for (var k = 0u; k < column; k++)", () => {
      text.line(`pivot -= ${lower(column, k)} * ${lower(column, k)};`);
    });
    text.line("pivot = sqrt(pivot);");
    text.block(`for (var row = column + work.lane; row < ${n}u; row += LANES)`, () => {
      text.line(`var rest = ${text.load(a, [row, column])};`);
      text.block("for (var k = 0u; k < column; k++)", () => {
        text.line(`rest -= ${lower(row, k)} * ${lower(column, k)};`);
      });
      text.line(`${lower(row, column)} = select(rest / pivot, pivot, row == column);`);
    });
    text.line("wait();");
  });
  text.block(`for (var column = work.lane; column < ${width}u; column += LANES)`, () => {
    text.block(`for (var row = 0u; row < ${n}u; row++)`, () => {
      text.line(`var rest = ${text.load(b, [row, column])};`);
      text.block("for (var k = 0u; k < row; k++)", () => text.line(`rest -= ${lower(row, k)} * ${solution(k)};`));
      text.line(`${solution(row)} = rest / ${lower(row, row)};`);
    });
    text.block(`for (var back = 0u; back < ${n}u; back++)`, () => {
      text.line(`let row = ${n - 1}u - back;`);
      text.line(`var rest = ${solution(row)};`);
      text.block(
        `for (var k = row + 1u; k < ${n}u; k++)`,
        () => text.line(`rest -= ${lower(k, row)} * ${solution(k)};`),
      );
      text.line(`${solution(row)} = rest / ${lower(row, row)};`);
    });
  });
}
