/**
 * Host contract of `adjoint_step.wgsl`: the adjoint back through one inner step.
 * Twin: taskGradient in lib/method/meta_gradient.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** The adjoint back through one inner step. */
export const adjointStep = defineKernel({
  stem: "adjoint_step",
  modules: ["flat"],
  fields: {
    count: "u32",
    params: "u32",
    first: "u32",
    lambda: "u32",
    anchor: "u32",
    gradient: "u32",
    rates: "u32",
    keep: "u32",
    rho: "f32",
  },
  bindings: {
    learner: "read",
    rate_map: "read",
    adjoint: "readWrite",
    direction: "readWrite",
    gradient: "readWrite",
  },
  workgroups: perElement,
});
