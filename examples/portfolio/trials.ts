/**
 * The settings that a search tried, as trials: what each of them earned on the validation windows. It judges none of them.
 * @module
 */
import { NO_TRIALS, recordTrial, sharpeEstimate, type TrialLog } from "@adaptrade/adaptrade/statistics";
import type { RiskEvaluator } from "@adaptrade/adaptrade/trading";

/** An evaluator that also remembers what each setting earned over all windows, in the order that settings were first tried. */
export function recordingTrials(evaluate: RiskEvaluator): { readonly evaluate: RiskEvaluator; trials(): TrialLog } {
  const returns = new Map<string, number[]>();
  return {
    evaluate: async (settings, window) => {
      const earned = await evaluate(settings, window);
      const key = JSON.stringify(settings);
      returns.set(key, [...returns.get(key) ?? [], ...earned]);
      return earned;
    },
    trials: () =>
      [...returns.values()].reduce(
        (log, earned) => recordTrial(log, sharpeEstimate(Float64Array.from(earned)).sharpe),
        NO_TRIALS,
      ),
  };
}
