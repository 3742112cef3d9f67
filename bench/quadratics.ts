/**
 * Random quadratics in ten dimensions, the first problem of learned optimisers (Andrychowicz et al. 2016, section 3.1): rules that
 * are tuned and rules that are learned, through the functions that adapt and train every method.
 * @module
 */
import {
  adaptMany,
  defineModel,
  type Engine,
  learnedOptimizer,
  maml,
  type MetaConfig,
  metaInit,
  type MetaState,
  metaTrain,
  type Random,
  random,
  type Task,
} from "@adaptrade/adaptrade";
import type { RuleConfig } from "@adaptrade/adaptrade/methods";

const SIZE = 10;
/** Steps after which a rule is judged. */
export const JUDGED_AFTER = 100;

/** A model whose parameters are the point itself, from the origin: W·θ is its output at the rows of W. */
const POINT = defineModel({
  name: "point",
  inputs: SIZE,
  outputs: 1,
  params: { theta: [SIZE] },
  init: () => ({ theta: new Float32Array(SIZE) }),
  apply: (g, { theta }, x) => g.matmul(x, g.reshape(theta, [SIZE, 1])),
});

/** f(θ) = ‖Wθ − y‖², W and y standard normal: √10 times both, for the loss is a mean over rows. */
function quadratic(stream: Random): Task {
  const normals = (length: number) => Float32Array.from({ length }, () => Math.sqrt(SIZE) * stream.normal());
  const set = { rows: SIZE, x: normals(SIZE * SIZE), y: normals(SIZE) };
  return { support: set, query: set };
}

/** Quadratics from a stream, which advances. */
export function quadratics(stream: Random, count: number): Task[] {
  return Array.from({ length: count }, () => quadratic(stream));
}

/** Mean f over tasks after {@linkcode JUDGED_AFTER} steps; Infinity where a rule diverges. */
export async function judge(engine: Engine, state: MetaState, tasks: readonly Task[]): Promise<number> {
  try {
    const adapted = await adaptMany(engine, state, tasks.map(({ support }) => support), { steps: JUDGED_AFTER });
    return adapted.reduce((sum, { losses }) => sum + losses[JUDGED_AFTER] / tasks.length, 0);
  } catch (error) {
    if ((error as Error).name === "DivergedError") return Infinity;
    throw error;
  }
}

/** A rule with a fixed rate. */
export function fixedRule(rule: RuleConfig, lr: number): MetaState {
  return metaInit(maml({ net: POINT, inner: { steps: JUDGED_AFTER, lr, rule } }));
}

/** The rate with the least loss over tasks. */
export async function tuneRate(
  engine: Engine,
  rule: RuleConfig,
  { rates, tasks }: { readonly rates: readonly number[]; readonly tasks: readonly Task[] },
): Promise<number> {
  const losses = await Promise.all(rates.map((lr) => judge(engine, fixedRule(rule, lr), tasks)));
  return rates[losses.indexOf(Math.min(...losses))];
}

/** How a rule is learned. */
export interface RuleTraining {
  /** Inner steps in training. */
  readonly steps: number;
  /** Outer steps, of 16 tasks each. */
  readonly batches: number;
  /** Outer rate, which falls by a cosine. */
  readonly lr: number;
  /** Seed of the rule's start and of the tasks. */
  readonly seed: number;
  /** Tasks by which the best state is kept (default none: the last is). */
  readonly validation?: readonly Task[];
}

function ruleConfig(rule: RuleConfig, { steps, batches, lr }: RuleTraining): MetaConfig {
  return learnedOptimizer({
    net: POINT,
    inner: { steps, rule },
    learn: { params: false, rule: true },
    gradient: { kind: "unrolled", stepWeights: Array.from({ length: steps + 1 }, (_, k) => k === 0 ? 0 : 1 / steps) },
    outer: { lr, clipNorm: 1, schedule: { kind: "cosine", steps: batches, floor: 0.05 } },
  });
}

/** Learns a rule by the mean of f over its whole path. */
export async function learnRule(engine: Engine, rule: RuleConfig, training: RuleTraining): Promise<MetaState> {
  const { batches, seed, validation } = training;
  const stream = random(seed + 1000);
  function* drawn(): Generator<Task[]> {
    for (let batch = 0; batch < batches; batch++) yield quadratics(stream.fork(batch), 16);
  }
  let state = metaInit(ruleConfig(rule, training), { seed });
  const options = { every: Math.min(25, batches), ...(validation && { validation }) };
  for await (const { best } of metaTrain(engine, state, drawn(), options)) state = best;
  return state;
}
