/**
 * What this host can run, relaxed SIMD or plain, shared memory or not, and the memory for it.
 * @module
 */
import { hasNode } from "../../runtime.ts";

/** What programs are compiled for. */
export type BuildName = "relaxedShared" | "relaxed" | "simdShared" | "simd";

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

/** Most pages of 64 KiB that a memory grows to: 2 GiB, so that every address is a positive int32. */
export const MAX_PAGES = 32768;

/** A memory that programs accept; a shared one reserves as much address space as the host grants, up to 2 GiB. */
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
