/**
 * Host contract of `sum_tree.wgsl`: one level of the fixed tree of sums over tasks.
 * Twin: lib/engine/sum_tree.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** One level of the fixed tree of sums over tasks. */
export const sumTree = defineKernel({
  stem: "sum_tree",
  modules: ["flat"],
  fields: {
    count: "u32",
    width: "u32",
    radix: "u32",
    members: "u32",
    stride: "u32",
    out: "u32",
    keep: "u32",
  },
  bindings: {
    source: "read",
    out: "readWrite",
  },
  workgroups: perElement,
});
