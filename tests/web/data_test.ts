// What the data page makes of markets and of what it is asked: inspection, names, fetch forms, lines of JSON.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { sampleMarkets } from "../../lib/data/sample.ts";
import { readCandlesCsv } from "../../lib/data/csv.ts";
import { inspectCandles, PREVIEW_POINTS } from "../../web/server/data_inspection.ts";
import { parseFetch } from "../../web/server/data_fetches.ts";
import { marketFileName } from "../../web/server/data_names.ts";
import { jsonLines } from "../../web/server/json_process.ts";
import { testWith } from "../permissions.ts";
import { inDataFolder } from "./data_folder.ts";

const test = testWith("read", "write", "env");

const DAY = 86_400_000;
const FIRST = Date.UTC(2024, 0, 1);

Deno.test("inspectCandles() tells where a gap begins, and thins the price to its last bar", async () => {
  const [wti] = await sampleMarkets({ symbols: ["WTI"] });
  const { preview, bars, closeOnly } = inspectCandles(wti);
  assertEquals([bars, closeOnly], [8321, true]);
  assert(preview.time.length <= PREVIEW_POINTS && preview.time.length > PREVIEW_POINTS / 2);
  assertEquals([preview.time.at(-1), preview.close.at(-1)], [wti.time[8320] / 1000, wti.close[8320]]);
  const days = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16].map((day) =>
    `${new Date(FIRST + day * DAY).toISOString()},${100 + day}`
  );
  const file = new Blob([`timestamp,close\n${days.join("\n")}\n`]);
  const holed = await readCandlesCsv(file.stream(), { symbol: "X" });
  const { findings, found, counts } = inspectCandles(holed);
  assertEquals([found, counts], [1, { gap: 1 }]);
  assertEquals([findings[0].kind, findings[0].from, findings[0].time], ["gap", FIRST + 10 * DAY, FIRST + 15 * DAY]);
});

test("marketFileName() keeps names inside the folder and refuses what is no CSV", async () => {
  await inDataFolder(() => {
    for (
      const [given, name] of [
        ["BTC.csv", "BTC.csv"],
        ["../../etc/BTC.CSV", "BTC.csv"],
        ["C:\\data\\My market (1).csv.GZ", "My_market_1.csv.gz"],
        ["..csv.csv", "csv.csv"],
      ]
    ) assertEquals(marketFileName(given), name);
    for (const bad of ["", "..", ".csv", "a.txt", "x/.csv.gz", `${"a".repeat(101)}.csv`]) {
      assertThrows(() => marketFileName(bad), RangeError, "Cannot take");
    }
  });
});

test("parseFetch() reads the form, ends at the present, and refuses in words", async () => {
  await inDataFolder(() => {
    const form = { symbol: " btcusdt ", interval: "1h", category: "spot", start: "2024-01-01", end: "", replace: true };
    const now = Date.UTC(2024, 1, 1);
    assertEquals(parseFetch(form, now), {
      symbol: "BTCUSDT",
      interval: "1h",
      category: "spot",
      start: Date.UTC(2024, 0, 1),
      end: now,
      replace: true,
      name: "BTCUSDT_spot_1h.csv",
    });
    assertEquals(parseFetch({ ...form, category: "linear", end: "2024-01-03" }, now).end, Date.UTC(2024, 0, 3));
    for (
      const [bad, words] of [
        [{ symbol: "../x" }, "symbol"],
        [{ category: "option" }, "linear, spot or inverse"],
        [{ interval: "1M" }, "interval"],
        [{ start: "soon" }, "first day"],
        [{ start: "2024-03-01" }, "before the end"],
        [{ interval: "1m", start: "2010-01-01" }, "at most"],
      ] as const
    ) assertThrows(() => parseFetch({ ...form, ...bad }, now), RangeError, words);
    assertThrows(() => parseFetch(null), TypeError);
  });
});

Deno.test("jsonLines() puts lines together from any chunks", async () => {
  const read = async (chunks: string[]) => await Array.fromAsync(jsonLines<unknown>(ReadableStream.from(chunks)));
  assertEquals(await read(['{"a"', ":1}\n\n[2", "]\n3"]), [{ a: 1 }, [2], 3]);
  assertEquals(await read([]), []);
});
