/**
 * Everything that the library offers, in the order of the page.
 * @module
 */
import type { LibraryEntry, LibraryRoom } from "./entry.ts";
import { LOSSES, RULES } from "./losses.ts";
import { METHODS_OF_ONE_PASS } from "./methods.ts";
import { MODELS, TARGETS } from "./models.ts";
import { PRESETS } from "./presets.ts";

/** The rooms. */
export const ROOMS: readonly LibraryRoom[] = [PRESETS, METHODS_OF_ONE_PASS, MODELS, LOSSES, RULES, TARGETS];

/** A method by its name in code, of either kind. @throws {RangeError} There is none. */
export function methodEntry(kind: string): LibraryEntry {
  const found = [...PRESETS.entries, ...METHODS_OF_ONE_PASS.entries].find((entry) => entry.kind === kind);
  if (!found) throw new RangeError(`Cannot find the method ${kind}`);
  return found;
}
