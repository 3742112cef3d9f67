/**
 * Equity of several traders on one axis: normalised, aligned by time or by bar, thinned, and none said where a trader was not there.
 */
import { assert, assertEquals } from "@std/assert";
import { overlay } from "../../web/server/online_overlay.ts";

const PATHS = Object.freeze([
  { id: "early", time: [10, 20, 30], equity: [100, 110, 121], capital: 100 },
  { id: "12", time: [20, 25, 40], equity: [5000, 4000, 6000], capital: 5000 },
]);

Deno.test("overlay() lays traders over each other by time, each over its capital, the last known value held between its bars", () => {
  const before = structuredClone(PATHS);
  assertEquals(overlay(PATHS, { along: "time" }), {
    x: [10, 20, 25, 30, 40],
    curves: [
      { id: "early", values: [1, 1.1, 1.1, 1.21, null] },
      { id: "12", values: [null, 1, 0.8, 0.8, 1.2] },
    ],
  });
  assertEquals(PATHS, before);
});

Deno.test("overlay() by bars begins all of them at once", () => {
  assertEquals(overlay(PATHS, { along: "bars" }), {
    x: [0, 1, 2],
    curves: [{ id: "early", values: [1, 1.1, 1.21] }, { id: "12", values: [1, 0.8, 1.2] }],
  });
  assertEquals(overlay([], { along: "bars" }), { x: [], curves: [] });
});

Deno.test("overlay() thins a long axis evenly and keeps both ends", () => {
  const time = Array.from({ length: 5000 }, (_, i) => 60_000 * i);
  const { x, curves: [{ values }] } = overlay(
    [{ id: "one", time, equity: time.map((_, i) => 1 + i), capital: 1 }],
    { along: "time", most: 600 },
  );
  assert(x.length <= 601 && x.length > 500);
  assertEquals([x[0], values[0], x.at(-1), values.at(-1)], [0, 1, time[4999], 5000]);
  const later = x.slice(1);
  assertEquals(new Set(later.slice(1).map((at, i) => at - later[i])).size, 1);
});
