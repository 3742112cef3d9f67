/**
 * A meta-learned model beside what it must beat, on the same bars, with the same steps, fills and costs.
 * It refuses to choose: every baseline is always there, and the verdict is in `verdict.ts`.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { metaInit, type MetaState } from "../meta/state.ts";
import { type AdaptationCurve, adaptationCurve, CURVE_STEPS } from "./adaptation_curve.ts";
import { type BacktestOptions, type BacktestResult, backtestWalk, settle, wantedPositions } from "./backtest.ts";
import { type RandomWalkNull, randomWalkNull } from "./random_walk_null.ts";
import { type SharpeInterval, sharpeInterval } from "./sharpe_interval.ts";
import { queryLoss, type WalkForward, walkForward } from "./walk_forward.ts";

/** The models to compare. */
export interface ComparedModels {
  /** The meta-learned start. */
  readonly metaLearned: MetaState;
  /** Trained on the pooled tasks of the same budget; see `pretrain`. Left out of the comparison when absent. */
  readonly pretrained?: MetaState;
  /** Not trained at all (default: the same config from `seed`). */
  readonly scratch?: MetaState;
}

/** What {@linkcode compareBaselines} takes. */
export interface CompareOptions extends BacktestOptions {
  /** Seed of the from-scratch start, the shuffles and the intervals (default 0). */
  readonly seed?: number;
  /** Steps of the adaptation curves (default 0, 1, 5 and 10). */
  readonly curveSteps?: readonly number[];
  /** Shuffles of the random-walk null (default 500). */
  readonly shuffles?: number;
}

/** One strategy of a comparison. */
export interface ComparedStrategy {
  /** What it did. */
  readonly result: BacktestResult;
  /** Query loss against inner steps; null for a strategy that does not forecast. */
  readonly curve: AdaptationCurve | null;
  /** 95% interval of its annualised net Sharpe ratio. */
  readonly sharpeInterval: SharpeInterval;
}

/** Every strategy on one market. */
export interface Comparison {
  /** The market. */
  readonly market: string;
  /** Strategies: meta-learned first, then the baselines. */
  readonly strategies: readonly ComparedStrategy[];
  /** The meta-learned strategy among its own positions on shuffled prices. */
  readonly randomWalk: RandomWalkNull;
}

/** The forecast that nothing moves: flat, and the loss that any model must get below. */
function zeroPredictor(candles: Candles, walk: WalkForward, options: CompareOptions): ComparedStrategy {
  const predictions = new Float64Array(walk.time.length);
  const wanted = wantedPositions(predictions, options);
  const result = settle("zero predictor", candles, { walk, wanted, predictions, options });
  const { curveSteps = CURVE_STEPS } = options;
  const loss = queryLoss(walk, predictions);
  return compared(result, { steps: [...curveSteps], losses: curveSteps.map(() => loss) }, options);
}

function buyAndHold(candles: Candles, walk: WalkForward, options: CompareOptions): ComparedStrategy {
  const wanted = new Float64Array(walk.time.length).fill(1);
  return compared(settle("buy and hold", candles, { walk, wanted, options }), null, options);
}

function compared(result: BacktestResult, curve: AdaptationCurve | null, options: CompareOptions): ComparedStrategy {
  const { periodsPerYear } = result;
  return {
    result,
    curve,
    sharpeInterval: sharpeInterval(result.netReturns, { periodsPerYear, seed: options.seed ?? 0 }),
  };
}

/**
 * Runs the meta-learned model and every baseline over the same decisions of one market: zero predictor, from scratch,
 * pretrained and fine-tuned, buy and hold, and the random-walk null.
 *
 * @param engine Where to adapt.
 * @param models The meta-learned start, and the baselines' starts.
 * @param candles Bars of one market.
 * @param options As for `backtest`, and seed, curve steps and shuffles.
 * @throws {DataError} The market is too short for the warm-up, the support and two bars.
 */
export async function compareBaselines(
  engine: Engine,
  models: ComparedModels,
  candles: Candles,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { metaLearned, pretrained } = models;
  const { seed = 0, curveSteps = CURVE_STEPS } = options;
  const scratch = models.scratch ?? metaInit(metaLearned.config, { seed });
  const walk = walkForward(candles, options);
  const run = async (strategy: string, state: MetaState): Promise<ComparedStrategy> => {
    const result = await backtestWalk(engine, state, candles, { walk, options, strategy });
    const known = { steps: options.steps ?? state.config.inner.steps, loss: result.queryLoss! };
    return compared(result, await adaptationCurve(engine, state, walk, { steps: curveSteps, known }), options);
  };
  const strategies = [await run("meta-learned", metaLearned)];
  if (pretrained) strategies.push(await run("pretrained + fine-tuned", pretrained));
  strategies.push(await run("from scratch", scratch));
  strategies.push(zeroPredictor(candles, walk, options), buyAndHold(candles, walk, options));
  const { fill = "next-open", costRate = 0.001, initialCapital = 10_000, shuffles = 500 } = options;
  const randomWalk = randomWalkNull(strategies[0].result, candles, { fill, costRate, initialCapital, shuffles, seed });
  return { market: candles.symbol, strategies, randomWalk };
}
