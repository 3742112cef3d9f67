/**
 * The live streams of runs: `runs` for the overview, one a run for its page. Each polls the database once for all its readers,
 * and asks for rows only when the file has changed.
 * @module
 */
import type { RunPoint, RunRecord, RunStore } from "../../lib/store/runs.ts";
import type { PointDetail } from "../worker/measure.ts";
import { runManager } from "./run_manager.ts";
import { type EventChannel, openChannel, type ServerEvent } from "./sse.ts";

/** A run as the overview shows it. */
export interface RunSummary extends Omit<RunRecord, "owner" | "config"> {
  /** Name of the method's preset. */
  readonly preset: string;
  /** Ids of the markets it trains on. */
  readonly markets: readonly string[];
  /** Id of the market it keeps unseen. */
  readonly unseen: string;
  /** Validation loss along the run, at most 60 values. */
  readonly spark: readonly number[];
  /** Lowest validation loss, or null. */
  readonly best: number | null;
  /** Outer steps a second, or null. */
  readonly stepsPerSecond: number | null;
}

const SPARK_POINTS = 60;
const RUNS_EVERY_MS = 500;
const RUN_EVERY_MS = 200;

/** A run, summed up. */
export function summarise(store: RunStore, { owner: _, config, ...run }: RunRecord): RunSummary {
  const points = store.points(run.id, { most: SPARK_POINTS });
  const spark = points.flatMap(({ validation }) => validation === null ? [] : [validation]);
  const { preset, markets, unseen } = config as RunSummary;
  return {
    ...run,
    preset,
    markets,
    unseen,
    spark,
    best: store.checkpoint(run.id, "best")?.validation ?? null,
    stepsPerSecond: (points.at(-1)?.detail as PointDetail | undefined)?.stepsPerSecond ?? null,
  };
}

/** All runs, summed up, newest first. */
export function summariseAll(store: RunStore): RunSummary[] {
  return store.list().map((run) => summarise(store, run));
}

let runs: EventChannel | undefined;

/** Connects a reader to the overview's stream: `runs` events with every summary. */
export async function connectRuns(): Promise<Response> {
  const { store } = await runManager();
  const event = (): ServerEvent => ({ name: "runs", data: summariseAll(store) });
  let sent = "";
  runs ??= openChannel({
    everyMs: RUNS_EVERY_MS,
    poll: () => {
      // One's own writes do not move the version, so the rows' times are looked at.
      const mark = store.list().map(({ id, updatedAt, status }) => `${id}${updatedAt}${status}`).join();
      if (mark === sent) return [];
      sent = mark;
      return [event()];
    },
  });
  return runs.connect([event()]);
}

const channels = new Map<string, EventChannel>();

/**
 * Connects a reader to a run's stream: `run` events with its record, `points` events with the points behind `after`.
 *
 * @param after the last step the reader knows, -1 for none
 */
export async function connectRun(id: string, after: number): Promise<Response> {
  const { store } = await runManager();
  const existing = channels.get(id);
  const channel = existing ?? openRunChannel(store, id);
  if (!existing) channels.set(id, channel);
  const run = store.get(id)!;
  return channel.connect([runEvent(store, run), ...pointEvents(store, id, after).events]);
}

function openRunChannel(store: RunStore, id: string): EventChannel {
  let step = store.points(id).at(-1)?.step ?? -1;
  let mark = "";
  return openChannel({
    everyMs: RUN_EVERY_MS,
    poll: () => {
      const run = store.get(id);
      const now = run === undefined ? "" : `${run.updatedAt}${run.status}${run.request}`;
      if (run === undefined || now === mark) return [];
      mark = now;
      // A run taken up again goes on from its checkpoint, behind the points that were sent.
      if (run.step < step) step = run.step;
      const news = pointEvents(store, id, step);
      step = news.step;
      return [runEvent(store, run), ...news.events];
    },
  });
}

function runEvent(store: RunStore, run: RunRecord): ServerEvent {
  return { name: "run", data: summarise(store, run) };
}

function pointEvents(store: RunStore, id: string, after: number): { events: ServerEvent[]; step: number } {
  const points: RunPoint[] = store.points(id, { after });
  const step = points.at(-1)?.step ?? after;
  return { events: points.length === 0 ? [] : [{ name: "points", data: points, id: step }], step };
}
