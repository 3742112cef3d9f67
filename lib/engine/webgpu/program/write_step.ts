/**
 * Writes a step: which loop its lanes run, what they compute at each element, and what of it they keep.
 * @module
 */
import { fixed, type Form, named } from "../../../program/index_form.ts";
import type { Program } from "../../../program/program.ts";
import { sizeOf } from "../../../program/value.ts";
import type { Layout, Place } from "./layout.ts";
import { writeProducts } from "./product_text.ts";
import { writeSolve } from "./solve_text.ts";
import { StepText } from "./step_text.ts";
import { kindOf, type Step, type Steps } from "./steps.ts";

/** Lanes that any workgroup has, at least. */
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

/** Loop iterations to compute one element of a node, what is computed on the way included. */
function depthOf(program: Program, i: number): number {
  const node = program.nodes[i];
  const from = node.inputs.length > 0 ? program.nodes[node.inputs[0]].shape : [];
  switch (node.op) {
    case "sum":
    case "max":
      return sizeOf(from) / sizeOf(node.shape);
    case "matmul":
      return from.at(node.attributes.transposeA ? -2 : -1)!;
    case "scatter":
      return from[0];
    default:
      return 0;
  }
}

function writeFold(text: StepText, program: Program, node: number): void {
  const { inputs: [x], attributes, shape } = program.nodes[node];
  const { axes } = attributes as { readonly axes: readonly number[] };
  const from = program.nodes[x].shape;
  const lengths = axes.map((axis) => from[axis]);
  const part = text.name("s");
  text.line(`var ${part} = 0.0;`);
  const at = text.elementIndex(shape);
  text.block(`for (var r = work.lane; r < ${sizeOf(lengths)}u; r += LANES)`, () => {
    const inner = text.split(named("r"), lengths);
    const index = at.map((form, axis): Form => axes.includes(axis) ? inner[axes.indexOf(axis)] : form);
    text.line(`${part} += ${text.load(x, index)};`);
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
      if (program.nodes[i].op === "matmul") continue;
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
        products: step.nodes.filter((i) => program.nodes[i].op === "matmul"),
        count: step.count,
        each: () => {
          compute();
          keep();
        },
      });
      break;
    case "fold":
      lanes = 0;
      depth = step.count * (1 + Math.ceil(depth / LEAST_LANES));
      text.block(`for (var i = 0u; i < ${step.count}u; i++)`, () => {
        text.setElement(step.count === 1 ? fixed(0) : named("i"));
        compute();
        text.block("if (work.lane == 0u)", keep);
      });
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
