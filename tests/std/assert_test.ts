// The assertions themselves: what must fail does fail, with the meaning @std/assert gives.
import * as assertions from "@std/assert";
import { assert, assertEquals, AssertionError, assertRejects, assertThrows } from "@std/assert";

/** Whether an assertion fails as an assertion does. */
function fails(fn: () => void): boolean {
  try {
    fn();
  } catch (error) {
    return error instanceof AssertionError;
  }
  return false;
}

const EQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ["NaN", NaN, NaN],
  ["0 and -0", 0, -0],
  ["typed arrays", Float32Array.of(1, NaN), Float32Array.of(1, NaN)],
  ["nested objects", { a: [1, { b: new Map([[1, new Set([2])]]) }] }, { a: [1, { b: new Map([[1, new Set([2])]]) }] }],
  ["dates", new Date(5), new Date(5)],
  ["sets in any order", new Set([1, 2]), new Set([2, 1])],
];

const DIFFERENT: readonly (readonly [string, unknown, unknown])[] = [
  ["number and string", 1, "1"],
  ["null and undefined", null, undefined],
  ["an undefined key and none", { a: undefined }, {}],
  ["Float32Array and Float64Array", Float32Array.of(1), Float64Array.of(1)],
  ["array and typed array", [1], Float64Array.of(1)],
  ["lengths", [1, 2], [1]],
  ["typed array values", Float64Array.of(1, 2), Float64Array.of(1, 3)],
  ["a hole in depth", { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  ["set values", new Set([1]), new Set([2])],
  ["dates", new Date(5), new Date(6)],
  ["error messages", new Error("a"), new Error("b")],
];

Deno.test("assertEquals() accepts what is deeply equal", () => {
  for (const [name, a, b] of EQUAL) assert(!fails(() => assertEquals(a, b)), name);
});

Deno.test("assertEquals() refuses what differs, assertNotEquals() accepts it", () => {
  for (const [name, a, b] of DIFFERENT) {
    assert(fails(() => assertEquals(a, b)), name);
    assert(!fails(() => assertions.assertNotEquals(a, b)), name);
  }
});

Deno.test("assertEquals() shows both values and the first index that differs", () => {
  const error = assertThrows(() => assertEquals([1, 2, 3], [1, 5, 3], "numbers"), AssertionError, "numbers");
  assert(error.message.includes("first difference at [1]: 2 and 5"), error.message);
});

Deno.test("assertAlmostEquals() defaults to 1e-7 of the expected value", () => {
  assert(!fails(() => assertions.assertAlmostEquals(1 + 5e-8, 1)));
  assert(fails(() => assertions.assertAlmostEquals(1 + 2e-7, 1)));
  assert(fails(() => assertions.assertAlmostEquals(NaN, 1, 10)));
  assert(!fails(() => assertions.assertAlmostEquals(NaN, NaN)));
  assert(fails(() => assertions.assertAlmostEquals(Infinity, 1, 10)));
});

Deno.test("assertThrows() fails when nothing, another class or another message is thrown", () => {
  const bad = (): never => {
    throw new TypeError("odd shape");
  };
  assertEquals(assertThrows(bad, TypeError, "odd").message, "odd shape");
  assert(fails(() => assertThrows(() => 1)));
  assert(fails(() => assertThrows(bad, RangeError)));
  assert(fails(() => assertThrows(bad, TypeError, "even")));
});

Deno.test("assertRejects() fails when nothing, another class or a synchronous error comes", async () => {
  const bad = (): Promise<never> => Promise.reject(new TypeError("odd shape"));
  assertEquals((await assertRejects(bad, TypeError, "odd")).message, "odd shape");
  await assertRejects(() => assertRejects(() => Promise.resolve(1)), AssertionError);
  await assertRejects(() => assertRejects(bad, RangeError), AssertionError);
  await assertRejects(() => assertRejects(bad, TypeError, "even"), AssertionError);
  const synchronous = (): Promise<never> => {
    throw new TypeError("at once");
  };
  await assertRejects(() => assertRejects(synchronous, TypeError), AssertionError, "when expected to reject");
});

Deno.test("the small assertions fail when they should", () => {
  const failing: readonly (() => void)[] = [
    () => assert(0),
    () => assertions.assertFalse(1),
    () => assertions.assertStrictEquals(0, -0),
    () => assertions.assertNotStrictEquals(NaN, NaN),
    () => assertions.assertGreater(1, 1),
    () => assertions.assertGreaterOrEqual(NaN, 1),
    () => assertions.assertLess(1, 1),
    () => assertions.assertLessOrEqual(2, 1),
    () => assertions.assertExists(null),
    () => assertions.assertInstanceOf([], Map),
    () => assertions.assertStringIncludes("abc", "d"),
    () => assertions.assertArrayIncludes([1, 2], [3]),
    () => assertions.assertMatch("abc", /d/),
    () => assertions.assertNotMatch("abc", /b/),
    () => assertions.fail(),
    () => assertions.unreachable(),
  ];
  assertEquals(failing.map(fails), failing.map(() => true));
});
