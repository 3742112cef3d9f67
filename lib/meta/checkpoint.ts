/**
 * A state as one file: magic, header length, SHA-256, JSON header, raw little-endian float32. Written atomically.
 * `encodeState`/`decodeState` are pure; only `saveState`/`loadState` touch a file system.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { mlp } from "../net/mlp.ts";
import type { MetaConfig } from "./config.ts";
import { rateCount } from "../engine/layout.ts";
import { resolveConfig } from "./resolve.ts";
import { requireTrainedOn, type TrainedOn } from "./trained_on.ts";
import { freezeConfig, freezeState, type MetaState } from "./state.ts";
import { requireKnownKeys } from "../options.ts";

/** Version of the format that this code writes; it reads this one alone. */
export const CHECKPOINT_VERSION = 1;

const MAGIC = new TextEncoder().encode("ADAPTRD\n");
const LENGTH_AT = 8;
const HASH_AT = 12;
const HEADER_AT = 44;

interface Header {
  readonly version: number;
  readonly config: MetaConfig;
  readonly step: number;
  readonly momentsStep: number;
  readonly weightDecay: number;
  /** Absent in files written before states knew what they were trained on. */
  readonly trainedOn?: TrainedOn | null;
  readonly arrays: readonly { readonly name: string; readonly length: number }[];
  readonly extra: unknown;
}

/** A decoded checkpoint. */
export interface Checkpoint {
  /** The state, bitwise as it was saved. */
  readonly state: MetaState;
  /** What the caller stored beside it (JSON). */
  readonly extra: unknown;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * Turns a state into the bytes of a checkpoint.
 *
 * @param state What to save.
 * @param extra JSON to store beside it, such as where the data came from.
 */
export async function encodeState(state: MetaState, extra: unknown = null): Promise<Uint8Array<ArrayBuffer>> {
  const arrays = {
    params: state.params,
    logLr: state.logLr,
    phi: state.phi,
    first: state.moments.first,
    second: state.moments.second,
  };
  const { net } = state.config;
  const { inputs, hidden, outputs, activation } = net;
  const header = new TextEncoder().encode(JSON.stringify({
    version: CHECKPOINT_VERSION,
    config: { ...state.config, net: { inputs, hidden, outputs, activation } },
    step: state.step,
    momentsStep: state.moments.step,
    weightDecay: state.weightDecay,
    trainedOn: state.trainedOn,
    arrays: Object.entries(arrays).map(([name, { length }]) => ({ name, length })),
    extra,
  }));
  const values = Object.values(arrays).reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(HEADER_AT + header.length + 4 * values);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(LENGTH_AT, header.length, true);
  bytes.set(header, HEADER_AT);
  let at = HEADER_AT + header.length;
  for (const array of Object.values(arrays)) {
    for (const value of array) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  bytes.set(await sha256(bytes.slice(HEADER_AT)), HASH_AT);
  return bytes;
}

/**
 * Reads a checkpoint's bytes back.
 *
 * @throws {DataError} The bytes are no checkpoint, of another version, truncated or corrupted; the message says which.
 */
export async function decodeState(bytes: Uint8Array, source: string = "checkpoint"): Promise<Checkpoint> {
  const refuse = (why: string): never => {
    throw new DataError(`Cannot read ${source}: ${why}`);
  };
  if (bytes.length < HEADER_AT || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse(`expected an adaptrade checkpoint, received ${bytes.length} bytes that do not start as one`);
  }
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const payloadAt = HEADER_AT + view.getUint32(LENGTH_AT, true);
  const digest = await sha256(copy.slice(HEADER_AT));
  if (payloadAt > copy.length || digest.some((byte, i) => copy[HASH_AT + i] !== byte)) {
    refuse(`its checksum does not match its ${copy.length} bytes: the file is truncated or corrupted`);
  }
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(HEADER_AT, payloadAt))) as Header;
  if (header.version !== CHECKPOINT_VERSION) {
    refuse(`expected format version ${CHECKPOINT_VERSION}, received ${header.version}`);
  }
  const arrays: Record<string, Float32Array> = {};
  let at = payloadAt;
  for (const { name, length } of header.arrays) {
    if (at + 4 * length > copy.length) refuse(`expected ${length} values of ${name}, received fewer`);
    const array = new Float32Array(length);
    for (let i = 0; i < length; i++) array[i] = view.getFloat32(at + 4 * i, true);
    arrays[name] = array;
    at += 4 * length;
  }
  const config = freezeConfig({ ...header.config, net: mlp(header.config.net) });
  const { inner } = resolveConfig(config);
  const rates = rateCount(inner.net, inner.rate, inner.steps);
  const learnables = inner.net.parameterCount + rates + 4;
  const expected = { params: inner.net.parameterCount, logLr: rates, phi: 3, first: learnables, second: learnables };
  for (const [name, length] of Object.entries(expected)) {
    if (arrays[name]?.length !== length) {
      refuse(`expected ${length} values of ${name} for its config, received ${arrays[name]?.length ?? 0}`);
    }
  }
  const { params, logLr, phi, first, second } = arrays;
  const state = freezeState({
    config,
    params,
    logLr,
    phi,
    weightDecay: header.weightDecay,
    moments: { first, second, step: header.momentsStep },
    step: header.step,
    trainedOn: header.trainedOn ? requireTrainedOn(`Cannot read ${source}`, header.trainedOn) : null,
  });
  return { state, extra: header.extra };
}

/**
 * Writes a checkpoint atomically: a temporary file beside it, flushed, then renamed over it.
 *
 * @param path Where to write it.
 * @param state What to save.
 * @param options `extra` is JSON to store beside the state.
 */
export async function saveState(
  path: string,
  state: MetaState,
  options: { readonly extra?: unknown } = {},
): Promise<void> {
  requireKnownKeys("Cannot save a state", "options", options, { extra: true });
  const bytes = await encodeState(state, options.extra ?? null);
  const { open, rename } = await import("node:fs/promises");
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/**
 * Reads a checkpoint written by {@linkcode saveState}.
 *
 * @throws {DataError} The file is no checkpoint, of another version, truncated or corrupted.
 */
export async function loadState(path: string): Promise<MetaState> {
  return (await loadCheckpoint(path)).state;
}

/** As {@linkcode loadState}, with what the caller stored beside the state. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const { readFile } = await import("node:fs/promises");
  return await decodeState(await readFile(path), path);
}
