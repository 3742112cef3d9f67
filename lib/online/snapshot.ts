/**
 * An online state as text, to be stored and taken up again bitwise: JSON, with number arrays as base64 of their bytes.
 * The config is not stored but compared: a state makes sense under the layout it was made with alone.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { forwardReturns } from "../features/labels.ts";
import { describeConfig, describeNet } from "../meta/describe_config.ts";
import type { OnlineConfig } from "./config.ts";
import type { OnlineForecaster, OnlineForecasterConfig } from "./forecaster_state.ts";
import { EMPTY_SCORE } from "./score.ts";
import type { OnlineState } from "./state.ts";

/** Version of the format that this code writes; it reads version 1 too, whose scores knew no adaptive intervals. */
const VERSION = 2;
const CHUNK = 0x8000;

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
}

/** What JSON would lose: typed arrays, and the numbers that are not decimal. */
function pack(_: string, value: unknown): unknown {
  if (value instanceof Float32Array || value instanceof Float64Array) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { [value instanceof Float32Array ? "$f32" : "$f64"]: toBase64(bytes) };
  }
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $n: Object.is(value, -0) ? "-0" : String(value) };
  }
  return value;
}

function unpack(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$f32" in value) return new Float32Array(fromBase64(String(value.$f32)));
  if ("$f64" in value) return new Float64Array(fromBase64(String(value.$f64)));
  if ("$n" in value) return Number(value.$n);
  return Object.freeze(value);
}

/** What a state depends on, as text. Features and labels are functions, known by name alone. */
function layoutOf(config: OnlineConfig | OnlineForecasterConfig): string {
  if ("forecaster" in config) return forecasterLayout(config);
  const { features, labels, optimizer, meta, ...rest } = config;
  return JSON.stringify({
    ...rest,
    meta: meta.method ? describeConfig(meta) : { ...meta, net: describeNet(meta.net) },
    rule: optimizer.rule,
    features: features.name,
    // A text from before there were other labels says nothing of them.
    ...(labels !== forwardReturns && { labels: labels.name }),
  }, pack);
}

/** A forecaster is known by everything it holds but its networks, and those by the sums of their numbers. */
function forecasterLayout({ forecaster, features, extra, history }: OnlineForecasterConfig): string {
  const { members, ...rest } = forecaster;
  const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
  return JSON.stringify({
    ...rest,
    members: members.map(({ marketWide, state }) => [marketWide, sum(state.params), sum(state.logLr)]),
    functions: [features?.name, extra?.name],
    history,
  }, pack);
}

/**
 * Turns an online state into text.
 *
 * @param state What to save.
 * @returns JSON; {@linkcode decodeOnline} gives bitwise the same state again.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit, simulateMarket } from "@adaptrade/adaptrade";
 * import { decodeOnline, encodeOnline } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const state = onlineInit(config, [candles]);
 * const text = encodeOnline(state);
 * assertEquals(encodeOnline(decodeOnline(config, text)), text);
 * ```
 */
export function encodeOnline(state: OnlineState | OnlineForecaster): string {
  const { config, ...rest } = state;
  return JSON.stringify({ version: VERSION, layout: layoutOf(config), state: rest }, pack);
}

/**
 * Reads an online state back.
 *
 * @param config The layout it was made with, the state's `config`; its functions must be the same ones.
 * @param text From {@linkcode encodeOnline}.
 * @returns A frozen state, bitwise as it was saved.
 * @throws {DataError} The text is no saved state, of an unknown version, or of another layout.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit } from "@adaptrade/adaptrade";
 * import { decodeOnline, encodeOnline } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const config = onlineConfig({ meta: metaGradient({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }) });
 * const state = onlineInit(config, [{ symbol: "BTCUSDT", interval: "1h" }]);
 * assertEquals(decodeOnline(config, encodeOnline(state)).starts[0].params, state.starts[0].params);
 * ```
 */
export function decodeOnline(config: OnlineConfig, text: string): OnlineState;
/** Reads back what a forecaster knew of the markets that it followed. */
export function decodeOnline(config: OnlineForecasterConfig, text: string): OnlineForecaster;
/** Either. */
export function decodeOnline(
  config: OnlineConfig | OnlineForecasterConfig,
  text: string,
): OnlineState | OnlineForecaster;
export function decodeOnline(
  config: OnlineConfig | OnlineForecasterConfig,
  text: string,
): OnlineState | OnlineForecaster {
  const refuse = (why: string): never => {
    throw new DataError(`Cannot read the online state: ${why}`);
  };
  const parsed = parse(text);
  if (!isSaved(parsed)) return refuse(`expected a saved state, received ${text.length} characters of something else`);
  if (parsed.version !== 1 && parsed.version !== VERSION) {
    return refuse(`expected format version 1 or ${VERSION}, received ${parsed.version}`);
  }
  if (parsed.layout !== layoutOf(config)) return refuse("expected one of this config, received one of another");
  const state = parsed.version === 1 ? withIntervals(parsed.state) : parsed.state;
  return Object.freeze({ config, ...state }) as OnlineState | OnlineForecaster;
}

/** A state of version 1 with intervals that begin anew; forecasts that await their label were made without and are not judged. */
function withIntervals(state: Saved["state"]): Saved["state"] {
  const markets = state.markets.map((market) => {
    const { count, lossSum, recent } = market.score;
    const score = Object.freeze({ ...EMPTY_SCORE, count, lossSum, recent });
    const rows = Object.freeze(market.rows.map(({ forecast: _, ...row }) => Object.freeze(row)));
    return Object.freeze({ ...market, rows, score });
  });
  return { ...state, markets: Object.freeze(markets) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, unpack);
  } catch {
    return undefined;
  }
}

interface Saved {
  readonly version: number;
  readonly layout: string;
  readonly state: Omit<OnlineState, "config"> | Omit<OnlineForecaster, "config">;
}

function isSaved(value: unknown): value is Saved {
  return typeof value === "object" && value !== null && "version" in value && "layout" in value && "state" in value;
}
