/**
 * Starts training processes and watches over them: at most two at once, the others wait. Runs that were training when a
 * server ended are taken up again from their checkpoints. Everything said between server and worker goes through the
 * runs' database, so this module keeps no state that a restart would lose.
 * @module
 */
import { openRuns, type RunRecord, type RunStore } from "@adaptrade/adaptrade/store";
import { GPU_ENV, startChild } from "./child_process.ts";
import { dataFolder, marketsFolder, runsDatabase } from "./paths.ts";
import { EARLIER_RUN } from "./earlier_run.ts";
import { isForecasterRun, parseRunConfig, stepsOfRun } from "./run_config.ts";

/** More would take the cores from each other. */
const MOST_WORKERS = 2;
const WORKER = new URL("../worker/train.ts", import.meta.url);

/** Starts, stops and resumes runs. */
export interface RunManager {
  /** The runs. */
  readonly store: RunStore;
  /** Queues a run; see `parseRunConfig` for what it takes and throws. */
  start(config: unknown): RunRecord;
  /** Ends a run's process with a checkpoint; it can go on later. */
  pause(id: string): void;
  /** As `pause`, and says that it is meant to stay so. */
  stop(id: string): void;
  /** Queues a paused, stopped or failed run again. @throws {RangeError} It is of an earlier version. */
  resume(id: string): void;
}

let manager: Promise<RunManager> | undefined;

/** The manager of this process; the first call opens the database and takes up interrupted runs. */
export function runManager(): Promise<RunManager> {
  manager ??= openManager(runsDatabase());
  return manager;
}

async function openManager(database: string): Promise<RunManager> {
  Deno.mkdirSync(dataFolder(), { recursive: true });
  const store = await openRuns(database);
  const working = new Set<string>();

  const schedule = (): void => {
    const waiting = store.list().filter((run) => run.status === "queued" && !working.has(run.id)).reverse();
    for (const run of waiting.slice(0, MOST_WORKERS - working.size)) void work(run.id);
  };
  const work = async (id: string): Promise<void> => {
    const owner = crypto.randomUUID();
    working.add(id);
    store.claim(id, owner);
    const child = startChild(WORKER, {
      permissions: {
        read: [database, marketsFolder()],
        write: [database],
        env: ["ADAPTRADE_DATA", GPU_ENV],
      },
      args: [database, id, owner],
    });
    const errors = new Response(child.stderr).text();
    const { code } = await child.status;
    working.delete(id);
    await child.stdin.close().catch(() => {});
    const run = store.get(id);
    if (run?.status === "running" && run.owner === owner) {
      const reason = (await errors).trim().split("\n").slice(-3).join(" ") || `exit code ${code}`;
      store.finish(id, owner, "failed", `The training process ended unexpectedly: ${reason}`);
    }
    schedule();
  };

  for (const run of store.list()) if (run.status === "running") store.queue(run.id);
  schedule();
  return {
    store,
    start(input) {
      const config = parseRunConfig(input);
      const run = store.create({ name: config.name, config, steps: stepsOfRun(config) });
      schedule();
      return run;
    },
    pause: (id) => store.request(id, "pause"),
    stop: (id) => store.request(id, "stop"),
    resume(id) {
      const { status, config } = store.get(id) ?? {};
      if (!isForecasterRun(config)) throw new RangeError(EARLIER_RUN);
      if (status === "paused" || status === "stopped" || status === "failed") store.queue(id);
      schedule();
    },
  };
}
