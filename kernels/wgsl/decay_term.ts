/**
 * Host contract of `decay_term.wgsl`: weight decay's gradient from one inner step.
 * Twin: taskGradient in lib/method/meta_gradient.ts.
 * @module
 */
import { defineKernel, perTask } from "./contract.ts";

/** Weight decay's gradient from one inner step. */
export const decayTerm = defineKernel({
  stem: "decay_term",
  modules: ["reduce"],
  fields: {
    tasks: "u32",
    params: "u32",
    theta: "u32",
    out: "u32",
  },
  bindings: {
    direction: "read",
    theta: "read",
    stats: "readWrite",
  },
  workgroups: perTask,
});
