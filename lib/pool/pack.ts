/**
 * Plain values with arrays of numbers as bytes, and back: a JSON header, then the arrays, little-endian. Equal values give equal
 * bytes where their names come in the same order. It knows nothing of what the values mean.
 * @module
 */
import { describeValue } from "../options.ts";

const ARRAYS = { Float32Array, Float64Array, Int32Array, Uint8Array } as const;
type ArrayName = keyof typeof ARRAYS;
type Packed = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Where an array's bytes begin: multiples of this. */
const ALIGN = 8;
const HEADER_AT = 4;

function nameOf(value: unknown): ArrayName | undefined {
  return (Object.keys(ARRAYS) as ArrayName[]).find((name) => value instanceof ARRAYS[name]);
}

/** Behind `bytes`, the next place where an array may begin. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}

/**
 * Writes a value as bytes: null, booleans, numbers (NaN and infinities too), strings, arrays, objects, and arrays of numbers. A
 * property that is undefined is left out.
 *
 * @param value What to write.
 * @returns The bytes; see {@linkcode unpackValue}.
 * @throws {TypeError} It holds anything else, such as a function; the message says where.
 *
 * @example
 * ```ts
 * import { packValue, unpackValue } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * const value = { market: "DAX", sharpe: NaN, returns: Float64Array.of(0.01, -0.02) };
 * assertEquals(unpackValue(packValue(value)), value);
 * ```
 */
export function packValue(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: { readonly array: Packed; readonly at: number }[] = [];
  let end = 0;
  const plain = (part: unknown, at: string): unknown => {
    if (part === null || typeof part === "boolean" || typeof part === "string") return part;
    if (typeof part === "number") {
      return Number.isFinite(part) && !Object.is(part, -0) ? part : { $number: Object.is(part, -0) ? "-0" : `${part}` };
    }
    const name = nameOf(part);
    if (name) {
      const array = part as Packed;
      const start = aligned(end);
      arrays.push({ array, at: start });
      end = start + array.byteLength;
      return { $array: [name, start, array.length] };
    }
    if (Array.isArray(part)) return part.map((one, i) => plain(one, `${at}[${i}]`));
    if (typeof part === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(part))) {
      const known = Object.entries(part).filter(([, one]) => one !== undefined);
      return Object.fromEntries(known.map(([key, one]) => [key, plain(one, `${at}.${key}`)]));
    }
    throw new TypeError(
      `Cannot pack a value: expected ${at} to be JSON or an array of numbers, received ${describeValue(part)}`,
    );
  };
  const header = new TextEncoder().encode(JSON.stringify(plain(value, "value")));
  const arraysAt = aligned(HEADER_AT + header.length);
  const bytes = new Uint8Array(arraysAt + end);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, HEADER_AT);
  for (const { array, at } of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), arraysAt + at);
  }
  return bytes;
}

/**
 * Reads the bytes of {@linkcode packValue}.
 *
 * @param bytes The bytes; they are copied.
 * @returns The value; its type is the caller's claim.
 * @throws {RangeError} The bytes are cut short.
 * @throws {SyntaxError} They are no packed value.
 *
 * @example
 * ```ts
 * import { packValue, unpackValue } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(unpackValue<number[]>(packValue([1, 2])), [1, 2]);
 * ```
 */
export function unpackValue<T>(bytes: Uint8Array): T {
  const refuse = (): never => {
    throw new RangeError(`Cannot unpack a value: its ${bytes.length} bytes are cut short`);
  };
  if (bytes.length < HEADER_AT) refuse();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (HEADER_AT + length > bytes.length) refuse();
  const arraysAt = aligned(HEADER_AT + length);
  const revive = (_: string, part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if ("$number" in part) return Number(part.$number);
    if (!("$array" in part)) return part;
    const [name, at, count] = part.$array as [ArrayName, number, number];
    const size = count * ARRAYS[name].BYTES_PER_ELEMENT;
    if (arraysAt + at + size > bytes.length) refuse();
    return new ARRAYS[name](bytes.slice(arraysAt + at, arraysAt + at + size).buffer as ArrayBuffer);
  };
  return JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, HEADER_AT + length)), revive) as T;
}
