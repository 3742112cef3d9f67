/**
 * The stages of a backtest that cost little (features, labels, regimes) as tables whose rows say when they were known, so that
 * the look-ahead check can compute them anew at every bar. It adapts nothing.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { FeatureFunction, FeatureMatrix } from "../features/feature_matrix.ts";
import type { LabelFunction, Labels } from "../features/labels.ts";
import { type RegimeLabels, REGIMES } from "../features/regimes.ts";
import type { LookaheadStage } from "./lookahead_report.ts";

/** How the tables are computed. */
export interface CheapStages {
  /** Features. */
  readonly features: FeatureFunction;
  /** Labels. */
  readonly labels: LabelFunction;
  /** Bars that a label looks ahead. */
  readonly horizon: number;
  /** Regimes. */
  readonly regimes: (candles: Candles) => RegimeLabels;
}

/** Rows of numbers, ascending by when they were known. */
export interface KnownTable {
  /** What they are. */
  readonly stage: LookaheadStage;
  /** Open time of the bar at whose close each row was known, ms UTC, `[rows]`. */
  readonly knownAt: Float64Array;
  /** Names of the columns, `[cols]`. */
  readonly names: readonly string[];
  /** `[rows, cols]`, row-major. */
  readonly values: Float64Array;
}

/** The tables, and what the expensive stages go on with. */
export interface CheapTables {
  /** Features as computed. */
  readonly features: FeatureMatrix;
  /** Labels as computed. */
  readonly labels: Labels;
  /** Features, labels and regimes, in order; no regimes where the market is too short for them. */
  readonly tables: readonly KnownTable[];
}

function regimeTable(candles: Candles, label: CheapStages["regimes"]): KnownTable[] {
  try {
    const { time, regime, trailingReturn, volatilityPercentile, trendStrength } = label(candles);
    const names = ["regime", "trailing return", "volatility percentile", "trend strength"];
    const values = new Float64Array(time.length * names.length);
    regime.forEach((name, i) =>
      values.set(
        [REGIMES.indexOf(name), trailingReturn[i], volatilityPercentile[i], trendStrength[i]],
        i * names.length,
      )
    );
    return [{ stage: "regimes", knownAt: time, names, values }];
  } catch (error) {
    // A market too short for the labels' warm-up can still be traded.
    if (error instanceof DataError) return [];
    throw error;
  }
}

/** Computes the tables of a market. */
export function cheapTables(candles: Candles, stages: CheapStages): CheapTables {
  const features = stages.features(candles);
  const labels = stages.labels(candles, stages.horizon);
  const labelled = new Float64Array(2 * labels.time.length);
  labels.time.forEach((time, i) => labelled.set([time, labels.values[i]], 2 * i));
  return {
    features,
    labels,
    tables: [
      { stage: "features", knownAt: features.time, names: features.names, values: features.values },
      { stage: "labels", knownAt: labels.knownAt, names: ["its bar", "its value"], values: labelled },
      ...regimeTable(candles, stages.regimes),
    ],
  };
}

/** Rows known at a time or before. */
function rowsKnown({ knownAt }: KnownTable, now: number): number {
  let [low, high] = [0, knownAt.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (knownAt[middle] <= now) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Values known at a time or before. */
export function valuesKnown(tables: readonly KnownTable[], now: number): number {
  return tables.reduce((sum, table) => sum + rowsKnown(table, now) * (1 + table.names.length), 0);
}

/** The first place at which two worlds differ in what was known at a time or before; undefined where there is none. */
export function firstDifference(
  before: readonly KnownTable[],
  after: readonly KnownTable[],
  now: number,
): { readonly stage: LookaheadStage; readonly where: string } | undefined {
  for (const [index, a] of before.entries()) {
    const { stage, names: { length: cols } } = a;
    const rows = rowsKnown(a, now);
    const b = after[index];
    const others = b ? rowsKnown(b, now) : 0;
    for (let i = 0; i < Math.min(rows, others); i++) {
      if (a.knownAt[i] !== b.knownAt[i]) return { stage, where: `bar ${a.knownAt[i]} became ${b.knownAt[i]}` };
      for (let j = 0; j < cols; j++) {
        if (Object.is(a.values[i * cols + j], b.values[i * cols + j])) continue;
        return { stage, where: `bar ${a.knownAt[i]}, column ${a.names[j] ?? j}` };
      }
    }
    if (others < rows) return { stage, where: `bar ${a.knownAt[others]} is missing` };
    if (others > rows) return { stage, where: `bar ${b.knownAt[rows]} is new` };
  }
  return undefined;
}
