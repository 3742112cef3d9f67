/**
 * Chooses and compiles the build of the CPU kernels that this host can run: relaxed SIMD or plain, shared memory or not.
 * @module
 */
import { WASM } from "../../../kernels/sources.ts";
import { hasNode } from "../../runtime.ts";

/** The name of one build of the kernels. */
export type BuildName = "relaxedShared" | "relaxed" | "simdShared" | "simd";

/** What the kernels export. Addresses are bytes; a job's words are in `kernels/wasm/fields.ts`. */
export interface Kernels {
  /** First byte that the host may use. */
  heapBase(): number;
  /** Lays out the job at `job`. */
  plan(job: number): void;
  /** Packs the job's learner. */
  packLearner(job: number): void;
  /** Runs one item in one thread's scratch. */
  run(job: number, item: number, thread: number): void;
  /** Takes parts of a shared item's sweeps, at the team block at `team`, until the item is done. */
  assist(team: number): void;
  /** Unpacks the mean gradient. */
  unpackGradient(job: number): void;
  /** Sum of squares of `count` values. */
  squares(gradient: number, count: number): number;
  /** Adam on addresses of values, moments and gradient; the scalars are those of `kernels/wasm/outer_update.ts`. */
  adam(values: number, first: number, second: number, gradient: number, count: number, ...scalars: number[]): void;
  /** SGD with momentum, likewise. */
  sgd(values: number, first: number, gradient: number, count: number, ...scalars: number[]): void;
}

/** A module of one function that multiplies and adds with relaxed SIMD. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 1, 253, 15, 65, 2],
  ...[253, 15, 65, 3, 253, 15, 253, 133, 2, 11],
);

/** Whether this host has shared memory and workers to share it with. */
export function canShare(): boolean {
  if (typeof SharedArrayBuffer !== "function") return false;
  return hasNode() || typeof Worker === "function" && typeof Blob === "function";
}

/** The fastest build that this host can run. */
export function chooseBuild(shared: boolean): BuildName {
  if (WebAssembly.validate(RELAXED_PROBE)) return shared ? "relaxedShared" : "relaxed";
  return shared ? "simdShared" : "simd";
}

/** Compiles a build. */
export function compileBuild(name: BuildName): Promise<WebAssembly.Module> {
  return WebAssembly.compile(Uint8Array.from(atob(WASM[name]), (character) => character.charCodeAt(0)));
}

/** Most pages of 64 KiB that a memory grows to: 2 GiB, so that every address is a positive int32. */
export const MAX_PAGES = 32768;

/** A memory that the build accepts; a shared one reserves as much address space as the host grants, up to 2 GiB. */
export function openMemory(shared: boolean): WebAssembly.Memory {
  if (!shared) return new WebAssembly.Memory({ initial: 2, maximum: MAX_PAGES });
  for (let maximum = MAX_PAGES;; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 2, maximum, shared: true });
    } catch (error) {
      if (maximum <= 1024) throw error;
    }
  }
}
