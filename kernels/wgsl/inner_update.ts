/**
 * Host contract of `inner_update.wgsl`: one inner step of every task.
 * Twin: innerPath in lib/method/inner_loop.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** One inner step of every task. */
export const innerUpdate = defineKernel({
  stem: "inner_update",
  modules: ["flat"],
  fields: {
    count: "u32",
    params: "u32",
    first: "u32",
    before: "u32",
    after: "u32",
    gradient: "u32",
    rates: "u32",
    omega: "u32",
    rho: "f32",
  },
  bindings: {
    learner: "read",
    rate_map: "read",
    theta: "readWrite",
    gradient: "readWrite",
  },
  workgroups: perElement,
});
