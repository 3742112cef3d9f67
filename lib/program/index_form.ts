/**
 * Indices that generated code computes, as sums of multiples of names: so that reshapes, slices, transposes and broadcasts
 * become arithmetic on indices, and what comes back to where it started is seen to.
 * @module
 */
import type { Shape } from "./value.ts";
import { stridesOf } from "./primitives/strides.ts";

/** A whole number: Σ factor × name + offset. */
export interface Form {
  /** Factor of each name, none of them 0. */
  readonly terms: ReadonlyMap<string, number>;
  /** What is added. */
  readonly offset: number;
}

/** One number an axis. */
export type Index = readonly Form[];

/** Names for the index in `shape` of the element that lies at `whole` in row-major order. */
export type Split = (whole: Form, shape: Shape) => Index;

/** A number known now. */
export function fixed(offset: number): Form {
  return { terms: new Map(), offset };
}

/** A number with a name. */
export function named(name: string): Form {
  return { terms: new Map([[name, 1]]), offset: 0 };
}

/** Σ factor × form. */
export function combine(parts: readonly (readonly [Form, number])[]): Form {
  const terms = new Map<string, number>();
  let offset = 0;
  for (const [form, factor] of parts) {
    if (factor === 0) continue;
    offset += factor * form.offset;
    for (const [name, times] of form.terms) terms.set(name, (terms.get(name) ?? 0) + factor * times);
  }
  return { terms, offset };
}

/** A form plus a number, which may be below 0 where the sum is not. */
export function shifted(form: Form, by: number): Form {
  return { terms: form.terms, offset: form.offset + by };
}

/** The place of an index in a row-major array. */
export function flatten(shape: Shape, index: Index): Form {
  return combine(stridesOf(shape).map((stride, axis) => [index[axis], shape[axis] === 1 ? 0 : stride]));
}

/** The index in `to` of the element that lies at `index` in `from`, where both hold the same numbers row-major. */
export function reshaped(from: Shape, to: Shape, options: { readonly index: Index; readonly split: Split }): Index {
  const { index, split } = options;
  const result: Form[] = to.map(() => fixed(0));
  let [a, b] = [0, 0];
  while (a < from.length || b < to.length) {
    // The fewest axes of each that hold equally many elements.
    let [endA, endB] = [a, b];
    let [sizeA, sizeB] = [1, 1];
    do {
      if (endB >= to.length || (endA < from.length && sizeA <= sizeB)) sizeA *= from[endA++];
      else sizeB *= to[endB++];
    } while (sizeA !== sizeB);
    const whole = flatten(from.slice(a, endA), index.slice(a, endA));
    const target = to.slice(b, endB);
    const long = target.flatMap((length, axis) => length > 1 ? [b + axis] : []);
    if (long.length === 1) result[long[0]] = whole;
    else if (long.length > 1) split(whole, target).forEach((form, axis) => result[b + axis] = form);
    [a, b] = [endA, endB];
  }
  return result;
}
