/**
 * What a comparison of strategies on one market holds, whoever ran them. It runs and judges nothing.
 * @module
 */
import type { Regime } from "../features/regimes.ts";
import type { TrialLog } from "../statistics/trial_log.ts";
import type { AdaptationCurve } from "./adaptation_curve.ts";
import type { BacktestResult } from "./backtest.ts";
import type { ComparedStatistics } from "./compared_statistics.ts";
import type { RandomWalkNull } from "./random_walk_null.ts";

/** One strategy of a comparison, and how sure its figures are. */
export interface ComparedStrategy extends ComparedStatistics {
  /** What it did. */
  readonly result: BacktestResult;
  /** Query loss against inner steps; null for a strategy that does not forecast. */
  readonly curve: AdaptationCurve | null;
}

/** Every strategy on one market. */
export interface Comparison {
  /** The market. */
  readonly market: string;
  /** Strategies: meta-learned first, then the baselines. */
  readonly strategies: readonly ComparedStrategy[];
  /** The meta-learned strategy among its own positions on shuffled prices. */
  readonly randomWalk: RandomWalkNull;
  /** Returns of holding the market without cost over the bars traded, `[bars]`: the benchmark of every strategy. */
  readonly benchmark: Float64Array;
  /** Every trial that the deflated Sharpe ratios were judged against: those given, then these strategies. */
  readonly trials: TrialLog;
  /** Regime known at each decision (`labelRegimes`), `[bars + 1]`; null where too few bars came before it. */
  readonly regimes: readonly (Regime | null)[];
}
