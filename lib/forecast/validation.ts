/**
 * The decisions on which everything is chosen: after the training's labels, before the test's, half of them with the whole
 * history and half with one cut at random. It holds rows and labels; it forecasts nothing.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { bisectLeft } from "../features/bisect.ts";
import { random } from "../net/random.ts";
import { type DecisionAt, type ScaledMarket, type Support, supportOf, type SupportPlan } from "./decisions.ts";
import { type DecisionRows, decisionRows, type MemberOutputs, runMember, type RunNetwork } from "./ensemble.ts";
import { historyStart, relativeLabel } from "./market_table.ts";
import { scaleLabel } from "./pool_scaler.ts";
import { drawStart } from "./training_tasks.ts";

/** Decisions in all, about, unless asked for otherwise. */
const DECISIONS = 1500;
const SEED = 11;

/** Decisions of one market. */
export interface ValidationPart {
  /** The market. */
  readonly market: ScaledMarket;
  /** When and with which history. */
  readonly decisions: readonly DecisionAt[];
  /** Labels in deviations of the pool, cut, `[decisions]`. */
  readonly labels: Float64Array;
  /** Anchors, `[decisions]`. */
  readonly anchors: Float64Array;
}

/**
 * Lays out validation decisions.
 *
 * @param markets The pool.
 * @param range First decision at or after `from`, last label known before `to`, ms UTC; and the histories.
 * @param horizon Bars that labels look ahead.
 */
export function layValidation(
  markets: readonly ScaledMarket[],
  range: {
    readonly from: number;
    readonly to: number;
    /** Bars of every history; Infinity leaves all whole (default: half of them cut at random). */
    readonly history?: number;
    /** Decisions in all, about (default 1,500). */
    readonly decisions?: number;
  },
  horizon: number,
): ValidationPart[] {
  const stream = random(SEED);
  const { history, decisions: wanted = DECISIONS } = range;
  const ranges = markets.map(({ table: { candles: { time }, first } }) => {
    const begin = Math.max(first, bisectLeft(time, range.from));
    return { begin, end: Math.max(begin, Math.min(time.length, bisectLeft(time, range.to)) - horizon) };
  });
  const total = ranges.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const stride = Math.max(1, Math.floor(total / wanted));
  return markets.map((market, m) => {
    const decisions: DecisionAt[] = [];
    for (let bar = ranges[m].begin; bar < ranges[m].end; bar += stride) {
      const drawn = drawStart(stream, market.table, { bar, cutShare: 0.5 });
      decisions.push({ start: history === undefined ? drawn : historyStart(market.table, bar, history), bar });
    }
    const { anchors } = decisionRows(market, decisions, market.own);
    const { table, scale, scaler } = market;
    const relative = anchors.map((anchor, i) => relativeLabel(table, scale, decisions[i].bar, anchor));
    const isUsable = (_: unknown, i: number): boolean => !Number.isNaN(relative[i]);
    return {
      market,
      decisions: decisions.filter(isUsable),
      anchors: anchors.filter(isUsable),
      labels: relative.filter(isUsable).map((label) => scaleLabel(scaler, label)),
    };
  });
}

/** Validation decisions of one market as a network reads them. */
export interface ValidationRows {
  /** Rows to forecast from. */
  readonly rows: DecisionRows;
  /** What a decision adapts on: made when it is first asked for, and kept for the next state that is judged. */
  readonly supportAt: (decision: number) => Support;
  /** How they were laid out. */
  readonly plan: SupportPlan;
}

/** Reads the validation decisions of each market. */
export function readValidation(parts: readonly ValidationPart[], plan: SupportPlan): ValidationRows[] {
  return parts.map(({ market, decisions }) => {
    const supports: Support[] = [];
    return {
      rows: decisionRows(market, decisions, plan.cols),
      supportAt: (i) => supports[i] ??= supportOf(market, decisions[i], plan),
      plan,
    };
  });
}

/** What one network says of every validation decision, market after market. */
export async function runValidation(
  engine: Engine,
  network: RunNetwork,
  run: {
    readonly parts: readonly ValidationRows[];
    readonly steps: number;
    readonly least: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<MemberOutputs> {
  const { parts, ...how } = run;
  const outputs: MemberOutputs[] = [];
  for (const part of parts) outputs.push(await runMember(engine, network, { ...part, ...how }));
  const join = (pick: (output: MemberOutputs) => Float64Array): Float64Array =>
    Float64Array.from(outputs.flatMap((output) => Array.from(pick(output))));
  return {
    unadapted: join(({ unadapted }) => unadapted),
    adapted: join(({ adapted }) => adapted),
    rows: Int32Array.from(outputs.flatMap(({ rows }) => Array.from(rows))),
    nothing: Uint8Array.from(outputs.flatMap(({ nothing }) => Array.from(nothing))),
  };
}

/** Every n-th decision of each part: enough to tell states of one training from each other. */
export function thinValidation(parts: readonly ValidationPart[], every: number): ValidationPart[] {
  return parts.map(({ market, decisions, labels, anchors }) => ({
    market,
    decisions: decisions.filter((_, i) => i % every === 0),
    labels: labels.filter((_, i) => i % every === 0),
    anchors: anchors.filter((_, i) => i % every === 0),
  }));
}

/** Open times of the validation decisions, and how many decisions of one market share a bar with their labels. */
export function decisionTimes(
  parts: readonly ValidationPart[],
  horizon: number,
): { readonly time: Float64Array; readonly overlap: number } {
  const time = Float64Array.from(
    parts.flatMap(({ market: { table }, decisions }) => decisions.map(({ bar }) => table.candles.time[bar])),
  );
  const strides = parts.flatMap(({ decisions }) => decisions.slice(1).map(({ bar }, i) => bar - decisions[i].bar));
  return { time, overlap: Math.ceil(horizon / Math.max(1, Math.min(...strides, horizon))) };
}

/** All labels, market after market. */
export function validationLabels(parts: readonly ValidationPart[]): Float64Array {
  return Float64Array.from(parts.flatMap(({ labels }) => Array.from(labels)));
}

/** Mean squared error; NaN of nothing. */
export function meanSquaredError(forecasts: Float64Array, labels: Float64Array): number {
  return forecasts.reduce((sum, forecast, i) => sum + (forecast - labels[i]) ** 2, 0) / labels.length;
}
