/**
 * Host contract of `dense_gradient.wgsl`: one dense layer's gradient.
 * Twin: lossGradientProgram in lib/method/programs.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";
import { perTile } from "./tile.ts";

/** One dense layer's gradient. */
export const denseGradient = defineKernel({
  stem: "dense_gradient",
  modules: ["tile"],
  fields: {
    tasks: "u32",
    m: "u32",
    n: "u32",
    depth: "u32",
    rows: "u32",
    row: "u32",
    input: "u32",
    delta: "u32",
    out: "u32",
    out_stride: "u32",
    keep: "u32",
  },
  bindings: {
    data: "read",
    tape: "read",
    out: "readWrite",
  },
  workgroups: perTile,
});
