/**
 * Host contract of `fused_task.wgsl`: a whole task in one workgroup.
 * Twin: taskGradient in lib/engine/naive/bilevel.ts.
 * @module
 */
import { defineKernel, perTask } from "./contract.ts";

/** A whole task in one workgroup. */
export const fusedTask = defineKernel({
  stem: "fused_task",
  modules: ["activation", "loss", "reduce"],
  fields: {
    tasks: "u32",
    support_rows: "u32",
    support_x: "u32",
    support_y: "u32",
    support_c: "u32",
    query_rows: "u32",
    query_x: "u32",
    query_y: "u32",
    query_c: "u32",
    tape_stride: "u32",
    tape_slot: "u32",
    query: "u32",
    lambda: "u32",
    tangent: "u32",
    loss: "u32",
    query_loss: "u32",
    phi: "u32",
    omega: "u32",
    reverse: "u32",
    steps: "u32",
    kept_from: "u32",
    curved_from: "u32",
    rate_rows: "u32",
    gradient_slots: "u32",
    rho: "f32",
    loss_shape: "f32",
    outer_shape: "f32",
  },
  bindings: {
    control: "read",
    learner: "read",
    rate_map: "read",
    data: "read",
    theta: "readWrite",
    gradient: "readWrite",
    tape: "readWrite",
    stats: "readWrite",
  },
  workgroups: perTask,
});
