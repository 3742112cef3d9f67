/**
 * The live streams of runs: `runs` for the overview, one a run for its page. Each polls the database once for all its readers,
 * and asks for rows only when the file has changed.
 * @module
 */
import type { RunRecord, RunStore } from "@adaptrade/adaptrade/store";
import type { PointDetail } from "../worker/measure.ts";
import { isForecasterRun, type RunConfig } from "./run_config.ts";
import { runManager } from "./run_manager.ts";
import type { RunResult, RunVerdict } from "./run_verdict.ts";
import { encodeEvents, type EventChannel, openChannel, type Sendable, type ServerEvent } from "./sse.ts";

/** A run as the overview shows it. */
export interface RunSummary extends Omit<RunRecord, "owner" | "config" | "result"> {
  /** What was asked for; null of a run of an earlier version, which trained no forecaster. */
  readonly config: RunConfig | null;
  /** Ids of the markets it trains on. */
  readonly markets: readonly string[];
  /** Id of the market it keeps unseen. */
  readonly unseen: string;
  /** Validation loss along the run, at most 60 values. */
  readonly spark: readonly number[];
  /** Validation loss of the forecaster, of the networks that are finished; null before the first. */
  readonly best: number | null;
  /** Validation loss of saying nothing; null before the first point. */
  readonly anchor: number | null;
  /** Outer steps a second, or null. */
  readonly stepsPerSecond: number | null;
  /** What came of it on the unseen market, in short; null before, or where nothing can be said. */
  readonly verdict: Pick<RunVerdict, "reference" | "less" | "beyondChance"> | null;
}

/** A run as its own page shows it. */
export interface RunDetail extends RunSummary {
  /** What came of it on the unseen market, whole; null before its end. */
  readonly result: RunResult | null;
}

const SPARK_POINTS = 60;
const RUNS_EVERY_MS = 500;
const RUN_EVERY_MS = 200;

/** Changes whenever a run's record does. */
function markOf({ updatedAt, status, request, step }: RunRecord): string {
  return `${updatedAt} ${status} ${request} ${step}`;
}

const summaries = new Map<string, { readonly mark: string; readonly summary: RunSummary }>();

/** A run, summed up; its points are read only when it has changed. */
export function summarise(store: RunStore, run: RunRecord): RunSummary {
  const mark = markOf(run);
  const known = summaries.get(run.id);
  if (known?.mark === mark) return known.summary;
  const summary = readSummary(store, run);
  summaries.set(run.id, { mark, summary });
  return summary;
}

function readSummary(store: RunStore, { owner: _, config, result: found, ...run }: RunRecord): RunSummary {
  const points = store.points(run.id, { most: SPARK_POINTS });
  const spark = points.flatMap(({ validation }) => validation === null ? [] : [validation]);
  const { markets, unseen } = config as RunSummary;
  const last = points.at(-1)?.detail as Partial<PointDetail> | undefined;
  const result = found as RunResult | null;
  return {
    ...run,
    config: isForecasterRun(config) ? config : null,
    markets,
    unseen,
    spark,
    best: store.checkpoint(run.id, isForecasterRun(config) ? "latest" : "best")?.validation ?? null,
    anchor: last?.anchorLoss ?? null,
    stepsPerSecond: last?.stepsPerSecond ?? null,
    verdict: result === null || "problem" in result
      ? null
      : { reference: result.reference, less: result.less, beyondChance: result.beyondChance },
  };
}

/** A run as its own page shows it. */
export function detailOf(store: RunStore, run: RunRecord): RunDetail {
  return { ...summarise(store, run), result: run.result as RunResult | null };
}

/** All runs, summed up, newest first. */
export function summariseAll(store: RunStore): RunSummary[] {
  const runs = store.list();
  const ids = new Set(runs.map(({ id }) => id));
  for (const id of summaries.keys()) if (!ids.has(id)) summaries.delete(id);
  return runs.map((run) => summarise(store, run));
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
      const mark = store.list().map((run) => `${run.id} ${markOf(run)}`).join();
      if (mark === sent) return [];
      sent = mark;
      return [event()];
    },
  });
  return runs.connect([event()]);
}

/** A run's stream, and all that it has sent: what a new reader is given. */
export interface RunChannel {
  /** The stream. */
  readonly channel: EventChannel;
  /** What has happened since it was last asked, for those who read already. */
  advance(): readonly Sendable[];
  /** The points behind a step, encoded once for all readers; more where the step lies within a part. */
  history(after: number): readonly Uint8Array[];
}

const channels = new Map<string, RunChannel>();

/**
 * Connects a reader to a run's stream: `run` events with its record, `points` events with the points behind `after`, and
 * `gone` when the run is deleted. What earlier readers were sent is neither read nor encoded again.
 *
 * @param after the last step the reader knows, -1 for none
 */
export async function connectRun(id: string, after: number): Promise<Response> {
  const { store } = await runManager();
  const run = channels.get(id) ?? openRunChannel(store, id);
  channels.set(id, run);
  run.channel.publish(...run.advance());
  return run.channel.connect([runEvent(store, store.get(id)!), ...run.history(after)]);
}

/** How many parts a history may have before they are put together. */
const MOST_PARTS = 32;

/** Opens the stream of a run over a store. */
export function openRunChannel(store: RunStore, id: string): RunChannel {
  let parts: { readonly step: number; readonly bytes: Uint8Array }[] = [];
  let mark = "";
  const append = (after: number): Uint8Array[] => {
    const points = store.points(id, { after });
    const step = points.at(-1)?.step;
    if (step === undefined) return [];
    const bytes = encodeEvents([{ name: "points", data: points, id: step }]);
    parts.push({ step, bytes });
    return [bytes];
  };
  const advance = (): readonly Sendable[] => {
    const run = store.get(id);
    if (run === undefined) {
      channel.publish({ name: "gone", data: id });
      channel.close();
      return [];
    }
    const now = markOf(run);
    if (now === mark) return [];
    mark = now;
    const known = parts.at(-1)?.step ?? -1;
    // A run taken up again goes on from its checkpoint, behind the points that were sent: all of them are sent anew.
    if (run.step < known) parts = [];
    return [runEvent(store, run), ...append(run.step < known ? -1 : known)];
  };
  const channel = openChannel({ everyMs: RUN_EVERY_MS, poll: advance, onIdle: () => channels.delete(id) });
  return {
    channel,
    advance,
    history(after) {
      if (parts.length > MOST_PARTS) {
        parts = [];
        append(-1);
      }
      return parts.filter(({ step }) => step > after).map(({ bytes }) => bytes);
    },
  };
}

function runEvent(store: RunStore, run: RunRecord): ServerEvent {
  return { name: "run", data: detailOf(store, run) };
}
