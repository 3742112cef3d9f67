/**
 * Words, figures and tables of a tear sheet as HTML strings. Every text from outside is escaped here, once, by the helper
 * that places it; what is called `html` is placed as it is.
 * @module
 */

/** Printed for a figure that does not exist. */
export const DASH = "–";

/** Escapes text for HTML and SVG. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** A figure with a number of decimals; a dash for one that does not exist. */
export function number(value: number | null, digits = 2): string {
  return value === null || !Number.isFinite(value) ? DASH : fixed(value, digits);
}

/** A fraction in percent. */
export function percent(value: number | null, digits = 1): string {
  return value === null || !Number.isFinite(value) ? DASH : `${fixed(100 * value, digits)}%`;
}

/** An amount of account currency, to the cent. */
export function amount(value: number): string {
  const text = value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (/[1-9]/.test(text) ? text : text.replace("-", "")).replace("-", "−");
}

/** A price: grouped, with as many decimals as its size calls for. */
export function price(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  const digits = size >= 10_000 ? 0 : size >= 1 || size === 0 ? 2 : Math.min(8, 2 - Math.floor(Math.log10(size)));
  const text = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace("-", "−");
}

/** A probability. */
export function probability(value: number | null): string {
  if (value === null) return DASH;
  return value < 0.001 ? "< 0.001" : value > 0.999 ? "> 0.999" : fixed(value, 3);
}

/** A moment as a UTC date, with the time of day where it is not midnight. */
export function moment(time: number): string {
  const text = new Date(time).toISOString();
  return text.slice(11, 16) === "00:00" ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** A count of things: `1 bar`, `2 bars`. */
export function count(value: number, thing: string): string {
  return `${value.toLocaleString("en-US")} ${thing}${value === 1 ? "" : "s"}`;
}

/** A sample of a strategy's line, as the charts draw it. */
export function swatch(color: number): string {
  return `<svg class="swatch" viewBox="0 0 20 8" aria-hidden="true"><path class="s${color}" d="M0,4H20"/></svg>`;
}

/** A cell: text to escape, or HTML as it is. */
export type Cell = string | { readonly html: string };

/** A cell of words that may wrap, to the left; also for its heading. */
export function prose(text: string): Cell {
  return { html: `<span class="prose">${escapeHtml(text)}</span>` };
}

function cellHtml(cell: Cell): string {
  return typeof cell === "string" ? escapeHtml(cell) : cell.html;
}

/**
 * A table that scrolls inside its own frame on a narrow screen. The first cell of each row is its heading.
 *
 * @param caption What the table shows.
 * @param head Headings of the columns.
 * @param rows Cells, as many a row as headings.
 */
export function dataTable(caption: string, head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const heading = head.map((cell) => `<th scope="col">${cellHtml(cell)}</th>`).join("");
  const body = rows.map(([first, ...rest]) =>
    `<tr><th scope="row">${cellHtml(first)}</th>${rest.map((cell) => `<td>${cellHtml(cell)}</td>`).join("")}</tr>`
  ).join("");
  // A frame that scrolls must be reachable by keyboard, and then needs a name.
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(caption)}"><table>` +
    `<caption>${escapeHtml(caption)}</caption><thead><tr>${heading}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** A paragraph saying why something is not there. */
export function absent(reason: string): string {
  return `<p class="meta">${escapeHtml(reason)}</p>`;
}
