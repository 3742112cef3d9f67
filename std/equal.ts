/**
 * Deep equality with the meaning of `equal()` in `@std/assert`: same constructor, same keys, same values; NaN equals NaN
 * and 0 equals -0. It refuses to coerce.
 * @module
 */

type Keyed = Set<unknown> | Map<unknown, unknown>;

/** What a typed array and an array look like to a loop. */
type Numbered = { readonly length: number; readonly [index: number]: unknown };

function sameValueZero(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isNumbered(value: object): value is object & Numbered {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function constructorsEqual(a: object, b: object): boolean {
  return a.constructor === b.constructor || (a.constructor === Object && !b.constructor) ||
    (!a.constructor && b.constructor === Object);
}

/** Whether two values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean {
  const seen = new Map<unknown, unknown>();

  function keyedEqual(x: Keyed, y: Keyed): boolean {
    if (x.size !== y.size) return false;
    const left = [...x];
    const right = [...y];
    return left.every((item) => {
      const i = right.findIndex((other) => compare(item, other));
      if (i >= 0) right.splice(i, 1);
      return i >= 0;
    });
  }

  function compare(x: unknown, y: unknown): boolean {
    if (sameValueZero(x, y)) return true;
    if (!isObject(x) || !isObject(y)) return false;
    if (!constructorsEqual(x, y)) return false;
    if (x instanceof Date && y instanceof Date) return Object.is(x.getTime(), y.getTime());
    if (x instanceof RegExp || x instanceof URL) return String(x) === String(y);
    if (isNumbered(x) && isNumbered(y)) {
      if (x.length !== y.length) return false;
      for (let i = 0; i < x.length; i++) if (!sameValueZero(x[i], y[i])) return false;
      return true;
    }
    if (x instanceof ArrayBuffer && y instanceof ArrayBuffer) return compare(new Uint8Array(x), new Uint8Array(y));
    if (seen.get(x) === y) return true;
    seen.set(x, y);
    if (x instanceof Set || x instanceof Map) return keyedEqual(x, y as Keyed);
    if (x instanceof Error && y instanceof Error && (x.name !== y.name || x.message !== y.message)) return false;
    const keys = Reflect.ownKeys(x).filter((key) => Object.prototype.propertyIsEnumerable.call(x, key));
    const others = Reflect.ownKeys(y).filter((key) => Object.prototype.propertyIsEnumerable.call(y, key));
    if (keys.length !== others.length || (Array.isArray(x) && x.length !== (y as unknown[]).length)) return false;
    return keys.every((key) => Object.hasOwn(y, key) && compare(Reflect.get(x, key), Reflect.get(y, key)));
  }

  return compare(a, b);
}
