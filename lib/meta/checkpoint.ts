/**
 * A state as one file: magic, header length, SHA-256 of all but itself, JSON header, raw little-endian float32. Written
 * atomically.
 * `encodeState`/`decodeState` are pure; only `saveState`/`loadState` touch a file system.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { MetaConfig } from "./config.ts";
import { writeAtomically } from "../write_atomically.ts";
import { resolveConfig } from "./resolve.ts";
import { requireTrainedOn, type TrainedOn } from "./trained_on.ts";
import { customNames, type CustomParts, describeConfig, fingerprint, restoreConfig } from "./describe_config.ts";
import { freezeConfig, freezeState, learnedLengths, type MetaState } from "./state.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { hostModule } from "../runtime.ts";

/** Version of the format that this code writes. It reads version 1, too, whose SHA-256 left the header's length out. */
export const CHECKPOINT_VERSION = 2;

const MAGIC = new TextEncoder().encode("ADAPTRD\n");
const LENGTH_AT = 8;
const HASH_AT = 12;
const HEADER_AT = 44;

interface Header {
  readonly version: number;
  readonly config: MetaConfig;
  readonly custom?: Readonly<Record<string, string>>;
  readonly fingerprint?: string;
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

/** What the readers of checkpoints take. */
export interface LoadOptions {
  /**
   * The parts of the config that are one's own: functions are not stored. Each must have the name under which it was saved and
   * compute the same.
   */
  readonly custom?: CustomParts;
}

const LOAD_KEYS: OptionKeys<LoadOptions> = { custom: true };

/** What a config's problem computes at fixed numbers. */
function fingerprintOf(config: MetaConfig): Promise<string> {
  const { inner } = resolveConfig(config);
  return fingerprint(inner, learnedLengths(inner));
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** The version whose checksum the bytes carry; undefined where they carry none. */
async function versionOf(bytes: Uint8Array): Promise<number | undefined> {
  const payload = bytes.subarray(HEADER_AT);
  const digests = { 2: await sha256(bytes.subarray(0, HASH_AT), payload), 1: await sha256(payload) };
  for (const [version, digest] of Object.entries(digests)) {
    if (digest.every((byte, i) => bytes[HASH_AT + i] === byte)) return Number(version);
  }
  return undefined;
}

/**
 * Turns a state into the bytes of a checkpoint.
 *
 * @param state What to save.
 * @param extra JSON to store beside it, such as where the data came from.
 *
 * @example
 * ```ts
 * import { decodeState, encodeState, maml, metaInit, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [4], outputs: 1 }) }));
 * const { extra } = await decodeState(await encodeState(state, { from: "sample" }));
 * assertEquals(extra, { from: "sample" });
 * ```
 */
export async function encodeState(state: MetaState, extra: unknown = null): Promise<Uint8Array<ArrayBuffer>> {
  const arrays = {
    params: state.params,
    logLr: state.logLr,
    phi: state.phi,
    ...state.others,
    first: state.moments.first,
    second: state.moments.second,
  };
  const custom = customNames(state.config);
  const header = new TextEncoder().encode(JSON.stringify({
    version: CHECKPOINT_VERSION,
    config: describeConfig(state.config),
    ...(Object.keys(custom).length > 0 ? { custom, fingerprint: await fingerprintOf(state.config) } : {}),
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
  bytes.set(await sha256(bytes.subarray(0, HASH_AT), bytes.subarray(HEADER_AT)), HASH_AT);
  return bytes;
}

/** Whether a number counts steps. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What is wrong with a header that the checksum vouches for; undefined when nothing is. */
function faultOf(header: Header | null, version: number): string | undefined {
  const is = (what: string, value: unknown): string => `expected ${what}, received ${JSON.stringify(value)}`;
  if (typeof header !== "object" || header === null) return is("a header", header);
  if (header.version !== version) return is(`format version ${version}`, header.version);
  if (!Array.isArray(header.arrays)) return is("arrays to be a list", header.arrays);
  const bad = header.arrays.find((one) => typeof one?.name !== "string" || !isCount(one.length));
  if (bad !== undefined) return is("an array's name and length", bad);
  if (!isCount(header.step)) return is("step to be an integer of at least 0", header.step);
  if (!isCount(header.momentsStep)) return is("momentsStep to be an integer of at least 0", header.momentsStep);
  if (!(Number.isFinite(header.weightDecay) && header.weightDecay >= 0)) {
    return is("weightDecay to be at least 0", header.weightDecay);
  }
  return undefined;
}

/**
 * Reads a checkpoint's bytes back.
 *
 * @param bytes What {@linkcode encodeState} gave, by this version or an older one.
 * @param source What messages call it, such as the file's path.
 * @param options The parts of the config that are one's own.
 * @throws {DataError} The bytes are no checkpoint, of a newer version, truncated or corrupted, or describe no state; the
 *   message says which.
 *
 * @example
 * ```ts
 * import { decodeState, encodeState, maml, metaInit, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [4], outputs: 1 }) }));
 * const decoded = await decodeState(await encodeState(state));
 * assertEquals(decoded.state.params, state.params);
 * ```
 */
export async function decodeState(
  bytes: Uint8Array,
  source: string = "checkpoint",
  options: LoadOptions = {},
): Promise<Checkpoint> {
  requireKnownKeys("Cannot read a checkpoint", "options", options, LOAD_KEYS);
  const refuse = (why: string, cause?: unknown): never => {
    throw new DataError(`Cannot read ${source}: ${why}`, cause === undefined ? {} : { cause });
  };
  if (bytes.length < HEADER_AT || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse(`expected an adaptrade checkpoint, received ${bytes.length} bytes that do not start as one`);
  }
  const copy = new Uint8Array(bytes);
  const version = await versionOf(copy);
  if (version === undefined) {
    return refuse(`its checksum does not match its ${copy.length} bytes: the file is truncated or corrupted`);
  }
  try {
    return await checkpointOf(copy, { version, source, refuse, custom: options.custom ?? {} });
  } catch (error) {
    if (error instanceof DataError) throw error;
    return refuse((error as Error).message, error);
  }
}

/** Reads bytes whose checksum is right. */
async function checkpointOf(
  bytes: Uint8Array,
  { version, source, refuse, custom }: {
    readonly version: number;
    readonly source: string;
    readonly refuse: (why: string) => never;
    readonly custom: CustomParts;
  },
): Promise<Checkpoint> {
  const view = new DataView(bytes.buffer);
  const payloadAt = HEADER_AT + view.getUint32(LENGTH_AT, true);
  if (payloadAt > bytes.length) refuse(`its header's length does not fit its ${bytes.length} bytes: it is corrupted`);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, payloadAt))) as Header;
  const fault = faultOf(header, version);
  if (fault !== undefined) refuse(fault);
  const arrays: Record<string, Float32Array> = {};
  let at = payloadAt;
  for (const { name, length } of header.arrays) {
    if (at + 4 * length > bytes.length) refuse(`expected ${length} values of ${name}, received fewer`);
    const array = new Float32Array(length);
    for (let i = 0; i < length; i++) array[i] = view.getFloat32(at + 4 * i, true);
    if (!array.every(Number.isFinite)) refuse(`expected finite values of ${name}`);
    arrays[name] = array;
    at += 4 * length;
  }
  if (at !== bytes.length) refuse(`expected ${at} bytes, received ${bytes.length}`);
  const config = freezeConfig(restoreConfig(header.config, custom, refuse));
  // Files written before the fingerprint looked farther out hold its first figures.
  if (header.custom && !`${await fingerprintOf(config)} `.startsWith(`${header.fingerprint} `)) {
    const names = Object.entries(header.custom).map(([part, name]) => `custom.${part} "${name}"`).join(", ");
    refuse(`${names} computes something else than what was saved under that name`);
  }
  const { theta = 0, logLr: rates = 0, phi: shaping = 3, weightDecay: _, ...others } = learnedLengths(
    resolveConfig(config).inner,
  );
  const more = Object.keys(others);
  const learnables = more.reduce((sum, name) => sum + others[name], theta + rates + shaping + 1);
  const expected = {
    params: theta,
    logLr: rates,
    phi: shaping,
    ...others,
    first: learnables,
    second: learnables,
  };
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
    ...(more.length === 0 ? {} : { others: Object.fromEntries(more.map((name) => [name, arrays[name]])) }),
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
 *
 * @example
 * ```ts
 * import { loadState, maml, metaInit, mlp, saveState } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const path = await Deno.makeTempFile();
 * await saveState(path, metaInit(maml({ net }), { seed: 1 }), { extra: { note: "mine" } });
 * assertEquals((await loadState(path)).params.length, net.parameterCount);
 * await Deno.remove(path);
 * ```
 */
export async function saveState(
  path: string,
  state: MetaState,
  options: { readonly extra?: unknown } = {},
): Promise<void> {
  requireKnownKeys("Cannot save a state", "options", options, { extra: true });
  await writeAtomically(path, await encodeState(state, options.extra ?? null));
}

/**
 * Reads a checkpoint written by {@linkcode saveState}.
 *
 * @throws {DataError} The file is no checkpoint, of another version, truncated or corrupted.
 *
 * @example
 * ```ts
 * import { loadState, maml, metaInit, mlp, saveState } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const path = await Deno.makeTempFile();
 * await saveState(path, metaInit(maml({ net }), { seed: 1 }), { extra: { note: "mine" } });
 * assertEquals((await loadState(path)).params.length, net.parameterCount);
 * await Deno.remove(path);
 * ```
 */
export async function loadState(path: string, options: LoadOptions = {}): Promise<MetaState> {
  return (await loadCheckpoint(path, options)).state;
}

/**
 * As {@linkcode loadState}, with what the caller stored beside the state.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, saveState } from "@adaptrade/adaptrade";
 * import { loadCheckpoint } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const path = await Deno.makeTempFile();
 * await saveState(path, metaInit(maml({ net })), { extra: { note: "mine" } });
 * assertEquals((await loadCheckpoint(path)).extra, { note: "mine" });
 * await Deno.remove(path);
 * ```
 */
export async function loadCheckpoint(path: string, options: LoadOptions = {}): Promise<Checkpoint> {
  requireKnownKeys("Cannot read a checkpoint", "options", options, LOAD_KEYS);
  const { readFile } = await hostModule(`Cannot read ${path}`, "node:fs", () => import("node:fs/promises"));
  return await decodeState(await readFile(path), path, options);
}
