// JSON and Parquet: the same bars, the same checks, the same words as CSV.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { readCandlesJson } from "../../lib/data/json.ts";
import { candlesToParquet, readCandlesParquet } from "../../lib/data/parquet.ts";
import type { TableOptions } from "../../lib/data/table/head.ts";
import { copyOf, gzippedStreamOf, seriesOf, streamOf } from "./candle_files.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read");

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);

function json(value: unknown, options: Partial<TableOptions> = {}): Promise<Candles> {
  return readCandlesJson(streamOf(JSON.stringify(value)), { symbol: "X", ...options });
}

function parquet(bytes: BlobPart, options: Partial<TableOptions> = {}): Promise<Candles> {
  return readCandlesParquet(new Blob([bytes]).stream(), { symbol: "X", ...options });
}

/** Candles without what was said of their source. */
function bars({ dialect: _, ...candles }: Candles): Candles {
  return candles;
}

const rows = [[START, 1, 3, 0.5, 2, 10], [START + HOUR, 2, 4, 1.5, 3, 20], [START + 2 * HOUR, 3, 3, 1, 1, 5]];
const names = ["timestamp", "open", "high", "low", "close", "volume"];
const objects = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
const columns = Object.fromEntries(names.map((name, i) => [name, rows.map((row) => row[i])]));

Deno.test("readCandlesJson() reads rows, objects, columns and strings alike, oldest or newest first, gzipped too", async () => {
  const expected = bars(await json(rows));
  assertEquals([expected.interval, ...expected.close], ["1h", 2, 3, 1]);
  assertEquals(bars(await json(objects)), expected);
  assertEquals(bars(await json(columns)), expected);
  assertEquals(bars(await json(rows.toReversed())), expected);
  assertEquals(bars(await json(rows.map((row) => row.map(String)))), expected);
  assertEquals(bars(await readCandlesJson(gzippedStreamOf(JSON.stringify(rows)), { symbol: "X" })), expected);
  const nanoseconds = rows.map(([time, ...rest]) => [time * 1e6, ...rest]);
  assertEquals(bars(await json(nanoseconds)), expected);
  const minutes = Array.from({ length: 50 }, (_, i) => ({ time: (START + 61_000 * i) * 1e6, close: 1 }));
  assertEquals((await json(minutes)).time.at(-1), START + 61_000 * 49);
  const flagged = [...rows.map((row) => [...row, 1, 1, "1"]), [START + 3 * HOUR, 1, 1, 1, 1, 1, 1, 1, "0"]];
  assertEquals(bars(await json(flagged)), expected);
});

test("readCandlesJson() refuses what CSV refuses, by the row's number", async () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [[...rows, [START + HOUR, 1, 1, 1, 1, 1]], "row 4: expected times in ascending order"],
    [[...rows, [START + 3 * HOUR, 1, 1, 1, "x", 1]], 'row 4: expected a number for close, got "x"'],
    [[...rows, [START + 3 * HOUR, 1, null, 1, 1, 1]], 'row 4: expected a number for high, got ""'],
    [[...rows, [START + 3 * HOUR, 1, 1, 1, { a: 1 }, 1]], "row 4: expected a number for close"],
    [[...rows, [44564, 1, 1, 1, 1, 1]], "row 4: expected a time"],
    [[...rows, [START + 3 * HOUR, 1, 1]], "row 4: expected 6 cells, got 3"],
    [objects.map(({ close: _, ...row }) => row), "found no close"],
    [rows.map(([time, open, high, low, close]) => [time, low, high, open, close]), "pass columns"],
    [{ a: 1 }, "expected rows as arrays or objects"],
    [[], "expected rows as arrays or objects"],
    [[rows[0], {}], "expected rows as arrays or objects"],
    [null, "expected rows as arrays or objects"],
  ];
  for (const [value, words] of cases) await assertRejects(() => json(value), DataError, words);
  await assertRejects(() => readCandlesJson(streamOf("[[1,2"), { symbol: "X" }), DataError, "it is no JSON, cut off");
  await assertRejects(() => readCandlesJson("no/such.json", { symbol: "X" }), DataError, "no such file");
  const nulls = [rows[0], [START + HOUR, null, null, null, null, null], [START + 2 * HOUR, 1, 1, 1, 1, null]];
  const { close, volume, dialect } = await json(nulls, { nulls: "drop", interval: "1h" });
  assertEquals([[...close], [...volume], dialect?.leftOut.nulls], [[2, 1], [10, 0], 1]);
});

Deno.test("candlesToParquet() and readCandlesParquet() give back random candles bit for bit, and change nothing", async () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
  const bar = fc.tuple(value, value, value, value, value);
  await fc.assert(
    fc.asyncProperty(
      fc.array(bar, { minLength: 2, maxLength: 20 }),
      fc.integer({ min: -2e12, max: 3e12 }),
      fc.boolean(),
      async (values, from, closeOnly) => {
        const column = (i: number): Float64Array => Float64Array.from(values, (row) => row[i]);
        const close = column(3);
        const candles: Candles = {
          symbol: "X",
          interval: "1h",
          time: Float64Array.from(values, (_, i) => from + i * HOUR),
          ...(closeOnly
            ? { open: close, high: close, low: close, close, volume: column(4), closeOnly }
            : { open: column(0), high: column(1), low: column(2), close, volume: column(4) }),
        };
        const before = copyOf(candles);
        assertEquals(bars(await parquet(await candlesToParquet(candles))), candles);
        assertEquals(candles, before);
      },
    ),
    { numRuns: 60 },
  );
  const bad = seriesOf([1, 2], "1h", [START, START + HOUR]);
  bad.low[1] = Infinity;
  await assertRejects(() => candlesToParquet(bad), RangeError, "got Infinity as low of bar 1");
});

Deno.test("readCandlesParquet() reads times of every kind, an index without a name, and batches in order", async () => {
  const times = rows.map(([time]) => time);
  const close = { name: "Close", data: rows.map((row) => row[4]), type: "DOUBLE" as const };
  const kinds = [
    { name: "Date", data: times.map((ms) => new Date(ms)), type: "TIMESTAMP" as const },
    { name: "open_time", data: times.map((ms) => BigInt(ms) * 1000n), type: "INT64" as const },
    { name: "time", data: times.map((ms) => new Date(ms).toISOString()), type: "STRING" as const },
    { name: "__index_level_0__", data: times.map((ms) => BigInt(ms) * 1_000_000n), type: "INT64" as const },
  ];
  for (const time of kinds) {
    const candles = await parquet(parquetWriteBuffer({ columnData: [close, time] }));
    assertEquals([...candles.time], times, time.name);
    assertEquals([...candles.close], [2, 3, 1], time.name);
  }
  const many = seriesOf(
    Array.from({ length: 70_000 }, (_, i) => i + 1),
    "1m",
    Array.from({ length: 70_000 }, (_, i) => START + i * 60_000),
  );
  assertEquals(bars(await parquet(await candlesToParquet(many), { symbol: "TEST" })), many);
});

Deno.test("readCandlesParquet() refuses what CSV refuses, and what is no Parquet", async () => {
  const write = (times: readonly unknown[], closes: readonly unknown[]): ArrayBuffer =>
    parquetWriteBuffer({
      columnData: [{ name: "time", data: [...times], type: "INT64" }, {
        name: "close",
        data: [...closes],
        type: "DOUBLE",
      }],
    });
  const at = (hours: number): bigint => BigInt(START + hours * HOUR);
  const cases: readonly (readonly [BlobPart, string])[] = [
    [write([at(0), at(1), at(1)], [1, 2, 3]), "row 3: expected times in ascending order, got the same time as row 2"],
    [write([at(0), 44564n], [1, 2]), "row 2: expected a time"],
    [write([at(0), at(1)], [1, null]), 'row 2: expected a number for close, got ""; nulls: "drop"'],
    [write([at(0), at(1)], [1, NaN]), 'row 2: expected a number for close, got "NaN"'],
    ["time,close\n1,2\n", "it is no Parquet file"],
    ["PAR1PAR1", "it is no Parquet file"],
  ];
  for (const [bytes, words] of cases) await assertRejects(() => parquet(bytes), DataError, words);
  const whole = new Uint8Array(write([at(0), at(1)], [1, 2]));
  const flipped = whole.slice();
  flipped[10] ^= 255;
  for (const broken of [whole.slice(0, -20), flipped]) {
    const outcome = await parquet(broken).then(({ close }) => String([...close]), (error) => String(error));
    assertEquals(outcome === "1,2" || outcome.startsWith("DataError"), true, outcome);
  }
  assertStringIncludes(String(await parquet(write([], [])).catch(String)), "expected rows, found none");
});
