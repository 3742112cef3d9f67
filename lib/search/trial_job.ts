/**
 * A trial as a job of a pool: an objective is a kind of job that takes a configuration and a budget and gives a loss. It decides
 * nothing, and reads no other trial than the one that it goes on from.
 * @module
 */
import { describeValue, type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Job, Json } from "../pool/job.ts";
import { defineJobKind, type JobContext, type JobKind } from "../pool/job_kind.ts";
import { packValue, unpackValue } from "../pool/pack.ts";
import type { Trial } from "./search_method.ts";
import type { Configuration } from "./space.ts";

/** What came of a trial. */
export interface TrialOutcome {
  /** What is to be small; null, as any number that is not finite, where it failed. */
  readonly loss: number | null;
  /** Whatever else was measured (default null). */
  readonly detail?: Json;
  /** What a trial that goes on from this one needs (default null: it starts anew). */
  readonly state?: Uint8Array | null;
}

/** What a trial is given beside its inputs. */
export interface TrialTask {
  /** What is tried. */
  readonly configuration: Configuration;
  /** What may be spent in all. */
  readonly budget: number;
  /** What was spent on `state` before; 0 for a fresh start. */
  readonly spent: number;
  /** Where to go on from; null for a fresh start. */
  readonly state: Uint8Array | null;
  /** Seed of whatever it draws. */
  readonly seed: number;
  /** The objective's settings. */
  readonly params: Json;
}

/** A named pure function from a configuration to a loss. */
export interface TrialKind {
  /** Its name. */
  readonly kind: string;
  /** Its version, at least 1: raise it when the same trial would come to something else. */
  readonly version: number;
  /** Tries a configuration. A training that diverged is a loss of null; what it throws ends the search. */
  run(inputs: readonly Uint8Array[], task: TrialTask, context: JobContext): TrialOutcome | Promise<TrialOutcome>;
}

/** What a search minimises: a kind of trial and what it reads. */
export interface Objective {
  /** The kind's name. */
  readonly kind: string;
  /** The kind's version. */
  readonly version: number;
  /** Hashes of the blobs that it reads, from `Pool.put`. */
  readonly inputs: readonly string[];
  /** Its settings. */
  readonly params: Json;
}

interface Params {
  readonly objective: Json;
  readonly configuration: Configuration;
  readonly budget: number;
  readonly spent: number;
  readonly goesOn: boolean;
}

const KEYS: OptionKeys<TrialKind> = { kind: true, version: true, run: true };

function refuse(what: string, value: unknown): never {
  throw new TypeError(`Cannot finish a trial: expected ${what}, received ${describeValue(value)}`);
}

/** An outcome with its defaults, as a store would give it back: a loss that is no finite number is a failure, 0 has no sign. */
function filled(outcome: TrialOutcome): Required<TrialOutcome> {
  if (typeof outcome !== "object" || outcome === null) refuse("an outcome { loss, detail, state }", outcome);
  const { loss, detail = null, state = null } = outcome;
  if (loss !== null && typeof loss !== "number") refuse("loss to be a number, or null where it failed", loss);
  if (state !== null && !(state instanceof Uint8Array)) refuse("state to be a Uint8Array or null", state);
  const text = JSON.stringify(detail);
  if (text === undefined) refuse("detail to be JSON", detail);
  return { loss: Number.isFinite(loss) ? loss! + 0 : null, detail: JSON.parse(text), state };
}

/**
 * Makes an objective of one's own: a kind of job that tries a configuration. Export it from a module and name that to
 * `openPool("local", { kinds })`.
 *
 * @param definition Name, version and the pure function.
 * @returns The kind of job, frozen.
 * @throws {TypeError} A part is missing, misspelt or of another type.
 * @throws {RangeError} The version is no integer of at least 1.
 *
 * @example
 * ```ts
 * import { defineTrialKind } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * export const bowl = defineTrialKind({
 *   kind: "bowl",
 *   version: 1,
 *   run: (_, { configuration: { x }, budget }) => ({ loss: (x as number) ** 2 + 1 / budget }),
 * });
 * assertEquals(bowl.kind, "bowl");
 * ```
 */
export function defineTrialKind(definition: TrialKind): JobKind {
  requireKnownKeys("Cannot define a trial kind", "definition", definition, KEYS);
  const { kind, version, run } = definition;
  if (typeof run !== "function") {
    throw new TypeError(`Cannot define a trial kind ${kind}: expected run to be a function`);
  }
  return defineJobKind({
    kind,
    version,
    async run(inputs, job, context) {
      const { objective, configuration, budget, spent, goesOn } = job.params as unknown as Params;
      const own = goesOn ? inputs.slice(0, -1) : inputs;
      const state = goesOn ? inputs[inputs.length - 1] : null;
      const task = { configuration, budget, spent, state, seed: job.seed, params: objective };
      return packValue(filled(await run(own, task, context)));
    },
  });
}

/**
 * The job of a trial.
 *
 * @param objective What is minimised.
 * @param trial What is tried.
 * @param start Its seed; and the hash of the state that it goes on from with what was spent on that, or null.
 */
export function trialJob(
  objective: Objective,
  trial: Trial,
  start: { readonly seed: number; readonly from: { readonly state: string; readonly spent: number } | null },
): Job {
  const { kind, version, inputs, params: settings } = objective;
  const { configuration, budget } = trial;
  const { seed, from } = start;
  const params = { objective: settings, configuration, budget, spent: from?.spent ?? 0, goesOn: from !== null };
  return { kind, version, inputs: from ? [...inputs, from.state] : inputs, params, seed };
}

/** What a job of {@linkcode trialJob} gave. */
export function readTrial(bytes: Uint8Array): Required<TrialOutcome> {
  return filled(unpackValue<TrialOutcome>(bytes));
}
