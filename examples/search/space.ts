/**
 * What `examples/search.ts` chooses from, and how: the forecaster's settings that matter, the methods and objectives by name.
 * @module
 */
import type { Candles } from "@adaptrade/adaptrade";
import type { Pool } from "@adaptrade/adaptrade/pool";
import {
  bohb,
  defineSpace,
  hyperband,
  netSharpe,
  type Objective,
  type PlainTraining,
  randomSearch,
  type SearchMethod,
  type Space,
  validationLoss,
  walkForwardSkill,
} from "@adaptrade/adaptrade/search";

/** Parameters are named as `trainForecaster` names its options. */
export const SPACE: Space = defineSpace({
  "pretrain.lr": { kind: "logUniform", min: 2e-4, max: 1e-2 },
  "meta.lr": { kind: "logUniform", min: 1e-4, max: 5e-3 },
  "meta.innerLr": { kind: "logUniform", min: 5e-4, max: 5e-2 },
  "meta.innerSteps": { kind: "integer", min: 1, max: 8 },
  "support.rows": { kind: "integer", min: 30, max: 120, log: true },
  hidden: { kind: "choice", values: [[8], [16], [16, 16], [32, 32]] },
  skip: { kind: "choice", values: ["none", "har", "linear"] },
  weightDecay: { kind: "logUniform", min: 1e-4, max: 1e-1 },
});

/** Methods by name; `most` is what the best are given. */
export const METHODS: Readonly<Record<string, (most: number) => SearchMethod>> = {
  hyperband: (most) => hyperband({ maxBudget: most }),
  bohb: (most) => bohb({ maxBudget: most, iterations: 2 }),
  random: (most) => randomSearch({ trials: 3 * Math.ceil(most), budget: most }),
};

/** What an objective is made of. */
export interface ObjectivePlan {
  /** What all trials have in common. */
  readonly training: PlainTraining;
  /** Steps of pretraining for a budget of 1. */
  readonly steps: number;
  /** First and last time that is judged, ms UTC. */
  readonly from: number;
  /** Where the test begins, which no trial sees. */
  readonly to: number;
  /** Cost of a trade. */
  readonly costRate: number;
  /** Volatility a bar that a market is held at. */
  readonly risk: number;
}

/** Objectives by name. */
export const OBJECTIVES: Readonly<
  Record<string, (pool: Pool, markets: readonly Candles[], plan: ObjectivePlan) => Promise<Objective>>
> = {
  skill: (pool, markets, { training, steps, from, to }) =>
    walkForwardSkill(pool, markets, { training, steps, from, to, folds: 1 }),
  sharpe: (pool, markets, { training, steps, from, to, costRate, risk }) => {
    const sizing = { kind: "volatility", target: risk } as const;
    const backtest = training.target.kind === "return" ? { costRate } : { costRate, sizing };
    return netSharpe(pool, markets, { training, steps, from, to, backtest });
  },
  loss: (pool, markets, { training, steps, to }) =>
    validationLoss(pool, markets, { training: { ...training, testFrom: to }, steps }),
};
