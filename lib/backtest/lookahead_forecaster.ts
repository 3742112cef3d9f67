/**
 * The look-ahead check of a forecaster: anchors, rows, labels known, supports, forecasts, positions and equity at or before a cut
 * must be the same bits whatever comes behind it; and the training, run again with its test bars changed, must give the very
 * forecaster. It refuses tolerances.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { atOnce } from "../event_loop.ts";
import { intervalMs } from "../data/interval.ts";
import type { Engine } from "../engine/engine.ts";
import type { FeatureMatrix } from "../features/feature_matrix.ts";
import { conformalDeviation } from "../forecast/conformal_band.ts";
import { supportOf } from "../forecast/decisions.ts";
import { forecastDecisions, layDecisions, type ReadMarket, readMarket, readOthers } from "../forecast/forecast.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import { type BacktestOptions, decisionContext, wantedPositions } from "./backtest.ts";
import { execute } from "./execution.ts";
import { walkOf } from "./forecaster_walk.ts";
import { changedAfter, type FutureChange, lastClosed } from "./lookahead_changes.ts";
import type { LookaheadLeak, LookaheadStage } from "./lookahead_report.ts";

/** How a forecaster was trained, to be run again. */
export interface ForecasterTrainingRun {
  /** The markets it was trained on, their test bars included. */
  readonly markets: readonly Candles[];
  /** First bar of the test, ms UTC: what opens at it or later must not matter. */
  readonly testFrom: number;
  /** Trains the very forecaster, from these markets or others of the same times. */
  readonly train: (markets: readonly Candles[]) => Promise<Forecaster>;
}

/** A market and those beside it, in one world. */
export interface ForecasterWorld {
  /** The market. */
  readonly candles: Candles;
  /** The markets whose means a forecast may read. */
  readonly others: readonly Candles[];
}

type Move = Pick<LookaheadLeak, "stage" | "where">;

/** What a forecaster reads of a world. */
export function readWorld(
  forecaster: Forecaster,
  { candles, others }: ForecasterWorld,
  { features }: Pick<BacktestOptions, "features">,
): ReadMarket {
  const functions = features ? { features } : {};
  const sums = atOnce(readOthers(forecaster, others, functions));
  return atOnce(readMarket(forecaster, candles, { sums, ...functions }));
}

/** The world in which everything behind a bar of the market is changed, in the others what closed after it. */
export function changedForecasterWorld(
  { candles, others }: ForecasterWorld,
  cut: number,
  how: { readonly change: FutureChange; readonly seed: number },
): ForecasterWorld {
  const moment = candles.time[cut] + intervalMs(candles.interval);
  return {
    candles: changedAfter(candles, cut, how),
    others: others.map((market, i) =>
      changedAfter(market, lastClosed(market, moment), { change: how.change, seed: how.seed + 1 + i })
    ),
  };
}

/** First index below `count` at which two runs of numbers differ; −1 where they agree. */
function firstUnlike(a: ArrayLike<number>, b: ArrayLike<number>, count: number): number {
  for (let i = 0; i < count; i++) if (!Object.is(a[i], b[i])) return i;
  return -1;
}

/** The first of anchors, rows and labels that moved though it was known at the close of bar `cut`. */
export function movedTable(before: ReadMarket, after: ReadMarket, cut: number): Move | undefined {
  const { table: { candles, names, target: { horizon } }, market: { cols } } = before;
  const known = cut + 1;
  const runs: readonly [LookaheadStage, ArrayLike<number>, ArrayLike<number>, number, number][] = [
    ["anchors", before.table.anchors, after.table.anchors, known, 1],
    ["features", before.table.rows, after.table.rows, known, names.length],
    ["features", before.market.rows, after.market.rows, known, cols],
    ["labels", before.table.labels, after.table.labels, Math.max(0, known - horizon), 1],
  ];
  for (const [stage, a, b, rows, width] of runs) {
    const at = firstUnlike(a, b, rows * width);
    if (at < 0) continue;
    const column = width > 1 ? `, column ${names[at % width] ?? at % width}` : "";
    return { stage, where: `bar ${candles.time[Math.floor(at / width)]}${column}` };
  }
  return undefined;
}

/** Values that {@linkcode movedTable} compares. */
export function tableValues({ table: { names, target }, market: { cols } }: ReadMarket, cut: number): number {
  return (cut + 1) * (1 + names.length + cols) + Math.max(0, cut + 1 - target.horizon);
}

/** What was decided at or before a cut: the first part that moved, and the values compared. */
export async function movedDecisions(
  engine: Engine,
  forecaster: Forecaster,
  worlds: readonly [ReadMarket, ReadMarket],
  run: { readonly cut: number; readonly options: BacktestOptions },
): Promise<{ moved: Move | undefined; compared: number }> {
  const { cut, options } = run;
  const { from, to } = options;
  const [before] = worlds;
  const { support: { rows, spacing }, skip, target: { horizon, kind } } = forecaster;
  const decisions = layDecisions(before.table, {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }).filter(({ bar }) => bar <= cut);
  const plan = { horizon, rows, spacing, cols: before.market.cols, skip: skip?.all ?? null };
  const where = (i: number): string => `decision ${before.table.candles.time[decisions[i].bar]}`;
  let compared = 0;
  for (const [i, decision] of decisions.entries()) {
    const [a, b] = worlds.map(({ market }) => supportOf(market, decision, plan));
    compared += a.x.length + a.y.length;
    const same = a.rows === b.rows && firstUnlike(a.x, b.x, a.x.length) < 0 && firstUnlike(a.y, b.y, a.rows) < 0;
    if (!same) return { moved: { stage: "supports", where: where(i) }, compared };
  }
  const said = await Promise.all(
    worlds.map(async (read) => {
      const forecasts = await forecastDecisions(engine, forecaster, { read, decisions });
      const { value, unadapted, spread, limited } = forecasts;
      const runs: [LookaheadStage, ArrayLike<number>][] = [value, unadapted, spread, limited].map((
        values,
      ) => ["predictions", values]);
      if (kind !== "return") return runs;
      const walk = walkOf(forecasts);
      const { candles } = read.table;
      const context = decisionContext(candles, walk, conformalDeviation(forecaster, forecasts));
      const positions = wantedPositions(value.map((one) => one || 0), options, context);
      const { equity } = execute(candles, { start: walk.start, positions }, options);
      return [
        ...runs,
        ["positions", positions] as const,
        ["equity", equity.subarray(0, decisions.length - 1)] as const,
      ];
    }),
  );
  for (const [r, [stage, values]] of said[0].entries()) {
    compared += values.length;
    const at = firstUnlike(values, said[1][r][1], values.length);
    if (at >= 0) return { moved: { stage, where: where(at) }, compared };
  }
  return { moved: undefined, compared };
}

/** Features of a market's own columns as they are, from the first bar with a row. */
export function ownFeatures({ table: { candles, names, rows } }: ReadMarket, first: number): FeatureMatrix {
  const cols = names.length;
  const time = candles.time.slice(first);
  return { names, time, rows: time.length, cols, values: rows.slice(first * cols), warmup: first };
}

/** A value as text in which equal bits, and those alone, read alike; functions are left out. */
function bits(value: unknown): string {
  return JSON.stringify(value, (_, one) => {
    if (one instanceof Float32Array || one instanceof Float64Array) return Array.from(one);
    return typeof one === "number" && (!Number.isFinite(one) || Object.is(one, -0)) ? String(one) + (1 / one) : one;
  });
}

/**
 * Trains again with every bar from the test on changed, and names what of the forecaster answers to them.
 *
 * @throws {DataError} No market has a bar in the test.
 */
export async function movedTraining(
  forecaster: Forecaster,
  { markets, testFrom, train }: ForecasterTrainingRun,
  seed: number,
): Promise<string[]> {
  if (!markets.some(({ time }) => time[time.length - 1] >= testFrom)) {
    throw new DataError(`Cannot check a training for look-ahead: no bar of its markets opens at testFrom or later`);
  }
  const changed = markets.map((market, i) => {
    const first = market.time.findIndex((time) => time >= testFrom);
    return first < 0 ? market : changedAfter(market, first - 1, { change: "perturbed", seed: seed + i });
  });
  const again = await train(changed);
  const parts = ["scaler", "skip", "members", "steps", "trust", "shrinkage", "residual", "validation"] as const;
  return parts.filter((part) => bits(forecaster[part]) !== bits(again[part]));
}
