import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  drawdownBrake,
  kellyPosition,
  positionSize,
  proportionalPosition,
  type Sizing,
  volatilityPosition,
} from "../../lib/trading/sizing.ts";

Deno.test("proportionalPosition() grows with the forecast up to the cap", () => {
  assertEquals([0.005, 0.02, -0.2].map((p) => proportionalPosition(p, { scale: 0.01, cap: 1.5 })), [0.5, 1.5, -1.5]);
  assertThrows(() => proportionalPosition(1, { scale: 0 }), RangeError, "scale must be finite and above 0, got 0");
});

Deno.test("volatilityPosition() aims at the same deviation a bar whatever the market's", () => {
  for (const volatility of [0.02, 0.05]) {
    assertAlmostEquals(volatilityPosition(-3, volatility, { target: 0.01 }) * volatility, -0.01, 1e-15);
  }
  assertEquals(volatilityPosition(1, 0.001, { target: 0.01, cap: 2 }), 2);
  assertEquals([0, NaN].map((volatility) => volatilityPosition(1, volatility, { target: 0.01 })), [0, 0]);
});

Deno.test("kellyPosition() has Thorp's worked example: 11% over a rate of 6% at 15% volatility is 2.22 of wealth", () => {
  // Thorp 2006, "The Kelly criterion in blackjack, sports betting, and the stock market", section 7: m 0.11, r 0.06, s 0.15.
  assertAlmostEquals(kellyPosition(0.11 - 0.06, 0.15, { fraction: 1, cap: 5 }), 2.2222, 1e-4);
  assertAlmostEquals(kellyPosition(0.05, 0.15, { fraction: 0.5, cap: 5 }), 1.1111, 1e-4);
  assertEquals(kellyPosition(0.05, 0), 0);
  assertThrows(() => kellyPosition(0.05, 0.1, { fraction: 2 }), RangeError, "fraction must be within (0, 1], got 2");
});

Deno.test("positionSize() without an uncertainty takes the volatility over the horizon", () => {
  const sizing: Sizing = { kind: "kelly", fraction: 1, cap: 100 };
  assertAlmostEquals(
    positionSize({ prediction: 0.01, volatility: 0.02, horizon: 4 }, { sizing }),
    0.01 / 0.0016,
    1e-12,
  );
  const sure = { prediction: 0.01, volatility: 0.02, horizon: 4, uncertainty: 0.1 };
  assertAlmostEquals(positionSize(sure, { sizing }), 1, 1e-12);
});

Deno.test("positionSize() keeps the forecast's side, the threshold, the mode and the cap", () => {
  const sizings: Sizing[] = [
    { kind: "threshold" },
    { kind: "proportional", scale: 0.01 },
    { kind: "volatility", target: 0.01 },
    { kind: "kelly", fraction: 0.5 },
  ];
  const some = fc.double({ min: -0.1, max: 0.1, noNaN: true });
  fc.assert(
    fc.property(
      some,
      fc.double({ min: 0, max: 0.1, noNaN: true }),
      fc.constantFrom(...sizings),
      (prediction, volatility, sizing) => {
        const size = (mode: "long-flat" | "long-short") =>
          positionSize({ prediction, volatility, horizon: 2 }, { threshold: 0.01, mode, sizing });
        const both = size("long-short");
        assert(Math.abs(both) <= 1);
        assert(both * prediction >= 0);
        if (Math.abs(prediction) <= 0.01) assertEquals(both, 0);
        assertEquals(size("long-flat"), Math.max(0, both));
      },
    ),
    { seed: 3 },
  );
  const odd = { kind: "martingale" } as unknown as Sizing;
  assertThrows(
    () => positionSize({ prediction: 1, volatility: 1, horizon: 1 }, { sizing: odd }),
    RangeError,
    "got martingale",
  );
});

Deno.test("drawdownBrake() is 1 up to the start and 0 from the stop", () => {
  const brake = { start: 0.1, stop: 0.3 };
  [0, 0.1, 0.2, 0.3, 0.9].forEach((drawdown, i) =>
    assertAlmostEquals(drawdownBrake(drawdown, brake), [1, 1, 0.5, 0, 0][i], 1e-12)
  );
});

Deno.test("positionSize() asks a rule of one's own beyond the threshold, on the side that the mode allows", () => {
  const asked: unknown[] = [];
  const sizing: Sizing = {
    kind: "custom",
    name: "own",
    size: (input) => {
      asked.push(input);
      return 3 * input.prediction;
    },
  };
  const input = { prediction: -0.1, volatility: 0.02, horizon: 4 };
  assertAlmostEquals(positionSize(input, { sizing }), -0.3, 1e-15);
  assertEquals(asked, [{ ...input, uncertainty: 0.04 }]);
  assertEquals(positionSize(input, { sizing, mode: "long-flat" }), 0);
  assertEquals(positionSize(input, { sizing, threshold: 0.2 }), 0);
  const broken: Sizing = { kind: "custom", name: "broken", size: () => NaN };
  assertThrows(() => positionSize(input, { sizing: broken }), RangeError, "sizing broken must give a finite number");
  const none: Sizing = JSON.parse('{"kind":"custom","name":"none"}');
  assertThrows(() => positionSize(input, { sizing: none }), TypeError, "sizing.size must be a function");
});
