/**
 * The process that fetches one market from Bybit: `deno run web/worker/data_fetch.ts REQUEST`, JSON. It writes the CSV file it
 * is told to, and a line of JSON for every window of bars, for the end, or for what went wrong.
 * @module
 */
import { DataError, fetchBybit } from "@adaptrade/adaptrade";
import { candlesToCsv } from "@adaptrade/adaptrade/data";
import { whenOrphaned } from "./orphaned.ts";

/** What to fetch, and where to. */
export interface FetchRequest {
  /** The symbol, such as `BTCUSDT`. */
  readonly symbol: string;
  /** Bar length, such as `1h`. */
  readonly interval: string;
  /** Kind of contract. */
  readonly category: "spot" | "linear" | "inverse";
  /** First open time, ms UTC. */
  readonly start: number;
  /** End, exclusive, ms UTC. */
  readonly end: number;
  /** The REST server. */
  readonly baseUrl: string;
  /** The CSV file to write. */
  readonly path: string;
}

/** What is said meanwhile. */
export type FetchLine =
  /** How far it is. */
  | { readonly kind: "progress"; readonly fetched: number; readonly total: number }
  /** The file is written. */
  | { readonly kind: "done"; readonly bars: number }
  /** Nothing is written, and why. */
  | { readonly kind: "failed"; readonly error: string };

/** A person waits: some seconds of further tries, not a minute. */
const RETRIES = 3;

function say(line: FetchLine): void {
  console.log(JSON.stringify(line));
}

async function fetchMarket({ path, ...range }: FetchRequest): Promise<void> {
  const candles = await fetchBybit({
    ...range,
    retries: RETRIES,
    onProgress: ({ fetched, total }) => say({ kind: "progress", fetched, total }),
  });
  const bars = candles.time.length;
  if (bars < 2) {
    throw new DataError(`Bybit has ${bars === 0 ? "no bars" : "one bar alone"} of ${range.symbol} in this range`);
  }
  await Deno.writeTextFile(path, candlesToCsv(candles));
  say({ kind: "done", bars });
}

if (import.meta.main) {
  whenOrphaned(() => Deno.exit(0));
  try {
    await fetchMarket(JSON.parse(Deno.args[0]));
  } catch (error) {
    say({ kind: "failed", error: (error as Error).message });
  }
  Deno.exit(0);
}
