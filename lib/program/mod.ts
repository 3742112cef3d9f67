/**
 * Programs: tensors as values, differentiated exactly and as often as asked (design section 8). What models, losses, inner
 * rules and methods are written with.
 * @module
 */
export { grad } from "./grad.ts";
export { createGraph } from "./graph.ts";
export type { Axes, Graph, MatmulOptions, Operand, ReduceOptions } from "./graph_type.ts";
export { type Interpreter, interpreter } from "./interpret.ts";
export { opaque } from "./opaque.ts";
export { type Place, type Plan, planProgram } from "./plan.ts";
export { printProgram } from "./print.ts";
export { scan, type ScanOptions } from "./scan.ts";
export { type NodeOf, type Program, type ProgramNode, toProgram } from "./program.ts";
export type {
  AttributesOf,
  ElementwiseOp,
  LeafOp,
  Op,
  PrimitiveOp,
  ProgramOp,
  Shape,
  StructuralOp,
  Value,
  ValueOf,
} from "./value.ts";
