/**
 * What `examples/search.ts` prints: the best trials, what is left of the best once all are counted, and the test that none saw.
 * @module
 */
import type { DeflatedSearch, ScoredTrial } from "@adaptrade/adaptrade/search";

/** A setting as text, short. */
function shown(value: unknown): string {
  return typeof value === "number" && value % 1 !== 0
    ? value.toPrecision(2)
    : JSON.stringify(value).replaceAll('"', "");
}

/** The best trials at the largest budget, as rows for a table. */
export function trialTable(trials: readonly ScoredTrial[], count: number): string[][] {
  const most = Math.max(...trials.map(({ budget }) => budget));
  const best = trials.filter(({ budget, loss }) => budget === most && loss !== null)
    .toSorted((a, b) => a.loss! - b.loss! || a.id - b.id).slice(0, count);
  return [
    ["settings", "trial", "loss"],
    ...best.map(({ id, loss, configuration }) => [
      Object.entries(configuration).map(([name, value]) => `${name} ${shown(value)}`).join(", "),
      `${id}`,
      loss!.toFixed(4),
    ]),
  ];
}

/** What is left of the best ratio, in sentences. */
export function deflatedText({ estimate, benchmark, trials, value, reason }: DeflatedSearch, what: string): string {
  if (value === null) return `Of ${trials} trials the best has no ${what} to deflate: ${reason}.`;
  const ratio = estimate.sharpe!.toFixed(3);
  return `The best of ${trials} trials has ${what} of ${ratio} over ${estimate.bars}; the best of as many without skill would ` +
    `be expected to show ${benchmark.toFixed(3)}.\nDeflated: ${
      (100 * value).toFixed(1)
    }% that it is more than the luck of having tried so often${value > 0.95 ? "." : ", which is not enough (95%)."}`;
}
