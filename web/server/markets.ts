/**
 * The markets a run can use, by id: `sample:DAX` for the embedded sample, `file:NAME` for `markets/NAME` in the data folder.
 * Reads; the data page writes.
 * @module
 */
import { type Candles, DataError, readCandlesCsv, sampleMarkets } from "@adaptrade/adaptrade";
import { SAMPLE_INFO } from "@adaptrade/adaptrade/data";
import { marketFile, marketsFolder } from "./paths.ts";

/** A market to choose. */
export interface MarketChoice {
  /** `sample:SYMBOL` or `file:NAME`. */
  readonly id: string;
  /** What people call it. */
  readonly label: string;
}

/** The markets there are: the sample's, then the data folder's. */
export async function listMarkets(): Promise<MarketChoice[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(marketsFolder())) {
    if (entry.isFile && /\.csv(\.gz)?$/.test(entry.name)) files.push(entry.name);
  }
  return [
    ...SAMPLE_INFO.map(({ symbol, name }) => ({ id: `sample:${symbol}`, label: `${symbol}: ${name}` })),
    ...files.sort().map((name) => ({ id: `file:${name}`, label: symbolOf(name) })),
  ];
}

/** The candles of a market. @throws {DataError} There is no such market, or its file is no candles. */
export async function loadMarket(id: string): Promise<Candles> {
  const [kind, name] = [id.slice(0, id.indexOf(":")), id.slice(id.indexOf(":") + 1)];
  if (kind === "sample") return (await sampleMarkets({ symbols: [name] }))[0];
  if (kind === "file") return await readCandlesCsv(marketFile(name), { symbol: symbolOf(name) });
  throw new DataError(`Cannot find the market ${id}: expected sample:SYMBOL or file:NAME`);
}

/** "BTCUSDT_1h.csv.gz" to "BTCUSDT_1h". */
export function symbolOf(fileName: string): string {
  return fileName.replace(/\.csv(\.gz)?$/, "");
}
