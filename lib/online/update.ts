/**
 * One step of online meta-learning: learn how to learn from the windows known by now, then adapt to the latest labels and
 * forecast. Everything is a pure function of the state and the engine's arithmetic.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { LearnMask } from "../engine/problem.ts";
import type { LearnedGradient } from "../meta/differential.ts";
import { resolveConfig } from "../meta/resolve.ts";
import type { MarketTask } from "../tasks/market_task.ts";
import { forecastAll, type OnlinePrediction } from "./forecast.ts";
import { isForecasting, type OnlineForecaster } from "./forecaster_state.ts";
import { forecastMarkets } from "./forecaster_steps.ts";
import { objectiveGradient } from "./objective.ts";
import { drawReplay, keepWindows, type ReplayWindow, stepStart } from "./start.ts";
import { onlineLearner, type OnlineState, startOf } from "./state.ts";
import { stepRates } from "./timescales.ts";
import { onlineWindow } from "./windows.ts";
import { openTurns } from "../event_loop.ts";

/** What {@linkcode updateAndPredict} gives. */
export interface OnlineUpdate<S extends OnlineState | OnlineForecaster = OnlineState> {
  /** The state after it. */
  readonly state: S;
  /** A forecast for each market that has one: enough labels, features of its last bar, a finite output. */
  readonly predictions: readonly OnlinePrediction[];
  /** `stepped`; `rejected` (loss or gradient not finite, nothing changed); `idle` (no new window). */
  readonly outcome: "stepped" | "rejected" | "idle";
  /** Mean objective over the windows before the step; null when idle. */
  readonly loss: number | null;
  /** Gradient over the present windows before the step, by a shared start or the mean over own ones; null when idle. */
  readonly gradient: LearnedGradient | null;
}

/** Bars in which nothing is due to be learned come without a pause, too: timers and signals are to be heard between them. */
const turn = openTurns();

/**
 * Makes one meta-gradient step on learning rates, loss and decay (and the start and the inner rule, if they are learned), judged on the validation
 * window behind each training window (Xu, van Hasselt & Silver 2018, eq. 5, online), then adapts to each market's last labels and
 * forecasts from its last bar. Markets are one batch. Called again without a new bar it only forecasts, as it always does with a
 * forecaster, whose forecasts are bitwise those of `forecast` at the same bars with all markets watched as the others.
 *
 * @param engine Where to run it.
 * @param state The state after {@linkcode observe}; it is not changed.
 * @returns The new state, forecasts, and what was learned.
 *
 * @example
 * ```ts
 * import { barsOf, metaGradient, mlp, observe, onlineConfig, onlineInit, openEngine, sampleMarkets, updateAndPredict } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const [candles] = await sampleMarkets({ symbols: ["DAX"] });
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }), inner: { steps: 3, lr: 0.05 } });
 * let state = onlineInit(onlineConfig({ meta }), [candles]);
 * let forecasts = 0;
 * for (const bar of barsOf(candles)) {
 *   if (forecasts === 20) break;
 *   const update = await updateAndPredict(engine, observe(state, bar));
 *   state = update.state;
 *   forecasts += update.predictions.length;
 * }
 * assertEquals(forecasts, 20);
 * ```
 */
export function updateAndPredict(engine: Engine, state: OnlineState): Promise<OnlineUpdate>;
/** Forecasts each market with a forecaster; nothing is learned. */
export function updateAndPredict(
  engine: Engine,
  state: OnlineForecaster,
): Promise<OnlineUpdate<OnlineForecaster>>;
/** Either. */
export function updateAndPredict(
  engine: Engine,
  state: OnlineState | OnlineForecaster,
): Promise<OnlineUpdate<OnlineState | OnlineForecaster>>;
export async function updateAndPredict(
  engine: Engine,
  state: OnlineState | OnlineForecaster,
): Promise<OnlineUpdate<OnlineState | OnlineForecaster>> {
  await turn();
  if (isForecasting(state)) {
    return { ...await forecastMarkets(engine, state), outcome: "idle", loss: null, gradient: null };
  }
  const due = state.markets.map(({ count, updated }) => count > updated);
  const markets = state.markets.map((market, i) =>
    due[i] ? Object.freeze({ ...market, updated: market.count }) : market
  );
  const learned = await update(engine, Object.freeze({ ...state, markets: Object.freeze(markets) }), due);
  const { state: forecast, predictions } = await forecastAll(engine, learned.state, due);
  return { ...learned, state: forecast, predictions };
}

/** Whether a window's gradient moves a start or a rule, and so past windows are kept for it. */
function movesStart({ params, others }: LearnMask): boolean {
  return params || others === true;
}

type Learned = Omit<OnlineUpdate, "predictions">;

async function update(engine: Engine, state: OnlineState, due: readonly boolean[]): Promise<Learned> {
  const idle: Learned = { state, outcome: "idle", loss: null, gradient: null };
  const { learn } = resolveConfig(state.config.meta);
  if (state.config.timescales.length === 0 && !movesStart(learn)) return idle;
  const fresh = due.flatMap((isDue, market) => {
    const task = isDue ? onlineWindow(state, market) : undefined;
    return task ? [{ market, task }] : [];
  });
  if (fresh.length === 0) return idle;
  const seen: OnlineState = Object.freeze({ ...state, updates: state.updates + 1 });
  const groups = await Promise.all(groupsOf(state, fresh).map((group) => gradientsOf(engine, state, group)));
  const gradient = meanGradient(
    groups.map(({ present, tasks }) => ({ gradient: present, share: tasks.length / fresh.length })),
  );
  const { loss } = gradient;
  if (![...groups.map(({ present }) => present), ...groups.map(({ start }) => start)].every(isFinite)) {
    return { state: Object.freeze({ ...seen, rejected: state.rejected + 1 }), outcome: "rejected", loss, gradient };
  }
  const rates = stepRates(state.config, state.rates, gradient);
  const next: OnlineState = Object.freeze({
    ...seen,
    rates,
    ...(movesStart(learn) ? movedStarts(state, groups, fresh) : {}),
  });
  return { state: next, outcome: "stepped", loss, gradient };
}

interface Group {
  readonly start: number;
  readonly tasks: readonly MarketTask[];
}

/** Windows by the start they are adapted from: one group, and so one engine call, when markets share it. */
function groupsOf(state: OnlineState, fresh: readonly ReplayWindow[]): Group[] {
  const starts = [...new Set(fresh.map(({ market }) => startOf(state, market)))];
  return starts.map((start) => ({
    start,
    tasks: fresh.filter(({ market }) => startOf(state, market) === start).map(({ task }) => task),
  }));
}

interface GroupGradient {
  /** Index of the start. */
  readonly index: number;
  readonly tasks: readonly MarketTask[];
  /** Over the present windows. */
  readonly present: LearnedGradient;
  /** Over the present and the replayed windows. */
  readonly start: LearnedGradient;
}

async function gradientsOf(engine: Engine, state: OnlineState, { start, tasks }: Group): Promise<GroupGradient> {
  const { config } = state;
  const learner = onlineLearner(state, state.markets[start].symbol);
  const present = await objectiveGradient(engine, learner, tasks, config);
  const past = movesStart(resolveConfig(config.meta).learn)
    ? drawReplay(config, state.replay, { update: state.updates, start })
    : [];
  if (past.length === 0) return { index: start, tasks, present, start: present };
  const replayed = await objectiveGradient(engine, learner, past, config);
  const share = tasks.length / (tasks.length + past.length);
  const both = meanGradient([{ gradient: present, share }, { gradient: replayed, share: 1 - share }]);
  return { index: start, tasks, present, start: both };
}

function meanGradient(parts: readonly { gradient: LearnedGradient; share: number }[]): LearnedGradient {
  const [{ gradient: first, share }] = parts;
  if (parts.length === 1 && share === 1) return first;
  const mean = (of: (gradient: LearnedGradient) => Float32Array): Float32Array =>
    of(first).map((_, i) => parts.reduce((sum, { gradient, share }) => sum + share * of(gradient)[i], 0));
  const number = (of: (gradient: LearnedGradient) => number): number =>
    parts.reduce((sum, { gradient, share }) => sum + share * of(gradient), 0);
  return {
    loss: number(({ loss }) => loss),
    taskLosses: Float32Array.from(parts.flatMap(({ gradient }) => [...gradient.taskLosses])),
    params: mean(({ params }) => params),
    logLr: mean(({ logLr }) => logLr),
    ...(first.phi ? { phi: mean(({ phi }) => phi!) } : {}),
    weightDecay: number(({ weightDecay }) => weightDecay),
    ...(first.rule ? { rule: mean(({ rule }) => rule!) } : {}),
  };
}

function isFinite({ loss, params, logLr, phi, weightDecay, rule }: LearnedGradient): boolean {
  return Number.isFinite(loss) && Number.isFinite(weightDecay) &&
    [params, logLr, phi ?? [], rule ?? []].every((values) => values.every(Number.isFinite));
}

function movedStarts(
  state: OnlineState,
  groups: readonly GroupGradient[],
  fresh: readonly ReplayWindow[],
): Pick<OnlineState, "starts" | "rule" | "replay"> {
  const { config } = state;
  const { learn, lrAt } = resolveConfig(config.meta);
  const lr = lrAt(state.updates - state.rejected);
  const starts = state.starts.map((start, i) => {
    const group = learn.params ? groups.find(({ index }) => index === i) : undefined;
    return group ? stepStart(config, start, { gradient: group.start.params, lr }) : start;
  });
  const replay = state.updates % config.replay.every === 0
    ? keepWindows(config, state.replay, { added: fresh, markets: state.markets.length })
    : state.replay;
  if (!learn.others) return { starts: Object.freeze(starts), replay };
  const { rule: gradient } = meanGradient(
    groups.map(({ start, tasks }) => ({ gradient: start, share: tasks.length / fresh.length })),
  );
  const rule = stepStart(config, state.rule!, { gradient: gradient!, lr });
  return { starts: Object.freeze(starts), rule, replay };
}
