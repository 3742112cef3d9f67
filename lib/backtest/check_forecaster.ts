/**
 * The look-ahead check of one forecaster on one market: what it compares is in `lookahead_forecaster.ts`, where it cuts in
 * `lookahead_cuts.ts`.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { forwardReturns } from "../features/labels.ts";
import { layDecisions } from "../forecast/forecast.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import { random } from "../net/random.ts";
import type { BacktestOptions } from "./backtest.ts";
import { inSampleNotes } from "./in_sample.ts";
import { anotherPast, type FutureChange } from "./lookahead_changes.ts";
import { unvouchedColumns } from "./lookahead_columns.ts";
import { type CutOptions, placeCuts } from "./lookahead_cuts.ts";
import {
  changedForecasterWorld,
  type ForecasterTrainingRun,
  movedDecisions,
  movedTable,
  movedTraining,
  ownFeatures,
  readWorld,
  tableValues,
} from "./lookahead_forecaster.ts";
import { type LookaheadLeak, type LookaheadReport, lookaheadSentences } from "./lookahead_report.ts";

/** What the check of a forecaster reads. */
export interface ForecasterCheckOptions extends BacktestOptions, CutOptions {
  /** How it was trained, to be run again with its test bars changed. */
  readonly training?: ForecasterTrainingRun;
}

/** Bars that are computed anew by default, over all dense cuts: a row costs a hundred times a classic one. */
const DENSE_BARS = 100_000;
const FEWEST_DENSE = 20;
const CHANGES: readonly FutureChange[] = ["perturbed", "truncated"];

/** `checkLookahead` of a forecaster. */
export async function checkForecaster(
  engine: Engine,
  forecaster: Forecaster,
  candles: Candles,
  options: ForecasterCheckOptions,
): Promise<LookaheadReport> {
  const { from, to, others = [], seed = 0, training } = options;
  const world = { candles, others };
  const before = readWorld(forecaster, world, options);
  const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const decided = layDecisions(before.table, range).map(({ bar }) => bar);
  if (decided.length < 2) {
    throw new DataError(`Cannot check for look-ahead: needs 2 decisions on ${candles.symbol}, got ${decided.length}`);
  }
  const dense = Math.max(FEWEST_DENSE, Math.floor(DENSE_BARS / candles.time.length));
  const { cuts, everywhere } = placeCuts(candles, { start: decided[0], decisions: decided.length, dense }, options);
  const leaks: LookaheadLeak[] = [];
  let compared = 0;
  for (const cut of [...new Set([...cuts, ...everywhere])]) {
    for (const change of CHANGES) {
      const after = readWorld(forecaster, changedForecasterWorld(world, cut, { change, seed }), options);
      let moved = movedTable(before, after, cut);
      compared += tableValues(before, cut);
      if (!moved && cuts.includes(cut)) {
        const found = await movedDecisions(engine, forecaster, [before, after], { cut, options });
        ({ moved } = found);
        compared += found.compared;
      }
      if (moved && !leaks.some((leak) => leak.stage === moved.stage && leak.change === change)) {
        leaks.push({ cut, change, ...moved });
      }
    }
  }
  const decisionTime = Float64Array.from(decided, (bar) => candles.time[bar]);
  const trained = [
    ...inSampleNotes("the forecaster", { trainedOn: forecaster.trainedOn, decisionTime }, [candles.symbol]),
    ...(training ? await movedTraining(forecaster, training, seed) : []).map((part) =>
      `the forecaster's ${part} answers to bars behind its training`
    ),
  ];
  leaks.unshift(...trained.map((where) => ({
    cut: decided[0],
    change: "none" as const,
    stage: "training" as const,
    where,
  })));
  const { first } = before.table;
  const unvouched = unvouchedColumns(
    ownFeatures(before, first),
    forwardReturns(candles, forecaster.target.horizon),
    (past) => {
      const another = anotherPast(candles, random(seed).fork(past).fork(0));
      return ownFeatures(readWorld(forecaster, { candles: another, others }, options), first);
    },
  );
  const found = {
    ok: leaks.length === 0 && unvouched.every(({ foretells }) => foretells === null),
    cuts: [...cuts],
    denseCuts: everywhere.length,
    compared,
    leaks,
    unvouched,
    lagged: null,
  };
  const said = { decided: decided.length, others: others.length, cheap: "anchors, features and labels" };
  return { ...found, sentences: lookaheadSentences(found, said) };
}
