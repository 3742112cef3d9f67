/**
 * How sure a difference of losses is: pairs forecasts of the same bar, and resamples stretches of time.
 * @module
 */
import { random } from "@adaptrade/adaptrade";
import type { OnlineRun } from "./run.ts";

/** A mean with its interval. */
export interface Interval {
  /** The mean. */
  readonly mean: number;
  /** Lower end at 95%. */
  readonly low: number;
  /** Upper end at 95%. */
  readonly high: number;
}

const RESAMPLES = 1000;
/** Mean length of a resampled stretch, in bar times: neighbouring forecasts share most of their window. */
const BLOCK = 25;

/** Mean difference of two methods' losses at each time, over seeds and markets that both forecast; ascending times. */
export function differences(a: readonly OnlineRun[], b: readonly OnlineRun[]): { times: number[]; values: number[] } {
  const sums = new Map<number, { sum: number; count: number }>();
  a.forEach((run, seed) => {
    for (const [key, loss] of run.losses) {
      const other = b[seed].losses.get(key);
      if (other === undefined) continue;
      const time = Number(key.slice(key.lastIndexOf(" ") + 1));
      const at = sums.get(time) ?? { sum: 0, count: 0 };
      sums.set(time, { sum: at.sum + loss - other, count: at.count + 1 });
    }
  });
  const times = [...sums.keys()].sort((x, y) => x - y);
  return { times, values: times.map((time) => sums.get(time)!.sum / sums.get(time)!.count) };
}

/** Mean of dependent values with its percentile interval by the stationary bootstrap (Politis & Romano 1994). */
export function meanInterval(values: readonly number[], seed: number): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const stream = random(seed);
  const means = Array.from({ length: RESAMPLES }, () => {
    let [sum, at] = [0, stream.integer(n)];
    for (let i = 0; i < n; i++) {
      sum += values[at];
      at = stream.uniform() < 1 / BLOCK ? stream.integer(n) : (at + 1) % n;
    }
    return sum / n;
  }).sort((x, y) => x - y);
  return { mean, low: means[Math.round(0.025 * (RESAMPLES - 1))], high: means[Math.round(0.975 * (RESAMPLES - 1))] };
}

/** Mean and sample deviation over seeds. */
export function overSeeds(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : NaN };
}
