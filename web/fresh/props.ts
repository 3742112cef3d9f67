/**
 * Islands' props as text and back: JSON, and the numbers that it has none for (NaN, the infinities, -0) as objects of one key.
 * Holds no dates, maps, sets, signals or elements, and no value twice, all of which Fresh itself carries too.
 * @module
 */
const NUMBER = "$number";

/** The text of props, or of anything that holds some. */
export function writeProps(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part) =>
      typeof part === "number" && (!Number.isFinite(part) || Object.is(part, -0))
        ? { [NUMBER]: Object.is(part, -0) ? "-0" : String(part) }
        : part,
  );
}

/** What {@linkcode writeProps} wrote. */
export function readProps(text: string): unknown {
  return JSON.parse(
    text,
    (_key, part) => typeof part === "object" && part !== null && NUMBER in part ? Number(part[NUMBER]) : part,
  );
}
