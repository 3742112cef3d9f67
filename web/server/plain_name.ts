/**
 * Names that people give to runs, traders and tags, as they are kept: one line in any script, without what would turn the text beside
 * them around. Checks; shows nothing.
 * @module
 */

/** What begins and ends a change of direction beyond a name's own letters: left open, it turns what stands behind the name. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/gu;
/** Line ends, tabs and other controls, and blanks beside them. */
const BREAKS = /\s*[\p{Cc}\u2028\u2029]+\s*/gu;

/** A name on one line, of at most `most` UTF-16 units; null for what is no text, or longer. */
export function plainName(value: unknown, most: number): string | null {
  if (typeof value !== "string") return null;
  const name = value.replaceAll(BREAKS, " ").replaceAll(TURNS, "").trim();
  return name.length <= most ? name : null;
}
