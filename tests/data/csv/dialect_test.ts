// What a file leaves open is said, settled by an option, or refused with the words that help; nothing is guessed silently.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Candles, DataError } from "../../../lib/data/candles.ts";
import { readCandlesCsv } from "../../../lib/data/csv.ts";
import { checkCandles } from "../../../lib/data/quality.ts";
import type { TableOptions } from "../../../lib/data/table/head.ts";
import { streamOf } from "../candle_files.ts";

type Options = Omit<TableOptions, "symbol"> & { readonly symbol?: string };

function read(text: string, options: Options = {}): Promise<Candles> {
  return readCandlesCsv(streamOf(text), { symbol: "X", ...options });
}

/** The dates of a series. */
const days = ({ time }: Candles): string[] => Array.from(time, (t) => new Date(t).toISOString().slice(0, 10));

async function refusal(text: string, options?: Options): Promise<string> {
  return (await assertRejects(() => read(text, options), DataError)).message;
}

/** A daily file of closes from a list of date cells. */
const dated = (dates: readonly string[]): string =>
  `Date;Close\n${dates.map((date, i) => `${date};${i + 1}\n`).join("")}`;

Deno.test("readCandlesCsv() says in dialect what it decided, and checkCandles() repeats it", async () => {
  const candles = await read("\ufeffsep=;\nDatum;Schluss\n03.01.2024;1.042,5\n02.01.2024;43\n");
  assertEquals(candles.dialect, {
    format: "csv",
    encoding: "utf-8",
    separator: ";",
    decimal: ",",
    header: 2,
    columns: { time: "Datum", close: "Schluss" },
    columnsBy: "header",
    timeUnits: [],
    dateOrder: "dmy",
    order: "newest first",
    adjusted: false,
    leftOut: { nulls: 0, unclosed: 0 },
    notes: [
      "left out: 1 line of text above the table",
      "it has no volume: 0 stands for it",
      "dates were read day first",
    ],
  });
  assertEquals([days(candles), [...candles.close]], [["2024-01-02", "2024-01-03"], [43, 1042.5]]);
  assertEquals(checkCandles(candles).dialect, candles.dialect);
});

Deno.test("readCandlesCsv() takes day and month from a day above 12 alone, or from dateOrder", async () => {
  assertEquals(days(await read(dated(["1/2/2024", "1/3/2024", "1/13/2024"]), { interval: "1d" })).at(0), "2024-01-02");
  assertEquals(days(await read(dated(["11/2/2024", "12/2/2024", "13/2/2024"]))).at(0), "2024-02-11");
  const open = dated(["1/2/2024", "1/3/2024", "1/4/2024"]);
  assertStringIncludes(await refusal(open), 'pass dateOrder: "dmy" or "mdy"');
  assertEquals(days(await read(open, { dateOrder: "mdy" })), ["2024-01-02", "2024-01-03", "2024-01-04"]);
  assertStringIncludes(
    await refusal(dated(["1/2/2024", "13/2/2024", "2/14/2024"])),
    "that of line 3 is possible day first alone",
  );
  assertStringIncludes(
    await refusal(dated(["13/1/2024", "14/1/2024"]), { dateOrder: "mdy" }),
    "line 2: expected a time",
  );
});

Deno.test("readCandlesCsv() reads years of two digits under dateOrder alone", async () => {
  const text = dated(["24/01/02", "24/01/03", "24/01/04"]);
  assertStringIncludes(await refusal(text), "expected a time");
  assertEquals(days(await read(dated(["02/01/24", "03/01/24"]), { dateOrder: "dmy" })), ["2024-01-02", "2024-01-03"]);
});

Deno.test("readCandlesCsv() refuses numbers that two decimal signs fit, unless decimal says which", async () => {
  const text = "Date;Close\n2024-01-02;1,234\n2024-01-03;1,235\n";
  assertStringIncludes(await refusal(text), '"1,234" may be thousands or a decimal comma; pass decimal: "." or ","');
  assertEquals((await read(text, { decimal: "," })).close[0], 1.234);
  assertEquals((await read(text, { decimal: "." })).close[0], 1234);
  assertStringIncludes(
    await refusal("Date;Close\n2024-01-02;38.738\n2024-01-03;38.967\n"),
    '"38.738" may be thousands',
  );
  assertEquals((await read("Date,Close\n2024-01-02,38.738\n2024-01-03,38.967\n")).close[0], 38.738);
  assertStringIncludes(await refusal("Date;Close\n2024-01-02;1,5\n2024-01-03;1.55\n"), "other numbers say otherwise");
});

Deno.test("readCandlesCsv() keeps the decimal sign that the head decided, whatever comes behind it", async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `${1.6e12 + i * 60_000};${i};note of some length`);
  const text = (last: string): string => `time;close;note\n${rows.join("\n")}\n${1.6e12 + 30_000 * 60_000};${last};x\n`;
  assertStringIncludes(
    await refusal(text("1,234")),
    'line 30002: "1,234" for close may be thousands or a decimal comma',
  );
  assertStringIncludes(await refusal(text("1,5")), 'line 30002: expected a number for close, got "1,5"');
  assertEquals((await read(text("1.5"))).close.at(-1), 1.5);
});

Deno.test("readCandlesCsv() reads each time by its own magnitude, and refuses what is no time from 1980 to 2100", async () => {
  const mixed = "time,close\n1735603200,1\n1735689600000,2\n1735776000000000,3\n1735862400000000000,4\n";
  const candles = await read(mixed);
  assertEquals(days(candles), ["2024-12-31", "2025-01-01", "2025-01-02", "2025-01-03"]);
  assertEquals(candles.dialect?.timeUnits, ["s", "ms", "us", "ns"]);
  for (
    const [time, words] of [["44564", "serial day (2022-01-03)"], ["0", "1980 to 2100"], [
      "1e3",
      "1980 to 2100",
    ]] as const
  ) {
    assertStringIncludes(await refusal(`time,close\n${time},1\n1,2\n`), words);
  }
  // A spreadsheet rounded it: seconds of a day are gone.
  assertStringIncludes(await refusal("time,close\n1.70407E+12,1\n1.70408E+12,2\n"), "expected a time");
  assertStringIncludes(await refusal("time,close\n1.7040672e12,1\n1.7041536E12,2\n"), "expected a time");
  assertEquals(days(await read("time,close\n1.704067200000000e+12,1\n1.704153600000000e+12,2\n"))[0], "2024-01-01");
  assertStringIncludes(await refusal("time,close\n2024010112,1\n2024010113,2\n"), "may be hours of days or seconds");
  assertEquals(days(await read("Date,Close\n1928-01-03,17.7\n1928-01-04,17.8\n"))[0], "1928-01-03");
});

Deno.test("readCandlesCsv() takes volume under its vendors' names and units, or says that it did not", async () => {
  const file = (names: string): string => `time,close,${names}\n2024-01-01,1,10,20\n2024-01-02,2,30,40\n`;
  assertEquals((await read(file("Volume BTC,Volume USDT"))).volume[0], 10);
  assertEquals((await read(file("Volume ETH,Volume BTC"), { symbol: "ETHBTC" })).volume[0], 10);
  assertEquals((await read(file("Volume_(Currency),Volume_(BTC)"))).volume[0], 20);
  const quote = await read("time,close,Volume USDT\n2024-01-01,1,10\n2024-01-02,2,30\n", { symbol: "BTCUSDT" });
  assertEquals([...quote.volume], [0, 0]);
  assertStringIncludes(
    quote.dialect!.notes.join(),
    'its volume was not read: "Volume USDT" may be one; columns: { volume:',
  );
  const named = await read(file("Volume USDT,Turnover"), { columns: { volume: "Turnover" } });
  assertEquals([...named.volume], [20, 40]);
  const none = await read("time,close\n2024-01-01,1\n2024-01-02,2\n");
  assertEquals(none.dialect?.notes, ["it has no volume: 0 stands for it"]);
});

Deno.test("readCandlesCsv() leaves out rows without prices on request, and counts them", async () => {
  const text = "Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,1,2,9\n2024-01-03,null,null,null,null,null\n" +
    "2024-01-04,,,,,\n2024-01-05,2,3,2,3,\n";
  assertStringIncludes(await refusal(text), 'line 3: expected a number for open, got "null"; nulls: "drop"');
  const candles = await read(text, { nulls: "drop", interval: "1d" });
  assertEquals([[...candles.close], [...candles.volume]], [[2, 3], [9, 0]]);
  assertEquals(candles.dialect?.leftOut, { nulls: 2, unclosed: 0 });
  assertEquals(candles.dialect?.notes, [
    "left out: 2 rows without prices",
    "a missing volume is read as 0, first in line 5",
  ]);
  // A row of which a part is missing is an error whatever was asked for.
  assertStringIncludes(await refusal(text.replace("null,null,null,null,", "1,null,1,1,"), { nulls: "drop" }), "line 3");
  assertStringIncludes(
    await refusal("Date,Close,Volume\n2024-01-02,1,5\n2024-01-03,2,\n"),
    "line 3: expected a number for volume",
  );
});

Deno.test("readCandlesCsv() scales bars by the adjusted close on request, else notes an unadjusted split", async () => {
  const rows = ["2024-01-02,400,404,396,400,99", "2024-01-03,400,408,396,404,100", "2024-01-04,101,103,100,102,102"];
  const text = `Date,Open,High,Low,Close,Adj Close\n${rows.join("\n")}\n`;
  const plain = await read(text);
  assertEquals([...plain.close], [400, 404, 102]);
  assertStringIncludes(
    plain.dialect!.notes.join(),
    "look unadjusted for splits: the adjusted close moves apart from the close on 2024-01-04",
  );
  const adjusted = await read(text, { adjusted: true });
  assertEquals([...adjusted.close], [99, 100, 102]);
  assertEquals([...adjusted.open], [99, 400 * (100 / 404), 101]);
  assertEquals([adjusted.high[0], adjusted.low[2]], [404 * (99 / 400), 100]);
  assertEquals(adjusted.dialect?.adjusted, true);
  assertStringIncludes(await refusal("Date,Close\n2024-01-02,1\n", { adjusted: true, interval: "1d" }), "found none");
  const named = await read(text.replace("Adj Close", "Backward"), {
    adjusted: true,
    columns: { adjusted: "Backward" },
  });
  assertEquals(named.close, adjusted.close);
});

Deno.test("readCandlesCsv() takes columns by name, or listed where there is no header", async () => {
  const text = "when,px,other\n2024-01-01,1,5\n2024-01-02,2,6\n";
  assertStringIncludes(await refusal(text), "columns: { time:");
  assertEquals([...(await read(text, { columns: { time: "when", close: "px" } })).close], [1, 2]);
  assertStringIncludes(await refusal(text, { columns: { time: "when", close: "nope" } }), 'columns.close is "nope"');
  const bare = "1704067200,7,5\n1704153600,8,6\n";
  assertStringIncludes(await refusal(bare), "pass columns");
  assertEquals([...(await read(bare, { columns: ["time", "", "close"] })).close], [5, 6]);
  assertStringIncludes(
    await refusal(bare, { columns: ["time", "close"] }),
    "columns lists 2 names, the rows have 3 cells",
  );
  assertStringIncludes(await refusal(bare, { columns: ["time", "", "volume"] }), "found no close");
  assertStringIncludes(await refusal(text, { columns: { close: "px" } }), "found no timestamp");
});

Deno.test("readCandlesCsv() holds columns told by shape to that shape in every row", async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `${1.6e12 + i * 60_000},${i + 2},${i + 4},${i + 1},${i + 3},7`);
  const good = await read(rows.join("\n"));
  assertEquals([good.dialect?.columnsBy, good.dialect?.header, good.close[5]], ["shape", null, 8]);
  rows[19_990] = rows[19_990].replace(/,\d+,7$/, ",99999,7");
  assertStringIncludes(await refusal(rows.join("\n")), "line 19991: without a header the columns were taken for");
});

Deno.test("readCandlesCsv() leaves out bars that were not closed, and refuses other flags", async () => {
  const text = "time,close,confirm\n2024-01-01,1,1\n2024-01-02,2,true\n2024-01-03,3,0\n";
  const candles = await read(text);
  assertEquals([[...candles.close], candles.dialect?.leftOut.unclosed], [[1, 2], 1]);
  assertStringIncludes(
    await refusal(text.replace("true", "maybe")),
    'line 3: expected 1 or 0 (a closed bar or not), got "maybe"',
  );
});

Deno.test("readCandlesCsv() picks the market called symbol, or names those that there are", async () => {
  const text = "date,close,Name\n2024-01-02,1,AAL\n2024-01-03,2,AAL\n2024-01-02,5,AAPL\n2024-01-03,6,AAPL\n";
  assertEquals([...(await read(text, { symbol: "AAPL" })).close], [5, 6]);
  assertStringIncludes(await refusal(text), 'its column "Name" holds 2 markets (AAL, AAPL), none of them "X"');
  const wide = "Price,Close,Close\nTicker,AAA,BBB\nDate,,\n2024-01-02,1,5\n2024-01-03,2,6\n";
  assertEquals([...(await read(wide, { symbol: "BBB" })).close], [5, 6]);
  assertStringIncludes(await refusal(wide), "it holds 2 markets side by side (AAA, BBB); pass one of them as symbol");
});

Deno.test("readCandlesCsv() passes over text above and below a table and a repeated header, and over nothing else", async () => {
  const table = "time,close\n2024-01-01,1\n2024-01-02,2\n";
  const candles = await read(`Bank of Nowhere\nSymbol:,X\n\n${table}time,close\n2024-01-03,3\n\n# end\n;;\n`);
  assertEquals([...candles.close], [1, 2, 3]);
  assertEquals(candles.dialect?.notes.slice(2), [
    "left out: 1 repeated header",
    "left out: 2 lines of text below the table",
  ]);
  assertStringIncludes(
    await refusal(`${table}a note\n2024-01-03,3\n`),
    'line 4: expected a row, got the text "a note" with more rows',
  );
  assertStringIncludes(await refusal(`${table}Average,1.5\n`), "line 4: expected a time (ISO date");
  assertStringIncludes(await refusal(`${table}2024-01-0`), "line 4: expected 2 cells, got 1");
});

Deno.test("readCandlesCsv() refuses bars of unequal length, with or without an interval that does not fit them", async () => {
  const seconds = Array.from({ length: 60 }, (_, i) => 1704067200 + i * 97 + (i * i * 31) % 83);
  const text = `time,close\n${seconds.map((s) => `${s},1`).join("\n")}\n`;
  assertStringIncludes(await refusal(text), "lie at no constant interval");
  assertStringIncludes(await refusal(text, { interval: "1m" }), "interval is 1m, but most rows lie further apart");
  // Minutes that are not all there are on their grid; months end within 31 days.
  const holed = [0, 1, 3, 4, 7, 9, 12, 13, 16, 18].map((minute) => 1704067200 + 60 * minute);
  const sparse = `time,close\n${holed.map((s) => `${s},1`).join("\n")}\n`;
  assertStringIncludes(await refusal(sparse), "lie at no constant interval");
  assertEquals((await read(sparse, { interval: "1m" })).interval, "1m");
});

Deno.test("readCandlesCsv() refuses bars of two lengths in one file, and names where the second begins", async () => {
  const hours = Array.from({ length: 100 }, (_, i) => 1704067200 + 3600 * i);
  const fours = Array.from({ length: 20 }, (_, i) => 1704067200 + 3600 * (100 + 4 * i));
  const text = `time,close\n${[...hours, ...fours].map((s) => `${s},1`).join("\n")}\n`;
  assertStringIncludes(await refusal(text), "two lengths: 1h, and 14400 s from 2024-01-05T04:00:00.000Z on");
  assertEquals((await read(text, { interval: "1h" })).close.length, 120);
  // A hole, weekends and single holidays are no other length.
  const holed = [...hours, ...hours.slice(0, 50).map((s) => s + 4_000_000)];
  assertEquals((await read(`time,close\n${holed.map((s) => `${s},1`).join("\n")}\n`)).interval, "1h");
});

Deno.test("readCandlesCsv() reads dates from 1800 to 2100, and says so of others", async () => {
  const table = (year: number): string => `date,close\n${[2, 3, 4].map((day) => `${year}-01-0${day},1`).join("\n")}\n`;
  assertEquals((await read(table(1800))).time[0], Date.UTC(1800, 0, 2));
  assertEquals((await read(table(2100))).time[0], Date.UTC(2100, 0, 2));
  for (const year of [1799, 2101]) {
    assertStringIncludes(await refusal(table(year)), `got "${year}-01-02"; dates are read from 1800 to 2100`);
  }
});

Deno.test("readCandlesCsv() refuses times that may be counted from year 1, and names a column that may tell markets apart", async () => {
  const ticks = [638396640000000000n, 638397504000000000n, 638398368000000000n];
  assertStringIncludes(
    await refusal(`time,close\n${ticks.map((t) => `${t},1`).join("\n")}\n`),
    "ticks of 100 ns since year 1",
  );
  const rows = ["A", "B"].flatMap((name) => [2, 3, 4].map((day) => `2024-01-0${day},1,${name} plc`));
  const text = `date,close,Company\n${rows.join("\n")}\n`;
  assertStringIncludes(
    await refusal(text),
    'if its column "Company" tells markets apart, name it: columns: { symbol }',
  );
  assertStringIncludes(await refusal(text, { columns: { symbol: "Company" } }), "holds 2 markets (A plc, B plc)");
});

Deno.test("readCandlesCsv() says what a file is that is no CSV", async () => {
  const cases: readonly (readonly [string | Uint8Array<ArrayBuffer>, string])[] = [
    ["PAR1xxxxxxxx", "it is a Parquet file: readCandlesParquet() reads those"],
    ["PK\u0003\u0004xxxx", "a spreadsheet (.xlsx)"],
    ["[[1704067200000,1,2,0,1,3]]", "it is JSON: readCandlesJson() reads that"],
    ["<!doctype html>", "it is an HTML page"],
    [Uint8Array.of(0, 5, 22, 7, 0, 2, 0, 0), "it holds NUL bytes"],
  ];
  for (const [data, words] of cases) {
    const { message } = await assertRejects(
      () => readCandlesCsv(new Blob([data]).stream(), { symbol: "X" }),
      DataError,
      words,
    );
    // deno-lint-ignore no-control-regex
    assert(!/[\u0000-\u001f]/.test(message), JSON.stringify(message));
  }
});

Deno.test("readCandlesCsv() names the line of a cell without an end, and shows a part of it", async () => {
  const message = await refusal(`time,close\n2024-01-01,${"1".repeat(160_000)}e\n2024-01-02,2\n`);
  assertEquals(message, `Cannot read the stream of X, line 2: expected a number for close, got "${"1".repeat(60)}…"`);
});

Deno.test("readCandlesCsv() refuses options of another kind or name", async () => {
  const text = "time,close\n2024-01-01,1\n2024-01-02,2\n";
  const cases: readonly (readonly [unknown, string])[] = [
    [{ dateOrder: "ymd" }, 'dateOrder must be "dmy" or "mdy", got "ymd"'],
    [{ decimal: ";" }, 'decimal must be "." or ","'],
    [{ nulls: true }, 'nulls must be "error" or "drop"'],
    [{ adjusted: "yes" }, "adjusted must be true or false"],
    [{ dateorder: "dmy" }, 'did you mean "dateOrder"'],
    [{ columns: { clse: "px" } }, 'did you mean "close"'],
    [{ columns: { close: 3 } }, "expected columns to be names by field"],
  ];
  for (const [options, words] of cases) await assertRejects(() => read(text, options as Options), TypeError, words);
});

Deno.test("readCandlesCsv() refuses a column as two fields: one of them would be 0 in every bar", async () => {
  const text = "Date,Open,High,Low,Close,Volume\n2024-01-02,1,3,1,2,5\n2024-01-03,2,4,2,3,6\n";
  const refused = [
    [{ close: "Open" }, '"Open" would be open and close'],
    [{ volume: "Close" }, '"Close" would be close and volume'],
    [{ open: "Close", close: "close" }, '"Close" would be open and close'],
  ] as const;
  for (const [columns, words] of refused) assertStringIncludes(await refusal(text, { columns }), words);
  const swapped = await read(text, { columns: { open: "Close", close: "Open" } });
  assertEquals([[...swapped.open], [...swapped.close]], [[2, 3], [1, 2]]);
});

Deno.test("readCandlesCsv() refuses an interval longer than its rows lie apart", async () => {
  const hours = `time,close\n${[0, 1, 2, 3, 5, 6].map((hour) => `${1704067200 + 3600 * hour},1`).join("\n")}\n`;
  assertStringIncludes(await refusal(hours, { interval: "1d" }), "interval is 1d, but its rows lie 1h apart");
  assertEquals((await read(hours, { interval: "1h" })).interval, "1h");
});

Deno.test("readCandlesCsv() names a column to read only where one name tells of the field, and says why a time is none", async () => {
  assertStringIncludes(await refusal("Date,Ouverture,Clôture\n2024-01-02,1,2\n"), 'columns: { close: "NAME" }');
  assertStringIncludes(await refusal("Date,My Close\n2024-01-02,1\n"), 'columns: { close: "My Close" }');
  assertStringIncludes(await refusal("time,close\n1.704154e+09,1\n"), "an exponent leaves out digits of a time");
  const polygon = await read("ticker,close,window_start\nX,1,1704067200000000000\nX,2,1704153600000000000\n");
  assertEquals([polygon.interval, ...days(polygon)], ["1d", "2024-01-01", "2024-01-02"]);
});
