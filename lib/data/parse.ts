/**
 * Strict readers for the cells of market data: numbers, and times in ms. What is not wholly a number is refused: no hex,
 * no separators, no Infinity, no empty cell.
 * @module
 */

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?$/;
const COMPACT_DATE = /^((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;

/** Reads a decimal number; blanks around it are allowed. Undefined when the text is anything else or overflows. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** ms per unit of a numeric timestamp, judged by the largest magnitude among them: seconds below 1e11, then ms, µs, ns. */
export function timestampUnit(largest: number): number {
  if (largest < 1e11) return 1000;
  if (largest < 1e14) return 1;
  return largest < 1e17 ? 1e-3 : 1e-6;
}

/**
 * Reads an ISO 8601 date or date and time (a blank for the T is allowed), or a compact date such as 20240131.
 * Without a zone it is UTC. Parts of a ms are refused.
 *
 * @returns ms since 1970 UTC, or undefined when the text is no such date.
 */
export function parseDate(text: string): number | undefined {
  const trimmed = text.trim();
  const match = DATE.exec(trimmed) ?? COMPACT_DATE.exec(trimmed);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return undefined;
  if ((hour || 0) > 23 || (minute || 0) > 59 || (second || 0) > 59) return undefined;
  const fraction = (match[7] ?? "").padEnd(3, "0");
  if (/[1-9]/.test(fraction.slice(3))) return undefined;
  const clock = (((hour || 0) * 60 + (minute || 0)) * 60 + (second || 0)) * 1000 + Number(fraction.slice(0, 3));
  const zone = /^([+-])(\d{2}):?(\d{2})$/.exec(match[8] ?? "");
  const shift = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) * 60_000 : 0;
  return at.getTime() + clock - shift;
}
