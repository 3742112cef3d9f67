/**
 * A job: what a pure function of the library is to be run on, as plain data, with an id that is the same wherever it is made.
 * It holds no code and no bytes but hashes; who runs it, and how often, is not its business.
 * @module
 */
import { describeValue, type OptionKeys, requireKnownKeys } from "../options.ts";
import { hashOf, isHash } from "./blob.ts";

/** JSON as a value: finite numbers, and objects without undefined. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What is to be run: the function by name, and everything that its result depends on. */
export interface Job {
  /** Which kind of job, by its name: `forecast`, `backtest`, one of one's own. */
  readonly kind: string;
  /** The kind's version, at least 1: another version may give another result. */
  readonly version: number;
  /** Hashes of the blobs that it reads, in the kind's order; see `Pool.put`. */
  readonly inputs: readonly string[];
  /** The kind's settings. */
  readonly params: Json;
  /** Seed of whatever it draws, a safe integer of at least 0. */
  readonly seed: number;
}

const JOB_KEYS: OptionKeys<Job> = { kind: true, version: true, inputs: true, params: true, seed: true };

/** JSON with the names of every object in order, so that equal values have one text. */
function canonical(value: unknown, at: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, (part, i) => canonical(part, `${at}[${i}]`)).join()}]`;
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    const names = Object.keys(value).sort();
    return `{${
      names.map((name) =>
        `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name], `${at}.${name}`)}`
      ).join()
    }}`;
  }
  const came = typeof value === "number" ? String(value) : describeValue(value);
  throw new TypeError(`Cannot make a job: expected ${at} to be JSON, received ${came}`);
}

/** Requires a job; what its kind makes of the params is checked where it runs. */
export function requireJob(job: Job): void {
  const action = "Cannot make a job";
  if (job === undefined) throw new TypeError(`${action}: expected an object { kind, ... }, received undefined`);
  requireKnownKeys(action, "job", job, JOB_KEYS);
  const { kind, version, inputs, seed } = job;
  if (typeof kind !== "string" || kind === "") {
    throw new TypeError(`${action}: expected kind to be a name, received ${JSON.stringify(kind)}`);
  }
  if (!Number.isInteger(version) || version < 1) {
    throw new RangeError(`${action} ${kind}: expected version to be an integer of at least 1, received ${version}`);
  }
  if (!Array.isArray(inputs) || !inputs.every(isHash)) {
    throw new TypeError(
      `${action} ${kind}: expected inputs to be hashes from put(), received ${JSON.stringify(inputs)}`,
    );
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`${action} ${kind}: expected seed to be a safe integer of at least 0, received ${seed}`);
  }
}

/**
 * The id of a job: the SHA-256 of its kind, version, inputs, params and seed as JSON with its names in order.
 *
 * @param job The job.
 * @returns 64 hexadecimal digits.
 * @throws {TypeError} A part is missing, misspelt or no JSON.
 * @throws {RangeError} The version or the seed is out of range.
 *
 * @example
 * ```ts
 * import { jobId } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * const job = { kind: "forecast", version: 1, inputs: [], params: { bars: 10, market: "BTC" }, seed: 1 };
 * const same = { ...job, params: { market: "BTC", bars: 10 } };
 * assertEquals(await jobId(job), await jobId(same));
 * ```
 */
export async function jobId(job: Job): Promise<string> {
  return await hashOf(jobBytes(job));
}

/** The bytes that a job's id is the hash of. */
export function jobBytes(job: Job): Uint8Array<ArrayBuffer> {
  requireJob(job);
  const { kind, version, inputs, params, seed } = job;
  return new TextEncoder().encode(canonical({ inputs, kind, params, seed, version }, "job"));
}

/** The job of {@linkcode jobBytes}. */
export function readJob(bytes: Uint8Array): Job {
  return JSON.parse(new TextDecoder().decode(bytes)) as Job;
}
