/**
 * What stands under a job's id in the results: its bytes, where long ones lie, or why there are none. One byte says which.
 * @module
 */
import type { WrittenError } from "../messages.ts";

/** What came of a job, as written. */
export type ResultEntry =
  | { readonly sort: "bytes"; readonly bytes: Uint8Array }
  | { readonly sort: "blob"; readonly hash: string }
  | { readonly sort: "poison"; readonly tries: number; readonly error: WrittenError };

const SORTS = ["bytes", "blob", "poison"] as const;

/** Writes an entry. */
export function writeEntry(entry: ResultEntry): Uint8Array {
  const { sort, ...rest } = entry;
  const body = entry.sort === "bytes" ? entry.bytes : new TextEncoder().encode(JSON.stringify(rest));
  const written = new Uint8Array(1 + body.length);
  written[0] = SORTS.indexOf(sort);
  written.set(body, 1);
  return written;
}

/** Reads an entry. */
export function readEntry(written: Uint8Array): ResultEntry {
  const sort = SORTS[written[0]];
  const body = written.subarray(1);
  if (sort === "bytes") return { sort, bytes: body.slice() };
  return { sort, ...JSON.parse(new TextDecoder().decode(body)) };
}
