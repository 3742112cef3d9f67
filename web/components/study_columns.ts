/**
 * The columns of a study's markets, by which page and server sort them. Draws nothing.
 * @module
 */
import type { StudiedRow, StudySummary } from "../server/studies.ts";

/** Head, what a column sorts by, whether its cells are numbers. */
export const MARKET_COLUMNS = {
  market: ["Market", ({ market }: StudiedRow) => market, false],
  skill: ["Skill", ({ skill }: StudiedRow) => skill, true],
  statistic: ["Diebold-Mariano", ({ statistic }: StudiedRow) => statistic, true],
  adaptation: ["Adapting", ({ adaptation }: StudiedRow) => 1 - adaptation, true],
  sharpe: ["Net Sharpe", ({ sharpe }: StudiedRow) => sharpe, true],
  beyondHolding: ["Beyond holding", ({ beyondHolding }: StudiedRow) => beyondHolding, true],
  totalReturn: ["Net return", ({ totalReturn }: StudiedRow) => totalReturn, true],
  maxDrawdown: ["Worst drawdown", ({ maxDrawdown }: StudiedRow) => maxDrawdown, true],
  decisions: ["Decisions", ({ decisions }: StudiedRow) => decisions, true],
} as const;

/** The name of a column. */
export type MarketColumn = keyof typeof MARKET_COLUMNS;

/** Whether a text from outside names a column. */
export function isMarketColumn(text: string | null): text is MarketColumn {
  return text !== null && Object.hasOwn(MARKET_COLUMNS, text);
}

/** "12 of 30 markets", "12 markets". */
export function marketsDone(
  { studied, refused, planned }: Pick<StudySummary, "studied" | "refused" | "planned">,
): string {
  const ended = studied + refused;
  return planned === null || planned === ended ? String(ended) : `${ended} of ${planned}`;
}
