/**
 * Every call of an engine as programs: what any model, loss and inner rule runs through, on any backend that has an executor.
 * @module
 */
import type { Model } from "../model/model.ts";
import {
  adaptPredictProgram,
  adaptProgram,
  forwardProgram,
  hessianVectorProgram,
  lossGradientProgram,
  metaGradientProgram,
  metaLossProgram,
  type TaskRows,
  type TaskShape,
} from "../method/programs.ts";
import type { LearnedName } from "../method/meta_gradient.ts";
import type { Program } from "../program/program.ts";
import type { AdaptedBatch, AdaptPair, EngineMethods, Training, TrainingPlan } from "./engine.ts";
import type { ProgramBatch, ProgramExecutor } from "./executor.ts";
import { filled, filledInputs, filledTasks, onesOf } from "./filled_rows.ts";
import { openHostTraining } from "./host_training.ts";
import { TreeSum } from "./tree_sum.ts";
import type {
  Floats,
  InnerProblem,
  Learner,
  LearnMask,
  LossShape,
  MetaGradient,
  OuterGradient,
  OuterMoments,
  Samples,
  Task,
} from "./problem.ts";

/** Rows of a task's programs; a method's are built for its targets, too. */
function rowsOf({ method }: InnerProblem, { rows, y }: Samples, query: number): TaskRows {
  return { support: rows, query, ...(method && { targets: y.length / rows }) };
}

/** Programs by the rows of their sets, each asked for once: it is found by the whole problem as text. */
function byRows(build: (rows: TaskRows) => Program): (rows: TaskRows) => Program {
  const known = new Map<string, Program>();
  return (rows) => {
    const key = `${rows.support} ${rows.query} ${rows.targets}`;
    const program = known.get(key) ?? build(rows);
    known.set(key, program);
    return program;
  };
}

type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** A learner's arrays by the names of the programs' inputs. */
export function learnerInputs({ params, logLr, phi, weightDecay, others = {} }: Learner): Numbers {
  return { theta: params, logLr, phi, weightDecay: [weightDecay], ...others };
}

/** A set's arrays by the names of the programs' inputs. */
export function rowInputs(set: "support" | "query", { rows, x, y, weights = onesOf(rows) }: Samples): Numbers {
  return set === "support"
    ? { "support.x": x, "support.y": y, "support.weights": weights }
    : { "query.x": x, "query.y": y, "query.weights": weights };
}

/** What of a learner programs are built for where ω is not learned. */
function learnedShape({ logLr, weightDecay }: Learner): Omit<TaskShape, "rows"> {
  return { rates: logLr.length, decays: weightDecay !== 0 };
}

function plainInputs({ params, phi }: Pick<Learner, "params" | "phi">): Numbers {
  return { theta: params, phi };
}

/** Rows of a forward pass that are one program: many rows are tasks for all threads, and few shapes to compile. */
const FORWARD_ROWS = 512;

/** Rows of one program of a forward pass: all, where a model of the caller's own may look at several rows at once. */
function forwardRows({ options }: Model, rows: number): number {
  return options ? Math.min(rows, FORWARD_ROWS) : rows;
}

/** The calls of an engine over an executor of programs. */
export function programMethods(executor: ProgramExecutor): EngineMethods {
  const together = executor.fillsTogether;
  const one = async (program: Program, inputs: Numbers): Promise<Readonly<Record<string, Floats>>> => {
    const { each } = await executor.run({ shared: {}, tasks: [{ program, inputs }], sum: [] });
    return each[0];
  };
  const methods: EngineMethods = {
    async forward(net: Model, params: Float32Array, x: Float32Array): Promise<Float32Array> {
      const rows = x.length / net.inputs;
      const most = forwardRows(net, rows);
      const parts = Array.from(
        { length: Math.ceil(rows / most) },
        (_, i) => [i * most, Math.min(rows, (i + 1) * most)],
      );
      const { each } = await executor.run({
        shared: { theta: params },
        tasks: parts.map(([from, to]) => ({
          program: forwardProgram(net, to - from),
          inputs: { "query.x": x.subarray(from * net.inputs, to * net.inputs) },
        })),
        sum: [],
      });
      const outputs = new Float32Array(rows * net.outputs);
      each.forEach((part, i) => outputs.set(part.outputs, parts[i][0] * net.outputs));
      return outputs;
    },

    async lossGradient(
      net: Model,
      loss: LossShape,
      at: Pick<Learner, "params" | "phi">,
      samples: Samples,
    ): Promise<{ loss: number; grad: Float32Array; gradPhi: Float32Array }> {
      const program = lossGradientProgram(net, loss, samples.rows);
      const found = await one(program, { ...plainInputs(at), ...rowInputs("support", samples) });
      const gradPhi = Float32Array.from(found.phi ?? new Float32Array(at.phi.length));
      return { loss: found.loss[0], grad: Float32Array.from(found.theta), gradPhi };
    },

    async hessianVectorProduct(
      net: Model,
      loss: LossShape,
      at: Pick<Learner, "params" | "phi">,
      samples: Samples,
      vector: Float32Array,
    ): Promise<Float32Array> {
      const program = hessianVectorProgram(net, loss, samples.rows);
      const found = await one(program, { ...plainInputs(at), ...rowInputs("support", samples), vector });
      return Float32Array.from(found.product);
    },

    async adapt(inner: InnerProblem, learner: Learner, supports: readonly Samples[]): Promise<AdaptedBatch> {
      const programOf = byRows((rows) => adaptProgram(inner, { rows, ...learnedShape(learner) }));
      const { each } = await executor.run({
        shared: learnerInputs(learner),
        tasks: filled(inner, supports, together).map((support) => ({
          program: programOf(rowsOf(inner, support, 0)),
          inputs: rowInputs("support", support),
        })),
        sum: [],
      });
      const points = inner.steps + 1;
      const params = new Float32Array(each.reduce((sum, { theta }) => sum + theta.length, 0));
      const losses = new Float32Array(supports.length * points);
      let at = 0;
      each.forEach(({ theta, losses: own }, t) => {
        params.set(theta, at);
        at += theta.length;
        losses.set(own, t * points);
      });
      const stationarity = inner.tolerance ? Float32Array.from(each, (found) => found.stationarity[0]) : undefined;
      return { params, losses, ...(stationarity && { stationarity }) };
    },

    async adaptPredict(inner: InnerProblem, learner: Learner, pairs: readonly AdaptPair[]): Promise<Float32Array[]> {
      const supports = filled(inner, pairs.map(({ support }) => support), together);
      const queries = filledInputs(inner, pairs.map(({ x }) => x), together);
      const programOf = byRows((rows) => adaptPredictProgram(inner, { rows, ...learnedShape(learner) }));
      const { each } = await executor.run({
        shared: learnerInputs(learner),
        tasks: supports.map((support, t) => ({
          program: programOf(rowsOf(inner, support, queries[t].rows)),
          inputs: { ...rowInputs("support", support), "query.x": queries[t].x },
        })),
        sum: [],
      });
      return each.map(({ outputs }, t) => {
        const wanted = outputs.length * pairs[t].x.length / queries[t].x.length;
        return Float32Array.from(outputs.subarray(0, wanted));
      });
    },

    async metaGradient(
      inner: InnerProblem,
      gradient: OuterGradient,
      learner: Learner,
      tasks: readonly Task[],
    ): Promise<MetaGradient> {
      const found = await runMetaGradient(executor, { inner, gradient, learned: learnerInputs(learner) }, tasks);
      return asMetaGradient(learner, found);
    },

    openTraining(plan: TrainingPlan, learner: Learner, moments: OuterMoments): Promise<Training> {
      const by = learnedNames(plan.learn);
      const metaGradient: typeof methods.metaGradient = async (inner, gradient, at, tasks) =>
        asMetaGradient(at, await runMetaGradient(executor, { inner, gradient, learned: learnerInputs(at) }, tasks, by));
      return Promise.resolve(openHostTraining({ metaGradient }, plan, { learner, moments }));
    },
  };
  return methods;
}

/** The learned inputs that a mask names: what a training differentiates by. */
export function learnedNames(learn: LearnMask): LearnedName[] {
  const names: [LearnedName, boolean][] = [
    ["theta", learn.params],
    ["logLr", learn.lr],
    ["phi", learn.loss],
    ["weightDecay", learn.weightDecay],
    ["rule", learn.others ?? false],
  ];
  return names.flatMap(([name, wanted]) => wanted ? [name] : []);
}

/** Where a meta-gradient is taken: any precision. */
export interface GradientPoint {
  /** The bilevel problem. */
  readonly inner: InnerProblem;
  /** How the gradient is taken. */
  readonly gradient: OuterGradient;
  /** The learner's numbers, by the names of the programs' inputs. */
  readonly learned: Numbers;
}

/** Task losses, and means over tasks of the gradients by the programs' inputs. */
export interface GradientByName {
  /** `[tasks]`. */
  readonly taskLosses: readonly number[];
  /** By input name. */
  readonly by: Readonly<Record<string, Floats>>;
}

/** The step weights, where a program takes them. */
function weightInputs(program: Program, stepWeights: readonly number[]): Numbers {
  return "stepWeights" in program.inputs ? { stepWeights } : {};
}

/** Whether a gradient reads supports: before the first inner step an implicit one does, and a method reads what it will. */
function readsSupports({ steps, method }: InnerProblem, { kind }: OuterGradient): boolean {
  return steps > 0 || kind === "implicit" || method !== undefined;
}

/**
 * The programs of a batch's meta-gradient: the loss of each task, and sums of the gradients by what is learned, or by `by`;
 * `together` as an executor's `fillsTogether`.
 */
export function gradientBatch(
  { inner, gradient, learned }: GradientPoint,
  tasks: readonly Task[],
  { by, together }: { readonly by?: readonly LearnedName[] | undefined; readonly together?: boolean | undefined } = {},
): ProgramBatch {
  const rates = learned.logLr?.length ?? 0;
  const decays = learned.weightDecay[0] !== 0 || !by || by.includes("weightDecay");
  const programOf = byRows((rows) => metaGradientProgram(inner, gradient, { rows, rates, decays, ...(by && { by }) }));
  // Where supports are not read queries stand in their place: their sizes would only make programs that are the same.
  const read = readsSupports(inner, gradient) ? tasks : tasks.map(({ query }) => ({ support: query, query }));
  const sets = filledTasks(inner, read, together);
  const programs = sets.map(({ support, query }) => programOf(rowsOf(inner, support, query.rows)));
  return {
    shared: learned,
    tasks: sets.map(({ support, query }, t) => ({
      program: programs[t],
      inputs: {
        ...rowInputs("support", support),
        ...rowInputs("query", query),
        ...(gradient.kind === "unrolled" ? weightInputs(programs[t], gradient.stepWeights) : {}),
      },
    })),
    sum: Object.keys(programs[0].outputs).filter((name) => name !== "loss"),
  };
}

/** Runs a batch's meta-gradient by what is learned, or by `by`. */
export async function runMetaGradient(
  executor: ProgramExecutor,
  point: GradientPoint,
  tasks: readonly Task[],
  by?: readonly LearnedName[],
): Promise<GradientByName> {
  const batch = gradientBatch(point, tasks, { by, together: executor.fillsTogether });
  const { each, sum } = await executor.run(batch);
  const mean = (total: Floats): Floats => total.map((value) => value / tasks.length);
  return {
    taskLosses: each.map(({ loss }) => loss[0]),
    by: Object.fromEntries(batch.sum.map((name) => [name, mean(sum[name])])),
  };
}

/** Runs a batch's meta-losses alone, `[tasks]`. */
export async function runMetaLosses(
  executor: ProgramExecutor,
  { inner, stepWeights, learned }: Omit<GradientPoint, "gradient"> & { readonly stepWeights: readonly number[] },
  tasks: readonly Task[],
): Promise<number[]> {
  const shape = { rates: learned.logLr?.length ?? 0, decays: learned.weightDecay[0] !== 0 };
  const programOf = byRows((rows) => metaLossProgram(inner, stepWeights, { rows, ...shape }));
  const { each } = await executor.run({
    shared: learned,
    tasks: filledTasks(inner, tasks, executor.fillsTogether).map(({ support, query }) => {
      const program = programOf(rowsOf(inner, support, query.rows));
      const inputs = { ...rowInputs("support", support), ...rowInputs("query", query) };
      return { program, inputs: { ...inputs, ...weightInputs(program, stepWeights) } };
    }),
    sum: [],
  });
  return each.map(({ loss }) => loss[0]);
}

/** As an engine gives it: zeros for what the problem does not have, or what was not asked for. */
function asMetaGradient(learner: Learner, { taskLosses, by }: GradientByName): MetaGradient {
  const part = (name: string, like: Float32Array): Floats => by[name] ?? new Float64Array(like.length);
  const { others } = learner;
  return {
    loss: meanLoss(taskLosses),
    taskLosses: Float64Array.from(taskLosses),
    params: part("theta", learner.params),
    logLr: part("logLr", learner.logLr),
    phi: part("phi", learner.phi),
    weightDecay: by.weightDecay?.[0] ?? 0,
    ...(others
      ? { others: Object.fromEntries(Object.entries(others).map(([name, like]) => [name, part(name, like)])) }
      : {}),
  };
}

/** The mean of task losses, summed as gradients are. */
export function meanLoss(taskLosses: ArrayLike<number>): number {
  const sum = new TreeSum<Float64Array>();
  for (let t = 0; t < taskLosses.length; t++) sum.add(Float64Array.of(taskLosses[t]));
  return sum.total()[0] / taskLosses.length;
}
