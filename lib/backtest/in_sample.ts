/**
 * Whether a backtest trades bars that its model was trained on, or that lie before the last of them: it counts and says so, and
 * refuses nothing.
 * @module
 */
import type { TrainedOn } from "../meta/trained_on.ts";

/** What a backtest knows of its model's training. */
export interface ModelTraining {
  /** What the model was trained on; null where nothing is known of it, or nothing was. */
  readonly trainedOn: TrainedOn | null;
  /** Open time of the bar at whose close each decision was taken, ms UTC, ascending. */
  readonly decisionTime: Float64Array;
}

/** Decisions that were taken before the last label that the model was trained on was known. */
export function inSampleDecisions({ trainedOn, decisionTime }: ModelTraining): number {
  const until = trainedOn?.trainedUntil ?? -Infinity;
  const first = decisionTime.findIndex((time) => time >= until);
  return first < 0 ? decisionTime.length : first;
}

/**
 * Says that a model was trained on what it trades, or on later bars of other markets.
 *
 * @param model What was run.
 * @param training Its training, and when it decided.
 * @param markets Markets that it trades.
 * @returns One sentence without its full stop; none where all of it is out of sample, or nothing is known.
 */
export function inSampleNotes(model: string, training: ModelTraining, markets: readonly string[]): string[] {
  const decisions = inSampleDecisions(training);
  const { trainedOn, decisionTime } = training;
  if (decisions === 0 || trainedOn === null) return [];
  const until = new Date(trainedOn.trainedUntil ?? NaN).toISOString().slice(0, 10);
  const own = markets.filter((market) => trainedOn.markets.includes(market));
  const whose = own.length > 0 ? `${own.join(", ")} among its markets` : "of other markets";
  return [
    `${model} was trained on labels known until ${until}, ${whose}: ${decisions} of its ${decisionTime.length} decisions ` +
    `come before that and are no test of it`,
  ];
}
