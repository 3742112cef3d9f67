/**
 * Host contract of `dense_forward.wgsl`: one dense layer forward.
 * Twin: forwardProgram in lib/method/programs.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";
import { perTile } from "./tile.ts";

/** One dense layer forward. */
export const denseForward = defineKernel({
  stem: "dense_forward",
  modules: ["activation", "tile"],
  fields: {
    tasks: "u32",
    m: "u32",
    n: "u32",
    depth: "u32",
    input: "u32",
    theta: "u32",
    theta_stride: "u32",
    z: "u32",
    value: "u32",
  },
  bindings: {
    data: "read",
    theta: "read",
    tape: "readWrite",
  },
  workgroups: perTile,
});
