import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { sequenceFeatures } from "../../lib/features/sequence_features.ts";
import { tradingFeatures } from "../../lib/features/trading_features.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { random } from "../../lib/net/random.ts";

const DAY = 86_400_000;

function walk(bars: number, seed = 1): Candles {
  const stream = random(seed);
  let price = 100;
  const close = Float64Array.from({ length: bars }, () => price *= Math.exp(0.01 * stream.normal()));
  return {
    symbol: "WALK",
    interval: "1d",
    time: Float64Array.from({ length: bars }, (_, t) => t * DAY),
    open: close.slice(),
    high: close.slice(),
    low: close.slice(),
    close,
    volume: new Float64Array(bars).fill(1),
  };
}

Deno.test("a sequence is the feature rows of its last bars, oldest first, under its last bar's time", () => {
  const candles = walk(200);
  const plain = tradingFeatures(candles);
  const { rows, cols, time, values, warmup, names } = sequenceFeatures(4)(candles);
  assertEquals([rows, cols, warmup], [plain.rows - 3, 40, plain.warmup + 3]);
  assertEquals(names.slice(29, 32), ["bb_position, 1 bars back", "return_1", "return_5"]);
  for (const row of [0, 7, rows - 1]) {
    assertEquals(time[row], plain.time[row + 3]);
    assertEquals(values.slice(row * 40, (row + 1) * 40), plain.values.slice(row * 10, (row + 4) * 10));
  }
});

Deno.test("marketRows() with a lookback keeps times, labels and what was known when", () => {
  const candles = walk(200);
  const [plain, sequences] = [marketRows(candles, { horizon: 2 }), marketRows(candles, { horizon: 2, lookback: 4 })];
  assertEquals(sequences.cols, 40);
  assertEquals(sequences.time, plain.time.slice(3));
  assertEquals(sequences.knownAt, plain.knownAt.slice(3));
  assertEquals(sequences.y, plain.y.slice(3));
  assertEquals(marketRows(candles, { horizon: 2, lookback: 1 }), plain);
});

Deno.test("no bar of a sequence is later than its row: what follows may change at will", () => {
  const candles = walk(200);
  const changed = { ...candles, close: candles.close.map((price, t) => t > 170 ? 3 * price : price) };
  const [before, after] = [sequenceFeatures(5)(candles), sequenceFeatures(5)(changed)];
  const rows = before.time.findIndex((time) => time > 170 * DAY);
  assertEquals(after.values.slice(0, rows * 50), before.values.slice(0, rows * 50));
  assert(after.values[rows * 50 + 40] !== before.values[rows * 50 + 40]);
});

Deno.test("no sequence reaches across a relisting: its rows begin anew, as of the new instrument alone", () => {
  const [cut, bars] = [200, 400];
  const times = (of: number, from: number) => Float64Array.from({ length: of }, (_, t) => (from + t) * DAY);
  const [old, fresh] = [walk(cut), { ...walk(bars - cut, 2), time: times(bars - cut, cut + 40) }];
  const both = (name: "open" | "high" | "low" | "close") =>
    Float64Array.from([...old[name], ...fresh[name].map((price) => 10 * price)]);
  const prices = { open: both("open"), high: both("high"), low: both("low"), close: both("close") };
  const relisted = {
    ...old,
    ...prices,
    time: Float64Array.from([...old.time, ...fresh.time]),
    volume: new Float64Array(bars).fill(1),
  };
  const part = (name: keyof typeof prices) => prices[name].slice(cut);
  const alone = { ...fresh, open: part("open"), high: part("high"), low: part("low"), close: part("close") };
  const options = { horizon: 1, lookback: 8 };
  const [whole, first, second] = [relisted, old, alone].map((candles) => marketRows(candles, options));
  assertEquals(whole.rows, first.rows + second.rows);
  assertEquals(whole.x, Float64Array.from([...first.x, ...second.x]));
  assertEquals(whole.y, Float64Array.from([...first.y, ...second.y]));
});

Deno.test("sequenceFeatures() refuses a lookback that is no number of bars, or longer than the market", () => {
  assertThrows(() => sequenceFeatures(0), RangeError, "lookback to be a whole number of at least 1, received 0");
  assertThrows(() => sequenceFeatures(150)(walk(200)), DataError, "Cannot make sequences of WALK");
});
