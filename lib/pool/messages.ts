/**
 * What a pool's thread is told, and what it tells. Plain data alone.
 * @module
 */
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

/** Writes an error down. */
export function writeError(error: unknown): WrittenError {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}

/** An error that was written down. */
export function readError({ name, message }: WrittenError): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
