/**
 * Host contract of `displacement.wgsl`: Reptile's gradient of every task.
 * Twin: taskGradient in lib/method/meta_gradient.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** Reptile's gradient of every task. */
export const displacement = defineKernel({
  stem: "displacement",
  modules: ["flat"],
  fields: {
    count: "u32",
    params: "u32",
    theta: "u32",
  },
  bindings: {
    learner: "read",
    theta: "read",
    adjoint: "readWrite",
  },
  workgroups: perElement,
});
