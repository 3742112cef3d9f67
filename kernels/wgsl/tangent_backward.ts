/**
 * Host contract of `tangent_backward.wgsl`: one dense layer's error tangents sent back.
 * Twin: hessianVectorProgram in lib/method/programs.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";
import { perTile } from "./tile.ts";

/** One dense layer's error tangents sent back. */
export const tangentBackward = defineKernel({
  stem: "tangent_backward",
  modules: ["activation", "tile"],
  fields: {
    tasks: "u32",
    m: "u32",
    n: "u32",
    depth: "u32",
    outputs: "u32",
    delta: "u32",
    r_delta: "u32",
    theta: "u32",
    theta_stride: "u32",
    direction: "u32",
    direction_stride: "u32",
    z: "u32",
    bend: "u32",
    r_z: "u32",
    r_delta_before: "u32",
  },
  bindings: {
    theta: "read",
    direction: "read",
    tape: "read",
    tangent: "readWrite",
  },
  workgroups: perTile,
});
