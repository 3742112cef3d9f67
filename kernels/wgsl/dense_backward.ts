/**
 * Host contract of `dense_backward.wgsl`: one dense layer's error sent back.
 * Twin: lossGradientProgram in lib/method/programs.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";
import { perTile } from "./tile.ts";

/** One dense layer's error sent back. */
export const denseBackward = defineKernel({
  stem: "dense_backward",
  modules: ["activation", "tile"],
  fields: {
    tasks: "u32",
    m: "u32",
    n: "u32",
    depth: "u32",
    delta: "u32",
    theta: "u32",
    theta_stride: "u32",
    z: "u32",
    delta_before: "u32",
    bend: "u32",
  },
  bindings: {
    theta: "read",
    tape: "readWrite",
  },
  workgroups: perTile,
});
