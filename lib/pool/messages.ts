/**
 * What a pool's thread is told, and what it tells. Plain data alone.
 * @module
 */
import { describeValue } from "../options.ts";
import type { Job } from "./job.ts";
import type { PoolBuild } from "./job_engine.ts";

/** An error on its way between threads or machines. */
export interface WrittenError {
  /** Its class. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
}

/** What a thread is told. */
export type ToThread =
  | { readonly tell: "open"; readonly kinds: readonly string[]; readonly build: PoolBuild | undefined }
  | { readonly tell: "run"; readonly number: number; readonly job: Job }
  | { readonly tell: "cancel"; readonly number: number }
  | { readonly tell: "forget"; readonly hash: string }
  | { readonly tell: "blob"; readonly hash: string; readonly bytes: Uint8Array }
  | { readonly tell: "missing"; readonly hash: string; readonly error: WrittenError };

/** What a thread tells. */
export type FromThread =
  | { readonly tell: "need"; readonly hash: string }
  | { readonly tell: "begun"; readonly number: number }
  | { readonly tell: "done"; readonly number: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly tell: "failed"; readonly number: number; readonly error: WrittenError };

/** Most characters of a message that travel: a server refuses what is longer than it takes, whatever it says. */
const MOST_TEXT = 4000;
/** Causes that are told behind an error. */
const MOST_CAUSES = 3;

/** A value in words, whatever was thrown: what has no text says so. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return describeValue(value);
  }
}

/** Name and message of an error, its causes behind it. */
function wordsOf(error: Error, causes: number): WrittenError {
  const { name, message, cause } = error;
  if (cause === undefined || causes === 0) return { name: textOf(name), message: textOf(message) };
  const why = cause instanceof Error ? wordsOf(cause, causes - 1) : { name: "Error", message: textOf(cause) };
  return { name: textOf(name), message: `${textOf(message)} (caused by ${why.name}: ${why.message})` };
}

/** Writes an error down, or whatever else was thrown. */
export function writeError(error: unknown): WrittenError {
  let written: WrittenError;
  try {
    written = error instanceof Error ? wordsOf(error, MOST_CAUSES) : { name: "Error", message: textOf(error) };
  } catch {
    written = { name: "Error", message: "it threw an error that cannot be read" };
  }
  const { name, message } = written;
  const cut = `… (${message.length} characters)`;
  const shown = message.length > MOST_TEXT ? message.slice(0, MOST_TEXT - cut.length) + cut : message;
  return { name: name.slice(0, MOST_TEXT), message: shown };
}

/** An error that was written down. */
export function readError({ name, message }: WrittenError): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
