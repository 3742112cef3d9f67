/**
 * What strategies paid, by kind of cost.
 * @module
 */
import { totalCosts } from "../../trading/cost_model.ts";
import { amount, dataTable, escapeHtml, percent, swatch } from "./text.ts";
import { type Track, trackColor } from "./track.ts";

/** Renders the costs of strategies; a negative amount is an income. */
export function costsPart(tracks: readonly Track[]): string {
  const head = ["Strategy", "Fees", "Spread", "Slippage", "Funding", "Borrow", "Total", "Of the capital"];
  const rows = tracks.map((track) => {
    const { strategy, costBreakdown, initialCapital } = track;
    const { fees, spread, slippage, funding, borrow } = costBreakdown;
    const total = totalCosts(costBreakdown);
    return [
      { html: `${swatch(trackColor(track))}${escapeHtml(strategy)}` },
      ...[fees, spread, slippage, funding, borrow, total].map(amount),
      percent(total / initialCapital),
    ];
  });
  return dataTable("Costs paid, in account currency", head, rows);
}
