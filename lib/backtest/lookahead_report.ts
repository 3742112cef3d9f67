/**
 * What a look-ahead check found, as data and in words. The words claim what was shown, and say what no such check can see.
 * @module
 */
import type { FutureChange } from "./lookahead_changes.ts";

/** Stages of the pipeline, in order. */
export type LookaheadStage =
  | "anchors"
  | "features"
  | "labels"
  | "regimes"
  | "tasks"
  | "supports"
  | "adapted parameters"
  | "predictions"
  | "positions"
  | "equity"
  | "training";

/** One value that moved though it lies at or before the cut. */
export interface LookaheadLeak {
  /** Index of the last bar that was left as it was; of the first bar decided on where the model was trained on what follows. */
  readonly cut: number;
  /** What was done to the bars after it; `none` where the model was trained on them. */
  readonly change: FutureChange | "none";
  /** The first stage that moved. */
  readonly stage: LookaheadStage;
  /** Where, for a reader: the time or task, and the value's index. */
  readonly where: string;
}

/** A column of features that the check cannot vouch for. */
export interface UnvouchedColumn {
  /** Its name. */
  readonly name: string;
  /** Share of its rows that stayed alike whatever the bars they stand on were, in [0, 1]; 0 where chance explains it. */
  readonly share: number;
  /** Rank correlation with the market's later returns that is left when its bars are others; null where chance explains it. */
  readonly foretells: number | null;
}

/** Net Sharpe ratios with the features as they are, and with those of the bar before. */
export interface LaggedRun {
  /** Annualised net Sharpe ratio; null where undefined. */
  readonly sharpe: number | null;
  /** The same with every row's features one bar late; null where undefined. */
  readonly lagged: number | null;
}

/** What the check found. */
export interface LookaheadReport {
  /**
   * True when nothing at or before a cut moved, no column foretells what it cannot know, and the model was not trained on labels
   * known after its first decision (as far as its state says). Columns of `unvouched` that stay alike, such as those of a calendar, are named and not held against it.
   */
  readonly ok: boolean;
  /** Cuts at which every stage was run anew, each perturbed and truncated. */
  readonly cuts: readonly number[];
  /** Cuts at which features, labels and regimes were computed anew, each perturbed and truncated. */
  readonly denseCuts: number;
  /** Values compared bit by bit. */
  readonly compared: number;
  /** The first leak of each cut and change, the earliest stage of it; empty when ok. */
  readonly leaks: readonly LookaheadLeak[];
  /** Columns that hold more than the bars they stand on say: with other bars they stay alike, or foretell as before. */
  readonly unvouched: readonly UnvouchedColumn[];
  /** The run lagged by one bar; null where it was not asked for. */
  readonly lagged: LaggedRun | null;
  /** What was shown and what was not, most important first. */
  readonly sentences: readonly string[];
}

function printed(value: number | null): string {
  return value === null ? "undefined" : value.toFixed(2).replace("-", "−");
}

/** Puts a report into words. */
export function lookaheadSentences(
  report: Omit<LookaheadReport, "sentences">,
  bars: { readonly decided: number; readonly others: number; readonly cheap?: string },
): string[] {
  const { leaks, unvouched, cuts, denseCuts, compared, lagged } = report;
  const { cheap = "features, labels and regimes" } = bars;
  const moved = leaks.find(({ stage }) => stage !== "training");
  const sentences = leaks.filter(({ stage }) => stage === "training").map(({ where }) => `Look-ahead: ${where}.`);
  if (moved) {
    sentences.push(`Look-ahead: ${moved.stage} moved with the bars behind bar ${moved.cut}, ${moved.where}.`);
  } else {
    sentences.push(
      `Nothing moved with the bars behind it: ${cheap} at ${denseCuts} of ${bars.decided} bars, every ` +
        `stage at ${cuts.length}, ${compared} values compared bit by bit.`,
    );
  }
  if (unvouched.length > 0) {
    const named = unvouched.map(({ name, share, foretells }) => {
      const why = [
        ...(share > 0 ? [`${(100 * share).toFixed(0)}% of its rows stay as they are`] : []),
        ...(foretells === null ? [] : [`it foretells what followed, rank correlation ${printed(foretells)}`]),
      ];
      return `${name} (${why.join(", ")})`;
    });
    sentences.push(`Not vouched for, read from more than these bars: with others in their place, ${named.join("; ")}.`);
  }
  sentences.push(
    bars.others > 0
      ? `The bars of ${bars.others} other market${
        bars.others === 1 ? "" : "s"
      } were changed as well; what is read from ` +
        `anywhere else is not seen.`
      : "What a stage reads from anywhere but these bars, such as a table or another market, is not seen.",
  );
  if (lagged) {
    sentences.push(
      `With features one bar late its net Sharpe ratio is ${printed(lagged.lagged)} in place of ${
        printed(lagged.sharpe)
      }.`,
    );
  }
  return sentences;
}
