/**
 * What a comparison amounts to, in one honest sentence or a few. It says so when the model loses.
 * @module
 */
import type { ComparedStrategy, Comparison } from "../backtest/comparison.ts";

/** A verdict and whether it is a good one. */
export interface Verdict {
  /** True when the model beats every baseline after costs and luck does not explain it. */
  readonly wins: boolean;
  /** True when, beside that, the number of trials does not explain it either: its deflated Sharpe ratio exceeds 0.95. */
  readonly significant: boolean;
  /** Sentences, most important first. */
  readonly sentences: readonly string[];
}

/** What a sentence about profit reads of a result. */
interface Earner {
  readonly grossReturns: Float64Array;
  readonly metrics: { readonly totalReturn: number | null };
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1).replace("-", "−")}%`;
}

/** Probability from which a difference is called significant. */
export const CONFIDENCE = 0.95;

/** Whether the forecasts differ from each baseline's by more than chance, in one sentence; none where no test is defined. */
function forecastSentences(baselines: readonly ComparedStrategy[]): string[] {
  const outcomes: Record<"more accurate than" | "less accurate than" | "not distinguishable from", string[]> = {
    "more accurate than": [],
    "not distinguishable from": [],
    "less accurate than": [],
  };
  for (const { result: { strategy }, dieboldMariano } of baselines) {
    const { statistic, pValue } = dieboldMariano ?? { statistic: null, pValue: null };
    if (statistic === null || pValue === null) continue;
    const significant = pValue < 1 - CONFIDENCE;
    const outcome = !significant
      ? "not distinguishable from"
      : statistic < 0
      ? "more accurate than"
      : "less accurate than";
    outcomes[outcome].push(`${strategy} (p ${pValue < 0.001 ? "< 0.001" : `= ${pValue.toFixed(3)}`})`);
  }
  const parts = Object.entries(outcomes).flatMap(([outcome, names]) =>
    names.length > 0 ? [`${outcome} those of ${names.join(", ")}`] : []
  );
  return parts.length > 0 ? [`By the Diebold-Mariano test its forecasts are ${parts.join(", and ")}.`] : [];
}

/** What a strategy that has not gained lost, and whether costs are why; none where it gained. */
export function lossSentences({ grossReturns, metrics }: Earner): string[] {
  const net = metrics.totalReturn ?? 0;
  if (net > 0) return [];
  const before = grossReturns.reduce((growth, r) => growth * (1 + r), 1) - 1;
  return [
    before > 0
      ? `It earns ${percent(before)} before costs and loses ${percent(-net)} after them.`
      : `It loses money: ${percent(net)} after costs, ${percent(before)} before them.`,
  ];
}

/** Whether the number of trials explains a Sharpe ratio, in one sentence. */
export function deflatedSentence(
  { deflatedSharpe: { value, reason, trials } }: Pick<ComparedStrategy, "deflatedSharpe">,
): string {
  const counted = `${trials} trial${trials === 1 ? "" : "s"}`;
  if (value === null) return `Its deflated Sharpe ratio over ${counted} is undefined: ${reason}.`;
  return value > CONFIDENCE
    ? `Its deflated Sharpe ratio is ${value.toFixed(2)} over ${counted}: their number does not explain it.`
    : `Its deflated Sharpe ratio is ${value.toFixed(2)} over ${counted}, short of ${CONFIDENCE}: not significant.`;
}

/**
 * Judges the first strategy of a comparison against the others: net Sharpe ratio (an undefined one, of a strategy that never
 * trades, counts as 0), costs, forecast error, luck, and how many strategies were tried.
 *
 * @param comparison From `compareBaselines`.
 */
export function judge(comparison: Comparison): Verdict {
  const [model, ...baselines] = comparison.strategies;
  const sharpe = (strategy: ComparedStrategy): number => strategy.result.metrics.sharpe ?? 0;
  const printed = (strategy: ComparedStrategy): string => sharpe(strategy).toFixed(2).replace("-", "−");
  const name = model.result.strategy;
  const sentences: string[] = [];
  const better = baselines.filter((other) => sharpe(other) >= sharpe(model));
  if (better.length > 0) {
    const list = better.map((other) => `${other.result.strategy} (${printed(other)})`).join(", ");
    sentences.push(`After costs ${name} (net Sharpe ${printed(model)}) does not beat ${list}.`);
  } else {
    sentences.push(`After costs ${name} (net Sharpe ${printed(model)}) is ahead of every baseline.`);
  }
  const net = model.result.metrics.totalReturn ?? 0;
  sentences.push(...lossSentences(model.result));
  const { low } = model.sharpeInterval;
  const { shareAbove } = comparison.randomWalk;
  const certain = low !== null && low > 0;
  if (!certain) sentences.push("The 95% interval of its net Sharpe ratio includes zero or lies below it.");
  const lucky = shareAbove === null || shareAbove > 0.05;
  if (shareAbove !== null) {
    sentences.push(`${percent(shareAbove)} of runs of its own positions on shuffled prices did as well or better.`);
  }
  const zero = baselines.find(({ result }) => result.strategy === "zero predictor");
  const [loss, zeroLoss] = [model.result.queryLoss, zero?.result.queryLoss];
  if (loss !== null && zeroLoss !== null && zeroLoss !== undefined && !(loss < zeroLoss)) {
    sentences.push(
      `Its forecast error (${loss.toFixed(3)}) is no lower than that of forecasting zero (${zeroLoss.toFixed(3)}).`,
    );
  }
  sentences.push(...forecastSentences(baselines), deflatedSentence(model));
  const wins = better.length === 0 && net > 0 && certain && !lucky;
  return { wins, significant: wins && (model.deflatedSharpe.value ?? 0) > CONFIDENCE, sentences };
}
