/**
 * Host contract of `tangent_forward.wgsl`: one dense layer's tangents forward.
 * Twin: hessianVectorProgram in lib/method/programs.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";
import { perTile } from "./tile.ts";

/** One dense layer's tangents forward. */
export const tangentForward = defineKernel({
  stem: "tangent_forward",
  modules: ["activation", "tile"],
  fields: {
    tasks: "u32",
    m: "u32",
    n: "u32",
    depth: "u32",
    inputs: "u32",
    input: "u32",
    r_input: "u32",
    theta: "u32",
    theta_stride: "u32",
    direction: "u32",
    direction_stride: "u32",
    z: "u32",
    r_z: "u32",
    r_value: "u32",
  },
  bindings: {
    data: "read",
    theta: "read",
    direction: "read",
    tape: "read",
    tangent: "readWrite",
  },
  workgroups: perTile,
});
