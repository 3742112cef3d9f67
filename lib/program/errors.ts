/**
 * The error of a program that cannot be built: it names the operation, the shapes, and the line outside the library that asked.
 * @module
 */

const HOME = new URL("./", import.meta.url).href;

/** The first line of the call stack that lies outside this folder, as ` (at file:line:column)`; empty where there is none. */
function callSite(): string {
  for (const line of (new Error().stack ?? "").split("\n").slice(1)) {
    const place = /\(?((?:file|https?|blob|data):[^\s()]*:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    if (place && !place.startsWith(HOME)) return ` (at ${place})`;
  }
  return "";
}

/** Throws a `TypeError` that says what could not be built, what was expected and received, and where it was asked for. */
export function refuse(action: string, expected: string, received: string): never {
  throw new TypeError(`Cannot ${action}: expected ${expected}, received ${received}${callSite()}`);
}
