/**
 * The strict reader for a plain decimal number, in time linear in its length. What is not wholly such a number is refused:
 * no hex, no separators, no Infinity, no empty cell. Numbers as people write them are `table/numbers.ts`.
 * @module
 */

/** A text longer than this is no number that anyone wrote. */
const MOST_CHARACTERS = 400;

/** Where the digits that begin at `start` end. */
function digitsEnd(text: string, start: number): number {
  let i = start;
  while (i < text.length && text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57) i++;
  return i;
}

/** Whether the whole text is a decimal number: sign, digits with at most one dot, exponent. */
function isDecimal(text: string): boolean {
  const start = text[0] === "+" || text[0] === "-" ? 1 : 0;
  let end = digitsEnd(text, start);
  let digits = end - start;
  if (text[end] === ".") {
    const dot = end;
    end = digitsEnd(text, dot + 1);
    digits += end - dot - 1;
  }
  if (digits === 0) return false;
  if (text[end] === "e" || text[end] === "E") {
    const sign = text[end + 1] === "+" || text[end + 1] === "-" ? 1 : 0;
    const exponent = end + 1 + sign;
    end = digitsEnd(text, exponent);
    if (end === exponent) return false;
  }
  return end === text.length;
}

/** Reads a decimal number; blanks around it are allowed. Undefined when the text is anything else or overflows. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MOST_CHARACTERS || !isDecimal(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}
