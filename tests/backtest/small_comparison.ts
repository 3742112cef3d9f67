/**
 * A small comparison for the tests of reports: an untrained model on a random walk, with every kind of cost and exit.
 */
import { compareBaselines, type CompareOptions } from "../../lib/backtest/compare.ts";
import type { Comparison } from "../../lib/backtest/comparison.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { metaSgd } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { randomWalk } from "../features/markets.ts";

/** The model: two layers, a rate a parameter. */
export function smallState(): MetaState {
  return metaInit(metaSgd({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 1, lr: 0.03 } }), {
    seed: 2,
  });
}

/** Compares it with every baseline on `bars` hourly bars. */
export async function smallComparison(
  bars: number,
  symbol = "WALK",
  options: CompareOptions = {},
): Promise<Comparison> {
  await using engine = openNaiveEngine();
  const metaLearned = smallState();
  const costs = { takerFee: 0.0005, spread: 0.0002, slippage: 0.0001, borrow: 0.05, funding: { rate: 0.0001 } };
  return await compareBaselines(engine, { metaLearned, pretrained: metaLearned }, randomWalk(bars, 7, symbol), {
    supportRows: 20,
    costs,
    exits: { stop: { fraction: 0.02 }, takeProfit: { fraction: 0.03 } },
    curveSteps: [0, 1],
    shuffles: 20,
    resamples: 100,
    periodsPerYear: 252,
    seed: 3,
    ...options,
  });
}
