/**
 * Host contract of `rate_terms.wgsl`: the learning rates' terms, summed over the parameters that share one.
 * Twin: taskGradient in lib/method/meta_gradient.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";

/** The learning rates' terms, summed over the parameters that share one. */
export const rateTerms = defineKernel({
  stem: "rate_terms",
  modules: ["reduce"],
  fields: {
    slices: "u32",
    params: "u32",
    rates: "u32",
  },
  bindings: {
    rate_map: "read",
    gradient: "read",
    out: "readWrite",
  },
  workgroups: ({ slices, rates }) => slices * rates,
});
