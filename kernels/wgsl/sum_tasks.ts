/**
 * Host contract of `sum_tasks.wgsl`: sums over tasks in task order.
 * Twin: runMetaGradient in lib/engine/programmed.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** Sums over tasks in task order. */
export const sumTasks = defineKernel({
  stem: "sum_tasks",
  modules: ["flat"],
  fields: {
    count: "u32",
    tasks: "u32",
    slices: "u32",
    source: "u32",
    task_stride: "u32",
    slice_stride: "u32",
    out: "u32",
    keep: "u32",
    scale: "f32",
  },
  bindings: {
    source: "read",
    out: "readWrite",
  },
  workgroups: perElement,
});
