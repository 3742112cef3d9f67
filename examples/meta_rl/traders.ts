/**
 * Learners that trade by what an account earns: tasks whose targets are returns, their training, and the positions that they want.
 * @module
 */
import {
  adaptPredict,
  type Engine,
  maml,
  metaInit,
  type MetaState,
  metaTrain,
  mlp,
  type Samples,
  type Task,
  taskBatches,
} from "@adaptrade/adaptrade";
import type { MarketRows, MarketTask } from "@adaptrade/adaptrade/tasks";
import type { WalkForward } from "@adaptrade/adaptrade/backtest";
import { growthLoss, outputPosition } from "@adaptrade/adaptrade/rl";

/** How a learner is trained. */
export interface TraderPlan {
  /** Inner steps; 0 is one policy for all markets. */
  readonly innerSteps: number;
  /** Bars to adapt on. */
  readonly supportRows: number;
  /** Outer steps. */
  readonly steps: number;
  /** Cost per unit traded, as a fraction. */
  readonly costRate: number;
  /** Labels known before this are trained on, ms UTC. */
  readonly to: number;
  readonly seed: number;
}

const QUERY_ROWS = 30;
const TASKS = 8;
/** Log growth in percent a bar: of the size that rates are made for. */
const SCALE = 100;

/** Rows whose targets are returns as fractions again: an account earns no deviations. */
function asReturns(
  samples: Samples,
  { scale, mean }: { readonly scale: Float64Array; readonly mean: Float64Array },
): Samples {
  return { ...samples, y: samples.y.map((value) => value * scale[0] + mean[0]) };
}

function tradedTask({ support, query, scaler: { y }, ...rest }: MarketTask): Task {
  return { ...rest, support: asReturns(support, y), query: asReturns(query, y) };
}

/** A start, and rates, from which a few steps on a market's last bars earn most on those that follow, net of costs. */
export async function trainTrader(
  engine: Engine,
  markets: readonly MarketRows[],
  run: { readonly plan: TraderPlan; readonly signal: AbortSignal },
): Promise<MetaState> {
  const { plan: { innerSteps, supportRows, steps, costRate, to, seed }, signal } = run;
  const state = metaInit(
    maml({
      net: mlp({ inputs: markets[0].cols, hidden: [16], outputs: 1, activation: "tanh" }),
      loss: growthLoss({ costRate, scale: SCALE }),
      inner: { steps: innerSteps, lr: 0.05, lrShape: { per: "layer" } },
      learn: { params: true, lr: innerSteps > 0 },
      outer: { lr: 0.003, clipNorm: 1 },
    }),
    { seed },
  );
  const shape = {
    tasks: TASKS,
    supportRows,
    queryRows: QUERY_ROWS,
    batches: steps,
    horizon: 1,
    to,
    seed,
    skipShort: true,
  };
  const batches = (function* (): Generator<Task[]> {
    for (const batch of taskBatches(markets, shape)) yield batch.map(tradedTask);
  })();
  let trained = state;
  for await (const progress of metaTrain(engine, state, batches, { every: steps, signal })) trained = progress.state;
  return trained;
}

/** Positions at every decision of a walk, each adapted on the labels known by then, `[decisions]`. */
export async function traderPositions(engine: Engine, state: MetaState, walk: WalkForward): Promise<Float64Array> {
  const pairs = walk.pairs.map(({ support, x }, i) => ({ support: asReturns(support, walk.scalers[i].y), x }));
  const outputs = await adaptPredict(engine, state, pairs);
  return Float64Array.from(outputs, ([output], i) => walk.blind?.[i] === 1 ? 0 : outputPosition(output));
}
