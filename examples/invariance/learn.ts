/**
 * Trains on environments with or without a penalty on what differs between them, and judges after the split.
 * @module
 */
import {
  adaptPredict,
  assetTasks,
  type Engine,
  maml,
  metaInit,
  type MetaState,
  metaTrain,
  mlp,
  random,
  type Task,
} from "@adaptrade/adaptrade";
import type { InvarianceConfig } from "@adaptrade/adaptrade/methods";
import type { MarketRows } from "@adaptrade/adaptrade/tasks";
import type { Environments } from "./planted.ts";

/** How one learner is trained. */
export interface Recipe {
  /** Inner steps; 0 is one fit of all environments. */
  readonly innerSteps: number;
  /** What holds environments together; none for the mean. */
  readonly invariance?: InvarianceConfig;
}

const SHAPE = { supportRows: 20, queryRows: 20 } as const;
const ENVIRONMENTS = 4;
const TASKS_EACH = 8;
/** Share of the steps before the penalty is laid on. */
const FREE = 1 / 3;

/** Batch number `index`: some environments, some tasks of each. */
function batchOf(markets: readonly MarketRows[], seed: number, index: number): Task[] {
  const stream = random(seed).fork(index);
  const chosen = new Set<number>();
  while (chosen.size < Math.min(ENVIRONMENTS, markets.length)) chosen.add(stream.integer(markets.length));
  return [...chosen].flatMap((environment) =>
    assetTasks([markets[environment]], { ...SHAPE, count: TASKS_EACH, seed: stream.integer(2 ** 30) })
      .map((task) => ({ ...task, environment }))
  );
}

/** A learner after `steps` outer steps, the first third of them without the penalty. */
export async function learn(
  engine: Engine,
  { train }: Environments,
  run: { readonly recipe: Recipe; readonly steps: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<MetaState> {
  const { recipe: { innerSteps, invariance }, steps, seed, signal } = run;
  const net = mlp({ inputs: train[0].cols, hidden: [16], outputs: 1, activation: "tanh" });
  const config = (held: boolean) =>
    maml({
      net,
      inner: { steps: innerSteps, lr: 0.05 },
      outer: { lr: 0.003, clipNorm: 10, ...(held && invariance ? { invariance } : {}) },
    });
  const free = Math.ceil(FREE * steps);
  let state = metaInit(config(false), { seed });
  for (const [from, to] of [[0, free], [free, steps]]) {
    if (to === from) continue;
    const batches = Array.from({ length: to - from }, (_, i) => batchOf(train, seed, from + i));
    state = metaInit(config(from > 0), { values: state.values });
    for await (const progress of metaTrain(engine, state, batches, { every: to - from, signal })) {
      state = progress.state;
    }
  }
  return state;
}

/** How a learner does on rows. */
export interface Judged {
  /** 1 − squared error / that of the support's mean. */
  readonly r2: number;
  /** Mean change of the forecast, in deviations of the label, where the last column is one deviation more. */
  readonly reliance: number;
}

/** Judges a learner by tasks of rows: it adapts on each support, if it adapts. */
export async function judge(
  engine: Engine,
  state: MetaState,
  { rows, seed }: { readonly rows: readonly MarketRows[]; readonly seed: number },
): Promise<Judged> {
  const tasks = rows.flatMap((market) => assetTasks([market], { ...SHAPE, count: 40, seed }));
  const cols = rows[0].cols;
  const raised = (x: Float32Array): Float32Array => x.map((value, i) => i % cols === cols - 1 ? value + 1 : value);
  const [plain, moved] = [
    await adaptPredict(engine, state, tasks.map(({ support, query: { x } }) => ({ support, x }))),
    await adaptPredict(engine, state, tasks.map(({ support, query: { x } }) => ({ support, x: raised(x) }))),
  ];
  let [error, whole, change, count] = [0, 0, 0, 0];
  tasks.forEach(({ query: { y } }, t) =>
    y.forEach((label, i) => {
      error += (plain[t][i] - label) ** 2;
      whole += label ** 2;
      change += moved[t][i] - plain[t][i];
      count++;
    })
  );
  return { r2: 1 - error / whole, reliance: change / count };
}
