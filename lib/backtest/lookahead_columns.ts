/**
 * Whether columns of features answer to the bars that they stand on, and to them alone. One that does not was computed from
 * something else, which the look-ahead check cannot cut: a calendar's columns are of that kind, and so is a table made beforehand.
 * @module
 */
import type { FeatureMatrix } from "../features/feature_matrix.ts";
import type { Labels } from "../features/labels.ts";
import type { UnvouchedColumn } from "./lookahead_report.ts";

/** Other pasts: a column of two values stays alike in all of them by chance in 1 row of 256. */
const PASTS = 8;
/** Share of rows alike that chance does not explain. */
const LEAST_SHARE = 0.05;
/** Standard errors from which a correlation is no chance, with thousands of columns looked at. */
const LEAST_ERRORS = 5;

/** Ranks of values, ties at their middle, less their mean. `[n]` → `[n]` */
function centredRanks(values: Float64Array): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let i = 0; i < order.length;) {
    let end = i;
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (let j = i; j < end; j++) ranks[order[j]] = (i + end - order.length) / 2;
    i = end;
  }
  return ranks;
}

/** Rank correlation (Spearman 1904) of centred ranks; 0 where one does not vary. */
function correlation(a: Float64Array, b: Float64Array): number {
  let [products, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    products += a[i] * b[i];
    squaresA += a[i] * a[i];
    squaresB += b[i] * b[i];
  }
  return squaresA > 0 && squaresB > 0 ? products / Math.sqrt(squaresA * squaresB) : 0;
}

/** Rows of features that have a label, and the labels' ranks. */
function labelledRows({ rows, time }: FeatureMatrix, labels: Labels): { rows: number[]; ranks: Float64Array } {
  const known = new Map(Array.from(labels.time, (at, i) => [at, labels.values[i]]));
  const found = Array.from({ length: rows }, (_, i) => i).filter((i) => known.has(time[i]));
  return { rows: found, ranks: centredRanks(Float64Array.from(found, (i) => known.get(time[i])!)) };
}

/**
 * Columns that hold more than the bars they stand on say. Every bar is replaced by that of another past, several times over: a
 * column computed from the bars alone then changes with them, and says no more of what really followed. Named are those of
 * which more rows than chance explains keep their value (and not all the same one), and those that still foretell the market's
 * own later returns.
 *
 * @param features Features of the bars as they are.
 * @param labels What followed the bars as they are.
 * @param another Features of the i-th other past, of the same times.
 */
export function unvouchedColumns(
  features: FeatureMatrix,
  labels: Labels,
  another: (past: number) => FeatureMatrix,
): UnvouchedColumn[] {
  const { names, rows, cols, values } = features;
  const labelled = labelledRows(features, labels);
  const stays = new Uint8Array(rows * cols).fill(1);
  const correlations = new Float64Array(cols);
  for (let past = 0; past < PASTS; past++) {
    const other = another(past).values;
    for (let i = 0; i < stays.length; i++) if (!Object.is(values[i], other[i])) stays[i] = 0;
    for (let column = 0; column < cols; column++) {
      const ranks = centredRanks(Float64Array.from(labelled.rows, (row) => other[row * cols + column]));
      correlations[column] += correlation(ranks, labelled.ranks) / PASTS;
    }
  }
  // Labels of h bars overlap: n of them are worth n / h.
  const error = Math.sqrt(labels.horizon / (labelled.rows.length * PASTS));
  return names.flatMap((name, column) => {
    const kept: number[] = [];
    for (let row = 0; row < rows; row++) if (stays[row * cols + column]) kept.push(values[row * cols + column]);
    const share = kept.length / rows;
    // A constant says nothing of the future, wherever it comes from.
    const isElsewhere = share > LEAST_SHARE && kept.some((value) => value !== kept[0]);
    const foretells = Math.abs(correlations[column]) > LEAST_ERRORS * error ? correlations[column] : null;
    return isElsewhere || foretells !== null ? [{ name, share: isElsewhere ? share : 0, foretells }] : [];
  });
}
