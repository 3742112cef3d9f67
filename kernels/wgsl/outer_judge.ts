/**
 * Host contract of `outer_judge.wgsl`: the gradient's norm, and whether the step is sound.
 * Twin: learnedNorm in lib/engine/outer_update.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";

/** The gradient's norm, and whether the step is sound. */
export const outerJudge = defineKernel({
  stem: "outer_judge",
  modules: ["learnable", "reduce"],
  fields: {
    count: "u32",
    params: "u32",
    rates: "u32",
    phi: "u32",
    tasks: "u32",
    learned: "u32",
  },
  bindings: {
    meta_gradient: "read",
    report: "readWrite",
  },
  workgroups: () => 1,
});
