/**
 * A kind of job: a named pure function from bytes and settings to bytes. It knows no pool; whatever runs it hands it an engine.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Job } from "./job.ts";

/** What a job is given beside its inputs. */
export interface JobContext {
  /** Aborted when nobody wants the result any more: what it throws then is not looked at. */
  readonly signal: AbortSignal;
  /** The engine of this worker, of one thread; opened at the first call and kept for the jobs to come. */
  engine(): Promise<Engine>;
}

/** A named pure function: the same inputs, params and seed give the same bytes, wherever and however often it runs. */
export interface JobKind {
  /** Its name, which jobs give. */
  readonly kind: string;
  /** Its version, at least 1: raise it when the same job would give other bytes. */
  readonly version: number;
  /** Runs a job on the blobs that it names, in order; neither may be written to. */
  run(
    inputs: readonly Uint8Array[],
    job: Pick<Job, "params" | "seed">,
    context: JobContext,
  ): Uint8Array | Promise<Uint8Array>;
}

const KIND_KEYS: OptionKeys<JobKind> = { kind: true, version: true, run: true };

/** Everything that was made by {@linkcode defineJobKind}: what a module exports besides is no kind. */
const DEFINED = new WeakSet<object>();

/** Whether a value is a kind of job. */
export function isJobKind(value: unknown): value is JobKind {
  return typeof value === "object" && value !== null && DEFINED.has(value);
}

/** A kind of job with more beside it, which is one itself: for what defines kinds of a sort of its own. */
export function withKind<More extends object>(kind: JobKind, more: More): JobKind & Readonly<More> {
  const made = Object.freeze({ ...kind, ...more });
  DEFINED.add(made);
  return made;
}

/**
 * Makes a kind of job of one's own. Export it from a module and name that module to `openPool({ kinds })` and to the workers: no
 * code travels with a job.
 *
 * @param definition Name, version and the pure function.
 * @returns The kind, frozen.
 * @throws {TypeError} A part is missing, misspelt or of another type.
 * @throws {RangeError} The version is no integer of at least 1.
 *
 * @example
 * ```ts
 * import { defineJobKind } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * export const reversed = defineJobKind({ kind: "reversed", version: 1, run: ([bytes]) => bytes.slice().reverse() });
 * assertEquals(reversed.kind, "reversed");
 * ```
 */
export function defineJobKind(definition: JobKind): JobKind {
  const action = "Cannot define a job kind";
  requireKnownKeys(action, "definition", definition, KIND_KEYS);
  const { kind, version, run } = definition;
  if (typeof kind !== "string" || !/^[A-Za-z][\w-]*$/.test(kind)) {
    throw new TypeError(`${action}: expected kind to be a name, received ${JSON.stringify(kind)}`);
  }
  if (!Number.isInteger(version) || version < 1) {
    throw new RangeError(`${action} ${kind}: expected version to be an integer of at least 1, received ${version}`);
  }
  if (typeof run !== "function") throw new TypeError(`${action} ${kind}: expected run to be a function`);
  const made = Object.freeze({ kind, version, run });
  DEFINED.add(made);
  return made;
}
