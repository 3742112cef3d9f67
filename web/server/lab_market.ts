/**
 * A market laid out for the lab: its bars, the features at each, and the rows whose labels are known. The last few markets are
 * kept, so that a click does not read a file; a file that changed is read again.
 * @module
 */
import { type Candles, type FeatureMatrix, type MarketRows, marketRows, tradingFeatures } from "@adaptrade/adaptrade";
import { loadMarket } from "./markets.ts";
import { marketFile } from "./paths.ts";

/** A market, read and laid out. */
export interface LabMarket {
  /** Its bars. */
  readonly candles: Candles;
  /** Features of each bar behind the warm-up. */
  readonly features: FeatureMatrix;
  /** Rows by horizon, made when first asked for. */
  rows(horizon: number): MarketRows;
}

const MOST_KEPT = 4;
const kept = new Map<string, Promise<LabMarket>>();

/** The market of an id; see `markets.ts`. @throws {DataError} It cannot be read, or has too few bars for features. */
export async function labMarket(id: string): Promise<LabMarket> {
  const key = `${id} ${await version(id)}`;
  const found = kept.get(key) ?? read(id);
  kept.delete(key);
  kept.set(key, found);
  found.catch(() => kept.delete(key));
  for (const old of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(old);
  return await found;
}

async function read(id: string): Promise<LabMarket> {
  const candles = await loadMarket(id);
  const features = tradingFeatures(candles);
  const byHorizon = new Map<number, MarketRows>();
  return {
    candles,
    features,
    rows(horizon) {
      const rows = byHorizon.get(horizon) ?? marketRows(candles, { horizon });
      byHorizon.set(horizon, rows);
      return rows;
    },
  };
}

/** What changes when a file does; a missing one is left to the reader to complain about. */
async function version(id: string): Promise<string> {
  if (!id.startsWith("file:")) return "";
  const path = marketFile(id.slice("file:".length));
  return await Deno.stat(path).then(({ mtime, size }) => `${mtime?.getTime()} ${size}`, () => "missing");
}
