/**
 * The error of a program that cannot be built: it names the operation, the shapes, and the line outside the library that asked.
 * @module
 */
import type { Graph } from "./graph_type.ts";

/** Lines of the call stack in which the caller's is looked for. */
const STACK_LINES = 100;

const HOME = new URL("../", import.meta.url).href;

/** The first line of the call stack that lies outside the library, as ` (at file:line:column)`; empty where there is none. */
function callSite(): string {
  const limit = Error.stackTraceLimit;
  // Operations made of others lie between the caller's function and this one.
  if (typeof limit === "number") Error.stackTraceLimit = Math.max(limit, STACK_LINES);
  const { stack = "" } = new Error();
  if (typeof limit === "number") Error.stackTraceLimit = limit;
  for (const line of stack.split("\n").slice(1)) {
    const place = /\(?((?:file|https?|blob|data):[^\s()]*:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    if (place && !place.startsWith(HOME)) return ` (at ${place})`;
  }
  return "";
}

/** What a caller's function gave where a value was wanted: its shape, or what it is instead. */
export function showReceived(given: unknown): string {
  if (typeof given !== "object" || given === null) {
    return typeof given === "number" ? `the number ${given}` : String(given);
  }
  if (given instanceof Promise) return "a promise";
  return "shape" in given && Array.isArray(given.shape) ? `[${given.shape.join(", ")}]` : "an object that is no value";
}

/** Throws as {@linkcode refuse} unless a caller's function gave a value of this graph and shape; `wanted` names what it is. */
export function requireGiven(
  g: Graph,
  given: unknown,
  { action, wanted, shape }: { readonly action: string; readonly wanted: string; readonly shape: readonly number[] },
): void {
  const received = showReceived(given);
  const expected = `[${shape.join(", ")}]`;
  if (received !== expected) refuse(action, wanted, received);
  if (!g.owns(given)) refuse(action, wanted, "a value of another graph");
}

/** Throws as {@linkcode refuse} unless a caller's function gave values of this graph by name; `wanted` names them. */
export function requireGivenValues(
  g: Graph,
  given: unknown,
  { action, wanted }: { readonly action: string; readonly wanted: string },
): void {
  if (typeof given !== "object" || given === null || given instanceof Promise || g.owns(given)) {
    refuse(action, wanted, showReceived(given));
  }
  for (const [name, value] of Object.entries(given)) {
    if (!g.owns(value)) refuse(action, wanted, `${showReceived(value)} for ${name}`);
  }
}

/** Throws a `TypeError` that says what could not be built, what was expected and received, and where it was asked for. */
export function refuse(action: string, expected: string, received: string): never {
  throw new TypeError(`Cannot ${action}: expected ${expected}, received ${received}${callSite()}`);
}
