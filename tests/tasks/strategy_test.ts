import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { tradingFeatures } from "../../lib/features/trading_features.ts";
import { random } from "../../lib/net/random.ts";
import { type Strategy, strategyFamily } from "../../lib/tasks/strategy_family.ts";
import { pairCandles, pairRows, strategyRows } from "../../lib/tasks/strategy_rows.ts";
import { strategySignal } from "../../lib/tasks/strategy_signal.ts";
import { barsFrom, closesOnly, firstBars, HOUR, randomWalk } from "../features/markets.ts";

const SHAPE = { supportRows: 20, queryRows: 10 };
const STRATEGIES = ["momentum", "mean-reversion", "breakout"] as const;

Deno.test("strategySignal() on five bars computed by hand", () => {
  const signals = (
    closes: number[],
    strategy: typeof STRATEGIES[number],
    entry?: number,
  ) => [...strategySignal(closesOnly(closes), strategy, { window: 2, ...(entry !== undefined && { entry }) }).values];
  assertEquals(signals([10, 11, 12, 11, 12], "momentum"), [0, 0, 1, 0, 0]);
  // Of two bars each lies 1/√2 sample deviations from their mean.
  assertEquals(signals([10, 11, 12, 11, 11], "mean-reversion", 0.7), [0, -1, -1, 1, 0]);
  assertEquals(signals([10, 11, 12, 11, 11], "mean-reversion"), [0, 0, 0, 0, 0]);
  assertEquals(signals([10, 11, 12, 10.5, 10.6], "breakout"), [0, 0, 1, -1, 0]);
});

Deno.test("strategySignal() of a prefix equals the first values of the whole, bitwise", () => {
  const whole = randomWalk(200, 5);
  for (const strategy of STRATEGIES) {
    const { values } = strategySignal(whole, strategy);
    assert(values.includes(1) && values.includes(-1));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (bars) => {
        assertEquals(strategySignal(firstBars(whole, bars), strategy).values, values.slice(0, bars));
      }),
      { numRuns: 30, seed: 6 },
    );
  }
});

Deno.test("strategyRows() label each bar that fires with what the signal earns, and know it when the return is known", () => {
  const candles = randomWalk(400, 7);
  const features = tradingFeatures(candles);
  const barAt = new Map(Array.from(candles.time, (time, i) => [time, i]));
  for (const strategy of STRATEGIES) {
    const { values } = strategySignal(candles, strategy);
    const rows = strategyRows(candles, { strategy, horizon: 3 });
    const fired = [...values.slice(120, 397)].filter((value) => value !== 0).length;
    assertEquals(rows.rows, fired);
    for (let i = 0; i < rows.rows; i++) {
      const bar = barAt.get(rows.time[i])!;
      assertEquals(rows.y[i], (candles.close[bar + 3] / candles.close[bar] - 1) * values[bar]);
      assertEquals(rows.knownAt[i], candles.time[bar] + 3 * HOUR);
      assertEquals(rows.x.slice(i * 10, i * 10 + 10), features.values.slice((bar - 120) * 10, (bar - 120) * 10 + 10));
    }
  }
});

Deno.test("pairRows() label a spread with the return of one market less that of the other, on the bars both have", () => {
  const [a, b] = [randomWalk(500, 1, "A"), barsFrom(randomWalk(500, 2, "B"), 40)];
  const holed = {
    ...b,
    time: b.time.filter((_, i) => i % 9 !== 4),
    open: b.open.filter((_, i) => i % 9 !== 4),
    high: b.high.filter((_, i) => i % 9 !== 4),
    low: b.low.filter((_, i) => i % 9 !== 4),
    close: b.close.filter((_, i) => i % 9 !== 4),
    volume: b.volume.filter((_, i) => i % 9 !== 4),
  };
  const pair = pairCandles(a, holed);
  assertEquals(pair.ratio.time, holed.time);
  assertEquals(pair.a.time, pair.b.time);
  const { values } = strategySignal(pair.ratio, "mean-reversion");
  const rows = pairRows(a, holed, { horizon: 2 });
  const barAt = new Map(Array.from(pair.ratio.time, (time, i) => [time, i]));
  assert(rows.rows > 50);
  for (let i = 0; i < rows.rows; i++) {
    const bar = barAt.get(rows.time[i])!;
    const move = ({ close }: typeof a) => close[bar + 2] / close[bar] - 1;
    assertAlmostEquals(rows.y[i], values[bar] * (move(pair.a) - move(pair.b)), 1e-15);
    assertEquals(rows.knownAt[i], pair.ratio.time[bar + 2]);
  }
});

Deno.test("strategyFamily() draws from each strategy and market, pairs among them", () => {
  const markets = [1, 2, 3].map((seed) => randomWalk(900, seed));
  const strategies: Strategy[] = [...STRATEGIES, "pair-spread"];
  const family = strategyFamily(markets, { ...SHAPE, horizon: 1, strategies });
  assertEquals(family.capacities.length, 12);
  assertEquals(family.capacities.at(-1)!.source, "WALK2/WALK3 pair-spread");
  const stream = random(3);
  for (let i = 0; i < 200; i++) {
    const { support, query, supportKnownAt, queryTime } = family.draw(stream);
    assertEquals([support.rows, query.rows, support.x.length], [20, 10, 200]);
    assert(supportKnownAt < queryTime[0]);
  }
  const chosen = strategyFamily(markets, {
    ...SHAPE,
    horizon: 1,
    strategies: ["pair-spread"],
    pairs: [["WALK3", "WALK1"]],
  });
  assertEquals(chosen.capacities.map(({ source }) => source), ["WALK3/WALK1 pair-spread"]);
});

Deno.test("strategyFamily() draws the same tasks before a time, whatever comes after it, bitwise", () => {
  const [whole, future] = [randomWalk(900, 4), randomWalk(900, 5)];
  const other = randomWalk(900, 6);
  const at = 600;
  const bent = { ...whole };
  for (const name of ["open", "high", "low", "close"] as const) {
    bent[name] = whole[name].map((price, i) => i < at ? price : future[name][i]);
  }
  const draws = (candles: typeof whole) => {
    const strategies: Strategy[] = [...STRATEGIES, "pair-spread"];
    const family = strategyFamily([candles, other], { ...SHAPE, horizon: 4, to: whole.time[at], strategies });
    const stream = random(1);
    return Array.from({ length: 60 }, () => family.draw(stream));
  };
  assertEquals(draws(bent), draws(whole));
  assertEquals(draws(firstBars(whole, at)), draws(whole));
});

Deno.test("strategyFamily() throws what a source lacks, or skips it when told to", () => {
  const [long, short] = [randomWalk(400, 1, "LONG"), randomWalk(125, 2, "SHORT")];
  const options = { ...SHAPE, horizon: 1 };
  assertThrows(() => strategyFamily([], options), DataError, "at least 1 market");
  assertThrows(() => strategyFamily([short], options), DataError, "SHORT momentum has 4 of 31 rows");
  assertThrows(() => strategyFamily([firstBars(short, 100)], options), DataError, "SHORT: needs more than 120 bars");
  const skipping = { ...options, strategies: ["momentum" as const], skipShort: true };
  const family = strategyFamily([long, short, firstBars(randomWalk(400, 3, "BARE"), 50)], skipping);
  assertEquals(family.capacities.map(({ tasks }) => tasks > 0), [true, false, false]);
  const pairs = { ...options, strategies: ["pair-spread" as const] };
  assertThrows(() => strategyFamily([long], pairs), DataError, "by pair-spread: needs at least 2 markets, received 1");
  const apart = { ...short, time: short.time.map((time) => time + 1e9 * HOUR) };
  assertThrows(() => strategyFamily([long, apart], pairs), DataError, "no two markets share a bar");
  assertThrows(
    () => strategyFamily([long, short], { ...pairs, pairs: [["LONG", "GONE"]] }),
    DataError,
    "there is no GONE among LONG, SHORT",
  );
  assertThrows(() => strategyFamily([long, { ...long, symbol: "B", interval: "1d" }], pairs), RangeError, "1h and 1d");
});

Deno.test("strategySignal() and strategyFamily() throw on options out of range", () => {
  const market = randomWalk(300, 1);
  assertThrows(() => strategySignal(market, "hodl" as "momentum"), RangeError, "hodl");
  assertThrows(() => strategySignal(market, "momentum", { window: 1 }), RangeError, "window");
  assertThrows(() => strategySignal(market, "mean-reversion", { entry: -1 }), RangeError, "entry");
  const options = { ...SHAPE, horizon: 1 };
  assertThrows(() => strategyFamily([market], { ...options, strategies: [] }), RangeError, "at least 1 strategy");
  assertThrows(() => strategyFamily([market], { ...options, horizon: 0 }), RangeError, "horizon");
  assertThrows(() => strategyFamily([market], { ...options, strategies: ["x" as "momentum"] }), RangeError, "got x");
});

Deno.test("strategyRows() and pairRows() leave their candles unchanged", () => {
  const [a, b] = [randomWalk(300, 1), randomWalk(300, 2)];
  strategyRows(a, { strategy: "breakout", horizon: 1 });
  pairRows(a, b, { horizon: 1 });
  assertEquals([a, b], [randomWalk(300, 1), randomWalk(300, 2)]);
});
