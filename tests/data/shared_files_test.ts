// The readers on real files that are not part of the project; skipped where they are not there.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { periodsPerYear } from "../../lib/data/calendar.ts";
import { readCandlesDir } from "../../lib/data/candles_dir.ts";
import { checkCandles } from "../../lib/data/quality.ts";

const FOLDER = Deno.env.get("ADAPTRADE_SHARED") ?? new URL("../../../shared", import.meta.url).pathname;

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

const ignore = !isThere(`${FOLDER}/data`);
if (ignore) console.log(`shared_files_test: skipped, no folder ${FOLDER}/data (set ADAPTRADE_SHARED)`);

Deno.test({
  name: "readCandlesDir() reads split-adjusted daily stocks, without gaps or splits",
  ignore,
  async fn() {
    const markets = await readCandlesDir(`${FOLDER}/data/mag7-2013-2023`);
    assertEquals(markets.map(({ time }) => time.length), Array(7).fill(2768));
    for (const candles of markets) {
      const { counts, calendar } = checkCandles(candles);
      assertEquals([calendar, counts.gap ?? 0, counts["possible-split"] ?? 0], ["exchange", 0, 0], candles.symbol);
      assertAlmostEquals(periodsPerYear(candles), 251.6, 0.2);
    }
  },
});

Deno.test({
  name: "readCandlesDir() reads hourly perpetuals, without gaps",
  ignore,
  async fn() {
    const markets = await readCandlesDir(`${FOLDER}/data/bybit-linear-1h`);
    assertEquals(markets.map(({ symbol }) => symbol), ["BNBUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"]);
    for (const candles of markets) {
      assertEquals([candles.interval, periodsPerYear(candles)], ["1h", 8760]);
      const { counts } = checkCandles(candles);
      assertEquals(Object.keys(counts).filter((kind) => kind !== "jump"), [], candles.symbol);
    }
  },
});
