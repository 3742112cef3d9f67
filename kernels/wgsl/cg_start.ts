/**
 * Host contract of `cg_start.wgsl`: conjugate gradients, first lines.
 * Twin: taskGradient in lib/method/meta_gradient.ts.
 * @module
 */
import { defineKernel, perTask } from "./contract.ts";

/** Conjugate gradients, first lines. */
export const cgStart = defineKernel({
  stem: "cg_start",
  modules: ["reduce"],
  fields: {
    tasks: "u32",
    params: "u32",
    solution: "u32",
    norm: "u32",
    tolerance: "f32",
  },
  bindings: {
    adjoint: "readWrite",
    direction: "readWrite",
    stats: "readWrite",
  },
  workgroups: perTask,
});
