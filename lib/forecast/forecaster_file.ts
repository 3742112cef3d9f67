/**
 * A forecaster as one file: magic, version, SHA-256, a JSON header, and the checkpoints of its networks behind it. Written
 * atomically. `encodeForecaster` and `decodeForecaster` are pure; only `saveForecaster` and `loadForecaster` touch files.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { decodeState, encodeState } from "../meta/checkpoint.ts";
import type { CustomParts } from "../meta/describe_config.ts";
import type { MetaState } from "../meta/state.ts";
import { requireFunction } from "../model/require_parts.ts";
import { writeAtomically } from "../write_atomically.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { deepFreeze, type Forecaster } from "./forecaster.ts";
import type { CustomTarget } from "./target.ts";
import { hostModule } from "../runtime.ts";

/** Version of the format that this code writes; it reads every one up to it. */
export const FORECASTER_VERSION = 2;

const MAGIC = new TextEncoder().encode("ADAPTRF\n");
const HASH_AT = MAGIC.length;
const VERSION_AT = HASH_AT + 32;
const LENGTH_AT = VERSION_AT + 4;
const HEADER_AT = LENGTH_AT + 4;

/** What {@linkcode decodeForecaster} takes. */
export interface DecodeForecasterOptions extends ForecasterFunctions {
  /** What messages call the bytes (default `forecaster`). */
  readonly source?: string;
}

const KEYS: OptionKeys<DecodeForecasterOptions> = { target: true, custom: true, source: true };

/** What a saved forecaster cannot hold: functions of one's own, bound again by name when it is loaded. */
export interface ForecasterFunctions {
  /** The custom target, where it has one. */
  readonly target?: CustomTarget;
  /**
   * The loss, the model or the method of one's own that its networks of so many inputs were trained with, where they were: each must
   * have the name under which it was saved and compute the same.
   */
  readonly custom?: (inputs: number) => CustomParts;
}

type Header = Omit<Forecaster, "members"> & {
  readonly members: readonly { readonly marketWide: boolean; readonly bytes: readonly [number, number] }[];
};

/** JSON keeps no infinity and no float64 array: both are tagged. */
function toJson(_: string, value: unknown): unknown {
  if (value instanceof Float64Array) return { float64: Array.from(value, tagged) };
  return tagged(value);
}

function tagged(value: unknown): unknown {
  return value === Infinity ? { number: "Infinity" } : value;
}

function fromJson(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("number" in value && value.number === "Infinity") return Infinity;
  if ("float64" in value && Array.isArray(value.float64)) return Float64Array.from(value.float64 as number[]);
  return value;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * Turns a forecaster into the bytes of a file.
 *
 * @example
 * ```ts
 * import { openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { decodeForecaster, encodeForecaster } from "@adaptrade/adaptrade/forecast";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const bytes = await encodeForecaster(forecaster);
 * assertEquals((await decodeForecaster(bytes)).target, forecaster.target);
 * ```
 */
export async function encodeForecaster(forecaster: Forecaster): Promise<Uint8Array<ArrayBuffer>> {
  const states: Uint8Array[] = [];
  const members: { marketWide: boolean; bytes: [number, number] }[] = [];
  for (const { state, pretrained, marketWide } of forecaster.members) {
    const pair = [await encodeState(state), await encodeState(pretrained)] as const;
    states.push(...pair);
    members.push({ marketWide, bytes: [pair[0].length, pair[1].length] });
  }
  const { target } = forecaster;
  const named = target.kind === "custom"
    ? { kind: target.kind, name: target.name, horizon: target.horizon, unit: target.unit }
    : target;
  const header = new TextEncoder().encode(JSON.stringify({ ...forecaster, target: named, members }, toJson));
  const bytes = new Uint8Array(HEADER_AT + header.length + states.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(VERSION_AT, FORECASTER_VERSION, true);
  view.setUint32(LENGTH_AT, header.length, true);
  bytes.set(header, HEADER_AT);
  let at = HEADER_AT + header.length;
  for (const state of states) {
    bytes.set(state, at);
    at += state.length;
  }
  bytes.set(await sha256(bytes.slice(VERSION_AT)), HASH_AT);
  return bytes;
}

/**
 * Reads a forecaster's bytes back.
 *
 * @param bytes From {@linkcode encodeForecaster}.
 * @param options What messages call the bytes, and functions to bind.
 * @throws {DataError} The bytes are no forecaster, of a later version, truncated or corrupted; the message says which.
 * @throws {TypeError} It forecasts a custom target and that was not given, or has another name or horizon.
 *
 * @example
 * ```ts
 * import { openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { decodeForecaster, encodeForecaster } from "@adaptrade/adaptrade/forecast";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const read = await decodeForecaster(await encodeForecaster(forecaster));
 * assertEquals(read.members[0].state.params, forecaster.members[0].state.params);
 * ```
 */
export async function decodeForecaster(
  bytes: Uint8Array,
  options: DecodeForecasterOptions = {},
): Promise<Forecaster> {
  requireKnownKeys("Cannot read a forecaster", "options", options, KEYS);
  const { source = "forecaster", target, custom } = options;
  if (custom !== undefined) requireFunction(`Cannot read ${source}`, "custom", custom);
  const refuse = (why: string): never => {
    throw new DataError(`Cannot read ${source}: ${why}`);
  };
  if (bytes.length < HEADER_AT || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse(`expected a saved forecaster, received ${bytes.length} bytes that do not start as one`);
  }
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  const digest = await sha256(copy.slice(VERSION_AT));
  if (digest.some((byte, i) => copy[HASH_AT + i] !== byte)) {
    refuse(`its checksum does not match its ${copy.length} bytes: the file is truncated or corrupted`);
  }
  const version = view.getUint32(VERSION_AT, true);
  if (version > FORECASTER_VERSION) {
    refuse(`expected a format version of at most ${FORECASTER_VERSION}, received ${version}`);
  }
  let at = HEADER_AT + view.getUint32(LENGTH_AT, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(HEADER_AT, at)), fromJson) as Header;
  if (header.target.kind === "custom" && header.target.name !== target?.name) {
    throw new TypeError(
      `Cannot read ${source}: it forecasts the custom target "${header.target.name}"; pass it as target, ` +
        `got ${target ? `"${target.name}"` : "none"}`,
    );
  }
  if (header.target.kind === "custom" && header.target.horizon !== target?.horizon) {
    throw new TypeError(
      `Cannot read ${source}: it forecasts "${header.target.name}" ${header.target.horizon} bars ahead, got a target of ` +
        `${target?.horizon}`,
    );
  }
  const next = async (length: number, parts: CustomParts): Promise<MetaState> => {
    const { state } = await decodeState(copy.subarray(at, at + length), source, { custom: parts });
    at += length;
    return state;
  };
  const members = [];
  for (const { marketWide, bytes: [first, second] } of header.members) {
    const parts = custom?.(marketWide ? header.columns.length : header.own) ?? {};
    members.push({ state: await next(first, parts), pretrained: await next(second, parts), marketWide });
  }
  return deepFreeze({ ...header, target: header.target.kind === "custom" ? target! : header.target, members });
}

/**
 * Writes a forecaster atomically: a temporary file beside it, flushed, then renamed over it.
 *
 * @param path Where to write it.
 * @param forecaster What to save.
 *
 * @example
 * ```ts
 * import { loadForecaster, openEngine, saveForecaster, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const path = await Deno.makeTempFile();
 * await saveForecaster(path, forecaster);
 * assertEquals((await loadForecaster(path)).target, forecaster.target);
 * await Deno.remove(path);
 * ```
 */
export async function saveForecaster(path: string, forecaster: Forecaster): Promise<void> {
  await writeAtomically(path, await encodeForecaster(forecaster));
}

/**
 * Reads a forecaster written by {@linkcode saveForecaster}.
 *
 * @param path The file.
 * @param functions What of it is one's own: functions are not stored.
 * @throws {DataError} The file is no forecaster, of a later version, truncated or corrupted, or a part of one's own is missing,
 * has another name or computes something else.
 * @throws {TypeError} It forecasts a custom target and that was not given, or has another name or horizon.
 *
 * @example
 * ```ts
 * import { loadForecaster, openEngine, saveForecaster, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const path = await Deno.makeTempFile();
 * await saveForecaster(path, forecaster);
 * assertEquals((await loadForecaster(path)).target, forecaster.target);
 * await Deno.remove(path);
 * ```
 */
export async function loadForecaster(path: string, functions: ForecasterFunctions = {}): Promise<Forecaster> {
  const { readFile } = await hostModule(`Cannot read ${path}`, "node:fs", () => import("node:fs/promises"));
  return await decodeForecaster(await readFile(path), { ...functions, source: path });
}
