/**
 * Tells apart what the functions of the core take first, so that arguments in the wrong order are named instead of failing
 * somewhere inside. It looks at what a value is, not at what it holds.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { describeValue } from "../options.ts";
import type { MetaState } from "./state.ts";

/** Marks by which the library's own values are known, in the order they are asked for. */
const KINDS: readonly [name: string, marks: readonly string[]][] = [
  ["an Engine", ["info", "adapt", "openTraining"]],
  ["a MetaState", ["config", "params", "moments"]],
  ["what adapt() gave", ["net", "params", "losses"]],
  ["a config", ["net", "inner"]],
  ["a network", ["inputs", "outputs", "parameterCount"]],
  ["samples", ["rows", "x", "y"]],
  ["a task", ["support", "query"]],
  ["candles", ["symbol", "time", "close"]],
];

function holds(value: unknown, marks: readonly string[]): boolean {
  return typeof value === "object" && value !== null && marks.every((mark) => mark in value);
}

function kindOf(value: unknown): string {
  return KINDS.find(([, marks]) => holds(value, marks))?.[0] ?? describeValue(value);
}

function require(action: string, name: string, value: unknown, kind: string): void {
  const [, marks] = KINDS.find(([one]) => one === kind)!;
  if (holds(value, marks)) return;
  const found = kindOf(value);
  const swapped = KINDS.some(([one]) => one === found) ? ": are the arguments swapped?" : "";
  throw new TypeError(`${action}: expected ${name} to be ${kind}, received ${found}${swapped}`);
}

/**
 * Requires an engine.
 *
 * @throws {TypeError} It is none; the message says what came in its place.
 */
export function checkEngine(action: string, engine: Engine): void {
  require(action, "engine", engine, "an Engine");
}

/**
 * Requires an engine and a state.
 *
 * @throws {TypeError} One of them is none; the message says what came in its place.
 */
export function checkEngineAndState(action: string, engine: Engine, state: MetaState): void {
  checkEngine(action, engine);
  require(action, "state", state, "a MetaState");
}
