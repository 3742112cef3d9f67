/**
 * What a comparison amounts to, in one honest sentence or a few. It says so when the model loses.
 * @module
 */
import { inSampleDecisions, inSampleNotes, type ModelTraining } from "../backtest/in_sample.ts";
import type { ComparedStrategy, Comparison } from "../backtest/comparison.ts";
import { dataSentences, distinctFindings } from "./data_sentences.ts";
import { type Contender, netOf, notBeaten, percent, ruinSentences, standingSentence } from "./standing.ts";

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
interface Earner extends Contender {
  readonly grossReturns: Float64Array;
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

/** What a strategy that has not gained lost, and whether costs are why, or that it held nothing; none where it gained, or lost everything. */
export function lossSentences(earner: Earner): string[] {
  const net = netOf(earner);
  if (net > 0 || earner.ruinedAt !== null) return [];
  if (net === 0 && earner.grossReturns.every((r) => r === 0)) {
    return ["It holds nothing throughout: no gain and no loss."];
  }
  const before = earner.grossReturns.reduce((growth, r) => growth * (1 + r), 1) - 1;
  return [
    before > 0
      ? `It earns ${percent(before)} before costs and loses ${percent(-net)} after them.`
      : `It loses money: ${percent(net)} after costs, ${percent(before)} before them.`,
  ];
}

/** That a model was trained on what it trades; none where it was not. */
export function inSampleSentences(
  training: ModelTraining & { readonly strategy: string },
  markets: readonly string[],
): string[] {
  return inSampleNotes(training.strategy, training, markets).map((note) => `${note}.`);
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
 * Judges the first strategy of a comparison against the others and against cash: ruin, net Sharpe ratio (an undefined one, of a
 * strategy that never trades, counts as 0) and money kept, costs, forecast error, luck, and how many strategies were tried. It
 * is ahead of a strategy that never trades only with more money than that.
 *
 * @param comparison From `compareBaselines` or `compareResults`.
 * @returns Whether it wins, whether by more than trials explain, and why, in sentences.
 *
 * @example
 * ```ts
 * import { backtestPositions, compareResults, judge, sampleMarkets, walkForward } from "@adaptrade/adaptrade";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const options = { from: Date.UTC(1998, 0), costRate: 0.0005 };
 * const walk = walkForward(dax, options);
 * const wanted = new Float64Array(walk.time.length).fill(-1);
 * const short = backtestPositions("always short", dax, { walk, wanted, options });
 * const { wins, sentences } = judge(compareResults([short], dax, { ...options, shuffles: 20, resamples: 100 }));
 * assertStringIncludes(`${wins} ${sentences[0]}`, "does not beat cash (0.00, 0.0%)");
 * ```
 */
export function judge(comparison: Comparison): Verdict {
  const [model, ...baselines] = comparison.strategies;
  const others = baselines.map(({ result }) => result);
  const sentences = [
    ...ruinSentences(model.result),
    standingSentence(model.result, others),
    ...inSampleSentences(model.result, [comparison.market]),
    ...dataSentences(distinctFindings([model.result, ...others])),
    ...lossSentences(model.result),
  ];
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
  const wins = notBeaten(model.result, others).length === 0 && certain && !lucky &&
    inSampleDecisions(model.result) === 0;
  return { wins, significant: wins && (model.deflatedSharpe.value ?? 0) > CONFIDENCE, sentences };
}
