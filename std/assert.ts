/**
 * The part of `@std/assert` that the tests use, with the same signatures and meaning; `deno.jsr.json` maps the name to the
 * original instead. It refuses to draw diffs: a failure shows both values and, for sequences, the first index that differs.
 * @module
 */
import { equal } from "./equal.ts";

export { equal };

// deno-lint-ignore no-explicit-any
type AnyConstructor = abstract new (...args: any[]) => any;

/** Thrown by every assertion that does not hold. */
export class AssertionError extends Error {
  /** Makes the error. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

function show(value: unknown): string {
  return Deno.inspect(value, { depth: 6, iterableLimit: 40, strAbbreviateSize: 4000, sorted: true });
}

function suffix(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}

function firstDifference(actual: unknown, expected: unknown): string {
  const sequence = (value: unknown): value is ArrayLike<unknown> =>
    Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (!sequence(actual) || !sequence(expected)) return "";
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    if (equal(actual[i], expected[i])) continue;
    return `\nfirst difference at [${i}]: ${show(actual[i])} and ${show(expected[i])} ` +
      `(lengths ${actual.length} and ${expected.length})`;
  }
  return "";
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** A value that is falsy. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Asserts deep equality; NaN equals NaN, 0 equals -0, constructors must agree. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${suffix(msg)}\n    actual: ${show(actual)}\n  expected: ${show(expected)}` +
      firstDifference(actual, expected),
  );
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${show(actual)} not to be: ${show(expected)}${suffix(msg)}`,
  );
}

/** Asserts identity, by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    `Values are not strictly equal${suffix(msg)}\n    actual: ${show(actual)}\n  expected: ${show(expected)}`,
  );
}

/** Asserts that two values are not identical, by `Object.is`. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(`Expected "actual" to not be strictly equal to: ${show(actual)}${suffix(msg)}`);
}

/** Asserts |actual − expected| ≤ tolerance; the default tolerance is 1e-7 of `expected`. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  const limit = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (delta <= limit) return;
  throw new AssertionError(
    `Expected actual: "${show(actual)}" to be close to "${show(expected)}": ` +
      `delta "${delta.toExponential()}" is greater than "${limit.toExponential()}"${suffix(msg)}`,
  );
}

function compared(holds: boolean, actual: unknown, relation: string, expected: unknown, msg?: string): void {
  if (!holds) throw new AssertionError(`Expect ${show(actual)} ${relation} ${show(expected)}${suffix(msg)}`);
}

/** Asserts actual > expected. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  compared(actual > expected, actual, ">", expected, msg);
}

/** Asserts actual ≥ expected. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compared(actual >= expected, actual, ">=", expected, msg);
}

/** Asserts actual < expected. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  compared(actual < expected, actual, "<", expected, msg);
}

/** Asserts actual ≤ expected. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compared(actual <= expected, actual, "<=", expected, msg);
}

/** Asserts that a value is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    throw new AssertionError(`Expected actual: "${actual}" to not be null or undefined${suffix(msg)}`);
  }
}

/** Asserts `actual instanceof expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  throw new AssertionError(`Expected ${show(actual)} to be an instance of "${expectedType.name}"${suffix(msg)}`);
}

/** Asserts that a string contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(`Expected actual: "${actual}" to contain: "${expected}"${suffix(msg)}`);
}

/** Asserts that an array contains every one of `expected`, by deep equality. */
export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, msg?: string): void {
  const missing = Array.from(expected).filter((item) => !Array.from(actual).some((other) => equal(item, other)));
  if (missing.length === 0) return;
  throw new AssertionError(`Expected actual: ${show(actual)} to include: ${show(missing)}${suffix(msg)}`);
}

/** Asserts that a string matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(`Expected actual: "${actual}" to match: "${expected}"${suffix(msg)}`);
}

/** Asserts that a string does not match a pattern. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) return;
  throw new AssertionError(`Expected actual: "${actual}" to not match: "${expected}"${suffix(msg)}`);
}

/** Asserts that a value is an error, of a class and with a part of its message when those are given. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: abstract new (...args: never[]) => E,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(`Expected "error" to be an Error object${suffix(msg)}`, { cause: error });
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${error.constructor.name}" ` +
        `with message "${error.message}"${suffix(msg)}`,
      { cause: error },
    );
  }
  const matches = msgMatches === undefined ||
    (typeof msgMatches === "string" ? error.message.includes(msgMatches) : msgMatches.test(error.message));
  if (!matches) {
    throw new AssertionError(
      `Expected error message to include ${show(msgMatches)}, but got ${show(error.message)}${suffix(msg)}`,
      { cause: error },
    );
  }
}

type ErrorArguments<E extends Error> = [
  errorClassOrMsg?: (abstract new (...args: never[]) => E) | string,
  msgIncludesOrMsg?: string,
  msg?: string,
];

function checkThrown<E extends Error>(thrown: unknown, [first, second, third]: ErrorArguments<E>): void {
  if (typeof first === "function") assertIsError(thrown, first, second, third);
}

function lastMessage<E extends Error>([first, , third]: ErrorArguments<E>): string | undefined {
  return typeof first === "string" ? first : third;
}

/** Asserts that a function throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that a function throws an error of a class whose message includes a text, and returns the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: abstract new (...args: never[]) => E,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(fn: () => unknown, ...rest: ErrorArguments<E>): unknown {
  try {
    fn();
  } catch (error) {
    checkThrown(error, rest);
    return error;
  }
  throw new AssertionError(`Expected function to throw${suffix(lastMessage(rest))}`);
}

/** Asserts that a promise rejects, and returns what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that a promise rejects with an error of a class whose message includes a text, and returns the error. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: abstract new (...args: never[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ...rest: ErrorArguments<E>
): Promise<unknown> {
  let pending: unknown;
  try {
    pending = fn();
  } catch (error) {
    throw new AssertionError(`Function throws when expected to reject${suffix(lastMessage(rest))}`, { cause: error });
  }
  if (pending === null || typeof pending !== "object" || typeof Reflect.get(pending, "then") !== "function") {
    throw new AssertionError(`Function throws when expected to reject${suffix(lastMessage(rest))}`);
  }
  try {
    await pending;
  } catch (error) {
    checkThrown(error, rest);
    return error;
  }
  throw new AssertionError(`Expected function to reject${suffix(lastMessage(rest))}`);
}

/** Fails. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${suffix(msg)}`);
}

/** Marks a place that must not be reached. */
export function unreachable(msg?: string): never {
  throw new AssertionError(`Unreachable${suffix(msg)}`);
}
