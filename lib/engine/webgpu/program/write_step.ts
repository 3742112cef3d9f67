/**
 * Writes a step: which loop its lanes run, what they compute at each element, and what of it they keep.
 * @module
 */
import { fixed, type Form, named } from "../../../program/index_form.ts";
import type { Program } from "../../../program/program.ts";
import type { Layout, Place } from "./layout.ts";
import { writeProducts } from "./product_text.ts";
import { writeSolve } from "./solve_text.ts";
import { StepText } from "./step_text.ts";
import { depthOf, kindOf, type Step, type Steps } from "./steps.ts";

/** Lanes that any workgroup has, at least; as many share a sum to one number. */
export const LEAST_LANES = 64;

/** A step's text, and what it is told. */
export interface WrittenStep {
  /** The body of a WGSL function of `pc` and `work`. */
  readonly text: string;
  /** Places in the order of its words. */
  readonly places: readonly Place[];
  /** Elements or tiles that lanes share; 0 where one workgroup does all of it. */
  readonly lanes: number;
  /** Upper bound of the loop iterations for one of them, or for each lane where one workgroup does all of it. */
  readonly depth: number;
}

/** What a sum adds up, behind its length: the number at place `r` of those that go into the current element. */
function addends(text: StepText, program: Program, node: number): (r: Form) => string {
  const { op, inputs: [x, y], attributes, shape } = program.nodes[node];
  const at = text.elementIndex(shape);
  if (op === "matmul") {
    const { transposeA, transposeB } = attributes;
    const [lead, row, column] = [at.slice(0, -2), at[at.length - 2], at[at.length - 1]];
    return (k) => {
      const left = text.load(x, [...lead, ...(transposeA ? [k, row] : [row, k])]);
      return `${left} * ${text.load(y, [...lead, ...(transposeB ? [column, k] : [k, column])])}`;
    };
  }
  const { axes } = attributes as { readonly axes: readonly number[] };
  const from = program.nodes[x].shape;
  return (r) => {
    const inner = text.split(r, axes.map((axis) => from[axis]));
    return text.load(x, at.map((form, axis): Form => axes.includes(axis) ? inner[axes.indexOf(axis)] : form));
  };
}

function writeFold(text: StepText, program: Program, node: number): void {
  const part = text.name("s");
  text.line(`var ${part} = 0.0;`);
  const addend = addends(text, program, node);
  // As many parts on every device, so that their sum has the same bits however many lanes there are.
  text.block(`if (work.lane < ${LEAST_LANES}u)`, () => {
    text.block(`for (var r = work.lane; r < ${depthOf(program, node)}u; r += ${LEAST_LANES}u)`, () => {
      text.line(`${part} += ${addend(named("r"))};`);
    });
  });
  text.setComputed(node, text.declare("v", `fold(${part}, work.lane)`));
}

/** Writes step number `s`. */
export function writeStep(
  program: Program,
  steps: Steps,
  at: { readonly layout: Layout; readonly step: number },
): WrittenStep {
  const { layout } = at;
  const step: Step = steps.steps[at.step];
  const text = new StepText(program, layout);
  const keep = (): void => {
    for (const i of step.nodes) {
      if (steps.stored.has(i)) text.line(`${text.at(layout.nodes.get(i)!, text.current())} = ${text.computed(i)};`);
    }
    for (const name of step.outputs) {
      const i = program.outputs[name];
      const value = text.load(i, text.elementIndex(program.nodes[i].shape));
      text.line(`${text.at(layout.outputs.get(name)!, text.current())} = ${value};`);
    }
  };
  const compute = (): void => {
    for (const i of step.nodes) {
      if (kindOf(program, i) === "product") continue;
      if (kindOf(program, i) === "fold") writeFold(text, program, i);
      else text.setComputed(i, text.value(text.element(i, text.elementIndex(program.nodes[i].shape))));
    }
  };
  let depth = step.nodes.reduce((sum, i) => sum + depthOf(program, i), 0);
  let lanes = step.count;
  switch (step.kind) {
    case "elements":
      text.block(`for (var i = work.first; i < ${step.count}u; i += work.stride)`, () => {
        text.setElement(step.count === 1 ? fixed(0) : named("i"));
        compute();
        keep();
      });
      break;
    case "product":
      lanes = writeProducts(text, program, {
        products: step.nodes.filter((i) => kindOf(program, i) === "product"),
        count: step.count,
        each: () => {
          compute();
          keep();
        },
      });
      break;
    case "fold":
      lanes = 0;
      depth = 1 + Math.ceil(depth / LEAST_LANES);
      text.setElement(fixed(0));
      compute();
      text.block("if (work.lane == 0u)", keep);
      break;
    case "solve": {
      const [node] = step.nodes;
      const [n, width] = program.nodes[node].shape;
      lanes = 0;
      depth = n * n * (1 + Math.ceil(n / LEAST_LANES)) + 2 * n * n * Math.ceil(width / LEAST_LANES);
      writeSolve(text, program, { node, out: layout.nodes.get(node)!, factor: layout.scratch.get(at.step)! });
    }
  }
  return { text: text.text(), places: text.places, lanes, depth };
}
