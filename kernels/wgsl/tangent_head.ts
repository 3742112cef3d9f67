/**
 * Host contract of `tangent_head.wgsl`: tangents of the loss slopes.
 * Twin: the losses of lib/loss, differentiated twice.
 * @module
 */
import { defineKernel, perTask } from "./contract.ts";

/** Tangents of the loss slopes. */
export const tangentHead = defineKernel({
  stem: "tangent_head",
  modules: ["activation", "loss", "reduce"],
  fields: {
    tasks: "u32",
    rows: "u32",
    outputs: "u32",
    forecast: "u32",
    label: "u32",
    coefficient: "u32",
    r_forecast: "u32",
    r_delta: "u32",
    phi: "u32",
    loss_phi: "u32",
    shape: "f32",
  },
  bindings: {
    learner: "read",
    data: "read",
    tape: "read",
    tangent: "readWrite",
    stats: "readWrite",
  },
  workgroups: perTask,
});
