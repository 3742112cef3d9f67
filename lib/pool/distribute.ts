/**
 * An engine whose meta-gradients are shared out over a pool, where that pays. Sums follow the batch's fixed tree, here or there,
 * so a training gives the same bits wherever its steps ran, however many workers there were and whatever became of them: those of
 * the CPU engine that was given.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { openHostTraining } from "../engine/host_training.ts";
import type { InnerProblem, Learner, MetaGradient, OuterGradient, Task } from "../engine/problem.ts";
import { LEAF_TASKS } from "../engine/tree_sum.ts";
import { meanGradient, sumGradients } from "../meta/gradient_sum.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { probe } from "./fingerprint.ts";
import { readGradientSum } from "./kinds/meta_gradient.ts";
import { packValue } from "./pack.ts";
import { planStep, type StepPlan } from "./plan.ts";
import type { Pool, PoolWorker } from "./pool.ts";
import { type SharedTasks, shareTasks } from "./shared_tasks.ts";
import { openStepTimes } from "./step_times.ts";
import { describeProblem } from "./travel.ts";

/** What {@linkcode distribute} takes. */
export interface DistributeOptions {
  /**
   * Tasks that batches are drawn from, the same objects: put once, afterwards named by their places. Those of a kind
   * (`defineTaskKind`, `marketTaskBatches`) are made by the workers and need not be given here. Others go by value.
   */
  readonly tasks?: readonly Task[];
  /**
   * Where steps run. `auto` (default): where they are faster, as far as both were measured, and on the engine where its bits are
   * not the workers', or where the pool does not answer. `pool` or `engine`: there alone.
   */
  readonly on?: "auto" | "pool" | "engine";
  /** Told where steps run and why, at first and whenever that changes. */
  readonly onPlan?: (plan: StepPlan) => void;
}

const KEYS: OptionKeys<DistributeOptions> = { tasks: true, on: true, onPlan: true };

/** Steps after which workers are asked for again: some may have come or gone. */
const ASK_STEPS = 64;
/** A step that the pool has not answered is computed here after so many times as long as it takes here, ms at least. */
const PATIENCE = 4;
const LEAST_PATIENCE_MS = 2000;
const LATE = new Error("the pool did not answer");
/** What a round to workers takes before it was measured, ms, and the bytes that go a millisecond: 1 Gbit/s. */
const ROUND_MS = 1;
const BYTES_PER_MS = 117_000;

/** A meta-gradient that is asked for. */
interface Asked {
  readonly inner: InnerProblem;
  readonly gradient: OuterGradient;
  readonly learner: Learner;
  readonly tasks: readonly Task[];
}

/** Leaves of one job: the power of two that gives each thread one job at least, or two where it does not divide. */
function leavesOfJob(leaves: number, threads: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(leaves / Math.max(1, threads))));
}

function floatsOf({ params, logLr, phi, others = {} }: Learner): number {
  return [params, logLr, phi, ...Object.values(others)].reduce((sum, { length }) => sum + length, 1);
}

/** Bytes of a task, on average. */
function bytesOfTask(tasks: readonly Task[]): number {
  const numbers = tasks.flatMap(({ support, query }) => [support, query])
    .reduce((sum, { x, y, weights }) => sum + x.length + y.length + (weights?.length ?? 0), 0);
  return 4 * numbers / tasks.length;
}

/**
 * Makes an engine whose meta-gradients, and so whose trainings, are shared out over a pool. Everything else runs on `engine`.
 *
 * Sums follow a tree over leaves of 16 tasks wherever they run, and updates are made here, rounded as the CPU engine's own: the
 * parameters of a training are the same bits on a bare CPU `engine`, on any number of workers, and when workers and servers die.
 * Those of a bare WebGPU engine differ by rounding: it sums and updates on the device.
 *
 * @param engine What runs the steps that do not pay elsewhere; neither it nor the pool is disposed with what is returned.
 * @param pool Where the others run.
 * @param options Tasks to name by reference, and where to run.
 * @returns The engine.
 * @throws {TypeError} An option is unknown, or (when a step is made) the problem has a part of one's own, which does not travel.
 *
 * @example
 * ```ts
 * import { maml, metaInit, metaTrain, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { distribute, openPool } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * await using pool = await openPool("local", { workers: 1 });
 * const samples = (y: number) => ({ rows: 1, x: Float32Array.of(1), y: Float32Array.of(y) });
 * const tasks = Array.from({ length: 40 }, (_, t) => ({ support: samples(t), query: samples(t + 1) }));
 * const start = metaInit(maml({ net: mlp({ inputs: 1, hidden: [4], outputs: 1 }) }));
 * const found = [];
 * for (const on of ["engine", "pool"] as const) {
 *   const shared = distribute(engine, pool, { tasks, on });
 *   for await (const { state } of metaTrain(shared, start, [tasks, tasks], { every: 2 })) found.push(state.params);
 * }
 * assertEquals(found[0], found[1]);
 * ```
 */
export function distribute(engine: Engine, pool: Pool, options: DistributeOptions = {}): Engine {
  const action = "Cannot distribute";
  requireKnownKeys(action, "options", options, KEYS);
  const { tasks: all = [], on = "auto", onPlan } = options;
  if (!["auto", "pool", "engine"].includes(on)) {
    throw new TypeError(`${action}: expected on to be auto, pool or engine, received ${JSON.stringify(on)}`);
  }
  const times = openStepTimes();
  let steps = 0;
  let seen: Promise<readonly PoolWorker[]> | undefined;
  let [isAsking, askedAt] = [false, 0];
  let shared: Promise<SharedTasks> | undefined;
  let alike: Promise<boolean> | undefined;
  const share = (): Promise<SharedTasks> => shared ??= shareTasks(pool, all);
  /** The workers, asked for now and then, once at a time; no step but the first waits for their answers. */
  async function workers(): Promise<readonly PoolWorker[]> {
    const found = await (seen ??= pool.workers());
    if (!isAsking && (found.length === 0 || steps - askedAt >= ASK_STEPS)) {
      [isAsking, askedAt] = [true, steps];
      pool.workers().then((now) => seen = Promise.resolve(now), () => {/* those of before, then */})
        .finally(() => isAsking = false);
    }
    return found;
  }
  const sameBits = async (): Promise<boolean> => (await pool.fingerprint()).endsWith(`probe ${await probe(engine)}`);

  async function onEngine({ inner, gradient, learner, tasks }: Asked): Promise<MetaGradient> {
    return meanGradient(learner, [await sumGradients(engine, { inner, gradient, learner }, { tasks, before: 0 })]);
  }

  async function onPool({ inner, gradient, learner, tasks }: Asked, signal?: AbortSignal): Promise<MetaGradient> {
    const problem = describeProblem("Cannot send a step to a pool", inner);
    const { params, logLr, phi, weightDecay, others } = learner;
    const sent = await pool.put(packValue({ params, logLr, phi, weightDecay, others }));
    const known = await share();
    const run = LEAF_TASKS * leavesOfJob(Math.ceil(tasks.length / LEAF_TASKS), threadsOf(await workers()));
    const starts = Array.from({ length: Math.ceil(tasks.length / run) }, (_, i) => i * run);
    const runs = await Promise.all(
      starts.map(async (before) => ({ before, named: await known.name(tasks.slice(before, before + run)) })),
    );
    try {
      const jobs = runs.map(({ before, named }) => named.job({ problem, gradient, learner: sent }, before));
      return meanGradient(learner, (await pool.map(jobs, signal ? { signal } : {})).map(readGradientSum));
    } finally {
      await Promise.all([sent, ...runs.flatMap(({ named: { own } }) => own ?? [])].map((hash) => pool.drop(hash)));
    }
  }

  /** On the pool; here, too, where that does not answer: its workers may have gone, or compute for others. */
  async function onPoolOrEngine(asked: Asked): Promise<MetaGradient> {
    const { tasks: { length } } = asked;
    const patience = Math.max(LEAST_PATIENCE_MS, PATIENCE * length * (times.taskMs("engine", length) ?? 0));
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(LATE), patience);
    try {
      return await onPool(asked, late.signal);
    } catch (error) {
      if (error !== LATE) throw error;
      return await onEngine(asked);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Where a step should run, by what was measured; the side that was not yet is tried where it may pay. */
  async function plan({ learner, tasks }: Asked): Promise<StepPlan> {
    if (!await (alike ??= sameBits())) {
      const why = 'the workers compute other bits than this engine: give both one build, or say on: "pool"';
      return { on: "engine", engineMs: NaN, poolMs: NaN, why };
    }
    const [here, there] = (["engine", "pool"] as const).map((side) => times.taskMs(side, tasks.length));
    const engineThreads = engine.info.threads;
    const present = await workers();
    const paper = planStep({
      tasks: tasks.length,
      taskMs: (here ?? 0) * engineThreads,
      engineThreads,
      poolThreads: threadsOf(present),
      hosts: present.length,
      learnerBytes: 4 * floatsOf(learner),
      taskBytes: (await share()).has(tasks) ? 0 : bytesOfTask(tasks),
      roundMs: ROUND_MS,
      bytesPerMs: BYTES_PER_MS,
    });
    if (here === undefined || there === undefined || present.length === 0) return paper;
    const [engineMs, poolMs] = [here, there].map((ms) => ms * tasks.length);
    const words = `measured: ${engineMs.toFixed(1)} ms a step here, ${
      poolMs.toFixed(1)
    } ms on the pool; on paper ${paper.why}`;
    return { on: poolMs < engineMs ? "pool" : "engine", engineMs, poolMs, why: words };
  }

  async function metaGradient(
    inner: InnerProblem,
    gradient: OuterGradient,
    learner: Learner,
    tasks: readonly Task[],
  ): Promise<MetaGradient> {
    const asked = { inner, gradient, learner, tasks };
    steps++;
    if (on === "engine") return await onEngine(asked);
    if (on === "pool") return await onPool(asked);
    describeProblem("Cannot send a step to a pool", inner);
    const planned = await plan(asked);
    const other = planned.on === "pool" ? "engine" : "pool";
    const isMeasured = times.taskMs("engine", tasks.length) !== undefined;
    if (isMeasured && times.moves(planned.on, tasks.length)) onPlan?.(planned);
    const side = !isMeasured ? "engine" : times.isDue(other, tasks.length) ? other : planned.on;
    const start = performance.now();
    const found = side === "pool" ? await onPoolOrEngine(asked) : await onEngine(asked);
    times.note(side, tasks.length, performance.now() - start);
    return found;
  }

  return {
    info: engine.info,
    get heldBytes(): number {
      return engine.heldBytes;
    },
    forward: (net, params, x) => engine.forward(net, params, x),
    lossGradient: (net, loss, at, samples) => engine.lossGradient(net, loss, at, samples),
    hessianVectorProduct: (net, loss, at, samples, vector) =>
      engine.hessianVectorProduct(net, loss, at, samples, vector),
    adapt: (inner, learner, supports) => engine.adapt(inner, learner, supports),
    adaptPredict: (inner, learner, pairs) => engine.adaptPredict(inner, learner, pairs),
    metaGradient,
    openTraining: (training, learner, moments) =>
      Promise.resolve(openHostTraining({ metaGradient }, training, { learner, moments })),
    async [Symbol.asyncDispose]() {
      await (await shared)?.drop();
    },
  };
}

function threadsOf(workers: readonly PoolWorker[]): number {
  return workers.reduce((sum, { threads }) => sum + threads, 0);
}
