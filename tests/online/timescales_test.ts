import { assert, assertAlmostEquals, assertEquals, assertGreaterOrEqual, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { LearnedGradient } from "../../lib/meta/differential.ts";
import { metaGradient } from "../../lib/meta/presets.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { type OnlineConfig, onlineConfig, type OnlineOptions } from "../../lib/online/config.ts";
import { initStart, stepStart } from "../../lib/online/start.ts";
import { effectiveRates, initRates, type RatesState, stepRates } from "../../lib/online/timescales.ts";
import { META } from "./fixtures.ts";

const NET = mlp({ inputs: 2, hidden: [3], outputs: 1 });

function config(options: Partial<OnlineOptions> = {}, sgd = true): OnlineConfig {
  const meta = metaGradient({
    net: NET,
    inner: { steps: 2, lr: 0.1, weightDecay: 0.01 },
    learn: { lr: true, loss: true, weightDecay: true },
    outer: { optimizer: sgd ? "sgd" : "adam", clipNorm: Infinity },
  });
  const trust = { rates: 1e6, params: 1e6 };
  return onlineConfig({ meta, trust, bounds: { lr: [1e-9, 1e9], phi: 1e6, weightDecay: [1e-9, 1e9] }, ...options });
}

function gradient(logLr: number[], phi = [0, 0, 0], weightDecay = 0): LearnedGradient {
  return {
    loss: 1,
    taskLosses: Float32Array.of(1),
    params: new Float32Array(NET.parameterCount),
    logLr: Float32Array.from(logLr),
    phi: Float32Array.from(phi),
    weightDecay,
  };
}

function stepped(of: OnlineConfig, steps: readonly LearnedGradient[]): RatesState {
  return steps.reduce((state, one) => stepRates(of, state, one), initRates(of));
}

Deno.test("initRates() are the configured rates, loss and decay", () => {
  const rates = effectiveRates(config(), initRates(config()));
  assertEquals(rates.logLr, new Float32Array(2).fill(Math.log(0.1)));
  assertAlmostEquals(rates.weightDecay, 0.01, 1e-9);
  assertEquals(rates.phi, Float32Array.of(-3, 0.5413, 0));
});

Deno.test("timescales step when it is their turn, on the mean gradient since, and add up in log space", () => {
  const of = config({ timescales: [{ every: 1, lr: 0.1 }, { every: 3, lr: 1 }] });
  const gradients = [1, 2, 6].map((g) => gradient([g, -g]));
  const two = effectiveRates(of, stepped(of, gradients.slice(0, 2))).logLr;
  assertAlmostEquals(two[0] - Math.log(0.1), -0.1 * (1 + 2), 1e-6);
  const three = effectiveRates(of, stepped(of, gradients)).logLr;
  assertAlmostEquals(three[0] - Math.log(0.1), -0.1 * (1 + 2 + 6) - 1 * (1 + 2 + 6) / 3, 1e-6);
  assertAlmostEquals(three[1] - Math.log(0.1), 0.1 * 9 + 3, 1e-6);
});

Deno.test("a timescale forgets its share at each step", () => {
  const of = config({ timescales: [{ every: 1, lr: 1, decay: 0.25 }] });
  const { logLr } = effectiveRates(of, stepped(of, [gradient([-1, 0]), gradient([0, 0])]));
  assertAlmostEquals(logLr[0] - Math.log(0.1), 0.75 ** 2, 1e-6);
});

Deno.test("weight decay moves in log space: its gradient is taken by log ω", () => {
  const of = config({ timescales: [{ every: 1, lr: 1 }] });
  const { weightDecay } = effectiveRates(of, stepped(of, [gradient([0, 0], [0, 0, 0], -50)]));
  assertAlmostEquals(weightDecay, 0.01 * Math.exp(0.01 * 50), 1e-6);
});

Deno.test("what is not learned does not move", () => {
  const meta = metaGradient({ net: NET, learn: { lr: false, loss: true } });
  const of = onlineConfig({ meta });
  const rates = effectiveRates(of, stepped(of, [gradient([5, 5], [1, 0, 0], 3)]));
  assertEquals(rates.logLr, effectiveRates(of, initRates(of)).logLr);
  assertEquals(rates.weightDecay, 0);
  assertLess(rates.phi[0], -3);
});

Deno.test("no step leaves the trust region or the bounds, whatever the gradients", () => {
  const limits = { trust: { rates: 0.2, params: 0.1 }, bounds: { lr: [0.05, 0.2] as const, phi: 4 } };
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      (values, sgd) => {
        const of = config(
          { ...limits, timescales: [{ every: 1, lr: 0.5 }, { every: 2, lr: 3 }, { every: 7, lr: 9 }] },
          sgd,
        );
        let state = initRates(of);
        for (const value of values) {
          const before = effectiveRates(of, state);
          state = stepRates(of, state, gradient([value, -value], [value, 0, 1], value));
          const now = effectiveRates(of, state);
          now.logLr.forEach((rate, i) => {
            assertLess(Math.abs(rate - before.logLr[i]), 0.2 + 1e-4);
            assertGreaterOrEqual(rate, Math.log(0.05) - 1e-5);
            assertLess(rate, Math.log(0.2) + 1e-5);
          });
          assert(now.phi.every((phi) => Math.abs(phi) <= 4) && now.weightDecay > 0);
        }
      },
    ),
    { numRuns: 30, seed: 2 },
  );
});

Deno.test("a rate at its bound turns at once when the gradient does", () => {
  const of = config({ timescales: [{ every: 1, lr: 0.1 }], bounds: { lr: [0.05, 0.2] } });
  const up = stepped(of, Array.from({ length: 50 }, () => gradient([-1, -1])));
  assertAlmostEquals(effectiveRates(of, up).logLr[0], Math.log(0.2), 1e-6);
  const back = stepRates(of, up, gradient([1, 1]));
  assertAlmostEquals(effectiveRates(of, back).logLr[0], Math.log(0.2) - 0.1, 1e-5);
});

Deno.test("stepStart() moves within its trust region and bounds and changes nothing in place", () => {
  const of = onlineConfig({ meta: META, trust: { params: 0.01 }, bounds: { params: 0.5 } });
  const start = initStart(of);
  const copy = start.params.slice();
  const next = stepStart(of, start, { gradient: start.params.map(() => 100), lr: 5 });
  assertEquals(start.params, copy);
  assert(next.params.every((value) => Math.abs(value) <= 0.5));
  const held = start.params.map((value) => Math.max(-0.5, Math.min(0.5, value)));
  const moved = Math.hypot(...next.params.map((value, j) => value - held[j]));
  assertLess(moved, 0.01 * Math.max(1, Math.hypot(...start.params)) + 1e-6);
});

Deno.test("onlineConfig() throws on what is out of range", () => {
  const of = (options: Partial<OnlineOptions>) => () => onlineConfig({ meta: META, ...options });
  assertThrows(of({ trainRows: 1 }), RangeError, "expected trainRows to be an integer of at least 2, received 1");
  assertThrows(of({ horizon: 0 }), RangeError, "horizon");
  assertThrows(of({ members: 1 }), RangeError, "members");
  assertThrows(of({ clip: 0 }), RangeError, "clip");
  assertThrows(of({ timescales: [{ every: 0, lr: 1 }] }), RangeError, "timescales[0].every");
  assertThrows(of({ timescales: [{ every: 1, lr: 1, decay: 1 }] }), RangeError, "timescales[0].decay");
  assertThrows(of({ bounds: { lr: [1, 0.1] } }), RangeError, "bounds.lr");
  assertThrows(of({ trust: { rates: 0 } }), RangeError, "trust.rates");
  const meta = metaGradient({ net: NET, learn: { weightDecay: true } });
  assertThrows(() => onlineConfig({ meta }), RangeError, "meta.inner.weightDecay to be above 0");
  assertThrows(
    () => onlineConfig({ meta: metaGradient({ net: mlp({ inputs: 2, hidden: [], outputs: 2 }) }) }),
    RangeError,
  );
});
