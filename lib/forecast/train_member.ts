/**
 * Trains one network of a forecaster: first on rows pooled over markets, then through the adaptation, from there; of the
 * states on the way the one that validates best is kept. It chooses no number of inner steps and no trust.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Task } from "../engine/problem.ts";
import { forecastsClasses } from "../loss/losses.ts";
import type { MetaConfig, MethodConfig, OuterConfig } from "../meta/config.ts";
import { maml } from "../meta/presets.ts";
import { metaInit, type MetaState } from "../meta/state.ts";
import { type MetaProgress, metaTrain } from "../meta/train.ts";
import { type Method, methodTargets } from "../method/method.ts";
import { type Mlp, mlp } from "../net/mlp.ts";
import type { LinearRule, ScaledMarket } from "./decisions.ts";
import { averageMembers, type RunNetwork } from "./ensemble.ts";
import { evenRows, fillerOf } from "./even_sets.ts";
import { type ForecastMember, learnedSteps, unadaptedState } from "./forecaster.ts";
import type { ForecasterProgress, ResolvedTraining } from "./train_options.ts";
import { silentLoss } from "./silent_loss.ts";
import { drawTasks } from "./training_tasks.ts";
import {
  meanSquaredError,
  readValidation,
  runValidation,
  thinValidation,
  validationLabels,
  type ValidationPart,
} from "./validation.ts";

const QUERY_ROWS = 20;
/** States that are validated in each training. */
const CHECKPOINTS = 5;
const FLOOR = 0.02;
/** States are told from each other on every third decision of validation. */
const THIN = 3;

/** What one network is trained on. */
export interface MemberTraining {
  /** The pool. */
  readonly markets: readonly ScaledMarket[];
  /** Columns that it reads. */
  readonly cols: number;
  /** Linear rule that it adds to. */
  readonly skip: LinearRule | null;
  /** Decisions to choose on. */
  readonly validation: readonly ValidationPart[];
  /** Its seed. */
  readonly seed: number;
  /** Whether it reads the other markets. */
  readonly marketWide: boolean;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
  /** Called several times between two validations; without it a training is looked at to be validated alone. */
  readonly onProgress:
    | ((
      phase: "pretrain" | "meta",
      at: Omit<ForecasterProgress, "phase" | "member" | "members">,
    ) => unknown)
    | undefined;
}

/** How batches are taken. */
interface Taking {
  /** How many. */
  readonly count: number;
  /** Sees each as it was drawn. */
  readonly look: (batch: readonly Task[]) => void;
  /** Makes it ready for the engine. */
  readonly ready: (task: Task) => Task;
}

/** The first batches. */
function* take(batchOf: (batch: number) => Task[], { count, look, ready }: Taking): Generator<Task[]> {
  for (let k = 0; k < count; k++) {
    const batch = batchOf(k);
    look(batch);
    yield batch.map(ready);
  }
}

/** Trains one network. */
export async function trainMember(
  engine: Engine,
  plan: ResolvedTraining,
  training: MemberTraining,
): Promise<ForecastMember> {
  const { markets, cols, skip, seed, signal, onProgress } = training;
  const validation = thinValidation(training.validation, THIN);
  const { support, target: { horizon }, hidden, loss, weightDecay, meta, pretrain, tasks, cutShare } = plan;
  const rows = { horizon, rows: support.rows, spacing: support.spacing, cols, skip };
  const draw = { ...rows, queryRows: QUERY_ROWS, tasks, cutShare, to: plan.validationFrom };
  const net = mlp({ inputs: cols, hidden, outputs: 1 });
  const labels = validationLabels(validation);
  const anchorLoss = meanSquaredError(new Float64Array(labels.length), labels);
  const parts = readValidation(validation, rows);
  const score = async (network: RunNetwork, steps: number): Promise<{ unadapted: number; adapted: number }> => {
    const run = { parts, steps, least: support.least, signal };
    const { unadapted, adapted } = averageMembers([await runValidation(engine, network, run)], Infinity);
    return { unadapted: meanSquaredError(unadapted, labels), adapted: meanSquaredError(adapted, labels) };
  };
  const outer = (
    lr: number,
    steps: number,
  ): { lr: number; weightDecay: number; schedule: { kind: "cosine"; steps: number; floor: number } } => ({
    lr,
    weightDecay,
    schedule: { kind: "cosine", steps, floor: FLOOR },
  });
  const signalled = signal ? { signal } : {};
  let silent: number[] = [];
  const look = (batch: readonly Task[]): void => {
    const found = onProgress && silentLoss(batch.map(({ query }) => query), loss);
    if (typeof found === "number") silent.push(found);
  };
  const readyFor = (of: MetaState): Taking["ready"] => {
    const fill = fillerOf(of);
    return ({ support, query }) => ({
      support: fill(support, evenRows(support.rows, rows.rows)),
      query: fill(query, QUERY_ROWS),
    });
  };
  const told = (training: MetaProgress): Pick<ForecasterProgress, "training" | "silentLoss"> => {
    const mean = silent.length === 0 ? null : silent.reduce((sum, one) => sum + one, 0) / silent.length;
    silent = [];
    return { training, silentLoss: mean };
  };
  const learning = metaLearning(net, plan, { ...outer(meta.lr, Math.max(1, meta.steps)), ratesLr: meta.ratesLr });

  const pooled = maml({ net, inner: { steps: 0, lr: 0.01 }, loss, outer: outer(pretrain.lr, pretrain.steps) });
  let state = metaInit(pooled, { seed });
  let bestPooled = { state, loss: Infinity };
  let looks = looksOf(pretrain.steps, onProgress !== undefined);
  let reached = (await score({ adapts: state, start: state }, 0)).unadapted;
  const pooledBatch = drawTasks(markets, { ...draw, seed: 2 * seed, unadapted: true });
  const wholeBatch = drawTasks(markets, { ...draw, seed: 2 * seed });
  for await (
    const progress of metaTrain(
      engine,
      state,
      take(pooledBatch, { count: pretrain.steps, look, ready: readyFor(state) }),
      {
        every: looks.every,
        ...signalled,
      },
    )
  ) {
    state = progress.state;
    const validated = looks.validates(progress.step);
    if (validated) {
      reached = (await score({ adapts: state, start: state }, 0)).unadapted;
      if (reached < bestPooled.loss) bestPooled = { state, loss: reached };
    }
    const at = { step: progress.step, steps: pretrain.steps, loss: reached, validated, anchorLoss };
    await onProgress?.("pretrain", { ...at, ...told(progress), batch: wholeBatch(progress.step - 1) });
  }

  const pretrained = metaInit(learning.pretrained, { params: bestPooled.state.params });
  state = learning.method ? metaInit(learning.method, { seed }) : pretrained;
  const network = (): RunNetwork => ({ adapts: state, start: unadaptedState({ state, pretrained }) });
  const start = await score(network(), learnedSteps(state));
  let best = { state, loss: Math.min(start.unadapted, start.adapted) };
  const metaBatch = drawTasks(markets, { ...draw, seed: 2 * seed + 1 });
  looks = looksOf(meta.steps, onProgress !== undefined);
  reached = best.loss;
  const batches = take(metaBatch, { count: meta.steps, look, ready: readyFor(state) });
  for await (const progress of metaTrain(engine, state, batches, { every: looks.every, ...signalled })) {
    state = progress.state;
    const validated = looks.validates(progress.step);
    if (validated) {
      const { unadapted, adapted } = await score(network(), learnedSteps(state));
      reached = Math.min(unadapted, adapted);
      if (reached < best.loss) best = { state, loss: reached };
    }
    const at = { step: progress.step, steps: meta.steps, loss: reached, validated, anchorLoss };
    await onProgress?.("meta", { ...at, ...told(progress), batch: metaBatch(progress.step - 1) });
  }
  return { state: withoutMoments(best.state), pretrained, marketWide: training.marketWide };
}

/** When a training of so many steps is looked at: to be validated five times, and several times between two where it is watched. */
function looksOf(steps: number, watched: boolean): { readonly every: number; validates(step: number): boolean } {
  const between = Math.max(1, Math.ceil(steps / CHECKPOINTS));
  const parts = (watched && [8, 7, 6, 5, 4, 3, 2].find((count) => between % count === 0)) || 1;
  return { every: between / parts, validates: (step) => step % between === 0 || step === steps };
}

/** How a network learns through its adaptation. */
interface MetaLearning {
  /** The config that its pretrained start adapts by. */
  readonly pretrained: MetaConfig;
  /** A method of one pass that learns beside it; undefined where the pretrained start itself goes on to learn. */
  readonly method: MethodConfig | undefined;
}

/** By the method given, or by MAML with a learned rate a layer. */
function metaLearning(net: Mlp, { meta, loss }: ResolvedTraining, outer: OuterConfig): MetaLearning {
  const { method, innerSteps: steps, innerLr: lr } = meta;
  const made = method?.({ net, inner: { steps, lr }, loss, outer });
  if (made && !("learnables" in made)) return { pretrained: requireRatesAlone(made, steps), method: undefined };
  if (made) requireForecasts(made, net.inputs);
  const pretrained = maml({
    net,
    inner: { steps, lr, lrShape: { per: "layer" } },
    loss,
    learn: { params: true, lr: true },
    outer,
  });
  return { pretrained, method: made && { method: made, outer } };
}

/** A config that a forecaster can keep: of parameters and inner rates, with the steps that it was given. */
function requireRatesAlone(config: MetaConfig, steps: number): MetaConfig {
  const { learn = {}, inner, loss } = config;
  const foreign = config.method || loss?.kind === "learned" || learn.weightDecay || inner.rule;
  if (!foreign && inner.steps === steps) return config;
  throw new RangeError(
    "Cannot train a forecaster: meta.method must make a config of parameters and inner rates alone, with the " +
      `${steps} inner steps that it is given`,
  );
}

/** Throws unless a method forecasts one number a row. */
function requireForecasts(method: Method, inputs: number): void {
  const { kind, loss } = method;
  const wanted = (what: string, got: string): never => {
    throw new RangeError(
      `Cannot train a forecaster: expected meta.method to make a method ${what}, got ${kind} ${got}`,
    );
  };
  if (method.inputs !== inputs) wanted(`of the ${inputs} inputs that it is given`, `of ${method.inputs}`);
  if (forecastsClasses(loss)) wanted("that forecasts a number", `with the loss ${loss.kind}, of classes`);
  const targets = methodTargets(method) ?? 1;
  if (targets !== 1) wanted("of 1 target", `of ${targets}`);
}

/** A state that is kept to adapt from, not to train on: its optimiser starts anew. */
function withoutMoments(state: MetaState): MetaState {
  return metaInit(state.config, { values: state.values });
}
