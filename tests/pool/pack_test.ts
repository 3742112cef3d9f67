// Values as bytes: what goes in comes out, equal values give equal bytes, and bytes that are cut short are refused.
import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { packValue, unpackValue } from "@adaptrade/adaptrade/pool";

const floats = { noDefaultInfinity: false, noNaN: false };
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.double(floats),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
    fc.uint8Array(),
    fc.float32Array(floats),
    fc.float64Array(floats),
    fc.int32Array(),
    fc.array(tie("any")),
    fc.dictionary(fc.string().filter((name) => !name.startsWith("$") && name !== "__proto__"), tie("any"), {
      noNullPrototype: true,
    }),
  ),
})).any;

Deno.test("unpackValue() gives what packValue() was given, whatever it holds", () => {
  fc.assert(fc.property(value, (given) => assertEquals(unpackValue(packValue(given)), given)));
});

Deno.test("packValue() leaves out what is undefined, and keeps the sign of zero", () => {
  const found = unpackValue<{ a?: number; b: number }>(packValue({ a: undefined, b: -0 }));
  assertEquals([Object.keys(found), Object.is(found.b, -0)], [["b"], true]);
});

Deno.test("packValue() reads an array's own part of its buffer, from any place, and unpackValue() bytes at any place", () => {
  const array = new Float64Array([1, 2, 3, 4]).subarray(1, 3);
  const bytes = packValue({ array });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assertEquals(unpackValue(shifted.subarray(3)), { array: Float64Array.of(2, 3) });
});

Deno.test("packValue() refuses functions and classes by where they stand, unpackValue() bytes cut short", () => {
  assertThrows(
    () => packValue({ a: [1, () => 1] }),
    TypeError,
    "expected value.a[1] to be JSON or an array of numbers",
  );
  assertThrows(() => packValue({ at: new Date(0) }), TypeError, "received Date");
  const bytes = packValue({ x: new Float32Array(10) });
  for (const length of [0, 3, 20, bytes.length - 1]) {
    assertThrows(() => unpackValue(bytes.subarray(0, length)), RangeError, `its ${length} bytes are cut short`);
  }
});
