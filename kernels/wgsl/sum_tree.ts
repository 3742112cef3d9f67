/**
 * Host contract of `sum_tree.wgsl`: one level of the fixed tree of sums over tasks.
 * Twin: lib/engine/tree_sum.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** One level of the fixed tree of sums over tasks. */
export const sumTree = defineKernel({
  stem: "sum_tree",
  modules: ["flat"],
  fields: {
    count: "u32",
    elements: "u32",
    radix: "u32",
    members: "u32",
    source: "u32",
    member_stride: "u32",
    out: "u32",
    node_stride: "u32",
    skip: "u32",
    scale: "f32",
  },
  bindings: {
    source: "read",
    out: "readWrite",
  },
  workgroups: perElement,
});
