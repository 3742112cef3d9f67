/** Options objects: a key that nobody reads is refused, and what is handed on is what the next function takes. */
import { assertEquals, assertThrows } from "@std/assert";
import { pickKeys, requireKindKeys, requireKnownKeys } from "../lib/options.ts";

const KEYS = { takerFee: true, makerFee: true, spread: true, clipNorm: true } as const;

Deno.test("requireKnownKeys() names the unknown key and the nearest known one", () => {
  for (
    const [key, nearest] of [
      ["clipNrom", "clipNorm"],
      ["clipnorm", "clipNorm"],
      ["spraed", "spread"],
      ["fee", "takerFee"],
      ["makerFees", "makerFee"],
    ]
  ) {
    const error = assertThrows(() => requireKnownKeys("Cannot trade", "costs", { [key]: 1 }, KEYS), TypeError);
    assertEquals(
      error.message,
      "Cannot trade: expected costs to hold takerFee, makerFee, spread, clipNorm, " +
        `received "${key}"; did you mean "${nearest}"?`,
    );
  }
});

Deno.test("requireKnownKeys() takes known keys, undefined, and an object without a prototype's names", () => {
  requireKnownKeys("Cannot trade", "costs", { spread: undefined, takerFee: 1 }, KEYS);
  requireKnownKeys("Cannot trade", "costs", undefined, KEYS);
  assertThrows(
    () => requireKnownKeys("Cannot trade", "costs", { ["toString" as string]: 1 }, KEYS),
    TypeError,
    '"toString"',
  );
});

Deno.test("requireKnownKeys() refuses what is no plain object", () => {
  for (const [value, what] of [[null, "null"], [[1], "an array"], [7, "number"], ["spread", "string"]] as const) {
    assertThrows(
      () => requireKnownKeys("Cannot trade", "costs", value as unknown as object, KEYS),
      TypeError,
      `expected costs to be an object { takerFee, makerFee, spread, clipNorm }, received ${what}`,
    );
  }
});

Deno.test("pickKeys() gives the named keys alone and changes nothing", () => {
  const options = Object.freeze({ spread: 1, every: 2, clipNorm: undefined });
  assertEquals(Object.keys(pickKeys(options, { spread: true, clipNorm: true })), ["spread", "clipNorm"]);
  assertEquals(options, { spread: 1, every: 2, clipNorm: undefined });
});

Deno.test("requireKindKeys() takes the keys of the kind alone, and leaves an unknown kind to its reader", () => {
  type Loss = { readonly kind: "mse" } | { readonly kind: "huber"; readonly delta: number };
  const kinds = { mse: { kind: true }, huber: { kind: true, delta: true } } as const;
  const check = (loss: unknown): void => requireKindKeys("Cannot train", "loss", loss as Loss, kinds);
  check({ kind: "huber", delta: 1 });
  check({ kind: "toString" });
  check(undefined);
  assertThrows(() => check({ kind: "mse", delta: 1 }), TypeError, 'expected loss (mse) to hold kind, received "delta"');
  assertThrows(() => check("mse"), TypeError, "expected loss to be an object { kind }, received string");
});
