// Candles from CSV: what is read, and every bad input with its line.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { readCandlesCsv } from "../../lib/data/csv.ts";
import { readCandlesDir } from "../../lib/data/candles_dir.ts";
import { candlesToCsv } from "../../lib/data/csv_write.ts";
import { copyOf, gzippedStreamOf, seriesOf, streamOf, withFolder } from "./candle_files.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "net");

const HOUR = 3_600_000;
const FULL = "timestamp,open,high,low,close,volume\n1704067200000,1,3,0.5,2,10\n1704070800000,2,4,1.5,3,20\n";

async function read(text: string, interval?: string): Promise<Candles> {
  return bars(await readCandlesCsv(streamOf(text), { symbol: "X", ...(interval !== undefined && { interval }) }));
}

/** Candles without what was said of their source. */
function bars({ dialect: _, ...candles }: Candles): Candles {
  return candles;
}

Deno.test("readCandlesCsv() reads a full file and infers its interval", async () => {
  assertEquals(await read(FULL), {
    symbol: "X",
    interval: "1h",
    time: Float64Array.of(1704067200000, 1704070800000),
    open: Float64Array.of(1, 2),
    high: Float64Array.of(3, 4),
    low: Float64Array.of(0.5, 1.5),
    close: Float64Array.of(2, 3),
    volume: Float64Array.of(10, 20),
  });
});

Deno.test("readCandlesCsv() reads a close-only file", async () => {
  const candles = await read("timestamp,close\n2024-01-01,5\n2024-01-02,6\n");
  assertEquals(candles.closeOnly, true);
  assertEquals([candles.open, candles.high, candles.low], [candles.close, candles.close, candles.close]);
  assertEquals(candles.volume, Float64Array.of(0, 0));
  assertEquals(candles.interval, "1d");
});

Deno.test("readCandlesCsv() takes aliases, any order, further columns, CRLF and a byte order mark", async () => {
  const text = "\ufeffVolume,Adj Close,Close,Open Time,Low,High,Open\r\n10,9,2,1704067200000,0.5,3,1\r\n\r\n" +
    "20,9,3,1704070800000,1.5,4,2\r\n";
  assertEquals(await read(text), await read(FULL));
});

Deno.test("readCandlesCsv() reads seconds, ms, µs, ns and ISO dates alike", async () => {
  const seconds = [1704067200, 1704070800];
  for (const zeros of ["", "000", "000000", "000000000"]) {
    const candles = await read(`time,close\n${seconds.map((s, i) => `${s}${zeros},${i + 1}`).join("\n")}`);
    assertEquals(candles.time, Float64Array.from(seconds, (s) => s * 1000), zeros);
  }
  const dated = await read("date,close\n2024-01-01 00:00:00,1\n2024-01-01T01:00:00Z,2\n");
  assertEquals(dated.time, Float64Array.from(seconds, (s) => s * 1000));
});

test("readCandlesCsv() tells gzip by its bytes, from a stream, a path and a file: URL", async () => {
  const expected = await read(FULL);
  assertEquals(bars(await readCandlesCsv(gzippedStreamOf(FULL), { symbol: "X" })), expected);
  await withFolder(async (dir) => {
    const bytes = new Uint8Array(await new Response(gzippedStreamOf(FULL)).arrayBuffer());
    await Deno.writeFile(`${dir}/a.csv.gz`, bytes);
    await Deno.writeFile(`${dir}/zipped inside.csv`, bytes);
    await Deno.writeTextFile(`${dir}/plain.csv.gz`, FULL);
    for (const file of ["a.csv.gz", "zipped inside.csv", "plain.csv.gz"]) {
      assertEquals(bars(await readCandlesCsv(`${dir}/${file}`, { symbol: "X" })), expected, file);
    }
    assertEquals(bars(await readCandlesCsv(new URL(`file://${dir}/a.csv.gz`), { symbol: "X" })), expected);
    assertEquals(bars(await readCandlesCsv(`file://${dir}/a.csv.gz`, { symbol: "X" })), expected);
    const [head, row] = [FULL.slice(0, 60), FULL.slice(60)];
    const members = await Promise.all([head, row].map((text) => new Response(gzippedStreamOf(text)).bytes()));
    await Deno.writeFile(`${dir}/members.csv.gz`, new Uint8Array([...members[0], ...members[1]]));
    assertEquals(bars(await readCandlesCsv(`${dir}/members.csv.gz`, { symbol: "X" })), expected);
    await Deno.writeFile(`${dir}/cut.csv.gz`, bytes.slice(0, bytes.length - 12));
    await assertRejects(() => readCandlesCsv(`${dir}/cut.csv.gz`, { symbol: "X" }), DataError, "gzip");
  });
});

test("readCandlesCsv() reads http URLs and says what a server answered", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    return new URL(request.url).pathname === "/a.csv" ? new Response(FULL) : new Response("none", { status: 404 });
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  assertEquals(bars(await readCandlesCsv(`${base}/a.csv`, { symbol: "X" })), await read(FULL));
  await assertRejects(
    () => readCandlesCsv(new URL(`${base}/b.csv`), { symbol: "X" }),
    DataError,
    "/b.csv: the server answered 404",
  );
});

test("readCandlesCsv() throws on a server that is down and on a missing file", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(
    () => readCandlesCsv(`http://127.0.0.1:${port}/a.csv`, { symbol: "X" }),
    DataError,
    `${port}/a.csv`,
  );
  await assertRejects(() => readCandlesCsv("no/such.csv", { symbol: "X" }), DataError, "no/such.csv: no such file");
  await assertRejects(() => readCandlesCsv(".", { symbol: "X" }), DataError, "folder");
});

const BAD: readonly (readonly [string, string, string])[] = [
  ["an empty file", "", "the file is empty"],
  ["blank lines alone", "\n \r\n\n", "the file is empty"],
  ["a header alone", "timestamp,close\n", "expected rows behind the header"],
  ["one row and no interval", "timestamp,close\n2024-01-01,1\n", "at least 2 rows"],
  ["no header", "1704067200000,1,2,3,4,5\n1704070800000,1,2,3,4,5", "line 1: expected a header"],
  ["HTML", "<!doctype html>\n<p>no</p>", "line 1: expected a header"],
  ["no closing price", "timestamp,open\n1,2", "found no close"],
  ["no time", "close,open\n1,2", "found no timestamp"],
  ["open without high", "timestamp,open,low,close\n1,2,3,4", "found no high"],
  ["a column twice", "timestamp,close,Close\n1,2,3", 'two columns are named "close"'],
  [
    "text in a number",
    "timestamp,close\n2024-01-01,1\n\n2024-01-02,12x\n",
    'line 4: expected a number for close, got "12x"',
  ],
  ["NaN", "timestamp,close\r\n2024-01-01,1\r\n2024-01-02,NaN\r\n", 'line 3: expected a number for close, got "NaN"'],
  ["an empty cell", "timestamp,close\n2024-01-01,1\n2024-01-02,\n", 'line 3: expected a number for close, got ""'],
  ["hex", "timestamp,close\n2024-01-01,0x10\n2024-01-02,1\n", "line 2: expected a number"],
  ["Infinity", "timestamp,close\n2024-01-01,Infinity\n2024-01-02,1\n", "line 2: expected a number"],
  ["a number beyond float64", "timestamp,close\n2024-01-01,1e999\n2024-01-02,1\n", "line 2: expected a number"],
  ["an open comma", 'timestamp,close\n2024-01-01,"1,000"\n2024-01-02,1\n', 'line 2: "1,000" may be thousands or a'],
  ["a bad volume", "timestamp,close,volume\n2024-01-01,1,-\n2024-01-02,1,1\n", "line 2: expected a number for volume"],
  ["a bad time", "timestamp,close\n2024-01-01,1\n2024-02-30,1\n", "line 3: expected a time (ISO date, or seconds"],
  ["an empty time", "timestamp,close\n2024-01-01,1\n,1\n", "line 3: expected a time"],
  [
    "unsorted times",
    "timestamp,close\n2024-01-02,1\n\n2024-01-03,1\n2024-01-01,1\n",
    "line 5: expected times in ascending order, got a time before line 4",
  ],
  [
    "times that turn round",
    "timestamp,close\n2024-01-02,1\n2024-01-01,1\n2024-01-03,1\n",
    "line 4: expected times in descending order, got a time after line 3",
  ],
  [
    "duplicate times",
    "timestamp,close\n2024-01-02,1\n2024-01-02,1\n",
    "line 3: expected times in ascending order, got the same time as line 2",
  ],
  ["a short row", "timestamp,close\n2024-01-01,1\n2024-01-02\n", "line 3: expected 2 cells, got 1"],
  ["a long row", "timestamp,close\n2024-01-01,1\n2024-01-02,1,2\n", "line 3: expected 2 cells, got 3"],
  ["an open quote", 'timestamp,close\n2024-01-01,"1\n', "line 2: a quote is never closed"],
];

for (const [what, text, message] of BAD) {
  Deno.test(`readCandlesCsv() throws on ${what}`, async () => {
    await assertRejects(() => read(text), DataError, message);
  });
}

test("readCandlesCsv() names the file and throws on bytes that are no UTF-8", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/a.csv`, "timestamp,close\n2024-01-01,?\n");
    await assertRejects(() => readCandlesCsv(`${dir}/a.csv`, { symbol: "X" }), DataError, `${dir}/a.csv, line 2: `);
    await Deno.writeFile(`${dir}/b.csv`, Uint8Array.of(0xff, 0xfe, 0x41));
    await assertRejects(() => readCandlesCsv(`${dir}/b.csv`, { symbol: "X" }), DataError, "it begins as UTF-16LE");
    await Deno.writeFile(`${dir}/c.csv`, Uint8Array.of(0x74, 0x2c, 0xfc, 0x0a));
    await assertRejects(() => readCandlesCsv(`${dir}/c.csv`, { symbol: "X" }), DataError, "line 1: it is not UTF-8");
  });
});

Deno.test("readCandlesCsv() throws on a missing symbol, a wrong source and a wrong interval", async () => {
  await assertRejects(() => readCandlesCsv("a.csv", { symbol: "" }), TypeError, "symbol must be a name");
  await assertRejects(() => readCandlesCsv(7 as unknown as string, { symbol: "X" }), TypeError, "got number");
  await assertRejects(() => read(FULL, "60"), RangeError, "Cannot read an interval");
});

Deno.test("readCandlesCsv() reads one row when the interval is given", async () => {
  assertEquals((await read("timestamp,close\n2024-01-01,1\n", "1d")).close, Float64Array.of(1));
});

Deno.test("readCandlesCsv() leaves suspicious prices to checkCandles()", async () => {
  const candles = await read("timestamp,open,high,low,close\n2024-01-01,1,0.5,2,-1\n2024-01-02,1,1,1,0\n");
  assertEquals(candles.close, Float64Array.of(-1, 0));
});

Deno.test("candlesToCsv() and readCandlesCsv() give back random candles bit for bit", async () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
  const bar = fc.tuple(value, value, value, value, value);
  const start = fc.integer({ min: -2e12, max: 3e12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(bar, { minLength: 2, maxLength: 20 }),
      start,
      fc.boolean(),
      async (bars, from, closeOnly) => {
        const column = (i: number): Float64Array => Float64Array.from(bars, (row) => row[i]);
        const close = column(3);
        const prices = closeOnly
          ? { open: close, high: close, low: close, close, volume: column(4), closeOnly }
          : { open: column(0), high: column(1), low: column(2), close, volume: column(4) };
        const time = Float64Array.from(bars, (_, i) => from + i * HOUR);
        const candles: Candles = { symbol: "X", interval: "1h", time, ...prices };
        assertEquals(await read(candlesToCsv(candles)), candles);
      },
    ),
  );
});

Deno.test("candlesToCsv() throws on a value that is not finite and leaves its input alone", () => {
  const candles = seriesOf([1, 2, 3], "1h", [0, HOUR, 2 * HOUR]);
  const before = copyOf(candles);
  candlesToCsv(candles);
  assertEquals(candles, before);
  candles.high[1] = NaN;
  assertThrows(() => candlesToCsv(candles), RangeError, "got NaN as high of bar 1");
});

test("readCandlesDir() reads every CSV file, named by its file", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/B.csv`, FULL);
    await Deno.writeTextFile(`${dir}/A.CSV.gz`, FULL);
    await Deno.writeTextFile(`${dir}/notes.md`, "no");
    assertEquals((await readCandlesDir(`${dir}/`)).map((candles) => candles.symbol), ["A", "B"]);
    await Deno.writeTextFile(`${dir}/B.csv.gz`, FULL);
    await assertRejects(() => readCandlesDir(dir), DataError, "two files hold B");
    await Deno.mkdir(`${dir}/empty`);
    await assertRejects(() => readCandlesDir(`${dir}/empty`), DataError, "found none");
    await assertRejects(() => readCandlesDir(`${dir}/none`), DataError, "no such folder");
  });
});
