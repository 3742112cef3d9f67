import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import { tradeCost } from "../../lib/trading/cost.ts";
import { type SignalMode, signalPosition } from "../../lib/trading/signal.ts";

Deno.test("signalPosition() is long above the threshold, short below it, flat between", () => {
  const at = (mode: SignalMode) =>
    [0.02, 0.01, 0, -0.01, -0.02].map((p) => signalPosition(p, { threshold: 0.01, mode }));
  assertEquals(at("long-short"), [1, 0, 0, 0, -1]);
  assertEquals(at("long-flat"), [1, 0, 0, 0, 0]);
  assertEquals(signalPosition(0), 0);
});

Deno.test("signalPosition() long-short is odd in the forecast", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (p, threshold) => {
        assertEquals(signalPosition(-p, { threshold }) + signalPosition(p, { threshold }), 0);
      },
    ),
  );
});

Deno.test("signalPosition() throws on bad arguments", () => {
  assertThrows(() => signalPosition(NaN), TypeError, "prediction");
  assertThrows(() => signalPosition(0, { threshold: -1 }), RangeError, "threshold");
  assertThrows(() => signalPosition(0, { mode: "short" as SignalMode }), RangeError, "mode");
});

Deno.test("tradeCost() charges a flip twice (trap 5)", () => {
  assertEquals(tradeCost(0.001, { from: 0, to: 1 }, 10_000), 10);
  assertEquals(tradeCost(0.001, { from: 1, to: -1 }, 10_000), 20);
  assertEquals(tradeCost(0.001, { from: 1, to: 1 }, 10_000), 0);
});
