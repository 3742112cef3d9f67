// The readers on real files that are not part of the project; skipped where they are not there.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { periodsPerYear } from "../../lib/data/calendar.ts";
import { readCandlesDir } from "../../lib/data/candles_dir.ts";
import { checkCandles } from "../../lib/data/quality.ts";
import { hasShared, SHARED } from "../goldens.ts";

const FOLDER = new URL("data", SHARED).pathname;

Deno.test({
  name: "readCandlesDir() reads split-adjusted daily stocks, without gaps or splits",
  ignore: !hasShared,
  async fn() {
    const markets = await readCandlesDir(`${FOLDER}/mag7-2013-2023`);
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
  ignore: !hasShared,
  async fn() {
    const markets = await readCandlesDir(`${FOLDER}/bybit-linear-1h`);
    assertEquals(markets.map(({ symbol }) => symbol), ["BNBUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"]);
    for (const candles of markets) {
      assertEquals([candles.interval, periodsPerYear(candles)], ["1h", 8760]);
      const { counts } = checkCandles(candles);
      assertEquals(Object.keys(counts).filter((kind) => kind !== "jump"), [], candles.symbol);
    }
  },
});
