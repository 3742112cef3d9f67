/**
 * Host contract of `spread_params.wgsl`: every task starts from the learner's parameters.
 * Twin: innerPath in lib/method/inner_loop.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** Every task starts from the learner's parameters. */
export const spreadParams = defineKernel({
  stem: "spread_params",
  modules: ["flat"],
  fields: {
    count: "u32",
    params: "u32",
    theta: "u32",
  },
  bindings: {
    learner: "read",
    theta: "readWrite",
  },
  workgroups: perElement,
});
