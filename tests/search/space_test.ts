// Spaces: what is refused, what is drawn, and positions on the unit interval.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { random } from "../../lib/net/random.ts";
import { type Configuration, defineSpace, requireConfiguration, type Space } from "../../lib/search/space.ts";
import { configurationAt, drawConfiguration, positionOf, valueAt } from "../../lib/search/unit.ts";

const SPACE: Space = defineSpace({
  rule: { kind: "choice", values: ["sgd", "momentum", "adam"] },
  "meta.lr": { kind: "logUniform", min: 1e-4, max: 1e-1 },
  mu: { kind: "uniform", min: 0, max: 0.99, when: { rule: ["momentum"] } },
  nesterov: { kind: "choice", values: [true, false], when: { rule: ["momentum"] } },
  warmth: { kind: "uniform", min: -1, max: 1, when: { nesterov: [true] } },
  hidden: { kind: "choice", values: [[16], [16, 16], null] },
  rows: { kind: "integer", min: 5, max: 200, log: true },
  depth: { kind: "integer", min: -1, max: 2 },
});

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

Deno.test("drawConfiguration() has a value of its range for each parameter that is there, and no other", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const drawn = drawConfiguration(SPACE, random(seed));
    requireConfiguration(SPACE, drawn);
    assertEquals("mu" in drawn, drawn.rule === "momentum");
    assertEquals("warmth" in drawn, drawn.rule === "momentum" && drawn.nesterov === true);
  }));
});

Deno.test("a space and a configuration come back from JSON as they were", () => {
  assertEquals(defineSpace(JSON.parse(JSON.stringify(SPACE))), SPACE);
  fc.assert(fc.property(seeds, (seed) => {
    const drawn = drawConfiguration(SPACE, random(seed));
    assertEquals(JSON.parse(JSON.stringify(drawn)) as Configuration, drawn);
  }));
});

Deno.test("drawConfiguration() draws the same from the same seed, and each parameter apart from the others", () => {
  const { rule: _rule, ...rest } = SPACE;
  const same = drawConfiguration(SPACE, random(3));
  assertEquals(drawConfiguration(SPACE, random(3)), same);
  assert(
    Array.from({ length: 20 }, (_, seed) => drawConfiguration(SPACE, random(seed)).rows).some((rows) =>
      rows !== same.rows
    ),
  );
  assertEquals(Object.keys(rest).length, 7);
});

Deno.test("valueAt() is even in logarithms where it should be, and gives every whole number its share", () => {
  const lr = SPACE["meta.lr"];
  assertAlmostEquals(valueAt(lr, 1 / 3) as number, 1e-3, 1e-12);
  const counts = Map.groupBy(
    Array.from({ length: 4000 }, (_, i) => valueAt(SPACE.depth, (i + 0.5) / 4000)),
    (value) => value,
  );
  assertEquals([...counts].map(([value, { length }]) => [value, length]), [[-1, 1000], [0, 1000], [1, 1000], [
    2,
    1000,
  ]]);
  const low = Array.from({ length: 1000 }, (_, i) => valueAt(SPACE.rows, (i + 0.5) / 1000) as number)
    .filter((rows) => rows < 32).length;
  assert(low > 450 && low < 550, `${low} of 1000 below the middle of the logarithms`);
});

Deno.test("positionOf() and valueAt() undo each other", () => {
  fc.assert(fc.property(seeds, (seed) => {
    const drawn = drawConfiguration(SPACE, random(seed));
    for (const [name, value] of Object.entries(drawn)) {
      const again = valueAt(SPACE[name], positionOf(SPACE[name], value));
      if (typeof value === "number") assertAlmostEquals(again as number, value, 1e-9 * Math.max(1, Math.abs(value)));
      else assertEquals(again, value);
    }
    const ends = [0, 1].map((end) => configurationAt(SPACE, Object.keys(SPACE).map(() => end)));
    for (const configuration of ends) requireConfiguration(SPACE, configuration);
  }));
});

Deno.test("defineSpace() leaves what it was given as it was, and freezes its copy", () => {
  const given = { lr: { kind: "choice" as const, values: [[1, 2], [3]] } };
  const space = defineSpace(given);
  given.lr.values[0].push(9);
  assertEquals(space.lr, { kind: "choice", values: [[1, 2], [3]] });
  assertThrows(() => ((space.lr as { kind: string }).kind = "uniform"), TypeError);
});

const refused: readonly [string, unknown, typeof RangeError | typeof TypeError, string][] = [
  ["nothing", {}, TypeError, "expected an object of at least 1 parameter by name"],
  ["an unknown kind", { a: { kind: "normal" } }, TypeError, "expected a.kind to be choice, uniform"],
  ["a misspelt key", { a: { kind: "uniform", mim: 0, max: 1 } }, TypeError, 'did you mean "min"?'],
  [
    "an empty range",
    { a: { kind: "uniform", min: 1, max: 1 } },
    RangeError,
    "min below max and a finite distance from it, received 1 and 1",
  ],
  [
    "ends that are further apart than a number says",
    { a: { kind: "uniform", min: -Number.MAX_VALUE, max: Number.MAX_VALUE } },
    RangeError,
    "a finite distance",
  ],
  ["a logarithm of 0", { a: { kind: "logUniform", min: 0, max: 1 } }, RangeError, "above 0"],
  ["a broken integer", { a: { kind: "integer", min: 0.5, max: 2 } }, RangeError, "whole ends"],
  ["a value twice", { a: { kind: "choice", values: [[1], [1]] } }, RangeError, "holds [1] twice"],
  ["an object as a value", { a: { kind: "choice", values: [{}] } }, TypeError, "JSON without objects"],
  [
    "a condition ahead",
    {
      a: { kind: "uniform", min: 0, max: 1, when: { b: [1] } },
      b: { kind: "choice", values: [1] },
    },
    RangeError,
    'received "b"',
  ],
  [
    "a condition that cannot be",
    {
      b: { kind: "choice", values: [1] },
      a: { kind: "uniform", min: 0, max: 1, when: { b: [2] } },
    },
    RangeError,
    "which b cannot be",
  ],
  ["a name that every object has", { toString: { kind: "choice", values: [1] } }, TypeError, 'received "toString"'],
  ["a name of digits, which objects would move", { 1: { kind: "choice", values: [1] } }, TypeError, 'received "1"'],
];

for (const [what, space, error, message] of refused) {
  Deno.test(`defineSpace() refuses ${what}`, () => {
    assertThrows(() => defineSpace(space as Space), error, message);
  });
}

Deno.test("requireConfiguration() names what is missing, out of range, or not there", () => {
  const base = { rule: "sgd", "meta.lr": 0.01, hidden: [16], rows: 10, depth: 0 };
  requireConfiguration(SPACE, base);
  assertThrows(
    () => requireConfiguration(SPACE, { ...base, depth: 0.5 }),
    RangeError,
    "expected depth to be an integer",
  );
  assertThrows(() => requireConfiguration(SPACE, { ...base, mu: 0.5 }), RangeError, "mu is not there");
  assertThrows(() => requireConfiguration(SPACE, { ...base, rule: "momentum" }), RangeError, "expected mu");
  assertThrows(() => requireConfiguration(SPACE, { ...base, other: 1 }), RangeError, 'received "other"');
});
