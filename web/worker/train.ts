/**
 * The process that trains one run: `deno run web/worker/train.ts DATABASE RUN OWNER`. It talks through the runs' database
 * alone: writes points, the forecaster behind each network, and the verdict; reads requests. When its standard input closes,
 * the server that started it is gone: it ends, and the run stays `running` for the next server to take up from the networks
 * that are finished.
 * @module
 */
import {
  DataError,
  DivergedError,
  type Engine,
  type Forecaster,
  openEngine,
  trainForecaster,
} from "@adaptrade/adaptrade";
import { decodeForecaster, encodeForecaster, type ForecasterProgress } from "@adaptrade/adaptrade/forecast";
import { openRuns, OwnershipError, type RunRequest, type RunStore } from "@adaptrade/adaptrade/store";
import { loadMarket } from "../server/markets.ts";
import { divergenceInWords } from "../server/divergence.ts";
import { EARLIER_RUN } from "../server/earlier_run.ts";
import {
  isForecasterRun,
  keptRunConfig,
  parseRunConfig,
  type RunConfig,
  stepsOfNetwork,
} from "../server/run_config.ts";
import { trainingOf } from "../server/run_training.ts";
import { judgeRun, type RunResult } from "../server/run_verdict.ts";
import { measure, pointOf } from "./measure.ts";
import { whenOrphaned } from "./orphaned.ts";

const POLL_MS = 200;

/** Why a training is interrupted. */
type Interruption = RunRequest | "orphaned";

/** A run that this process trains. */
interface Job {
  readonly store: RunStore;
  readonly id: string;
  readonly owner: string;
}

async function train({ store, id, owner }: Job): Promise<void> {
  const stored = store.get(id)?.config;
  if (!isForecasterRun(stored)) throw new DataError(EARLIER_RUN);
  const config = parseRunConfig(keptRunConfig(stored));
  const interruption = new AbortController();
  const poll = setInterval(() => {
    const run = store.get(id);
    if (run?.owner !== owner) interruption.abort("orphaned");
    else if (run.request !== null) interruption.abort(run.request);
  }, POLL_MS);
  whenOrphaned(() => interruption.abort("orphaned"));
  try {
    await using engine = await openEngine({ backend: config.backend });
    await trainNetworks({ store, id, owner }, engine, { config, signal: interruption.signal });
    store.finish(id, owner, "done");
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const reason = interruption.signal.reason as Interruption;
    if (reason !== "orphaned") store.finish(id, owner, reason === "pause" ? "paused" : "stopped");
  } finally {
    clearInterval(poll);
  }
}

/** Trains one network after the other, keeps the forecaster of those there are, and judges the whole on the unseen market. */
async function trainNetworks(
  { store, id, owner }: Job,
  engine: Engine,
  { config, signal }: { readonly config: RunConfig; readonly signal: AbortSignal },
): Promise<void> {
  const markets = await Promise.all(config.markets.map(loadMarket));
  const options = trainingOf(config, markets);
  const { pretrain, all } = stepsOfNetwork(config);
  const clock = { time: performance.now(), step: -1 };
  const onProgress = async (progress: ForecasterProgress): Promise<void> => {
    const { member, phase, step: own, validated, training, batch } = progress;
    const step = (member - 1) * all + (phase === "meta" ? pretrain : 0) + own;
    const now = performance.now();
    const made = clock.step < 0 ? own : step - clock.step;
    const stepsPerSecond = made / (now - clock.time) * 1000;
    // Taking the exact and the first-order gradient costs several steps, so it is done now and then.
    const firstOrder = phase === "meta" && validated ? await measure(engine, training.state, batch) : null;
    [clock.time, clock.step] = [performance.now(), step];
    const point = pointOf(progress, step, { stepsPerSecond, firstOrder, backend: engine.info.backend });
    store.report(id, owner, { step, point });
  };
  let forecaster = await savedForecaster(store, id);
  for (let seeds = (forecaster?.members.length ?? 0) + 1; seeds <= config.seeds; seeds++) {
    clock.time = performance.now();
    const trained = forecaster?.members ?? [];
    forecaster = await trainForecaster(engine, markets, { ...options, seeds, trained, signal, onProgress });
    const step = seeds * all;
    const bytes = await encodeForecaster(forecaster);
    const latest = { step, validation: forecaster.validation.chosen, bytes };
    store.report(id, owner, { step, checkpoints: { latest } });
  }
  const result = await resultOf(engine, forecaster!, { config, markets, signal });
  store.report(id, owner, { step: config.seeds * all, result });
}

async function savedForecaster(store: RunStore, id: string): Promise<Forecaster | undefined> {
  const latest = store.checkpoint(id, "latest");
  return latest && await decodeForecaster(latest.bytes, { source: `the forecaster of run ${id}` });
}

/** The verdict on the unseen market; in words why there is none, where its data allow none. */
async function resultOf(
  engine: Engine,
  forecaster: Forecaster,
  { config, markets, signal }: {
    readonly config: RunConfig;
    readonly markets: Awaited<ReturnType<typeof loadMarket>>[];
    readonly signal: AbortSignal;
  },
): Promise<RunResult> {
  try {
    return await judgeRun(engine, forecaster, { unseen: await loadMarket(config.unseen), markets, signal });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { problem: error.message };
  }
}

/** What to tell a person of a failure. */
function inWords(error: unknown, config: unknown): string {
  if (error instanceof DivergedError && isForecasterRun(config)) return divergenceInWords(error, config);
  return error instanceof DataError || error instanceof RangeError || error instanceof TypeError
    ? error.message
    : `${(error as Error).name}: ${(error as Error).message}`;
}

if (import.meta.main) {
  const [path, id, owner] = Deno.args;
  using store = await openRuns(path);
  try {
    await train({ store, id, owner });
  } catch (error) {
    if (!(error instanceof OwnershipError)) {
      console.error(error);
      store.finish(id, owner, "failed", inWords(error, store.get(id)?.config));
    }
  }
  // Standard input is still being waited for.
  store[Symbol.dispose]();
  Deno.exit(0);
}
