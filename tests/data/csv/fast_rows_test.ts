// Plain bytes and text give the same float64, the same lines and the same refusals: the fast way against its careful twin.
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { type Candles, DataError } from "../../../lib/data/candles.ts";
import { readCandlesCsv } from "../../../lib/data/csv.ts";
import { parseDate } from "../../../lib/data/parse_date.ts";

const START = Date.UTC(2020, 0, 1);

/** A stream of the text in chunks of some bytes. */
function chunked(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

/** What is read, or the refusal. */
async function outcome(text: string, size = 1 << 20): Promise<Candles | string> {
  try {
    const { dialect: _, ...candles } = await readCandlesCsv(chunked(text, size), { symbol: "X", interval: "1h" });
    return candles;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return error.message;
  }
}

/** The same table with every cell in quotes, which the fast way leaves alone. */
function inQuotes(rows: readonly (readonly string[])[], end: string): string {
  return rows.map((row) => row.map((cell) => `"${cell}"`).join(",") + end).join("");
}

/** Whole numbers with a dot somewhere, or none. */
const decimals = (most: bigint, places: number): fc.Arbitrary<string> =>
  fc.tuple(fc.bigInt({ min: -most, max: most }), fc.nat({ max: places })).map(([whole, places]) => {
    const digits = String(whole < 0n ? -whole : whole).padStart(places + 1, "0");
    const cut = digits.length - places;
    return `${whole < 0n ? "-" : ""}${digits.slice(0, cut)}${places > 0 ? `.${digits.slice(cut)}` : ""}`;
  });

/** Numbers that both ways read to the last bit, or the fast one is wrong; most of them are the fast one's. */
const number = fc.oneof(
  { weight: 20, arbitrary: decimals(10n ** 9n, 8) },
  { weight: 4, arbitrary: decimals(10n ** 19n, 24) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...["0", "-0", "0.0", "5.", ".5", "00012.50", "9007199254740991", "9007199254740993", "9007199254740992.5"],
      ...["1e5", "+1", "1.", "0.00000000000000000000001", "0.0000000000000000000001"],
    ),
  },
);

/** Times of hour i. */
const timeOf = fc.constantFrom<(i: number) => string>(
  ...[1, 1e3, 1e6, 1e9].map((unit) => (i: number) => `${BigInt(START / 1000 + 3600 * i) * BigInt(unit)}`),
  ...["2020-01-01T", "2020/01/01 ", "2020.01.01 "].map((day) => (i: number) =>
    `${day}${String(i).padStart(2, "0")}:00${i % 2 ? ":00" : ""}`
  ),
  (i) => String(20200101 + i),
);

/** A cell that may be anything, and its place in a table: a time or a number. */
const odd = fc.record({
  row: fc.nat({ max: 7 }),
  column: fc.nat({ max: 5 }),
  text: fc.oneof(
    fc.string({ unit: fc.constantFrom(..."0123456789.-e+x"), minLength: 1, maxLength: 8 }),
    fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 99 }), fc.nat({ max: 99 }), fc.constantFrom("", "Z", ".5", "+01:00"))
      .map(
        ([day, hour, minute, rest]) => {
          const two = (value: number): string => String(value).padStart(2, "0");
          return `2020-01-${two(day)} ${two(hour)}:${two(minute)}:${two(day)}${rest}`;
        },
      ),
    fc.nat({ max: 5_000_000_000 }).map(String),
    fc.constantFrom(
      "20200230",
      "18991231",
      "2020-02-30",
      "2020-13-01",
      "1577836800.5",
      "15778368000005",
      "1577836800000001",
    ),
  ),
});

/** The same bars plain and in quotes, the latter the careful way's. */
async function requireSame(rows: readonly (readonly string[])[], end: string): Promise<Candles | string> {
  const table = [["time", "open", "high", "low", "close", "volume", "note"], ...rows];
  const plain = await outcome(table.map((values) => values.join(",") + end).join(""));
  assertEquals(plain, await outcome(inQuotes(table, end)));
  return plain;
}

const row = fc.tuple(number, number, number, number, number);
const ends = fc.constantFrom("\n", "\r\n", "\r");

Deno.test("readCandlesCsv() reads plain rows to the bit as it reads quoted ones", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), timeOf, ends, async (cells, time, end) => {
      const plain = await requireSame(cells.map((values, i) => [time(i), ...values, "x"]), end);
      if (typeof plain === "string") throw new Error(plain);
      assertEquals(plain.close, Float64Array.from(cells, (values) => Number(values[3])));
    }),
    { numRuns: 400 },
  );
});

Deno.test("readCandlesCsv() reads or refuses a table with any cell in it as it does in quotes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 2, maxLength: 8 }),
      timeOf,
      odd,
      async (cells, time, { row, column, text }) => {
        const rows = cells.map((values, i) => [time(i), ...values, "x"]);
        rows[row % rows.length][column] = text;
        await requireSame(rows, "\n");
      },
    ),
    { numRuns: 1500 },
  );
});

Deno.test("readCandlesCsv() keeps the rows of markets apart, in runs and in turn, as in quotes", async () => {
  const name = fc.constantFrom("A", "AB", "B", "", " A");
  await fc.assert(fc.asyncProperty(fc.array(name, { minLength: 2, maxLength: 30 }), async (names) => {
    const rows = names.map((symbol, i) => [`${START + i * 3_600_000}`, symbol, `${i}.5`]);
    const table = [["time", "symbol", "close"], ...rows];
    const outcomes = [table.map((row) => `${row.join(",")}\n`).join(""), inQuotes(table, "\n")].map(async (text) => {
      const read = readCandlesCsv(chunked(text, 50), { symbol: "A", interval: "1h" });
      return await read.then(({ close, time }) => [...close, ...time], (error) => String(error));
    });
    const [plain, quoted] = await Promise.all(outcomes);
    assertEquals(plain, quoted);
    const mine = names.flatMap((symbol, i) => symbol.trim() === "A" ? [i + 0.5] : []);
    if (mine.length > 0 && typeof plain !== "string") assertEquals(plain.slice(0, mine.length), mine);
    if (typeof plain === "string") assertEquals(/none of them "A"|lie further apart/.test(plain), true, plain);
  }));
});

Deno.test("readCandlesCsv() reads every finite number as Number() does", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2 }),
      async (values) => {
        const text = values.map((value, i) => `${START + i * 3_600_000},${value}\n`).join("");
        const candles = await outcome(`time,close\n${text}`) as Candles;
        assertEquals(candles.close, Float64Array.from(values, (value) => Number(String(value))));
      },
    ),
  );
});

Deno.test("readCandlesCsv() reads every ISO date as parseDate() does", async () => {
  const day = fc.integer({ min: -5_000_000_000, max: 4_100_000_000 });
  await fc.assert(fc.asyncProperty(fc.uniqueArray(day, { minLength: 1, maxLength: 5 }), async (seconds) => {
    const dates = seconds.sort((a, b) => a - b).map((s) => new Date(s * 1000).toISOString().replace(".000Z", ""));
    const candles = await readCandlesCsv(chunked(`time,close\n${dates.map((date) => `${date},1\n`).join("")}`, 99), {
      symbol: "X",
      interval: "1h",
    }).catch((error) => String(error));
    // Random times are no bars of an hour where there are several.
    if (typeof candles === "string") assertEquals(/most rows lie further apart/.test(candles), true, candles);
    else assertEquals([...candles.time], dates.map((date) => parseDate(date)));
  }));
});

Deno.test("readCandlesCsv() reads the same however its bytes are cut", async () => {
  const rows = Array.from({ length: 40 }, (_, i) => [`${START + i * 3_600_000}`, i % 7 ? `${i}.25` : `"${i}.25"`, "é"]);
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = [["time", "close", "note"], ...rows].map((row) => row.join(",") + end).join("");
    const whole = await outcome(text);
    for (const size of [1, 2, 3, 7, 64]) assertEquals(await outcome(text, size), whole, `${size} bytes`);
  }
});

Deno.test("readCandlesCsv() names the line of a bad row far into a file, whatever lies before it", async () => {
  for (const [end, blank] of [["\n", "\n"], ["\r\n", "\r\n"], ["\r", "\r"]]) {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${START + i * 3_600_000},${i}.5`);
    rows[29_000] = `${START},x`;
    rows.splice(100, 0, `${blank}`);
    await assertRejects(
      () => readCandlesCsv(chunked(`time,close${end}${rows.join(end)}`, 50_000), { symbol: "X" }),
      DataError,
      'line 29004: expected a number for close, got "x"',
    );
  }
});

Deno.test("readCandlesCsv() gives up on a row without an end, and on an endless quote, within a megabyte or so", async () => {
  for (const begin of ["time,close\n2024-01-01,", 'time,close\n2024-01-01,"']) {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(sent === 0 ? begin : "1".repeat(1 << 16)));
        sent++;
      },
    });
    await assertRejects(() => readCandlesCsv(endless, { symbol: "X" }), DataError, "more than 1 MB without an end");
    assertEquals(sent < 40, true, `${sent} chunks`);
  }
});

Deno.test("readCandlesCsv() reads a text longer than a string can be", async () => {
  // 550 MB: rows whose last cell, which nobody reads, has 100,000 characters.
  const filler = new TextEncoder().encode(`,${"x".repeat(100_000)}\n`);
  const rows = 5500;
  let at = -1;
  const text = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at === rows) return controller.close();
      controller.enqueue(new TextEncoder().encode(at < 0 ? "time,close,note\n" : `${START + at * 60_000},${at}.5`));
      if (at >= 0) controller.enqueue(filler);
      at++;
    },
  });
  const { close, interval } = await readCandlesCsv(text, { symbol: "X" });
  assertEquals([close.length, close[rows - 1], interval], [rows, rows - 0.5, "1m"]);
});
