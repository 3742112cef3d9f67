/**
 * The embedded sample: eight daily markets that need no file, no permission and, once imported, no network.
 * The data are a generated module, imported when first asked for; this file and all it imports name no bare specifier, so
 * `sampleMarkets()` also works when imported over http without an import map.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { readCandlesCsv } from "./csv.ts";
import { requireKnownKeys } from "../options.ts";
import { SAMPLE_INFO } from "./sample_info.ts";

/** Which sample markets to take. */
export interface SampleOptions {
  /** Symbols to take, in this order; by default all of `SAMPLE_INFO`. */
  readonly symbols?: readonly string[];
}

/** The gzipped bytes behind a base64 text, as a stream. */
function decodeBase64(text: string): ReadableStream<Uint8Array> {
  return new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]).stream();
}

/**
 * The embedded sample markets: SP500, NASDAQ (1999 to 2018), WTI (1986 to 2019, close only), VIX (2014 to 2019, close only),
 * DAX, SMI, CAC and FTSE (1991 to 1998, close only), all daily. VIX is not tradable; see {@linkcode SAMPLE_INFO}.
 *
 * @param options Symbols to take, all by default.
 * @returns Fresh arrays at each call.
 * @throws {DataError} A symbol is not in the sample.
 * @throws {TypeError} An unknown option.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * assertEquals(dax.close.length, 1860);
 * ```
 */
export async function sampleMarkets(options: SampleOptions = {}): Promise<Candles[]> {
  requireKnownKeys("Cannot take sample markets", "options", options, { symbols: true });
  const known = SAMPLE_INFO.map((info) => info.symbol);
  const symbols = options.symbols ?? known;
  const unknown = symbols.filter((symbol) => !known.includes(symbol));
  if (unknown.length > 0) {
    throw new DataError(`Cannot find sample markets: expected some of ${known.join(", ")}, got ${unknown.join(", ")}`);
  }
  const { EMBEDDED } = await import("./sample/embedded.ts");
  return await Promise.all(symbols.map((symbol) => readCandlesCsv(decodeBase64(EMBEDDED[symbol]), { symbol })));
}
