/**
 * How forecasts of classes are judged: accuracy, surprise, and whether what is said with 70% comes true in 70% of cases. Pure.
 * @module
 */

/** Least probability that every forecast is held to. */
const LEAST_PROBABILITY = 0.01;
/** Bins of the largest probability in which calibration is counted. */
const BINS = 10;

/** Logits as probabilities. */
export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const shares = logits.map((one) => Math.exp(one - largest));
  const total = shares.reduce((sum, one) => sum + one, 0);
  return shares.map((one) => one / total);
}

/** Probabilities held to at least 0.01 each, so that a class which a support set lacks is no infinite surprise. */
export function held(probabilities: readonly number[]): number[] {
  return probabilities.map((one) => LEAST_PROBABILITY + (1 - LEAST_PROBABILITY * probabilities.length) * one);
}

/** A forecast and what came: the index of its class. */
export interface ClassForecast {
  /** Of each class. */
  readonly probabilities: readonly number[];
  /** Index of the class that came. */
  readonly came: number;
}

/** What forecasts of classes were worth. */
export interface ClassScore {
  /** Share of rows whose likeliest class came. */
  readonly accuracy: number;
  /** Mean −log of the probability of what came. */
  readonly logLoss: number;
  /** Expected calibration error: mean distance between the largest probability and how often it was right, over ten bins of it. */
  readonly calibrationError: number;
}

/** Judges forecasts; at least one. */
export function scoreClasses(forecasts: readonly ClassForecast[]): ClassScore {
  const bins = Array.from({ length: BINS }, () => ({ said: 0, right: 0 }));
  let [right, surprise] = [0, 0];
  for (const { probabilities, came } of forecasts) {
    const sure = held(probabilities);
    const most = Math.max(...sure);
    const isRight = sure.indexOf(most) === came;
    const bin = bins[Math.min(BINS - 1, Math.floor(most * BINS))];
    bin.said += most;
    if (isRight) bin.right++;
    if (isRight) right++;
    surprise -= Math.log(sure[came]);
  }
  const count = forecasts.length;
  return {
    accuracy: right / count,
    logLoss: surprise / count,
    calibrationError: bins.reduce((sum, { said, right: hits }) => sum + Math.abs(said - hits) / count, 0),
  };
}
