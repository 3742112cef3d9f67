/**
 * Host contract of `outer_update.wgsl`: the outer update of the learner.
 * Twin: outerUpdate in lib/engine/outer_update.ts.
 * @module
 */
import { defineKernel, perElement } from "./contract.ts";

/** The outer update of the learner. */
export const outerUpdate = defineKernel({
  stem: "outer_update",
  modules: ["learnable", "flat"],
  fields: {
    count: "u32",
    params: "u32",
    rates: "u32",
    phi: "u32",
    learned: "u32",
    rule: "u32",
    adam: "u32",
    beta1: "f32",
    beta2: "f32",
    epsilon: "f32",
    momentum: "f32",
    decay: "f32",
    clip: "f32",
    rest1: "f32",
    rest2: "f32",
    pace: "f32",
  },
  bindings: {
    control: "read",
    meta_gradient: "read",
    report: "read",
    learner: "readWrite",
    moments: "readWrite",
  },
  workgroups: perElement,
});
