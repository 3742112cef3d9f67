/**
 * Host contract of `loss_head.wgsl`: losses and their slopes behind the last layer.
 * Twin: lossGradientProgram in lib/method/programs.ts.
 * @module
 */
import { defineKernel, perTask } from "./contract.ts";

/** Losses and their slopes behind the last layer. */
export const lossHead = defineKernel({
  stem: "loss_head",
  modules: ["activation", "loss", "reduce"],
  fields: {
    tasks: "u32",
    rows: "u32",
    outputs: "u32",
    forecast: "u32",
    label: "u32",
    coefficient: "u32",
    delta: "u32",
    weight: "u32",
    phi: "u32",
    loss: "u32",
    loss_phi: "u32",
    keep: "u32",
    shape: "f32",
  },
  bindings: {
    control: "read",
    learner: "read",
    data: "read",
    tape: "readWrite",
    stats: "readWrite",
  },
  workgroups: perTask,
});
