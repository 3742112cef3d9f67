/**
 * One forecast taken apart by inner steps: what the networks say after 0, 1, 2, … of them, how far they moved, and how well they
 * then know the rows that they adapt on. It judges nothing, and explains no step; the chosen number stands in the forecaster.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import { bisectRight } from "../features/bisect.ts";
import { adapt } from "../meta/adapt.ts";
import { predict } from "../meta/predict.ts";
import type { MetaState } from "../meta/state.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type DecisionAt, ruleValue, saysNothing, supportOf } from "./decisions.ts";
import { decisionRows, forecastOf } from "./ensemble.ts";
import { forecastDecisions, type Forecasts, type ReadMarket } from "./forecast.ts";
import { type Forecaster, type ForecastMember, unadaptedState } from "./forecaster.ts";
import { historyStart } from "./market_table.ts";
import { silentLoss } from "./silent_loss.ts";

/** One layer's part in an adaptation, over the networks. */
export interface LayerMove {
  /** Mean of ‖θ_K − θ_0‖ over the networks. */
  readonly change: number;
  /** Mean of the same divided by ‖θ_0‖; null where that is 0. */
  readonly relative: number | null;
}

/**
 * The networks after each number of inner steps, `[most + 1]` each; the trust region is not applied. A method that reads supports in
 * one pass says the same after one step and after more.
 */
export interface StepCurve {
  /** What would be forecast, in the target's unit. */
  readonly value: Float64Array;
  /** Largest move of a network from its unadapted output, in deviations of the pool's labels. */
  readonly moved: Float64Array;
  /** Mean over the networks of their losses on the rows that they adapt on; empty where there is nothing to adapt on. */
  readonly supportLoss: Float64Array;
  /** Layers from input to output, by steps; none where a method moves no layer. */
  readonly layers: readonly (readonly LayerMove[])[];
}

/** One forecast, taken apart. */
export interface ForecastDescription {
  /** The forecast as it is made, of one decision. */
  readonly forecasts: Forecasts;
  /** Open time of each labelled row that it may adapt on, ms UTC, oldest first. */
  readonly supportTime: Float64Array;
  /** Whether there are enough rows, and ones that say something, to adapt on. */
  readonly adapts: boolean;
  /** Mean over the networks of the loss on those rows of one that says nothing; null where there is none, or no such loss. */
  readonly silentLoss: number | null;
  /** From the meta-learned start. */
  readonly learned: StepCurve;
  /** From the pretrained start that meta-learning began with. */
  readonly pretrained: StepCurve;
}

/** Which forecast to take apart. */
export interface DescribeForecastOptions {
  /** The decision: at the close of the last bar that opened by then, ms UTC. */
  readonly at: number;
  /** Most inner steps (default 20). */
  readonly most?: number;
}

const KEYS: OptionKeys<DescribeForecastOptions> = { at: true, most: true };

/** A decision at a time; its history is whole. @throws {DataError} No bar can be forecast from by then. */
export function decisionAtTime({ table }: ReadMarket, time: number): DecisionAt {
  const bar = bisectRight(table.candles.time, time) - 1;
  if (bar >= 0 && !Number.isNaN(table.anchors[bar])) return { start: historyStart(table, bar), bar };
  const first = table.anchors.findIndex((anchor) => !Number.isNaN(anchor));
  throw new DataError(
    `Cannot forecast ${table.candles.symbol} at ${new Date(time).toISOString().slice(0, 16)}: ` +
      (first < 0
        ? "none of its bars can be forecast from"
        : `choose ${new Date(table.candles.time[first]).toISOString().slice(0, 10)} or a later bar that moved`),
  );
}

/** What one network is given at a decision. */
export interface MemberMoment {
  /** The network. */
  readonly member: ForecastMember;
  /** Scaled row to forecast from, `[cols]`. */
  readonly x: Float32Array;
  /** Rows to adapt on. */
  readonly support: Samples;
  /** What its linear rule says, in deviations of the pool's labels. */
  readonly rule: number;
  /** Whether the support is long enough and says something. */
  readonly adapts: boolean;
}

/** What each network that counts is given at a decision: those that read other markets need one with the bar. */
export function memberMoments(forecaster: Forecaster, { market }: ReadMarket, at: DecisionAt): MemberMoment[] {
  const { members, skip, own, support: { rows, spacing, least }, target: { horizon } } = forecaster;
  const alone = members.some(({ marketWide }) => !marketWide);
  return members.filter(({ marketWide }) => !alone || !marketWide || market.means.counts[at.bar] > 0).map((member) => {
    const cols = member.marketWide ? market.cols : own;
    const linear = skip && (member.marketWide ? skip.all : skip.own);
    const { x } = decisionRows(market, [at], cols);
    const support = supportOf(market, at, { horizon, rows, spacing, cols, skip: linear });
    return {
      member,
      x,
      support,
      rule: linear ? ruleValue(linear, x, 0) : 0,
      adapts: support.rows >= least && !saysNothing(support),
    };
  });
}

/** Euclidean norms of a flat vector's layers, of which `of` gives the entries. */
function layerNorms({ config: { net } }: MetaState, of: (j: number) => number): number[] {
  return net.groups.map(({ start, end }) => {
    let sum = 0;
    for (let j = start; j < end; j++) sum += of(j) ** 2;
    return Math.sqrt(sum);
  });
}

/** What a method that reads supports in one pass says of a row, and its loss on the support; null for another network. */
async function readInOnePass(
  engine: Engine,
  { state }: ForecastMember,
  { support, x }: Pick<MemberMoment, "support" | "x">,
): Promise<{ readonly said: number; readonly loss: number } | null> {
  if (!state.config.method) return null;
  const adapted = await adapt(engine, state, support);
  return { said: forecastOf(state, await predict(engine, adapted, x)), loss: adapted.losses[0] };
}

async function stepCurve(
  engine: Engine,
  forecaster: Forecaster,
  run: {
    readonly moments: readonly MemberMoment[];
    readonly which: "state" | "pretrained";
    readonly most: number;
    readonly value: (relative: number) => number;
  },
): Promise<StepCurve> {
  const { moments, which, most, value } = run;
  const { scaler, shrinkage } = forecaster;
  const count = moments.length;
  const said = new Float64Array(most + 1);
  const moved = new Float64Array(most + 1);
  const losses = moments.every(({ adapts }) => adapts) ? new Float64Array(most + 1) : new Float64Array(0);
  const layers: LayerMove[][] = Array.from({ length: most + 1 }, () => []);
  for (const { member, x, support, adapts } of moments) {
    const state = which === "state" ? unadaptedState(member) : member.pretrained;
    const read = adapts && which === "state" ? await readInOnePass(engine, member, { support, x }) : null;
    const starts = layerNorms(state, (j) => state.params[j]);
    const [unadapted] = await predict(engine, state, x);
    for (let steps = 0; steps <= most; steps++) {
      const adapted = adapts ? await adapt(engine, state, support, { steps: read ? 0 : steps }) : state;
      const output = read && steps > 0 ? read.said : (await predict(engine, adapted, x))[0];
      said[steps] += output / count;
      moved[steps] = Math.max(moved[steps], Math.abs(output - unadapted));
      if (read) {
        const loss = steps > 0 || !("losses" in adapted) ? read.loss : adapted.losses[0];
        if (losses.length > 0) losses[steps] += loss / count;
        continue;
      }
      layerNorms(state, (j) => adapted.params[j] - state.params[j]).forEach((change, layer) => {
        const before = layers[steps][layer] ?? { change: 0, relative: 0 };
        const relative = starts[layer] > 0 && before.relative !== null
          ? before.relative + change / starts[layer] / count
          : null;
        layers[steps][layer] = { change: before.change + change / count, relative };
      });
      if (losses.length > 0 && steps === most && "losses" in adapted) {
        adapted.losses.forEach((loss, k) => losses[k] += loss / count);
      }
    }
  }
  const rule = moments.reduce((sum, one) => sum + one.rule, 0) / count;
  const values = said.map((output) => value(scaler.labelMean + scaler.labelScale * (rule + shrinkage * output)));
  return { value: values, moved, supportLoss: losses, layers };
}

/** The loss of networks that say nothing of the rows they adapt on, as their curves have it. */
function silentOf(moments: readonly MemberMoment[]): number | null {
  if (!moments.every(({ adapts }) => adapts)) return null;
  const [{ member }] = moments;
  const { config } = member.pretrained;
  return silentLoss(moments.map(({ support }) => support), config.loss ?? { kind: "mse" });
}

/**
 * Takes one forecast apart: the forecast as it is made, and what the networks would say after every number of inner steps, from
 * their meta-learned and from their pretrained starts.
 *
 * @throws {DataError} No bar can be forecast from by then.
 * @throws {RangeError} The steps are no whole number of at least 0.
 */
export async function describeForecast(
  engine: Engine,
  forecaster: Forecaster,
  read: ReadMarket,
  options: DescribeForecastOptions,
): Promise<ForecastDescription> {
  requireKnownKeys("Cannot describe a forecast", "options", options, KEYS);
  const { at, most = 20 } = options;
  if (!Number.isInteger(most) || most < 0) {
    throw new RangeError(`Cannot describe a forecast: most must be an integer of at least 0, got ${String(most)}`);
  }
  const decision = decisionAtTime(read, at);
  const forecasts = await forecastDecisions(engine, forecaster, { read, decisions: [decision] });
  const moments = memberMoments(forecaster, read, decision);
  const { scale, table } = read.market;
  const value = (relative: number): number => scale.value(relative, forecasts.anchor[0]);
  const { spacing, rows } = forecaster.support;
  const { horizon } = forecaster.target;
  const supportTime: number[] = [];
  for (let row = decision.bar - horizon, i = 0; row >= decision.start && i < rows; row -= spacing, i++) {
    if (!Number.isNaN(table.labels[row]) && !Number.isNaN(table.anchors[row])) {
      supportTime.unshift(table.candles.time[row]);
    }
  }
  return {
    forecasts,
    supportTime: Float64Array.from(supportTime),
    adapts: moments.every(({ adapts }) => adapts),
    silentLoss: silentOf(moments),
    learned: await stepCurve(engine, forecaster, { moments, which: "state", most, value }),
    pretrained: await stepCurve(engine, forecaster, { moments, which: "pretrained", most, value }),
  };
}
