/**
 * Meta-training with progress, checkpoints and a clean stop: the training of `portfolio`.
 * @module
 */
import { dirname } from "node:path";
import { type Engine, metaInit, type MetaState, metaTrain } from "@adaptrade/adaptrade";
import { loadCheckpoint } from "@adaptrade/adaptrade/methods";
import { keepState } from "../access.ts";
import { progressLine, UsageError } from "../cli.ts";
import type { MarketPlan } from "./plan.ts";

/** What a training writes beside its state, and must find again to resume. */
interface TrainingRecord {
  readonly unseen: string;
  readonly seen: readonly string[];
  readonly validationFrom: number;
  readonly testFrom: number;
  readonly horizon: number;
  readonly seed: number;
  readonly validationLoss: number | null;
}

/** How to train. */
export interface TrainingOptions {
  /** Where the state reached is kept, the best one beside it, see {@linkcode bestPath}; left out, in memory alone. */
  readonly checkpoint?: string;
  /** Continue the checkpoint if there is one. */
  readonly resume: boolean;
  /** Stops the training with a checkpoint. */
  readonly signal: AbortSignal;
}

/** A training's end. */
export interface TrainingResult {
  /** The state with the lowest validation loss. */
  readonly best: MetaState;
  /** Its validation loss. */
  readonly validationLoss: number;
  /** Validation loss by outer step. */
  readonly curve: readonly { readonly step: number; readonly loss: number; readonly validationLoss: number }[];
}

/** Outer steps between looks at the validation tasks, and between checkpoints. */
const EVERY = 25;

/** The file of a training's best state. */
function bestPath(checkpoint: string): string {
  return checkpoint.replace(/(\.ckpt)?$/, ".best.ckpt");
}

function recordOf(plan: MarketPlan, validationLoss: number | null): TrainingRecord {
  const { unseen, seen, validationFrom, testFrom, horizon, seed } = plan;
  return { unseen: unseen.symbol, seen, validationFrom, testFrom, horizon, seed, validationLoss };
}

async function reopen(
  path: string,
  plan: MarketPlan,
): Promise<{ state: MetaState; validationLoss: number } | undefined> {
  const saved = await loadCheckpoint(path).catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!saved) return undefined;
  const found = saved.extra as TrainingRecord;
  const wanted = recordOf(plan, found.validationLoss);
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new UsageError(
      `Cannot resume ${path}: it was trained on other data or settings (${JSON.stringify(found)}); ` +
        `leave --resume out to start again`,
    );
  }
  return { state: saved.state, validationLoss: found.validationLoss ?? Infinity };
}

/** Meta-trains a plan; on an aborted signal it writes the checkpoint and throws the signal's reason. */
export async function trainPlan(engine: Engine, plan: MarketPlan, options: TrainingOptions): Promise<TrainingResult> {
  const { checkpoint, resume, signal } = options;
  if (checkpoint !== undefined) await Deno.mkdir(dirname(checkpoint), { recursive: true });
  let state = metaInit(plan.config, { seed: plan.seed });
  let best = { state, validationLoss: Infinity };
  if (resume && checkpoint !== undefined) {
    const saved = await reopen(checkpoint, plan);
    const savedBest = await reopen(bestPath(checkpoint), plan);
    if (saved) {
      state = saved.state;
      best = savedBest ?? best;
      console.log(`Resuming ${checkpoint} at outer step ${state.step}`);
    } else console.log(`No checkpoint at ${checkpoint}: starting at outer step 0`);
  }
  const line = progressLine();
  const curve: { step: number; loss: number; validationLoss: number }[] = [];
  const [started, from] = [performance.now(), state.step];
  const run = { every: EVERY, validation: plan.validation, signal };
  try {
    for await (const progress of metaTrain(engine, state, plan.batches(state.step), run)) {
      state = progress.state;
      const { validationLoss } = progress;
      if (validationLoss === undefined) { // stopped before this state was judged
        const last = curve.at(-1)?.validationLoss ?? null;
        if (checkpoint !== undefined) await keepState(checkpoint, state, recordOf(plan, last));
        continue;
      }
      curve.push({ step: state.step, loss: progress.meanLoss, validationLoss });
      if (validationLoss < best.validationLoss) {
        best = { state, validationLoss };
        if (checkpoint !== undefined) await keepState(bestPath(checkpoint), state, recordOf(plan, validationLoss));
      }
      if (checkpoint !== undefined) await keepState(checkpoint, state, recordOf(plan, validationLoss));
      const rate = (state.step - from) / (performance.now() - started) * 1000;
      line.update(
        `outer step ${state.step} of ${plan.steps}: query loss ${progress.meanLoss.toFixed(4)}, ` +
          `validation ${validationLoss.toFixed(4)} (best ${best.validationLoss.toFixed(4)} at ${best.state.step}), ` +
          `${rate.toFixed(0)} steps/s, ${((plan.steps - state.step) / rate).toFixed(0)} s left`,
      );
    }
  } catch (error) {
    const rest = checkpoint === undefined ? "nothing of it was kept" : `--resume continues ${checkpoint}`;
    if (signal.aborted) line.done(`Stopped at outer step ${state.step}; ${rest}`);
    throw error;
  }
  line.done(
    `Meta-trained ${state.step} outer steps in ${((performance.now() - started) / 1000).toFixed(1)} s; ` +
      `best validation loss ${best.validationLoss.toFixed(4)} at step ${best.state.step}`,
  );
  return { best: best.state, validationLoss: best.validationLoss, curve };
}
