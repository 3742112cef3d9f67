// Index arithmetic in symbols against the same in numbers.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  combine,
  fixed,
  flatten,
  type Form,
  type Index,
  named,
  reshaped,
  shifted,
} from "../../lib/program/index_form.ts";
import { stridesOf } from "../../lib/program/primitives/strides.ts";
import { type Shape, sizeOf } from "../../lib/program/value.ts";

type Names = Map<string, number>;

function valueOf(form: Form, names: Names): number {
  return [...form.terms].reduce((sum, [name, factor]) => sum + factor * names.get(name)!, form.offset);
}

function unflatten(place: number, shape: Shape): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(place / stride) % shape[axis]);
}

/** Two shapes of equally many elements: one list of factors, grouped in two ways, with axes of size 1 between. */
const shapePairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean()), { maxLength: 5 }).map(
  (factors) => {
    const group = (cut: 1 | 2): number[] => {
      const shape = [1];
      for (const factor of factors) {
        if (factor[cut]) shape.push(factor[0]);
        else shape[shape.length - 1] *= factor[0];
      }
      return shape;
    };
    return [group(1), group(2)] as const;
  },
);

Deno.test("reshaped() finds in one shape the element that lies at an index of another", () => {
  fc.assert(fc.property(shapePairs, fc.nat(), ([from, to], seed) => {
    const place = seed % sizeOf(from);
    const names: Names = new Map();
    const name = (value: number): Form => {
      const text = `n${names.size}`;
      names.set(text, value);
      return named(text);
    };
    const index = unflatten(place, from).map(name);
    const split = (whole: Form, shape: Shape): Index => unflatten(valueOf(whole, names), shape).map(name);
    const found = reshaped(from, to, { index, split });
    assertEquals(found.map((form) => valueOf(form, names)), unflatten(place, to));
  }));
});

Deno.test("reshaped() needs no name where axes of size 1 alone come and go, or axes are joined", () => {
  const refuse = (): never => {
    throw new Error("a number was split");
  };
  const index = [named("a"), fixed(0), named("b")];
  const dropped = reshaped([3, 1, 4], [3, 4, 1], { index, split: refuse });
  assertEquals(dropped, [named("a"), named("b"), fixed(0)]);
  const [joined] = reshaped([3, 1, 4], [12], { index, split: refuse });
  assertEquals(joined, combine([[named("a"), 4], [named("b"), 1]]));
});

Deno.test("flatten() leaves out axes of size 1 and adds what was shifted", () => {
  const place = flatten([2, 1, 5], [named("a"), named("x"), shifted(named("b"), -2)]);
  assertEquals(place, { terms: new Map([["a", 5], ["b", 1]]), offset: -2 });
});
