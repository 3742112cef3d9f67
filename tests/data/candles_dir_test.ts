// Folders as they come: whose market a file is, months that are joined, and what is never taken for two markets.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { listCandlesDir, readCandlesDir } from "../../lib/data/candles_dir.ts";
import { candlesToCsv } from "../../lib/data/csv_write.ts";
import { joinCandles } from "../../lib/data/join_candles.ts";
import { marketName } from "../../lib/data/market_name.ts";
import { candlesToParquet } from "../../lib/data/parquet.ts";
import { random } from "../../lib/net/random.ts";
import { copyOf, seriesOf, withFolder } from "./candle_files.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write");

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);

/** An hourly walk from a bar on. */
function hourly(from: number, bars: number, seed = 5): Candles {
  const stream = random(seed);
  const closes = Array.from({ length: from + bars }, () => Math.round(1e4 * (100 + stream.normal())) / 1e4);
  return seriesOf(closes.slice(from), "1h", closes.slice(from).map((_, i) => START + (from + i) * HOUR));
}

/** Bars `from` to `to` (exclusive) of a series. */
function cut({ time, open, high, low, close, volume, ...market }: Candles, from: number, to: number): Candles {
  const [t, o, h, l, c, v] = [time, open, high, low, close, volume].map((values) => values.slice(from, to));
  return { ...market, time: t, open: o, high: h, low: l, close: c, volume: v };
}

/** Every fourth hour as a bar of four. */
function fourHourly({ time, close }: Candles): Candles {
  const last = Array.from(time.keys()).filter((i) => i % 4 === 3);
  return seriesOf(last.map((i) => close[i]), "4h", last.map((i) => time[i] - 3 * HOUR));
}

async function withFiles(files: Readonly<Record<string, string | Uint8Array>>, body: (dir: string) => Promise<void>) {
  await withFolder(async (dir) => {
    for (const [name, data] of Object.entries(files)) {
      if (typeof data === "string") await Deno.writeTextFile(`${dir}/${name}`, data);
      else await Deno.writeFile(`${dir}/${name}`, data);
    }
    await body(dir);
  });
}

const names = (markets: readonly Candles[]): string[] =>
  markets.map(({ symbol, close }) => `${symbol} ${close.length}`);

Deno.test("marketName() takes dates and bar lengths off a name, and nothing else", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["BTCUSDT-4h-2024-01", "BTCUSDT"],
    ["BTCUSDT-1m-2024-01-05", "BTCUSDT"],
    ["BTCUSDT2024-01-01", "BTCUSDT"],
    ["EURUSD_H1_201001040000_202012312300", "EURUSD"],
    ["Binance_BTCUSDT_2024_minute", "Binance_BTCUSDT"],
    ["2024-01_BTCUSDT", "BTCUSDT"],
    ["BTC_USDT-1h-futures", "BTC_USDT-futures"],
    ["2024-01", ""],
    ["hourly", ""],
    ["BRK.B", "BRK.B"],
    ["600519", "600519"],
    ["200012", "200012"],
    ["M2", "M2"],
    ["BTC-240628", "BTC-240628"],
    ["SP500", "SP500"],
  ];
  for (const [stem, market] of cases) assertEquals(marketName(stem).market, market, stem);
  const [spot, other] = [marketName("BTC_USDT-spot").key, marketName("btcusdt-1d").key];
  assertEquals([spot, other], ["BTCUSDT", "BTCUSDT"]);
});

test("readCandlesDir() joins the months of a market, in any order of files, into one", async () => {
  const whole = hourly(0, 60);
  const months = {
    "X-1h-2024-01.csv": cut(whole, 0, 20),
    "X-1h-2024-02.csv": cut(whole, 20, 50),
    "X-1h-2024-03.csv": cut(whole, 50, 60),
  };
  const files = Object.fromEntries(Object.entries(months).map(([name, candles]) => [name, candlesToCsv(candles)]));
  await withFiles({ ...files, "Y.csv": candlesToCsv(hourly(0, 30, 9)) }, async (dir) => {
    const markets = await readCandlesDir(dir);
    assertEquals(names(markets), ["X 60", "Y 30"]);
    for (const column of ["time", "open", "high", "low", "close", "volume"] as const) {
      assertEquals(markets[0][column], whole[column], column);
    }
    assertEquals(markets[0].dialect?.notes[0], "joined from 3 files, X-1h-2024-01.csv to X-1h-2024-03.csv");
  });
});

test("readCandlesDir() names months without a market by their folder", async () => {
  await withFiles(
    { "2024-01.csv": candlesToCsv(hourly(0, 20)), "2024-02.csv": candlesToCsv(hourly(20, 20)) },
    async (dir) => {
      assertEquals(names(await readCandlesDir(dir)), [`${dir.split("/").at(-1)} 40`]);
    },
  );
});

Deno.test("joinCandles() takes a bar that two pieces share once, and refuses one that differs", () => {
  const piece = (file: string, candles: Candles) => ({ file, candles });
  const whole = hourly(0, 40);
  const before = copyOf(whole);
  assertEquals(joinCandles([piece("b", cut(whole, 15, 40)), piece("a", cut(whole, 0, 20))]), whole);
  assertEquals(whole, before);
  const other = cut(whole, 15, 40);
  other.close[2] += 1;
  assertThrows(() => joinCandles([piece("a", cut(whole, 0, 20)), piece("b", other)]), DataError, "Cannot join a and b");
});

test("readCandlesDir() refuses one market in two bar lengths or twice, by name and under another name", async () => {
  const hours = hourly(0, 400);
  const [hour, four] = [candlesToCsv(hours), candlesToCsv(fourHourly(hours))];
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ "X-1h.csv": hour, "X-4h.csv": four }, "both hold X, in bars of 1h and 4h"],
    [{ "X.csv": hour, "x_spot.csv": candlesToCsv(hourly(0, 400, 6)) }, "their bars differ"],
    [{ "A.csv": hour, "B.csv": four }, "they hold one, in bars of 1h and 4h"],
    [{ "B.csv": hour, "B.tsv": hour }, "two files hold B"],
  ];
  for (const [files, words] of cases) {
    await withFiles(files, async (dir) => {
      await assertRejects(() => readCandlesDir(dir), DataError, words);
    });
  }
  await withFiles({ "A.csv": hour, "B.csv": candlesToCsv(fourHourly(hourly(0, 400, 8))) }, async (dir) => {
    assertEquals(names(await readCandlesDir(dir)), ["A 400", "B 100"]);
  });
});

test("listCandlesDir() lists the markets that readCandlesDir() reads, and each reads its files alone", async () => {
  const whole = hourly(0, 60);
  const files = {
    "W.csv": "time,open,high\n2024-01-01,1\n",
    "X-1h-2024-01.csv": candlesToCsv(cut(whole, 0, 20)),
    "X-1h-2024-02.csv": candlesToCsv(cut(whole, 20, 60)),
    "Y-1h.csv": candlesToCsv(whole),
    "Y-4h.csv": candlesToCsv(fourHourly(whole)),
    "Z.csv": "time,symbol,close\n2024-01-01,AAA,1\n2024-01-02,AAA,2\n2024-01-01,BBB,3\n2024-01-02,BBB,4\n",
  };
  await withFiles(files, async (dir) => {
    const [torn, joined, twice, several] = await listCandlesDir(dir);
    assertEquals([torn, joined, twice, several].map(({ symbol }) => symbol), ["W", "X", "Y", "Z"]);
    assertEquals(joined.files, ["X-1h-2024-01.csv", "X-1h-2024-02.csv"]);
    const { close, symbol, dialect } = await joined.read();
    assertEquals([symbol, close], ["X", whole.close]);
    assertEquals(dialect?.notes[0], "joined from 2 files, X-1h-2024-01.csv to X-1h-2024-02.csv");
    await assertRejects(torn.read, DataError, "W.csv");
    await assertRejects(twice.read, DataError, "both hold Y, in bars of 1h and 4h");
    await assertRejects(several.read, DataError, "Cannot read Z.csv as one market: it holds 2 (AAA, BBB)");
    for (const name of ["W.csv", "Y-4h.csv", "Z.csv"]) await Deno.remove(`${dir}/${name}`);
    const listed = await Promise.all((await listCandlesDir(dir)).map(({ read }) => read()));
    assertEquals(listed, await readCandlesDir(dir));
    await assertRejects(() => listCandlesDir(`${dir}/none`), DataError, "no such folder");
    await assertRejects(() => listCandlesDir(dir, JSON.parse('{"null":"drop"}')), TypeError, "nulls");
  });
});

test("one bad market of a folder is refused when it is read, and the others are listed beside it", async () => {
  const data = candlesToCsv(hourly(0, 60));
  await withFiles({ "A.csv": data, "B.csv": data, "B.tsv": data }, async (dir) => {
    await Deno.symlink(`${dir}/gone`, `${dir}/C.csv`);
    await Deno.mkdir(`${dir}/folder`);
    await Deno.symlink(`${dir}/folder`, `${dir}/D.csv`);
    const listed = await listCandlesDir(dir);
    assertEquals(listed.map(({ symbol }) => symbol), ["A", "B", "C", "D"]);
    assertEquals((await listed[0].read()).symbol, "A");
    const words = ["two files hold B", "no such file", "it is a folder"];
    for (const [i, part] of words.entries()) await assertRejects(listed[i + 1].read, DataError, part);
  });
});

testWith("read", "write", "run")(
  "a pipe that is named as a file is left alone: whoever opened it would wait",
  async () => {
    await withFiles({ "A.csv": candlesToCsv(hourly(0, 60)) }, async (dir) => {
      const { success } = await new Deno.Command("mkfifo", { args: [`${dir}/P.csv`] }).output();
      assertEquals([success, (await listCandlesDir(dir)).map(({ symbol }) => symbol)], [true, ["A"]]);
    });
  },
);

test("readCandlesDir() reads every market of a file with a column of symbols", async () => {
  const [a, b] = [hourly(0, 25, 1), hourly(0, 30, 2)];
  const rows = (name: string, { time, close }: Candles): string[] =>
    Array.from(time, (t, i) => `${t},${name},${close[i]}`);
  // Sorted by symbol, and by time with the symbols in turn.
  const [first, second] = [rows("AAA", a), rows("BBB", b)];
  const turns = second.flatMap((row, i) => [row, ...first.slice(i, i + 1)]);
  for (const lines of [[...first, ...second], turns]) {
    await withFiles({ "all.csv": ["time,symbol,close", ...lines].join("\n") }, async (dir) => {
      const markets = await readCandlesDir(dir);
      const [mine, theirs] = markets.toSorted((x, y) => x.symbol < y.symbol ? -1 : 1);
      assertEquals(names([mine, theirs]), ["AAA 25", "BBB 30"]);
      assertEquals([mine.close, theirs.close], [a.close, b.close]);
    });
  }
});

test("readCandlesDir() reads Parquet and freqtrade's JSON beside CSV, and leaves other files alone", async () => {
  const json = JSON.stringify(Array.from(hourly(0, 20).time, (time) => [time, 2, 3, 1, 2.5, 9]));
  await withFiles({
    "A.csv": candlesToCsv(hourly(0, 21, 3)),
    "B.parquet": await candlesToParquet(hourly(0, 22, 4)),
    "C_USDT-1h.json": json,
    "report.json": "{}",
    "notes.md": "no",
    "._A.csv": Uint8Array.of(0, 5, 22, 7, 0, 2, 0, 0),
    ".hidden.csv": "no",
  }, async (dir) => {
    await Deno.mkdir(`${dir}/old.csv`);
    assertEquals(names(await readCandlesDir(dir)), ["A 21", "B 22", "C_USDT 20"]);
  });
});

test("readCandlesDir() hands its options to every file and refuses unknown ones", async () => {
  await withFiles({ "A.csv": "Date;Close\n1/2/2024;5,5\n1/3/2024;\n1/4/2024;6\n" }, async (dir) => {
    const [a] = await readCandlesDir(dir, { nulls: "drop", dateOrder: "mdy", interval: "1d" });
    assertEquals([...a.close], [5.5, 6]);
    const odd = { dateorder: "mdy" } as unknown as { dateOrder: "mdy" };
    await assertRejects(() => readCandlesDir(dir, odd), TypeError, 'did you mean "dateOrder"');
  });
});
