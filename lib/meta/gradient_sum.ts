/**
 * Meta-gradients in parts: sums over runs of a batch that come to the same bits however the batch was split.
 * Runs are cut between leaves of 16 tasks; above them the tree of `lib/engine/tree_sum.ts` depends on the number of tasks alone.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Floats, InnerProblem, Learner, MetaGradient, OuterGradient, Task } from "../engine/problem.ts";
import { addFloats, joinBlocks, LEAF_TASKS, sumBlocks, type TreeBlock, TreeSum } from "../engine/tree_sum.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type MetaGradientResult, resultOf } from "./differential.ts";
import { resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";
import { checkTasks, widthsOf } from "./validate.ts";

/** Gradients by name, as in `state.values`. */
export type GradientsByName = Readonly<Record<string, Floats>>;

/** The sum of a run of tasks. */
export interface MetaGradientSum {
  /** The run's first task among the whole batch. */
  readonly start: number;
  /** Tasks in it. */
  readonly count: number;
  /** Their meta-losses, `[count]`. */
  readonly taskLosses: Float64Array;
  /** Sums of their gradients, by name. */
  readonly by: GradientsByName;
  /** The same as the parts of the tree that the run holds whole: what {@linkcode meanMetaGradient} joins. */
  readonly blocks: readonly TreeBlock<GradientsByName>[];
}

/** What {@linkcode metaGradientSum} takes beyond its tasks. */
export interface MetaGradientSumOptions {
  /** First task of the run, a multiple of 16 (default 0). */
  readonly start?: number;
  /** Task behind its last, a multiple of 16 or the number of tasks (default all). */
  readonly end?: number;
  /** Tasks of the batch before `tasks[0]`, where `tasks` are not the whole batch, a multiple of 16 (default 0). */
  readonly before?: number;
}

const KEYS: OptionKeys<MetaGradientSumOptions> = { start: true, end: true, before: true };

function addByName(a: GradientsByName, b: GradientsByName): GradientsByName {
  return Object.fromEntries(Object.entries(a).map(([name, values]) => [name, addFloats(values, b[name])]));
}

/** A gradient's arrays by name, times a number, in the engine's precision. */
function byName({ params, logLr, phi, weightDecay, others }: MetaGradient, times: number): GradientsByName {
  const decay = params instanceof Float32Array ? Float32Array.of(weightDecay) : Float64Array.of(weightDecay);
  const all: Record<string, Floats> = { theta: params, logLr, phi, weightDecay: decay, ...others };
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.map((value) => times * value)]));
}

function checkRun(count: number, options: MetaGradientSumOptions): Required<MetaGradientSumOptions> {
  const { start = 0, end = count, before = 0 } = options;
  const isCut = (value: number): boolean => Number.isInteger(value) && value >= 0 && value % LEAF_TASKS === 0;
  const fail = (name: string, wanted: string, value: number): never => {
    throw new RangeError(`Cannot sum meta-gradients: expected ${name} to be ${wanted}, received ${String(value)}`);
  };
  if (!isCut(before)) fail("before", `a multiple of ${LEAF_TASKS}`, before);
  if (!isCut(start) || start >= count) fail("start", `a multiple of ${LEAF_TASKS} below ${count}`, start);
  if (end <= start || end > count || !(isCut(end) || end === count)) {
    fail("end", `a multiple of ${LEAF_TASKS} above ${start}, or ${count}`, end);
  }
  return { start, end, before };
}

/** Where a meta-gradient is taken, as an engine sees it. */
export interface GradientProblem {
  /** The bilevel problem. */
  readonly inner: InnerProblem;
  /** How the gradient is taken. */
  readonly gradient: OuterGradient;
  /** At what learner. */
  readonly learner: Learner;
}

/** One leaf: a whole one is 16 times its mean, which is exact; of a last, shorter one tasks are added up one by one. */
async function leafSum(
  engine: Pick<Engine, "metaGradient">,
  { inner, gradient, learner }: GradientProblem,
  tasks: readonly Task[],
): Promise<{ readonly by: GradientsByName; readonly taskLosses: readonly number[] }> {
  const parts = tasks.length === LEAF_TASKS ? [tasks] : tasks.map((task) => [task]);
  const found = await Promise.all(parts.map((part) => engine.metaGradient(inner, gradient, learner, part)));
  return {
    by: found.map((mean, i) => byName(mean, parts[i].length)).reduce(addByName),
    taskLosses: found.flatMap(({ taskLosses }) => [...taskLosses]),
  };
}

/** {@linkcode metaGradientSum} of a problem that was checked before, over all of `tasks`; `before` counts those before them. */
export async function sumGradients(
  engine: Pick<Engine, "metaGradient">,
  problem: GradientProblem,
  { tasks, before }: { readonly tasks: readonly Task[]; readonly before: number },
): Promise<MetaGradientSum> {
  const leaves: (readonly Task[])[] = [];
  for (let at = 0; at < tasks.length; at += LEAF_TASKS) leaves.push(tasks.slice(at, at + LEAF_TASKS));
  const sums = await Promise.all(leaves.map((leaf) => leafSum(engine, problem, leaf)));
  const single = sums.map(({ by }, i) => ({ start: before / LEAF_TASKS + i, leaves: 1, value: by }));
  return {
    start: before,
    count: tasks.length,
    taskLosses: Float64Array.from(sums.flatMap(({ taskLosses }) => taskLosses)),
    by: sumBlocks(single, addByName),
    blocks: joinBlocks(single, addByName),
  };
}

/**
 * Sums the meta-gradient over a run of tasks, so that a batch can be shared out: any split into runs of whole leaves gives the
 * same bits once {@linkcode meanMetaGradient} has joined them.
 *
 * @param engine Where to run it.
 * @param state Where to take the gradient; schedules are read at `state.step`.
 * @param tasks At least one task.
 * @param options Which run of them.
 * @returns Sum, count and task losses.
 * @throws {TypeError} A width or length does not fit the model.
 * @throws {RangeError} The run is not cut between leaves, or the config weighs environments, which a sum cannot.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { meanMetaGradient, metaGradientSum } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [4], outputs: 1 }) }));
 * const samples = (y: number) => ({ rows: 1, x: Float32Array.of(1), y: Float32Array.of(y) });
 * const tasks = Array.from({ length: 40 }, (_, t) => ({ support: samples(t), query: samples(t + 1) }));
 * const runs = [{ start: 0, end: 16 }, { start: 16 }];
 * const sums = await Promise.all(runs.map((run) => metaGradientSum(engine, state, tasks, run)));
 * const whole = meanMetaGradient(state, [await metaGradientSum(engine, state, tasks)]);
 * assertEquals(meanMetaGradient(state, sums).params, whole.params);
 * ```
 */
export async function metaGradientSum(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
  options: MetaGradientSumOptions = {},
): Promise<MetaGradientSum> {
  const action = "Cannot sum meta-gradients";
  requireKnownKeys(action, "options", options, KEYS);
  const { inner, gradientAt, invariance } = resolveConfig(state.config);
  checkTasks(action, tasks, widthsOf(inner));
  if (invariance) {
    throw new RangeError(
      `${action}: expected a config without outer.invariance, received ${invariance.kind} of strength ${invariance.strength}`,
    );
  }
  const { start, end, before } = checkRun(tasks.length, options);
  const problem = { inner, gradient: gradientAt(state.step), learner: state };
  return await sumGradients(engine, problem, { tasks: tasks.slice(start, end), before: before + start });
}

/** The mean over the tasks of `sums`, which are together a whole batch; the names of `others` are those of the learner. */
export function meanGradient(learner: Learner, sums: readonly Omit<MetaGradientSum, "by">[]): MetaGradient {
  const ordered = [...sums].sort((a, b) => a.start - b.start);
  let count = 0;
  for (const sum of ordered) {
    if (sum.start !== count) {
      throw new RangeError(
        `Cannot join meta-gradients: expected a run from task ${count} on, received one from ${sum.start}`,
      );
    }
    count += sum.count;
  }
  if (count === 0) throw new RangeError("Cannot join meta-gradients: expected at least one run, received none");
  const total = sumBlocks(ordered.flatMap(({ blocks }) => blocks), addByName);
  const mean = (name: string): Floats => total[name].map((value) => value / count);
  const losses = new TreeSum<Float64Array>();
  for (const { taskLosses } of ordered) for (const loss of taskLosses) losses.add(Float64Array.of(loss));
  const names = Object.keys(learner.others ?? {});
  return {
    loss: losses.total()[0] / count,
    taskLosses: Float64Array.from(ordered.flatMap(({ taskLosses }) => [...taskLosses])),
    params: mean("theta"),
    logLr: mean("logLr"),
    phi: mean("phi"),
    weightDecay: mean("weightDecay")[0],
    ...(names.length > 0 ? { others: Object.fromEntries(names.map((name) => [name, mean(name)])) } : {}),
  };
}

/**
 * The mean meta-gradient of a batch from the sums of its runs: the same bits whatever the runs were.
 *
 * @param state The state that the sums were taken at.
 * @param sums From {@linkcode metaGradientSum}: together the whole batch, each task once, in any order.
 * @returns What `metaGradientOf` gives.
 * @throws {RangeError} A run is missing or is there twice.
 *
 * @example
 * ```ts
 * import { maml, metaGradientOf, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { meanMetaGradient, metaGradientSum } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const state = metaInit(maml({ net }));
 * const tasks = [{ support: samples, query: samples }];
 * const sum = await metaGradientSum(engine, state, tasks);
 * assertEquals(meanMetaGradient(state, [sum]).params, (await metaGradientOf(engine, state, tasks)).params);
 * ```
 */
export function meanMetaGradient(state: MetaState, sums: readonly MetaGradientSum[]): MetaGradientResult {
  return resultOf(state, meanGradient(state, sums));
}
