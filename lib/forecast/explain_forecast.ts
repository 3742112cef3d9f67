/**
 * Why a forecaster's forecast is what it is: what each column added, of networks and linear rule, and what each row did that was
 * adapted on. Means over the networks. It explains one forecast; it does not judge it.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { decisionAtTime, memberMoments } from "./describe_forecast.ts";
import { ruleCoefficients } from "./decisions.ts";
import type { ReadMarket } from "./forecast.ts";
import { type Forecaster, unadaptedState } from "./forecaster.ts";
import { adapt } from "../meta/adapt.ts";
import type { MetaState } from "../meta/state.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { resolveConfig } from "../meta/resolve.ts";
import { rowInfluence } from "../meta/row_influence.ts";
import { integratedGradients } from "../meta/integrated_gradients.ts";

/** Which forecast to explain. */
export interface ExplainForecastOptions {
  /** The decision: at the close of the last bar that opened by then, ms UTC. */
  readonly at: number;
  /** Inner steps (default the forecaster's). */
  readonly steps?: number;
}

const KEYS: OptionKeys<ExplainForecastOptions> = { at: true, steps: true };

/** A forecast, split. All values are in the target's unit. */
export interface ForecastExplanation {
  /** Inner steps that it is about. */
  readonly steps: number;
  /** The forecast after so many, the trust region aside. */
  readonly value: number;
  /** The forecast where every column is at the pool's mean, by the linear rule of the market's own history. */
  readonly baseline: number;
  /** The forecaster's columns, own ones first. */
  readonly columns: readonly string[];
  /** What each column added (integrated gradients), `[columns]`; they add up to `value − baseline`. */
  readonly contributions: Float64Array;
  /** The forecast less what it is when a row is left out of the support, oldest first, `[rows]`. */
  readonly influence: Float64Array;
}

/** ReLU bends the path from the baseline; with this many points the sum over them is off by less than anybody can see. */
const PATH_POINTS = 1024;

/** A state whose inner loop has another number of steps. Weights of the outer loss by step do not fit those, so they are left out. */
function withSteps(state: MetaState, steps: number): MetaState {
  const { config } = state;
  const { gradient } = config;
  return {
    ...state,
    config: {
      ...config,
      inner: { ...config.inner, steps },
      gradient: gradient?.kind === "unrolled" || gradient === undefined ? { kind: "unrolled" } : gradient,
    },
  };
}

/**
 * Explains one forecast. Exact for targets whose value is linear in what networks say, as the library's own are.
 *
 * @throws {DataError} No bar can be forecast from by then.
 * @throws {RangeError} The steps are no whole number of at least 0.
 */
export async function explainForecast(
  engine: Engine,
  forecaster: Forecaster,
  read: ReadMarket,
  options: ExplainForecastOptions,
): Promise<ForecastExplanation> {
  requireKnownKeys("Cannot explain a forecast", "options", options, KEYS);
  const { at, steps = forecaster.steps } = options;
  if (!Number.isInteger(steps) || steps < 0) {
    throw new RangeError(`Cannot explain a forecast: steps must be an integer of at least 0, got ${String(steps)}`);
  }
  const decision = decisionAtTime(read, at);
  const moments = memberMoments(forecaster, read, decision);
  const { scaler, shrinkage, skip, columns } = forecaster;
  const { market: { scale, table } } = read;
  const anchor = table.anchors[decision.bar];
  const count = moments.length;
  const said = new Float64Array(columns.length);
  const influence = new Float64Array(Math.max(...moments.map(({ support: { rows } }) => rows)));
  let [atInput, atBaseline] = [0, 0];
  for (const { member, x, support, adapts } of moments) {
    const { state } = member;
    const onePass = state.config.method !== undefined;
    const start = unadaptedState(member);
    const reads = adapts && steps > 0 && onePass;
    const { net, params } = reads
      ? await adapt(engine, state, support)
      : adapts
      ? await adapt(engine, start, support, { steps })
      : { net: start.config.net, params: start.params };
    const { loss } = resolveConfig((reads ? state : start).config).inner;
    const split = await integratedGradients(engine, net, params, { x, points: PATH_POINTS, loss });
    split.contributions.forEach((value, j) => said[j] += shrinkage * value / count);
    atInput += shrinkage * split.atInput / count;
    atBaseline += shrinkage * split.atBaseline / count;
    const rule = skip && (member.marketWide ? skip.all : skip.own);
    if (rule) {
      // The rule of the market's own history: how the rule changes with it is no part of a column.
      const [intercept, ...slopes] = ruleCoefficients(rule, x);
      const parts = rule.columns.map((column, j) => slopes[j] * x[column]);
      rule.columns.forEach((column, j) => said[column] += parts[j] / count);
      atBaseline += intercept / count;
      atInput += parts.reduce((sum, part) => sum + part, intercept) / count;
    }
    if (!adapts || steps === 0) continue;
    const { leaveOneOut } = await rowInfluence(engine, onePass ? state : withSteps(state, steps), support, { x });
    // Supports of all networks end with the same row; one that reads other markets may be shorter.
    const offset = influence.length - support.rows;
    leaveOneOut.forEach((value, i) => influence[offset + i] += shrinkage * value / count);
  }
  const value = (deviations: number): number => scale.value(scaler.labelMean + scaler.labelScale * deviations, anchor);
  const slope = value(1) - value(0);
  return {
    steps,
    value: value(atInput),
    baseline: value(atBaseline),
    columns,
    contributions: said.map((deviations) => slope * deviations),
    influence: influence.map((deviations) => slope * deviations),
  };
}
