/**
 * A meta-learned model beside what it must beat, on the same bars, with the same steps, fills and costs.
 * It refuses to choose: every baseline is always there, and the verdict is in `verdict.ts`.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { metaInit, type MetaState } from "../meta/state.ts";
import { type AdaptationCurve, adaptationCurve, CURVE_STEPS } from "./adaptation_curve.ts";
import {
  type BacktestOptions,
  backtestPositions,
  type BacktestResult,
  backtestWalk,
  decisionContext,
  wantedPositions,
} from "./backtest.ts";
import { compareResults } from "./compare_results.ts";
import type { Comparison } from "./comparison.ts";
import type { TrialLog } from "../statistics/trial_log.ts";
import { type DecisionWalk, queryLoss, walkForward } from "./walk_forward.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

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
  /** Resamples of the intervals, at least 100 (default 1000). */
  readonly resamples?: number;
  /** Trials before this comparison, such as other settings tried on this market (default none). */
  readonly trials?: TrialLog;
}

/** What one strategy did. */
interface StrategyRun {
  /** What it did. */
  readonly result: BacktestResult;
  /** Query loss against inner steps; null for a strategy that does not forecast. */
  readonly curve: AdaptationCurve | null;
}

/** The forecast that nothing moves: flat, and the loss that any model must get below. */
function zeroPredictor(candles: Candles, walk: DecisionWalk, options: CompareOptions): StrategyRun {
  const predictions = new Float64Array(walk.time.length);
  const wanted = wantedPositions(predictions, options, decisionContext(candles, walk));
  const result = backtestPositions("zero predictor", candles, { walk, wanted, predictions, options });
  const { curveSteps = CURVE_STEPS } = options;
  const loss = queryLoss(walk, predictions);
  return { result, curve: { steps: [...curveSteps], losses: curveSteps.map(() => loss) } };
}

/** Long from the first bar to the last: it pays the same costs, but knows neither stops nor brakes, or it would not hold. */
function buyAndHold(candles: Candles, walk: DecisionWalk, options: CompareOptions): StrategyRun {
  const wanted = new Float64Array(walk.time.length).fill(1);
  const held = { ...options, exits: undefined, brake: undefined };
  return { result: backtestPositions("buy and hold", candles, { walk, wanted, options: held }), curve: null };
}

/**
 * Runs the meta-learned model and every baseline over the same decisions of one market: zero predictor, from scratch,
 * pretrained and fine-tuned, buy and hold, and the random-walk null. Each strategy is a trial: the deflated Sharpe ratios count
 * them together with those of `options.trials`, and `trials` of the outcome is the log to hand to the next comparison.
 *
 * @param engine Where to adapt.
 * @param models The meta-learned start, and the baselines' starts.
 * @param candles Bars of one market.
 * @param options As for `backtest`, and seed, curve steps, shuffles, resamples and earlier trials.
 * @throws {DataError} The market is too short for the warm-up, the support and two bars.
 *
 * @example
 * ```ts
 * import { compareBaselines, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const metaLearned = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const comparison = await compareBaselines(engine, { metaLearned }, dax, { from: Date.UTC(1998, 0), shuffles: 5 });
 * assertEquals(comparison.market, "DAX");
 * ```
 */
export async function compareBaselines(
  engine: Engine,
  models: ComparedModels,
  candles: Candles,
  options: CompareOptions = {},
): Promise<Comparison> {
  requireKnownKeys("Cannot compare", "options", options, BACKTEST_KEYS);
  const { metaLearned, pretrained } = models;
  const { seed = 0, curveSteps = CURVE_STEPS } = options;
  const scratch = models.scratch ?? metaInit(metaLearned.config, { seed });
  const walk = walkForward(candles, options);
  const run = async (strategy: string, state: MetaState): Promise<StrategyRun> => {
    const result = await backtestWalk(engine, state, candles, { walk, options, strategy });
    const known = { steps: options.steps ?? state.config.inner.steps, loss: result.queryLoss! };
    return { result, curve: await adaptationCurve(engine, state, walk, { steps: curveSteps, known }) };
  };
  const runs = [await run("meta-learned", metaLearned)];
  if (pretrained) runs.push(await run("pretrained + fine-tuned", pretrained));
  runs.push(await run("from scratch", scratch));
  runs.push(zeroPredictor(candles, walk, options), buyAndHold(candles, walk, options));
  const comparison = compareResults(runs.map(({ result }) => result), candles, options);
  return { ...comparison, strategies: comparison.strategies.map((one, i) => ({ ...one, curve: runs[i].curve })) };
}
