/**
 * Checks of what a caller brings: widths, shapes by name, functions. Each message names what was wanted and what came.
 * @module
 */
import { type Shape, sizeOf } from "../program/value.ts";

/** @throws {RangeError} It is not a whole number of at least 1. */
export function requireWidth(action: string, name: string, width: unknown): void {
  if (Number.isInteger(width) && width as number >= 1) return;
  throw new RangeError(`${action}: expected ${name} to be a whole number of at least 1, received ${String(width)}`);
}

/**
 * @throws {TypeError} A shape is no list.
 * @throws {RangeError} A length is not a whole number of at least 1.
 */
export function requireShapes(action: string, name: string, shapes: Readonly<Record<string, Shape>>): void {
  for (const [part, shape] of Object.entries(shapes)) {
    if (!Array.isArray(shape)) {
      throw new TypeError(
        `${action}: expected ${name}.${part} to be a shape such as [4, 2] or [4], received ${String(shape)}`,
      );
    }
    shape.forEach((length, i) => requireWidth(action, `${name}.${part}[${i}]`, length));
  }
}

/** @throws {TypeError} It is none. */
export function requireFunction(action: string, name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`${action}: expected ${name} to be a function, received ${typeof value}`);
}

/** What a caller's function that draws initial numbers gave, by name, of parts of these shapes. */
export type DrawnParts = Readonly<Record<string, ArrayLike<number>>>;

/**
 * @param drawn What the function called `name` gave; nothing counts as no part.
 * @throws {TypeError} It is no record of numbers by name.
 * @throws {RangeError} There is no such part, it holds another count of numbers, or one is not finite.
 */
export function requireDrawn(
  action: string,
  name: string,
  { shapes, drawn }: { readonly shapes: Readonly<Record<string, Shape>>; readonly drawn: DrawnParts | undefined },
): DrawnParts {
  if (drawn === undefined) return {};
  if (typeof drawn !== "object" || drawn === null || drawn instanceof Promise) {
    const received = drawn instanceof Promise ? "a promise" : String(drawn);
    throw new TypeError(`${action}: expected ${name} to give numbers by the names of parts, received ${received}`);
  }
  for (const [part, numbers] of Object.entries(drawn)) {
    if (!Object.hasOwn(shapes, part)) {
      const parts = Object.keys(shapes).join(", ");
      throw new RangeError(`${action}: expected ${name} to give parts among ${parts}, received ${part}`);
    }
    const wanted = sizeOf(shapes[part]);
    if (numbers?.length !== wanted) {
      const received = numbers?.length ?? String(numbers);
      throw new RangeError(`${action}: expected ${name} to give ${wanted} numbers for ${part}, received ${received}`);
    }
    const bad = Array.from(numbers).findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(
        `${action}: expected ${name} to give finite numbers for ${part}, received ${numbers[bad]} at index ${bad}`,
      );
    }
  }
  return drawn;
}
