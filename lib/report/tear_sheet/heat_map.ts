/**
 * Monthly returns as a table of years and months, each cell tinted by its return. It is a table and not a picture: every
 * figure is printed, so colour adds to it and carries nothing alone.
 * @module
 */
import type { YearReturns } from "./series.ts";
import { type Cell, DASH, dataTable, escapeHtml, percent } from "./text.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Strongest tint, in percent of the colour: text on it keeps a contrast of 4.5. */
const MOST_TINT = 45;

/** Draws a table of monthly returns. */
export function renderMonths(years: readonly YearReturns[]): string {
  const sizes = years.flatMap(({ months }) => months.map((value) => Math.abs(value ?? 0)));
  const largest = Math.max(...sizes, 1e-12);
  const cell = (value: number | null): Cell => {
    if (value === null) return DASH;
    const tint = Math.round(MOST_TINT * Math.sqrt(Math.abs(value) / largest));
    const side = value < 0 ? "loss" : "gain";
    return { html: `<span class="heat ${side}" style="--tint:${tint}%">${escapeHtml(percent(value))}</span>` };
  };
  const rows = years.map(({ year, months, total }): Cell[] => [
    String(year),
    ...months.map(cell),
    { html: `<b>${escapeHtml(percent(total))}</b>` },
  ]);
  return dataTable("Net return by month, UTC", ["Year", ...MONTHS, "Year's return"], rows);
}
