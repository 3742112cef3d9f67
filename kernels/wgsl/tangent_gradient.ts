/**
 * Host contract of `tangent_gradient.wgsl`: one dense layer's part of a Hessian-vector product.
 * Twin: hessianVectorProgram in lib/method/programs.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";
import { perTile } from "./tile.ts";

/** One dense layer's part of a Hessian-vector product. */
export const tangentGradient = defineKernel({
  stem: "tangent_gradient",
  modules: ["tile"],
  fields: {
    tasks: "u32",
    m: "u32",
    n: "u32",
    depth: "u32",
    rows: "u32",
    row: "u32",
    block: "u32",
    input: "u32",
    r_input: "u32",
    delta: "u32",
    r_delta: "u32",
    direction: "u32",
    direction_stride: "u32",
    out: "u32",
    out_stride: "u32",
    keep: "u32",
    omega: "u32",
    scale: "f32",
    shift: "f32",
    decay: "f32",
  },
  bindings: {
    data: "read",
    learner: "read",
    direction: "read",
    tape: "read",
    tangent: "read",
    out: "readWrite",
  },
  workgroups: perTile,
});
