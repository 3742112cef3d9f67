/**
 * What the lab shows of a moment: for 0 to 20 inner steps the prediction, the losses and how far the parameters moved, of the
 * learned start and of the one it began from. Every number of steps comes in one answer, so that a slider needs no server.
 * @module
 */
import {
  adapt,
  adaptPredict,
  describeAdaptation,
  type Engine,
  integratedGradients,
  type MetaState,
  rowInfluence,
} from "@adaptrade/adaptrade";
import { labMarket } from "./lab_market.ts";
import { labEngine, runDates, runModel } from "./lab_model.ts";
import { type LabMoment, labMoment } from "./lab_moment.ts";
import { type LabQuery, MOST_STEPS } from "./lab_query.ts";
import type { RunConfig } from "./run_config.ts";

/** ReLU bends the path from the baseline; with this many points the sum over them is off by less than anybody can see. */
const PATH_POINTS = 1024;

/** One layer's part in an adaptation. */
export interface LabLayer {
  /** ‖θ_K − θ_0‖ over the layer. */
  readonly change: number;
  /** The same divided by ‖θ_0‖; null where that is 0. */
  readonly relative: number | null;
}

/** A start, adapted in 0, 1, 2, … steps. `[MOST_STEPS + 1]` each. */
export interface LabCurve {
  /** Forecast return over the horizon, as a fraction. */
  readonly predictions: readonly number[];
  /** Loss on the support, in the config's own loss. */
  readonly supportLoss: readonly number[];
  /** Mean squared error on the bars that came after, in units of the support's label deviation; null where there is none. */
  readonly queryLoss: readonly (number | null)[];
  /** Layers from input to output, by steps. */
  readonly layers: readonly (readonly LabLayer[])[];
  /** Whether the predictions on the support vary with their inputs no more, by steps. */
  readonly collapsed: readonly boolean[];
}

/** What a run knows of a moment: a forecast of bars that it trained or was selected on flatters it. */
export type SeenBefore = "untrained start" | "unseen market" | "trained on" | "selected on" | "after training";

/** A moment, adapted. */
export interface LabView {
  /** Open time of the bar at whose close the forecast is made, ms UTC. */
  readonly time: number;
  /** Bars that the forecast looks ahead. */
  readonly horizon: number;
  /** Open time of each support bar, ms UTC. */
  readonly supportTime: readonly number[];
  /** Bars judged on: the bar itself and those after it. */
  readonly queryRows: number;
  /** What the return turned out to be; null where the data end before it. */
  readonly actual: number | null;
  /** Inner steps that the run trains with. */
  readonly steps: number;
  /** Whether the run has seen these bars. */
  readonly seen: SeenBefore;
  /** The learned start. */
  readonly learned: LabCurve;
  /** The start that training began from; null where nothing was trained. */
  readonly scratch: LabCurve | null;
}

async function lookAt({ run, market: id, time }: LabQuery) {
  const market = await labMarket(id);
  const model = await runModel(run, market.features.cols);
  return { market, model, moment: labMoment(market, time, model.config) };
}

/** The moment of a query, adapted in every number of steps. */
export async function labView(query: LabQuery): Promise<LabView> {
  const { model, moment } = await lookAt(query);
  const engine = await labEngine();
  const { config } = model;
  return {
    time: moment.time,
    horizon: config.horizon,
    supportTime: moment.supportTime,
    queryRows: moment.y.length,
    actual: moment.actual,
    steps: model.state.config.inner.steps,
    seen: await seenBefore(query, config),
    learned: await curve(engine, model.state, moment),
    scratch: query.run === "" ? null : await curve(engine, model.scratch, moment),
  };
}

async function seenBefore({ run, market, time }: LabQuery, config: RunConfig): Promise<SeenBefore> {
  if (run === "") return "untrained start";
  if (!config.markets.includes(market)) return "unseen market";
  const { validationFrom, testFrom } = await runDates(run, config);
  return time < validationFrom ? "trained on" : time < testFrom ? "selected on" : "after training";
}

async function curve(engine: Engine, state: MetaState, moment: LabMoment): Promise<LabCurve> {
  const { support, x, y, label } = moment;
  const predictions: number[] = [];
  const queryLoss: (number | null)[] = [];
  const layers: LabLayer[][] = [];
  const collapsed: boolean[] = [];
  for (let steps = 0; steps <= MOST_STEPS; steps++) {
    const [outputs] = await adaptPredict(engine, state, [{ support, x }], { steps });
    const report = await describeAdaptation(engine, state, support, { steps });
    predictions.push(outputs[0] * label.scale[0] + label.mean[0]);
    queryLoss.push(
      Number.isNaN(y[0]) ? null : y.reduce((sum, value, i) => sum + (outputs[i] - value) ** 2, 0) / y.length,
    );
    layers.push(report.layers.map(({ change, relativeChange }) => ({ change, relative: relativeChange })));
    collapsed.push(report.collapsed);
  }
  const { losses } = await adapt(engine, state, support, { steps: MOST_STEPS });
  return { predictions, supportLoss: Array.from(losses), queryLoss, layers, collapsed };
}

/** Why a forecast is what it is. All values are returns, as fractions. */
export interface LabExplanation {
  /** Inner steps that it is about. */
  readonly steps: number;
  /** The forecast. */
  readonly prediction: number;
  /** The forecast where every feature is at the support's mean. */
  readonly baseline: number;
  /** What each feature added to it (integrated gradients). */
  readonly features: readonly { readonly name: string; readonly value: number }[];
  /** The forecast less what it is when the bar is left out of the support, by bar. */
  readonly influence: readonly { readonly time: number; readonly value: number }[];
}

/**
 * Explains the forecast of a moment.
 *
 * @param query where to look
 * @param steps inner steps
 * @throws {RangeError} The steps are no whole number from 0 to 20.
 */
export async function labExplanation(query: LabQuery, steps: unknown): Promise<LabExplanation> {
  if (typeof steps !== "number" || !Number.isInteger(steps) || steps < 0 || steps > MOST_STEPS) {
    throw new RangeError(`Cannot explain: expected 0 to ${MOST_STEPS} steps, received ${String(steps)}`);
  }
  const { market, model: { state }, moment } = await lookAt(query);
  const engine = await labEngine();
  const { support, label, supportTime } = moment;
  const [scale, mean] = [label.scale[0], label.mean[0]];
  const { net } = state.config;
  const x = moment.x.slice(0, net.inputs);
  const { params } = await adapt(engine, state, support, { steps });
  const split = await integratedGradients(engine, net, params, { x, points: PATH_POINTS });
  const { leaveOneOut } = await rowInfluence(engine, withSteps(state, steps), support, { x });
  return {
    steps,
    prediction: split.atInput * scale + mean,
    baseline: split.atBaseline * scale + mean,
    features: market.features.names.map((name, i) => ({ name, value: split.contributions[i] * scale })),
    influence: supportTime.map((time, i) => ({ time, value: leaveOneOut[i] * scale })),
  };
}

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
