/**
 * The programs of a bilevel problem, one task each, by the rows of its sets. Built once for each shape and kept with the model.
 * @module
 */
import { isPlainObject } from "../options.ts";
import { lossOf } from "../loss/losses.ts";
import type { LossConfig } from "../loss/config.ts";
import { applyModel, isPlain, type Model, partsOf } from "../model/model.ts";
import { grad } from "../program/grad.ts";
import { createGraph } from "../program/graph.ts";
import type { Graph } from "../program/graph_type.ts";
import { type Program, toProgram } from "../program/program.ts";
import type { Value } from "../program/value.ts";
import type { RuleConfig } from "../rule/config.ts";
import { ruleOf } from "../rule/rules.ts";
import { innerPath, type LearnedValues, supportLoss } from "./inner_loop.ts";
import { type LearnedName, taskGradient, type TaskValues } from "./meta_gradient.ts";
import { methodContext, methodGradient, methodLoss, methodPredictions, type MethodRows } from "./method.ts";
import type { InnerProblem, OuterGradient } from "./problem.ts";
import type { RowValues } from "./row_values.ts";

/** Rows of a task's sets. */
export interface TaskRows {
  /** Rows of the support set. */
  readonly support: number;
  /** Rows of the query set, or inputs to predict. */
  readonly query: number;
  /** Targets of a row, where a method leaves them to its tasks. */
  readonly targets?: number | undefined;
}

/** What the programs of a task are built for. */
export interface TaskShape {
  /** Rows of its sets. */
  readonly rows: TaskRows;
  /** Length of logLr. */
  readonly rates: number;
  /** False where ω is 0 and stays so: the terms that it weighs are left out (default true). */
  readonly decays?: boolean;
}

/** Rows with as many targets as the problem's loss makes of its outputs where none are given. */
function methodRows({ net, loss }: InnerProblem, { support, query, targets }: TaskRows): MethodRows {
  return { support, query, targets: targets ?? lossOf(loss).targets(net.outputs)! };
}

/** Operations of the programs that are kept, in all; those of the program not used for longest go first. */
const KEPT_NODES = 1 << 19;

const PROGRAMS = new Map<string, Program>();
let keptNodes = 0;
const IDENTITIES = new WeakMap<object, number>();
let identities = 0;

function identityOf(thing: object): number {
  if (!IDENTITIES.has(thing)) IDENTITIES.set(thing, identities++);
  return IDENTITIES.get(thing)!;
}

/** Plain data as text; a function, a method and an object of a class, whose functions it does not list, stand for themselves. */
function keyOf(data: unknown): string {
  return JSON.stringify(data, (name, value) => {
    const itself = typeof value === "function" ||
      typeof value === "object" && value !== null && (name === "method" || !isPlainObject(value));
    return itself ? `itself ${identityOf(value)}` : value;
  });
}

/** What a model is, as text: those that plain options describe alike are alike. */
function modelKey(net: Model): string {
  return isPlain(net) ? keyOf([net.kind, net.options]) : `itself ${identityOf(net)}`;
}

/** Texts of problems that cannot change any more: a step of a training asks for its program each time. */
const PROBLEM_KEYS = new WeakMap<InnerProblem, string>();

function isFrozenThrough(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThrough);
}

/** What a problem is, as text. */
function problemKey(problem: InnerProblem): string {
  const known = PROBLEM_KEYS.get(problem);
  if (known !== undefined) return known;
  const { net, ...rest } = problem;
  const key = modelKey(net) + keyOf(rest);
  const said = { ...rest, method: undefined, options: net.options };
  if (Object.isFrozen(problem) && Object.values(said).every(isFrozenThrough)) PROBLEM_KEYS.set(problem, key);
  return key;
}

/** The program of a model or a problem, given as text, and of plain data besides. */
function cached(of: string, key: readonly unknown[], build: (g: Graph) => Record<string, Value>): Program {
  const text = of + JSON.stringify(key);
  const found = PROGRAMS.get(text);
  const program = found ?? toProgram(build(createGraph()));
  PROGRAMS.delete(text);
  PROGRAMS.set(text, program);
  if (!found) keptNodes += program.nodes.length;
  for (const [oldest, { nodes }] of PROGRAMS) {
    if (keptNodes <= KEPT_NODES || oldest === text) break;
    PROGRAMS.delete(oldest);
    keptNodes -= nodes.length;
  }
  return program;
}

/** The learner's values as inputs: `theta`, `logLr`, `phi`, `weightDecay`, `rule`. */
function learnedInputs(
  g: Graph,
  { net, loss, rule = { kind: "sgd" } }: InnerProblem,
  { rates, decays = true }: Omit<TaskShape, "rows">,
): LearnedValues {
  const phi = lossOf(loss).phi.length;
  const learned = ruleLength(rule);
  return {
    theta: g.input("theta", [net.parameterCount]),
    ...(ruleOf(rule).usesRate && rates > 0 ? { logLr: g.input("logLr", [rates]) } : {}),
    ...(phi > 0 ? { phi: g.input("phi", [phi]) } : {}),
    ...(decays ? { weightDecay: g.input("weightDecay", []) } : {}),
    ...(learned > 0 ? { rule: g.input("rule", [learned]) } : {}),
  };
}

/** A set's values as inputs: `support.x`, `support.y`, `support.weights`, or `query...`. */
function rowInputs(
  g: Graph,
  set: "support" | "query",
  { net, loss }: Pick<InnerProblem, "net" | "loss">,
  rows: number,
): RowValues {
  return {
    x: g.input(`${set}.x`, [rows, net.inputs]),
    y: g.input(`${set}.y`, [rows, lossOf(loss).targets(net.outputs)!]),
    weights: g.input(`${set}.weights`, [rows]),
  };
}

/** Outputs `outputs` `[rows, outputs]` of a model at `theta` and `query.x`. */
export function forwardProgram(net: Model, rows: number): Program {
  return cached(modelKey(net), ["forward", rows], (g) => {
    const theta = g.input("theta", [net.parameterCount]);
    return { outputs: applyModel(g, net, { theta, x: g.input("query.x", [rows, net.inputs]) }) };
  });
}

/** The support loss alone, before any inner step, and what it is a function of. */
function bareSupportLoss(
  g: Graph,
  { net, loss, rows }: { readonly net: Model; readonly loss: LossConfig; readonly rows: number },
): ReturnType<typeof learnedInputs> & { readonly value: Value } {
  const problem = {
    net,
    loss,
    steps: 0,
    rate: { per: "scalar", perStep: false },
    headOnly: false,
    proximal: 0,
  } as const;
  const learned = learnedInputs(g, problem, { rates: 0, decays: false });
  return { ...learned, value: supportLoss(g, problem, { ...learned, rows: rowInputs(g, "support", problem, rows) }) };
}

/** The support loss `loss` and its gradients `theta` and, of a loss with φ, `phi`. */
export function lossGradientProgram(net: Model, loss: LossConfig, rows: number): Program {
  return cached(modelKey(net) + keyOf(loss), ["lossGradient", rows], (g) => {
    const { theta, phi, value } = bareSupportLoss(g, { net, loss, rows });
    const [byTheta, byPhi] = grad(g, value, phi ? [theta, phi] : [theta]);
    return { loss: value, theta: byTheta, ...(byPhi ? { phi: byPhi } : {}) };
  });
}

/** The Hessian of the support loss times `vector`, as `product`. */
export function hessianVectorProgram(net: Model, loss: LossConfig, rows: number): Program {
  return cached(modelKey(net) + keyOf(loss), ["hessianVector", rows], (g) => {
    const { theta, value } = bareSupportLoss(g, { net, loss, rows });
    const [slope] = grad(g, value, [theta]);
    const along = g.sum(g.mul(slope, g.input("vector", [net.parameterCount])));
    return { product: grad(g, along, [theta])[0] };
  });
}

/**
 * Adapted parameters `theta`, support losses `losses` `[steps + 1]` and, of a loop with a tolerance, its `stationarity`; rows of
 * the query do not matter.
 */
export function adaptProgram(problem: InnerProblem, shape: TaskShape): Program {
  const { method } = problem;
  const rows = { ...shape.rows, query: 0 };
  return cached(problemKey(problem), ["adapt", { ...shape, rows }], (g) => {
    if (method) return methodContext(g, method, methodRows(problem, rows));
    const learned = learnedInputs(g, problem, shape);
    const support = rowInputs(g, "support", problem, rows.support);
    const { thetas, losses, stationarity } = innerPath(g, problem, { learned, support, curvedFrom: 0 });
    return {
      theta: thetas[problem.steps],
      losses: g.concat(losses.map((loss) => g.reshape(loss, [1])), 0),
      ...(stationarity && { stationarity }),
    };
  });
}

/** Outputs `outputs` of the adapted model at `query.x`. */
export function adaptPredictProgram(problem: InnerProblem, shape: TaskShape): Program {
  const { net, method } = problem;
  const { rows } = shape;
  return cached(problemKey(problem), ["adaptPredict", shape], (g) => {
    if (method) return methodPredictions(g, method, methodRows(problem, rows));
    const learned = learnedInputs(g, problem, shape);
    const support = rowInputs(g, "support", problem, rows.support);
    const { thetas } = innerPath(g, problem, { learned, support, curvedFrom: 0 });
    const x = g.input("query.x", [rows.query, net.inputs]);
    return { outputs: applyModel(g, net, { theta: thetas[problem.steps], x }) };
  });
}

function taskInputs(g: Graph, problem: InnerProblem, shape: TaskShape): TaskValues {
  return {
    learned: learnedInputs(g, problem, shape),
    support: rowInputs(g, "support", problem, shape.rows.support),
    query: rowInputs(g, "query", problem, shape.rows.query),
    stepWeights: g.input("stepWeights", [problem.steps + 1]),
  };
}

/** What of step weights a program is built for: which are 0 and which 1. The others are its input `stepWeights`. */
function builtFor(stepWeights: readonly number[]): (number | "given")[] {
  return stepWeights.map((weight) => weight === 0 || weight === 1 ? weight : "given");
}

/**
 * A task's meta-loss `loss` and its gradients by each learned input, by name. Step weights that are neither 0 nor 1 are an input,
 * `stepWeights` `[steps + 1]`.
 */
export function metaGradientProgram(
  problem: InnerProblem,
  gradient: OuterGradient,
  shape: TaskShape & { readonly by?: readonly LearnedName[] },
): Program {
  const key = gradient.kind === "unrolled" ? { ...gradient, stepWeights: builtFor(gradient.stepWeights) } : gradient;
  const { method } = problem;
  return cached(problemKey(problem), ["metaGradient", key, shape], (g) => {
    if (method) return methodGradient(g, method, methodRows(problem, shape.rows));
    const { loss, by } = taskGradient(g, problem, gradient, taskInputs(g, problem, shape), shape.by);
    const slopes = Object.entries(by).filter((entry): entry is [string, Value] => entry[1] !== undefined);
    return { loss, ...Object.fromEntries(slopes) };
  });
}

/** A task's meta-loss `loss` alone; step weights as in {@linkcode metaGradientProgram}. */
export function metaLossProgram(
  problem: InnerProblem,
  stepWeights: readonly number[],
  shape: TaskShape,
): Program {
  const { method } = problem;
  return cached(problemKey(problem), ["metaLoss", builtFor(stepWeights), shape], (g) => {
    if (method) return methodLoss(g, method, methodRows(problem, shape.rows));
    const task = taskInputs(g, problem, shape);
    return { loss: taskGradient(g, problem, { kind: "unrolled", backpropSteps: 0, stepWeights }, task).loss };
  });
}

/** Length of a rule's learnables as one flat vector. */
export function ruleLength(rule: RuleConfig = { kind: "sgd" }): number {
  const parts = partsOf(ruleOf(rule).learnables);
  return parts.length === 0 ? 0 : parts[parts.length - 1].end;
}
