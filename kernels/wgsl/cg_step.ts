/**
 * Host contract of `cg_step.wgsl`: one iteration of conjugate gradients.
 * Twin: taskGradient in lib/method/meta_gradient.ts.
 * @module
 */
import { defineKernel, perTask } from "./contract.ts";

/** One iteration of conjugate gradients. */
export const cgStep = defineKernel({
  stem: "cg_step",
  modules: ["reduce"],
  fields: {
    tasks: "u32",
    params: "u32",
    solution: "u32",
    product: "u32",
    norm: "u32",
    first: "u32",
  },
  bindings: {
    adjoint: "readWrite",
    direction: "readWrite",
    stats: "readWrite",
  },
  workgroups: perTask,
});
