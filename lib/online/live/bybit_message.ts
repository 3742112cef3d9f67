/**
 * What Bybit's v5 public websocket says, read strictly: a text becomes bars, an answer to a request, or a reason why it is
 * neither. It opens no connection. Source: https://bybit-exchange.github.io/docs/v5/websocket/public/kline
 * @module
 */
import { parseNumber } from "../../data/parse.ts";
import type { Bar } from "../../data/bar.ts";

/** A bar of one topic. */
export interface KlineBar {
  /** Market name. */
  readonly symbol: string;
  /** Bybit's interval code, such as `60`. */
  readonly code: string;
  /** The bar; its figures still change unless it is closed. */
  readonly bar: Bar;
  /** Whether it has closed (`confirm`). */
  readonly closed: boolean;
}

/** A message understood, or not. */
export type BybitMessage =
  | { readonly kind: "bars"; readonly bars: readonly KlineBar[] }
  | { readonly kind: "answer"; readonly op: string; readonly success: boolean; readonly text: string }
  | { readonly kind: "malformed"; readonly why: string };

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TOPIC = /^kline\.([^.]+)\.([^.]+)$/;

function malformed(why: string): BybitMessage {
  return Object.freeze({ kind: "malformed", why });
}

/** A price or volume, which Bybit writes as text; undefined when it is none. */
function figure(value: unknown): number | undefined {
  return typeof value === "string" ? parseNumber(value) : undefined;
}

function readBar(row: unknown, topic: { readonly code: string; readonly symbol: string }): KlineBar | undefined {
  if (!isRecord(row) || typeof row.start !== "number" || !Number.isSafeInteger(row.start)) return undefined;
  if (typeof row.confirm !== "boolean" || String(row.interval) !== topic.code) return undefined;
  const [open, high, low, close, volume] = [row.open, row.high, row.low, row.close, row.volume].map(figure);
  if (open === undefined || high === undefined || low === undefined || close === undefined || volume === undefined) {
    return undefined;
  }
  if (!(low > 0 && low <= open && low <= close && high >= open && high >= close && volume >= 0)) return undefined;
  const bar: Bar = Object.freeze({ time: row.start, open, high, low, close, volume });
  return Object.freeze({ ...topic, bar, closed: row.confirm });
}

function readData(topic: string, { data, ts }: Fields): BybitMessage {
  const [, code, symbol] = TOPIC.exec(topic) ?? [];
  if (code === undefined) return malformed(`expected a topic kline.INTERVAL.SYMBOL, received "${topic}"`);
  if (!Array.isArray(data)) return malformed(`expected data to be a list, received ${JSON.stringify(data)}`);
  const bars: KlineBar[] = [];
  for (const row of data) {
    const bar = readBar(row, { code, symbol });
    if (!bar) return malformed(`expected a bar of ${topic}, received ${JSON.stringify(row)}`);
    if (typeof ts === "number" && bar.bar.time > ts) {
      return malformed(`expected a bar of ${topic} that opened before ${ts}, received ${bar.bar.time}`);
    }
    bars.push(bar);
  }
  return Object.freeze({ kind: "bars", bars: Object.freeze(bars) });
}

/**
 * Reads one message. What is no message of Bybit's, or holds a bar that cannot be one (a price that is no number or not above
 * 0, a high below the low, a bar from the future), is malformed as a whole.
 *
 * @param text The frame's text.
 */
export function readBybitMessage(text: string): BybitMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return malformed(`expected JSON, received "${text.slice(0, 80)}"`);
  }
  if (!isRecord(message)) return malformed(`expected an object, received "${text.slice(0, 80)}"`);
  if (typeof message.topic === "string") return readData(message.topic, message);
  if (typeof message.op === "string") {
    // The answer to a ping is {"success":true,"ret_msg":"pong","op":"ping"}, or {"op":"pong"} on other endpoints.
    const { op, success, ret_msg: said } = message;
    return Object.freeze({ kind: "answer", op, success: success !== false, text: String(said ?? "") });
  }
  return malformed(`expected a topic or an op, received "${text.slice(0, 80)}"`);
}
