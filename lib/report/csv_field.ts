/**
 * Lines of CSV (RFC 4180) out of plain values: fields are quoted where they must be, lines end by CRLF, numbers have the fewest
 * digits that give the same float64 again. It reads nothing.
 * @module
 */

/** What a field may hold; null is an empty field. */
export type CsvValue = string | number | null;

/** A field, quoted where it holds a quote, a comma or a line break. */
function field(value: CsvValue): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines, a header's among them, as text. */
export function csvText(lines: readonly (readonly CsvValue[])[]): string {
  return lines.map((line) => `${line.map(field).join(",")}\r\n`).join("");
}
