import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Bar, candlesOf } from "../../../lib/data/bar.ts";
import { type MarketBar, type Moment, momentsOf } from "../../../lib/online/live/moment.ts";
import { MomentBook } from "../../../lib/online/live/moment_book.ts";
import { FIRST, STEP } from "./fixtures.ts";

const SYMBOLS = ["A", "B", "C"];

function bar(i: number): Bar {
  return { time: FIRST + i * STEP, open: i + 1, high: i + 1, low: i + 1, close: i + 1, volume: 0 };
}

Deno.test("a moment book hands out every bar that exists, once and in order, however bars arrive", () => {
  const existing = fc.array(fc.tuple(fc.nat(2), fc.nat(15)), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(existing, fc.infiniteStream(fc.nat()), (pairs, picks) => {
    const exists = SYMBOLS.map((_, s) =>
      [...new Set(pairs.filter(([m]) => m === s).map(([, i]) => i))].sort((a, b) => a - b)
    );
    const all: MarketBar[] = exists.flatMap((indices, s) => indices.map((i) => ({ symbol: SYMBOLS[s], bar: bar(i) })));
    const book = new MomentBook(SYMBOLS, { step: STEP, start: FIRST });
    const out: Moment[] = [];
    const refill = (): void => {
      const { latest } = book;
      for (const one of all) if (one.bar.time >= book.from && one.bar.time <= latest) book.add(one);
      book.cover(latest - STEP);
    };
    const drain = (): void => {
      for (let next = book.take(); next; next = book.take()) out.push(next);
    };
    for (let arrivals = 0; arrivals < 80; arrivals++) {
      book.add(all[picks.next().value! % all.length]);
      drain();
      while (book.lack === "earlier bars") {
        refill();
        drain();
      }
    }
    // In the end everything is asked for, and what has not come does not exist.
    for (const one of all) book.add(one);
    book.cover(Infinity);
    drain();
    const expected = [
      ...momentsOf(exists.map((indices, s) => candlesOf({ symbol: SYMBOLS[s], interval: "1h" }, indices.map(bar)))),
    ];
    assertEquals(out.map(({ time, bars }) => ({ time, bars })), expected);
  }));
});

Deno.test("a moment book says why it refuses a bar", () => {
  const book = new MomentBook(["A"], { step: STEP, start: FIRST });
  assertEquals(book.add({ symbol: "A", bar: bar(0) }), undefined);
  assertEquals(book.add({ symbol: "A", bar: bar(0) }), "duplicate");
  assertEquals(book.add({ symbol: "B", bar: bar(0) }), "unknown");
  assertEquals(book.add({ symbol: "A", bar: { ...bar(1), time: FIRST + 1 } }), "misaligned");
  assertEquals(book.add({ symbol: "A", bar: bar(-1) }), "late");
  book.cover(FIRST);
  assertEquals(book.take()?.time, FIRST);
  assertEquals(book.add({ symbol: "A", bar: bar(0) }), "late");
});

Deno.test("a moment book holds a bar back while the one before it is missing, and a moment while a market's bar is", () => {
  const book = new MomentBook(["A", "B"], { step: STEP, start: FIRST });
  book.add({ symbol: "A", bar: bar(2) });
  assertEquals([book.lack, book.take()], ["earlier bars", undefined]);
  book.cover(FIRST + STEP);
  assertEquals([book.lack, book.take()], ["other markets", undefined]);
  book.add({ symbol: "B", bar: bar(2) });
  assertEquals([book.lack, book.take()?.bars.length], ["nothing", 2]);
});
