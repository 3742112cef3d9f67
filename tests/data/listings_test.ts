import { assertEquals } from "@std/assert";
import { cutCandles, listings, mayBeRelisted, relistings } from "../../lib/data/listings.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { HOUR, randomWalk } from "../features/markets.ts";

/** A walk with a hole of `hours` before bar `at`, behind which prices are `ratio` times as high. */
function holed(bars: number, at: number, { hours, ratio }: { hours: number; ratio: number }): Candles {
  const walk = randomWalk(bars, 3);
  const behind = (values: Float64Array, change: (value: number) => number): Float64Array =>
    values.map((value, i) => i < at ? value : change(value));
  const scale = (values: Float64Array): Float64Array => behind(values, (price) => price * ratio);
  return {
    ...walk,
    time: behind(walk.time, (time) => time + hours * HOUR),
    open: scale(walk.open),
    high: scale(walk.high),
    low: scale(walk.low),
    close: scale(walk.close),
  };
}

Deno.test("relistings() are bars behind a hole over which the price doubled or halved, and no others", () => {
  assertEquals(relistings(holed(300, 120, { hours: 2000, ratio: 10 })), [120]);
  assertEquals(relistings(holed(300, 120, { hours: 2000, ratio: 0.3 })), [120]);
  assertEquals(relistings(holed(300, 120, { hours: 2000, ratio: 1.2 })), [], "a hole alone is none");
  assertEquals(relistings(holed(300, 120, { hours: 0, ratio: 10 })), [], "nor is a jump alone, which may be a split");
  assertEquals(relistings(randomWalk(300, 1)), []);
  assertEquals(relistings(cutCandles(randomWalk(300, 1), 0, 1)), []);
});

Deno.test("relistings() up to a bar do not change with any bar behind it", () => {
  const whole = holed(400, 120, { hours: 2000, ratio: 10 });
  const wild = { ...whole, close: whole.close.map((price, i) => i >= 200 ? price * (i % 2 ? 90 : 1) : price) };
  for (const candles of [cutCandles(whole, 0, 121), cutCandles(whole, 0, 200), wild]) {
    assertEquals(relistings(candles).filter((index) => index < 200), [120]);
  }
});

Deno.test("mayBeRelisted() asks for a missed bar and for a price of another size", () => {
  const last = { time: 0, close: 100 };
  const verdict = (time: number, close: number) => mayBeRelisted(last, { time, close }, HOUR);
  assertEquals([verdict(2 * HOUR, 200), verdict(2 * HOUR, 50), verdict(HOUR, 500), verdict(9 * HOUR, 190)], [
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("listings() cut a series where another instrument may begin, and lose no bar", () => {
  const candles = holed(300, 120, { hours: 2000, ratio: 10 });
  const before = structuredClone(candles);
  const parts = listings(candles);
  assertEquals(parts.map(({ time }) => time.length), [120, 180]);
  assertEquals(parts.flatMap(({ close }) => [...close]), [...candles.close]);
  const whole = randomWalk(300, 1);
  assertEquals(listings(whole), [whole]);
  assertEquals(candles, before);
});
