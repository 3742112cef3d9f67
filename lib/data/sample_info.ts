/**
 * What the embedded sample holds, without holding it; see `sample.ts` for the reader and `sample/SOURCES.md` for the sources.
 * @module
 */

/** One market of the embedded sample. */
export interface SampleInfo {
  /** Its symbol. */
  readonly symbol: string;
  /** What it is. */
  readonly name: string;
  /** False for a series that is no price of anything one can hold (VIX): context or regimes, never a position. */
  readonly tradable: boolean;
  /** Where it comes from. */
  readonly source: string;
}

const YAHOO = "the arch Python package (NCSA), from Yahoo! Finance";
const FRED = "the arch Python package (NCSA), from FRED";
const R = "R's datasets::EuStockMarkets; the dates are consecutive weekdays from 1991-07-01";

/** The markets of the embedded sample, in the order `sampleMarkets()` returns them; all daily. */
export const SAMPLE_INFO: readonly SampleInfo[] = Object.freeze(
  [
    { symbol: "SP500", name: "S&P 500 index", tradable: true, source: YAHOO },
    { symbol: "NASDAQ", name: "Nasdaq Composite index", tradable: true, source: YAHOO },
    { symbol: "WTI", name: "West Texas Intermediate crude oil, close only", tradable: true, source: FRED },
    { symbol: "VIX", name: "CBOE volatility index, close only", tradable: false, source: FRED },
    { symbol: "DAX", name: "DAX index, close only", tradable: true, source: R },
    { symbol: "SMI", name: "Swiss Market Index, close only", tradable: true, source: R },
    { symbol: "CAC", name: "CAC 40 index, close only", tradable: true, source: R },
    { symbol: "FTSE", name: "FTSE 100 index, close only", tradable: true, source: R },
  ].map((info) => Object.freeze(info)),
);
