/**
 * Which time of a run's markets is learned from, which chosen on, which left for its test; and which markets end before that
 * begins, so that nothing can be said of them. Shared by forms and server.
 * @module
 */
import { dateUtc } from "./format.ts";

/** First and last bar of a market, ms UTC. */
export interface MarketSpan {
  /** When its first bar opens. */
  readonly from: number;
  /** When its last bar opens. */
  readonly to: number;
}

/** What is known of markets, by id; those that have not been read yet are missing. */
export type MarketSpans = Readonly<Record<string, MarketSpan>>;

/** Shares of the time that the markets of a run span together: what lies behind them is the test. */
const [TRAINED, SELECTED] = [0.6, 0.75];

/** Where training ends and where the test begins, ms UTC, by the markets that are trained on. */
export function splitTime(
  spans: readonly MarketSpan[],
): { readonly validationFrom: number; readonly testFrom: number } {
  const first = Math.min(...spans.map(({ from }) => from));
  const last = Math.max(...spans.map(({ to }) => to));
  return { validationFrom: first + TRAINED * (last - first), testFrom: first + SELECTED * (last - first) };
}

/**
 * Why a market says nothing of a run, in words for its place in a list; null where it does, or where too little is known.
 *
 * @param markets Ids of the markets that the run trains on.
 * @param from First date of the test, ISO, where it is not the first behind the training; "" says nothing.
 */
export function endsBeforeTest(spans: MarketSpans, id: string, markets: readonly string[], from = ""): string | null {
  const known = markets.flatMap((market) => spans[market] ?? []);
  if (!(id in spans)) return null;
  const trained = known.length > 0 && known.length === markets.length ? splitTime(known).testFrom : -Infinity;
  const begins = Math.max(trained, from === "" ? -Infinity : Date.parse(from));
  return spans[id].to > begins ? null : `ends ${dateUtc(spans[id].to)}, the test begins ${dateUtc(begins)}`;
}
