/**
 * The outer loop: {@linkcode metaStep} is one step, {@linkcode metaTrain} many with the learner kept on the device.
 * It draws no tasks, reads no clock and writes no file.
 * @module
 */
import type { Engine, Training, TrainingReading } from "../engine/engine.ts";
import { openHostTraining } from "../engine/host_training.ts";
import type { Task } from "../engine/problem.ts";
import { outerDivergence } from "./errors.ts";
import { invariantGradient } from "./invariance.ts";
import { resolveConfig } from "./resolve.ts";
import { freezeState, type MetaState } from "./state.ts";
import { type TrainedOn, trainedOnTasks } from "./trained_on.ts";
import { checkTasks, widthsOf } from "./validate.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { captureTasks } from "../engine/guarded.ts";
import { itemsUntilAborted, untilAborted } from "../event_loop.ts";
import { checkEngineAndState } from "./check_arguments.ts";

/** What one outer step gives. */
export interface MetaStepResult {
  /** The state after the step. */
  readonly state: MetaState;
  /** Mean meta-loss over the tasks, before the step. */
  readonly loss: number;
  /** Each task's meta-loss, `[tasks]`. */
  readonly taskLosses: Float32Array;
  /** Euclidean norm of the gradient's learned part, before clipping. */
  readonly gradNorm: number;
  /**
   * How near the inner loop of each task comes to rest from the new state, `[tasks]` ({@linkcode Adapted.stationarity}); only where
   * `inner.tolerance` is set.
   */
  readonly stationarity?: Float32Array;
}

/** What {@linkcode metaTrain} takes beyond its batches. */
export interface MetaTrainOptions {
  /** Stops the training; the generator yields the state reached and then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Outer steps between yields, at least 1 (default 1). Nothing is read back in between. */
  readonly every?: number;
  /** Tasks held back to judge the learner at each yield. */
  readonly validation?: readonly Task[];
  /** Stop after this many yields without a better validation loss, at least 1 (default never). Needs `validation`. */
  readonly patience?: number;
}

const META_TRAIN_KEYS: OptionKeys<MetaTrainOptions> = { signal: true, every: true, validation: true, patience: true };

/** What {@linkcode metaTrain} yields. */
export interface MetaProgress extends MetaStepResult {
  /** Outer steps made so far; equal to `state.step`. */
  readonly step: number;
  /** Mean meta-loss of the steps since the last yield. */
  readonly meanLoss: number;
  /** Mean query loss after adaptation over the validation tasks; undefined without them, NaN where an abort came first. */
  readonly validationLoss?: number;
  /** The state with the lowest validation loss so far; the current one without validation tasks. */
  readonly best: MetaState;
}

/**
 * Makes one outer step: adapts to every task, takes the gradient of the mean query loss through the adaptation
 * (Finn et al. 2017, algorithm 1, for the default settings) and updates what is learned.
 *
 * @param engine Where to run it.
 * @param state The state before the step; it is not changed.
 * @param tasks At least one task; they may differ in rows.
 * @returns The new state, the losses before the step and the gradient's norm.
 * @throws {TypeError} A width or length does not fit the network.
 * @throws {RangeError} The batch is empty, or a value is not finite.
 * @throws {DivergedError} The loss or the gradient is not finite.
 *
 * @example
 * ```ts
 * import { maml, metaInit, metaStep, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const net = mlp({ inputs: 1, hidden: [8], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const { state } = await metaStep(engine, metaInit(maml({ net })), [{ support: samples, query: samples }]);
 * assertEquals(state.step, 1);
 * ```
 */
export async function metaStep(engine: Engine, state: MetaState, tasks: readonly Task[]): Promise<MetaStepResult> {
  checkEngineAndState("Cannot make an outer step", engine, state);
  checkTasks("Cannot make an outer step", tasks, widthsOf(resolveConfig(state.config).inner));
  const captured = captureTasks(tasks);
  const training = await open(engine, state);
  let reading: TrainingReading;
  try {
    await queue(training, state, { step: state.step, tasks: captured });
    reading = await training.read();
  } finally {
    await training[Symbol.asyncDispose]();
  }
  const next = stateOf(state, reading, trainedOnTasks(state.trainedOn, tasks));
  if (reading.halted) throw outerDivergence(next, reading);
  return { ...stepResult(next, reading), ...await restOf(engine, next, captured) };
}

/**
 * Trains on a stream of batches. The learner and the optimiser's moments stay on the device between yields.
 *
 * A batch must stay as it is until the next one is asked for. An abort is seen at once, between steps and within one: the state
 * before the step is yielded, then the signal's reason thrown.
 *
 * A training resumed from a yielded (or saved) state with the batches that would have followed is bitwise the training
 * that was never interrupted.
 *
 * @param engine Where to run it.
 * @param state Where to start; it is not changed.
 * @param batches One array of tasks an outer step.
 * @param options Cancellation, reading interval, validation and early stopping.
 * @returns Progress every `every` steps and after the last; the generator returns the best state.
 * @throws {RangeError} An option or a batch is out of range.
 * @throws {DivergedError} A step's loss or gradient was not finite; carries the last good state.
 *
 * @example
 * ```ts
 * import { maml, metaInit, metaTrain, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const net = mlp({ inputs: 1, hidden: [8], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const batches = Array.from({ length: 10 }, () => [{ support: samples, query: samples }]);
 * let steps = 0;
 * for await (const { step } of metaTrain(engine, metaInit(maml({ net })), batches, { every: 5 })) steps = step;
 * assertEquals(steps, 10);
 * ```
 */
export async function* metaTrain(
  engine: Engine,
  state: MetaState,
  batches: Iterable<readonly Task[]> | AsyncIterable<readonly Task[]>,
  options: MetaTrainOptions = {},
): AsyncGenerator<MetaProgress, MetaState, void> {
  requireKnownKeys("Cannot train", "options", options, META_TRAIN_KEYS);
  checkEngineAndState("Cannot train", engine, state);
  checkOptions(state, options);
  const { signal, every = 1, validation, patience = Infinity } = options;
  signal?.throwIfAborted();
  const widths = widthsOf(resolveConfig(state.config).inner);
  // Not `await using`: Node 20 and 22 and some browsers do not parse it.
  const training = await open(engine, state);
  let best = { state, loss: Infinity };
  let [queued, stale] = [0, 0];
  // What a state is chosen by has been used, too.
  let trainedOn = trainedOnTasks(state.trainedOn, validation ?? []);
  let last: readonly Task[] = [];
  const read = async (): Promise<MetaProgress> => {
    const reading = await training.read();
    const now = stateOf(state, reading, trainedOn);
    if (reading.halted) throw outerDivergence(now, reading);
    const validationLoss = validation && await judged(engine, now, { validation, signal });
    if (validationLoss === undefined || validationLoss < best.loss) {
      best = { state: now, loss: validationLoss ?? Infinity };
      stale = 0;
    } else stale++;
    return {
      ...stepResult(now, reading),
      ...await restOf(engine, now, last, signal),
      step: now.step,
      meanLoss: reading.meanLoss,
      ...(validationLoss !== undefined && { validationLoss }),
      best: best.state,
    };
  };
  try {
    for await (const tasks of itemsUntilAborted(batches, signal)) {
      checkTasks(`Cannot train on batch ${state.step + queued}`, tasks, widths);
      try {
        await queue(training, state, { step: state.step + queued, tasks, signal });
      } catch (error) {
        if (signal?.aborted) break;
        throw error;
      }
      trainedOn = trainedOnTasks(trainedOn, tasks);
      last = tasks;
      queued++;
      if (queued % every === 0) {
        yield await read();
        if (stale >= patience) return best.state;
      }
    }
    if (queued % every !== 0) yield await read();
    signal?.throwIfAborted();
    return best.state;
  } finally {
    await training[Symbol.asyncDispose]();
  }
}

function checkOptions(state: MetaState, options: MetaTrainOptions): void {
  const { every = 1, validation, patience } = options;
  if (!Number.isInteger(every) || every < 1) {
    throw new RangeError(`Cannot train: every must be an integer of at least 1, got ${String(every)}`);
  }
  if (validation) checkTasks("Cannot validate", validation, widthsOf(resolveConfig(state.config).inner));
  if (patience === undefined) return;
  if (!Number.isInteger(patience) || patience < 1) {
    throw new RangeError(`Cannot train: patience must be an integer of at least 1, got ${String(patience)}`);
  }
  if (!validation) throw new RangeError("Cannot train: patience needs validation tasks, got none");
}

function open(engine: Engine, state: MetaState): Promise<Training> {
  const plan = resolveConfig(state.config);
  const { invariance } = plan;
  if (!invariance) return engine.openTraining(plan, state, state.moments);
  // What weighs environments sees all of a batch's losses before it has a gradient: the update is made here.
  const metaGradient: Engine["metaGradient"] = (inner, gradient, learner, tasks) =>
    invariantGradient(engine, { inner, gradient, learner }, { tasks, invariance });
  return Promise.resolve(openHostTraining({ metaGradient }, plan, { learner: state, moments: state.moments }));
}

function queue(
  training: Training,
  state: MetaState,
  run: { readonly step: number; readonly tasks: readonly Task[]; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { step, tasks, signal } = run;
  const { gradientAt, lrAt } = resolveConfig(state.config);
  return training.step(tasks, { lr: lrAt(step), gradient: gradientAt(step), ...(signal && { signal }) });
}

function stateOf(
  before: MetaState,
  { learner, moments }: TrainingReading,
  trainedOn: TrainedOn | null,
): MetaState {
  return freezeState({ config: before.config, ...learner, moments, step: moments.step, trainedOn });
}

function stepResult(state: MetaState, { loss, taskLosses, gradNorm }: TrainingReading): MetaStepResult {
  return { state, loss, taskLosses, gradNorm };
}

/** How near each task's inner loop comes to rest; nothing without a tolerance, or where an abort came first. */
async function restOf(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
  signal?: AbortSignal,
): Promise<Pick<MetaStepResult, "stationarity">> {
  const { inner } = resolveConfig(state.config);
  if (!inner.tolerance || signal?.aborted) return {};
  try {
    const { stationarity } = await untilAborted(
      engine.adapt(inner, state, tasks.map(({ support }) => support)),
      signal,
    );
    return stationarity ? { stationarity } : {};
  } catch (error) {
    if (signal?.aborted) return {};
    throw error;
  }
}

/** The validation loss of a state; NaN when the signal is aborted meanwhile. */
async function judged(
  engine: Engine,
  state: MetaState,
  { validation, signal }: { readonly validation: readonly Task[]; readonly signal: AbortSignal | undefined },
): Promise<number> {
  try {
    return await untilAborted(meanQueryLoss(engine, state, validation), signal);
  } catch (error) {
    if (signal?.aborted) return NaN;
    throw error;
  }
}

/** Mean L_query(θ_K) over tasks: the loss of a first-order gradient, which is the cheapest to take. */
async function meanQueryLoss(engine: Engine, state: MetaState, tasks: readonly Task[]): Promise<number> {
  const { inner } = resolveConfig(state.config);
  const stepWeights = Array.from({ length: inner.steps + 1 }, (_, k) => k === inner.steps ? 1 : 0);
  const { loss } = await engine.metaGradient(inner, { kind: "unrolled", backpropSteps: 0, stepWeights }, state, tasks);
  return loss;
}
