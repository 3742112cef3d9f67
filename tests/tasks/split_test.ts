import fc from "fast-check";
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { splitByTime } from "../../lib/tasks/split.ts";
import { randomWalk } from "../features/markets.ts";

Deno.test("splitByTime() lets no training label reach into validation, nor a validation label into the test", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0.2, max: 0.6, noNaN: true }), (horizon, train) => {
      const markets = [1, 2].map((seed) => marketRows(randomWalk(400, seed), { horizon }));
      const split = splitByTime(markets, { train, validation: 0.2 });
      for (let m = 0; m < 2; m++) {
        const [a, b, c] = [split.train[m], split.validation[m], split.test[m]];
        assertLess(a.knownAt[a.rows - 1], split.validationFrom);
        assert(b.time[0] >= split.validationFrom);
        assertLess(b.knownAt[b.rows - 1], split.testFrom);
        assert(c.time[0] >= split.testFrom);
        assertEquals(markets[m].rows - a.rows - b.rows - c.rows, 2 * horizon);
      }
    }),
    { numRuns: 30, seed: 2 },
  );
});

Deno.test("splitByTime() splits at dates", () => {
  const market = marketRows(randomWalk(300, 1), { horizon: 1 });
  const split = splitByTime([market], { validationFrom: market.time[100], testFrom: market.time[150] });
  assertEquals([split.train[0].rows, split.validation[0].rows, split.test[0].rows], [99, 49, 29]);
});

Deno.test("splitByTime() throws when nothing is left to train on, or the points make no sense", () => {
  const market = marketRows(randomWalk(300, 1), { horizon: 1 });
  assertThrows(() => splitByTime([market], { validationFrom: 0, testFrom: 1 }), DataError, "nothing to train on");
  assertThrows(() => splitByTime([market], { validationFrom: 2, testFrom: 1 }), RangeError, "must not be after");
  assertThrows(() => splitByTime([market], { train: 0.9, validation: 0.2 }), RangeError, "leave a test part");
  assertThrows(() => splitByTime([], { train: 0.5, validation: 0.2 }), DataError, "no row");
});
