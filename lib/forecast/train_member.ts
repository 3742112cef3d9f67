/**
 * Trains one network of a forecaster: first on rows pooled over markets, then through the adaptation, from there; of the
 * states on the way the one that validates best is kept. It chooses no number of inner steps and no trust.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Task } from "../engine/problem.ts";
import { maml } from "../meta/presets.ts";
import { metaInit, type MetaState } from "../meta/state.ts";
import { metaTrain } from "../meta/train.ts";
import { mlp } from "../net/mlp.ts";
import type { LinearRule, ScaledMarket } from "./decisions.ts";
import type { ForecastMember } from "./forecaster.ts";
import type { ResolvedTraining } from "./train_options.ts";
import { drawTasks } from "./training_tasks.ts";
import {
  meanSquaredError,
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
  /** Called at each validated state. */
  readonly onProgress: (
    phase: "pretrain" | "meta",
    at: { readonly step: number; readonly steps: number; readonly loss: number; readonly anchorLoss: number },
  ) => void;
}

function* take(batches: Iterator<Task[]>, count: number): Generator<Task[]> {
  for (let i = 0; i < count; i++) yield batches.next().value;
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
  const shape = { horizon, rows: support.rows, spacing: support.spacing };
  const draw = { ...shape, cols, skip, queryRows: QUERY_ROWS, tasks, cutShare, to: plan.validationFrom };
  const net = mlp({ inputs: cols, hidden, outputs: 1 });
  const labels = validationLabels(validation);
  const anchorLoss = meanSquaredError(new Float64Array(labels.length), labels);
  const score = async (state: MetaState, steps: number): Promise<{ unadapted: number; adapted: number }> => {
    const run = { parts: validation, shape, cols, skip, steps, least: support.least, signal };
    const { unadapted, adapted } = await runValidation(engine, state, run);
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

  const pooled = maml({ net, inner: { steps: 0, lr: 0.01 }, loss, outer: outer(pretrain.lr, pretrain.steps) });
  let state = metaInit(pooled, { seed });
  const every = Math.ceil(pretrain.steps / CHECKPOINTS);
  let bestPooled = { state, loss: Infinity };
  const pooledTasks = drawTasks(markets, { ...draw, seed: 2 * seed });
  for await (const progress of metaTrain(engine, state, take(pooledTasks, pretrain.steps), { every, ...signalled })) {
    state = progress.state;
    const { unadapted } = await score(state, 0);
    if (unadapted < bestPooled.loss) bestPooled = { state, loss: unadapted };
    onProgress("pretrain", { step: progress.step, steps: pretrain.steps, loss: unadapted, anchorLoss });
  }

  const config = maml({
    net,
    inner: { steps: meta.innerSteps, lr: meta.innerLr, lrShape: { per: "layer" } },
    loss,
    learn: { params: true, lr: true },
    outer: { ...outer(meta.lr, Math.max(1, meta.steps)), ratesLr: meta.ratesLr },
  });
  const pretrained = metaInit(config, { params: bestPooled.state.params });
  state = pretrained;
  const start = await score(state, meta.innerSteps);
  let best = { state, loss: Math.min(start.unadapted, start.adapted) };
  const metaTasks = drawTasks(markets, { ...draw, seed: 2 * seed + 1 });
  const readEvery = Math.max(1, Math.ceil(meta.steps / CHECKPOINTS));
  const batches = take(metaTasks, meta.steps);
  for await (const progress of metaTrain(engine, state, batches, { every: readEvery, ...signalled })) {
    state = progress.state;
    const { unadapted, adapted } = await score(state, meta.innerSteps);
    const reached = Math.min(unadapted, adapted);
    if (reached < best.loss) best = { state, loss: reached };
    onProgress("meta", { step: progress.step, steps: meta.steps, loss: reached, anchorLoss });
  }
  return { state: withoutMoments(best.state), pretrained, marketWide: training.marketWide };
}

/** A state that is kept to adapt from, not to train on: its optimiser starts anew. */
function withoutMoments(state: MetaState): MetaState {
  return metaInit(state.config, { params: state.params, logLr: state.logLr });
}
