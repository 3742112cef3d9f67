/**
 * The process that trains one run: `deno run web/worker/train.ts DATABASE RUN OWNER`. It talks through the runs' database
 * alone: writes points and checkpoints, reads requests. When its standard input closes, the server that started it is gone:
 * it keeps a checkpoint and ends, and the run stays `running` for the next server to take up.
 * @module
 */
import {
  DataError,
  decodeState,
  DivergedError,
  encodeState,
  metaInit,
  type MetaProgress,
  type MetaState,
  metaTrain,
  openEngine,
  openRuns,
  OwnershipError,
  type RunRequest,
  type RunStore,
} from "@adaptrade/adaptrade";
import { parseRunConfig, type RunConfig } from "../server/run_config.ts";
import { planRun, type RunPlan } from "../server/run_plan.ts";
import { measure, pointOf } from "./measure.ts";
import { whenOrphaned } from "./orphaned.ts";

const POLL_MS = 200;
/** A checkpoint is kept at least this often, so that little is trained twice. */
const CHECKPOINT_MS = 2000;

/** Outer steps between points: some 400 points a run, often enough to look alive. */
function pointEvery(steps: number): number {
  return Math.max(1, Math.min(50, Math.round(steps / 400)));
}

/** Why a training is interrupted. */
type Interruption = RunRequest | "orphaned";

async function train(store: RunStore, id: string, owner: string): Promise<void> {
  const config = parseRunConfig(store.get(id)?.config);
  const plan = await planRun(config);
  await using engine = await openEngine({ backend: config.backend });
  const { state, best } = await startOf(store, id, plan, config);
  const interruption = new AbortController();
  const poll = setInterval(() => {
    const run = store.get(id);
    if (run?.owner !== owner) interruption.abort("orphaned");
    else if (run.request !== null) interruption.abort(run.request);
  }, POLL_MS);
  whenOrphaned(() => interruption.abort("orphaned"));

  let bestLoss = best;
  let [kept, saved, count] = [state.step, 0, 0];
  let last: MetaState = state;
  const clock = { time: performance.now(), step: state.step };
  const keep = async (progress: MetaProgress): Promise<void> => {
    const { state, validationLoss = null } = progress;
    const now = performance.now();
    const stepsPerSecond = (state.step - clock.step) / (now - clock.time) * 1000;
    [clock.time, clock.step] = [now, state.step];
    // Taking the exact and the first-order gradient costs several steps, so it is done now and then.
    const firstOrder = count++ % 8 === 0 ? await measure(engine, state, plan.validation) : null;
    const improved = validationLoss !== null && validationLoss < bestLoss;
    const due = now - saved > CHECKPOINT_MS || state.step >= config.steps || interruption.signal.aborted;
    const bytes = improved || due ? await encodeState(state) : null;
    const checkpoint = bytes && { step: state.step, validation: validationLoss, bytes };
    if (improved) bestLoss = validationLoss!;
    if (due) [saved, kept] = [now, state.step];
    store.report(id, owner, {
      step: state.step,
      point: pointOf(progress, { stepsPerSecond, firstOrder, backend: engine.info.backend }),
      checkpoints: { ...(due && { latest: checkpoint! }), ...(improved && { best: checkpoint! }) },
    });
    last = state;
  };
  try {
    const run = { every: pointEvery(config.steps), validation: plan.validation, signal: interruption.signal };
    for await (const progress of metaTrain(engine, state, plan.batches(state.step), run)) await keep(progress);
    store.finish(id, owner, "done");
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const reason = interruption.signal.reason as Interruption;
    if (last.step > kept) {
      const bytes = await encodeState(last);
      store.report(id, owner, {
        step: last.step,
        checkpoints: { latest: { step: last.step, validation: null, bytes } },
      });
    }
    if (reason !== "orphaned") store.finish(id, owner, reason === "pause" ? "paused" : "stopped");
  } finally {
    clearInterval(poll);
  }
}

async function startOf(
  store: RunStore,
  id: string,
  plan: RunPlan,
  config: RunConfig,
): Promise<{ readonly state: MetaState; readonly best: number }> {
  const latest = store.checkpoint(id, "latest");
  const best = store.checkpoint(id, "best")?.validation ?? Infinity;
  if (latest === undefined) return { state: metaInit(plan.config, { seed: config.seed }), best };
  return { state: (await decodeState(latest.bytes, `the checkpoint of run ${id}`)).state, best };
}

/** What to tell a person of a failure. */
function inWords(error: unknown): string {
  if (error instanceof DivergedError) return `${error.message}. Lower the learning rates and start again.`;
  return error instanceof DataError || error instanceof RangeError || error instanceof TypeError
    ? error.message
    : `${(error as Error).name}: ${(error as Error).message}`;
}

if (import.meta.main) {
  const [path, id, owner] = Deno.args;
  using store = await openRuns(path);
  try {
    await train(store, id, owner);
  } catch (error) {
    if (!(error instanceof OwnershipError)) {
      console.error(error);
      store.finish(id, owner, "failed", inWords(error));
    }
  }
  // Standard input is still being waited for.
  store[Symbol.dispose]();
  Deno.exit(0);
}
