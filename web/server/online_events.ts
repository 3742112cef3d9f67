/**
 * The live streams of paper traders: `traders` for their list, one a trader for its page. Each polls the files once for all its
 * readers, and reads bars only when the trader has moved.
 * @module
 */
import type { Database } from "@adaptrade/adaptrade/store";
import { NEXT_RETURN } from "../components/online_forecast.ts";
import {
  closeLife,
  firstForecastClose,
  history,
  lifeOf,
  logLines,
  type OnlineLine,
  type OnlinePoint,
  openLife,
  pointsAfter,
} from "./online_life.ts";
import { onlineManager } from "./online_manager.ts";
import type { OnlineRecord, OnlineStore } from "./online_store.ts";
import { type OnlineStanding, standingOf } from "./online_standing.ts";
import { type EventChannel, openChannel, type ServerEvent } from "./sse.ts";

/** A trader as the pages show it. */
export type OnlineSummary = Omit<OnlineRecord, "owner">;

/** A trader and its life, as its page is sent; its stream goes on from there. */
export interface OnlineLife {
  readonly trader: OnlineSummary;
  /** Close of the first bar with a forecast; null before it. */
  readonly since: number | null;
  /** Its bars, thinned but for the last ones. */
  readonly points: readonly OnlinePoint[];
  /** What it all amounts to; null before the first bar. */
  readonly standing: OnlineStanding | null;
  /** The last lines of its log, newest first. */
  readonly log: readonly OnlineLine[];
}

const LIST_EVERY_MS = 500;
const TRADER_EVERY_MS = 250;
const HISTORY_POINTS = 1000;
/** What a page is sent with: its stream brings the others at once. */
const PAGE_POINTS = 100;
/** What the charts of the last bars show is not thinned. */
const RECENT_POINTS = 300;
const POINTS_A_POLL = 500;
const LOG_LINES = 150;
/** What looks at the whole life is told no more often. */
const STANDING_EVERY_MS = 2000;

/** All traders, newest first. */
export function summariseTraders(store: OnlineStore): OnlineSummary[] {
  return store.list().map(summaryOf);
}

/** A trader without what is the workers' alone. */
export function summaryOf({ owner: _, ...trader }: OnlineRecord): OnlineSummary {
  return trader;
}

/** A trader and its life; null where there is none of that id. */
export async function readLife(store: OnlineStore, id: string): Promise<OnlineLife | null> {
  const record = store.get(id);
  if (record === undefined) return null;
  await openLife(id);
  const life = lifeOf(id);
  const points = life === null ? [] : history(life, PAGE_POINTS, RECENT_POINTS);
  return {
    trader: summaryOf(record),
    since: life === null ? null : firstForecastClose(life),
    points,
    standing: life === null || points.length === 0 ? null : standingIn(life, record),
    log: linesOf(store, id),
  };
}

let list: EventChannel | undefined;

/** Connects a reader to the list's stream: `traders` events. */
export async function connectTraders(): Promise<Response> {
  const { store } = await onlineManager();
  const event = (): ServerEvent => ({ name: "traders", data: summariseTraders(store) });
  let sent = "";
  list ??= openChannel({
    everyMs: LIST_EVERY_MS,
    poll: () => {
      const now = store.list().map(markOf).join();
      if (now === sent) return [];
      sent = now;
      return [event()];
    },
  });
  return list.connect([event()]);
}

function markOf({ id, updatedAt, status, stopping }: OnlineRecord): string {
  return `${id}${updatedAt}${status}${stopping}`;
}

interface TraderChannel {
  readonly channel: EventChannel;
  /** Starts over at what a reader that comes to an idle channel is given. */
  readonly restart: () => void;
}

const channels = new Map<string, TraderChannel>();

/**
 * Connects a reader to a trader's stream: `trader` events with its record, `history` with its life so far, thinned, then `points`
 * with the bars that follow, `log` events with the last lines, and now and then `standing` with what it all amounts to.
 */
export async function connectTrader(id: string): Promise<Response> {
  const { store } = await onlineManager();
  await openLife(id);
  const held = channels.get(id) ?? openTraderChannel(store, id);
  channels.set(id, held);
  if (held.channel.readers === 0) held.restart();
  const life = lifeOf(id);
  const first = [traderEvent(store, id), logEvent(store, id)];
  if (life !== null) {
    const past = { name: "history", data: history(life, HISTORY_POINTS, RECENT_POINTS) };
    first.splice(1, 0, past, standingEvent(store, id));
  }
  return held.channel.connect(first);
}

function openTraderChannel(store: OnlineStore, id: string): TraderChannel {
  let last = -Infinity;
  let mark = "";
  let told = { at: -Infinity, time: -Infinity };
  const restart = (): void => {
    const life = lifeOf(id);
    last = life === null
      ? -Infinity
      : Number(life.prepare("SELECT max(time) AS time FROM moments").get()?.time ?? -Infinity);
    mark = "";
    // The reader is given the standing of now.
    if (life !== null) told = { at: performance.now(), time: last };
  };
  const poll = (): ServerEvent[] => {
    const trader = store.get(id);
    if (trader === undefined) return [];
    const now = markOf(trader);
    const life = lifeOf(id);
    const points = life === null ? [] : pointsAfter(life, Math.max(last, -8.64e15), POINTS_A_POLL);
    if (now === mark && points.length === 0) return [];
    mark = now;
    last = points.at(-1)?.time ?? last;
    const news: ServerEvent[] = points.length > 0 ? [{ name: "points", data: points }] : [];
    const at = performance.now();
    const due = at - told.at > STANDING_EVERY_MS || trader.status !== "running";
    if (life !== null && last !== told.time && due) {
      told = { at, time: last };
      news.push(standingEvent(store, id));
    }
    return [traderEvent(store, id), ...news, logEvent(store, id)];
  };
  return { channel: openChannel({ everyMs: TRADER_EVERY_MS, poll }), restart };
}

/** A trader's record, and the close that holding is compared from. */
function traderEvent(store: OnlineStore, id: string): ServerEvent {
  const life = lifeOf(id);
  const since = life === null ? null : firstForecastClose(life);
  return { name: "trader", data: { trader: summaryOf(store.get(id)!), since } };
}

function standingEvent(store: OnlineStore, id: string): ServerEvent {
  return { name: "standing", data: standingIn(lifeOf(id)!, store.get(id)!) };
}

function standingIn(life: Database, { settings: { capital }, report }: OnlineRecord): OnlineStanding {
  return standingOf(life, { capital, forecasts: report?.forecasts ?? NEXT_RETURN });
}

function logEvent(store: OnlineStore, id: string): ServerEvent {
  return { name: "log", data: linesOf(store, id) };
}

function linesOf(store: OnlineStore, id: string): OnlineLine[] {
  const forecasts = store.get(id)?.report?.forecasts ?? NEXT_RETURN;
  return logLines(lifeOf(id), store.events(id, LOG_LINES), { most: LOG_LINES, forecasts });
}

/** Forgets a trader that is deleted. */
export function forgetTrader(id: string): void {
  channels.delete(id);
  closeLife(id);
}
