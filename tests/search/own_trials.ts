// Objectives of a user's own, as pools load them in tests.
import { defineModel, maml, metaInit, metaTrain, type Task } from "@adaptrade/adaptrade";
import { defineTrialKind, type TrialTask } from "@adaptrade/adaptrade/search";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";

interface Params {
  readonly [name: string]: unknown;
}

const numbers = ({ configuration }: TrialTask): readonly number[] =>
  Object.values(configuration).filter((value) => typeof value === "number");

/** A bowl that is seen through less noise at larger budgets; each trial takes a time that its seed draws, up to `ms`. */
export const bowl = defineTrialKind({
  kind: "bowl",
  version: 1,
  run: async (_, task) => {
    const { ms = 0 } = task.params as Params ?? {};
    await new Promise((resolve) => setTimeout(resolve, (ms as number) * (task.seed % 1000) / 1000));
    const noise = (task.seed % 997 / 997 - 0.5) / task.budget;
    return { loss: numbers(task).reduce((sum, x) => sum + (x - 0.3) ** 2, 0) + noise, detail: { seed: task.seed } };
  },
});

/** One coordinate a hyper-parameter, trained by gradients from the state before; its loss knows both. */
export const descends = defineTrialKind({
  kind: "descends",
  version: 1,
  run: (_, { configuration: { h0, h1 }, budget, spent, state }) => {
    const theta = state ? new Float64Array(state.slice().buffer) : Float64Array.of(0.9, 0.9);
    for (let step = spent; step < budget; step++) {
      theta[0] -= 0.02 * (h0 as number) * theta[0];
      theta[1] -= 0.02 * (h1 as number) * theta[1];
    }
    return { loss: theta[0] ** 2 + theta[1] ** 2 - 1.2, detail: { spent }, state: new Uint8Array(theta.buffer) };
  },
});

/** θ itself, whatever the input, from (0.9, 0.9). */
const theta = defineModel({
  name: "theta",
  inputs: 1,
  outputs: 2,
  params: { theta: [2] },
  init: () => ({ theta: [0.9, 0.9] }),
  apply: (g, p, x) => g.broadcast(g.reshape(p.theta, [1, 2]), [x.shape[0], 2]),
});
const row = { rows: 1, x: Float32Array.of(0), y: Float32Array.of(0, 0) };
const toyTask: Task = { support: row, query: row };
const naive = openNaiveEngine();

/** Figure 2 of Jaderberg et al. 2017: Q(θ) = 1.2 − θ₀² − θ₁², climbed by meta-gradients of 1.2 − h₀θ₀² − h₁θ₁². */
export const climbs = defineTrialKind({
  kind: "climbs",
  version: 1,
  run: async (_, { configuration: { h0, h1 }, budget, spent, state }) => {
    const config = maml({
      net: theta,
      inner: { steps: 0 },
      loss: {
        kind: "custom",
        outputs: 1,
        row: (g, predicted) => g.sum(g.mul(g.constant([Number(h0), Number(h1)]), g.square(predicted)), 1),
      },
      outer: { optimizer: "sgd", lr: 0.01 },
    });
    const start = metaInit(config, state ? { params: new Float32Array(state.slice().buffer) } : {});
    let { params } = start;
    const batches = Array.from({ length: budget - spent }, () => [toyTask]);
    for await (const progress of metaTrain(naive, start, batches, { every: batches.length })) {
      params = progress.state.params;
    }
    return { loss: params[0] ** 2 + params[1] ** 2 - 1.2, state: new Uint8Array(params.slice().buffer) };
  },
});

/** Diverges where its only number is large. */
export const diverges = defineTrialKind({
  kind: "diverges",
  version: 1,
  run: (_, task) => ({ loss: numbers(task)[0] > 0.5 ? NaN : numbers(task)[0] }),
});

/** Throws while a file is not there. */
export const needs = defineTrialKind({
  kind: "needs",
  version: 1,
  run: (_, { params, seed }) => {
    Deno.statSync((params as Params).file as string);
    return { loss: seed };
  },
});
