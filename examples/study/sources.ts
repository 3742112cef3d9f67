/**
 * The markets of a study, listed without reading any: those of a folder by their files' names, symbols of Bybit, the sample.
 * @module
 */
import { fetchBybit, sampleMarkets } from "@adaptrade/adaptrade";
import { listCandlesDir, SAMPLE_INFO } from "@adaptrade/adaptrade/data";
import type { MarketSource } from "@adaptrade/adaptrade/search";
import { UsageError } from "../cli.ts";
import { choose, folderOptions, type SourceValues } from "../market/source.ts";

const YEAR_MS = 365 * 86_400_000;

/** Lists what the options ask for. */
export async function listSources(values: SourceValues, signal: AbortSignal): Promise<readonly MarketSource[]> {
  const { csv: folder, source, interval, "base-url": baseUrl } = values;
  const named = values.symbols?.split(",").map((symbol) => symbol.trim()).filter((symbol) => symbol !== "");
  const symbols = named && [...new Set(named)];
  if (folder !== undefined) {
    const markets = await listCandlesDir(folder, folderOptions(values));
    return choose(markets, symbols).map(({ symbol, read }) => ({ name: symbol, read }));
  }
  if (source === "sample") {
    return (symbols ?? SAMPLE_INFO.filter(({ tradable }) => tradable).map(({ symbol }) => symbol))
      .map((name) => ({ name, read: async () => (await sampleMarkets({ symbols: [name] }))[0] }));
  }
  if (source !== "bybit" || !symbols) throw new UsageError("--source must be sample or bybit; bybit needs --symbols");
  const end = values.end === undefined ? Date.now() : Date.parse(values.end);
  const start = values.start === undefined ? end - YEAR_MS : Date.parse(values.start);
  if (!(start < end)) {
    throw new UsageError(`--start and --end must be ISO dates, start first, got "${values.start}" and "${values.end}"`);
  }
  return symbols.map((name) => ({
    name,
    read: () => fetchBybit({ symbol: name, interval, start, end, baseUrl, signal }),
  }));
}
