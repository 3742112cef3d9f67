/**
 * Host contract of `fused_task.wgsl`: a whole task in one team of lanes.
 * Twin: taskGradient in lib/method/meta_gradient.ts.
 * @module
 */
import { defineKernel } from "./contract.ts";

/** A whole task in one team of lanes. */
export const fusedTask = defineKernel({
  stem: "fused_task",
  modules: ["activation", "loss", "fused_places", "fused_sweep", "fused_back"],
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
    theta: "u32",
    gradient: "u32",
    direction: "u32",
    lambda: "u32",
    anchor: "u32",
    sweep: "u32",
    slot: "u32",
    query: "u32",
    tangent: "u32",
    terms: "u32",
    rate_terms: "u32",
    outcome: "u32",
    loss: "u32",
    query_loss: "u32",
    reverse: "u32",
    steps: "u32",
    kept_from: "u32",
    curved_from: "u32",
    rates: "u32",
    rate_width: "u32",
    support_loss: "u32",
    outer_loss: "u32",
    rho: "f32",
    support_shape: "f32",
    outer_shape: "f32",
  },
  bindings: {
    control: "read",
    learner: "read",
    data: "read",
    tape: "readWrite",
    outcome: "readWrite",
    stats: "readWrite",
  },
  workgroups: ({ tasks }, { TEAMS }) => Math.ceil(tasks / Number(TEAMS)),
});
