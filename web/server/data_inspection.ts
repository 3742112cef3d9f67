/**
 * What the data page knows of a market without holding its bars: span, quality report, a thinned price. Pure; shared by the
 * process that reads the file, the server that keeps the result, and the pages that show it.
 * @module
 */
import { type Candles, checkCandles, type QualityReport } from "@adaptrade/adaptrade";
import { type Finding, intervalMs } from "@adaptrade/adaptrade/data";

/** A finding, and for a gap where it begins. */
export interface InspectedFinding extends Omit<Finding, "index"> {
  /** When a gap begins, ms UTC: the end of the bar before it; null for other findings. */
  readonly from: number | null;
}

/** What is known of a market. */
export interface Inspection extends Omit<QualityReport, "findings" | "ok"> {
  /** Whether the source had closing prices alone. */
  readonly closeOnly: boolean;
  /** Whether any bar has volume. */
  readonly hasVolume: boolean;
  /** How many findings there are. */
  readonly found: number;
  /** The first of them, at most {@linkcode MOST_FINDINGS}. */
  readonly findings: readonly InspectedFinding[];
  /** The price: times in seconds UTC and closes, at most {@linkcode PREVIEW_POINTS}, the last bar among them. */
  readonly preview: { readonly time: readonly number[]; readonly close: readonly number[] };
}

/** Findings that are listed; the counts hold them all. */
export const MOST_FINDINGS = 1000;
/** Points of a preview. */
export const PREVIEW_POINTS = 800;

/**
 * Inspects a market.
 *
 * @throws {RangeError} Its interval is no name such as `"1h"`.
 */
export function inspectCandles(candles: Candles, options: { readonly now?: number } = {}): Inspection {
  const { findings, ok: _, ...report } = checkCandles(candles, options);
  const step = intervalMs(candles.interval);
  const listed = findings.slice(0, MOST_FINDINGS).map(({ index, ...finding }) => ({
    ...finding,
    from: finding.kind === "gap" ? candles.time[index - 1] + step : null,
  }));
  return {
    ...report,
    closeOnly: candles.closeOnly === true,
    hasVolume: candles.volume.some((volume) => volume > 0),
    found: findings.length,
    findings: listed,
    preview: previewOf(candles),
  };
}

/** Every n-th bar counted from the last, so that the last is shown. */
function previewOf({ time, close }: Candles): Inspection["preview"] {
  const every = Math.ceil(time.length / PREVIEW_POINTS);
  const kept = Array.from(time.keys()).filter((index) => (time.length - 1 - index) % every === 0);
  return { time: kept.map((index) => time[index] / 1000), close: kept.map((index) => close[index]) };
}
