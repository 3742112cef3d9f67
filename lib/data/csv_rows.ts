/**
 * CSV text into rows that know their line (RFC 4180: commas, double quotes, LF, CRLF or CR). It knows nothing of candles,
 * imports nothing but its error, and refuses broken quotes. Written here so that the package loads over http without an
 * import map, and because a bad row has to be named by its line.
 * @module
 */
import { DataError } from "./candles.ts";

/** One row of a CSV text. */
export interface CsvRow {
  /** Line it begins on; the first line of the file is 1. */
  readonly line: number;
  /** Its cells, unquoted but not trimmed. */
  readonly cells: readonly string[];
}

/** Where the cell that begins at `start` with a quote ends, and its text. */
function quotedCell(text: string, start: number, at: string): { cell: string; end: number } {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] !== '"') continue;
    if (text[i + 1] === '"') {
      i++;
      continue;
    }
    return { cell: text.slice(start + 1, i).replaceAll('""', '"'), end: i + 1 };
  }
  throw new DataError(`Cannot read ${at}: a quote is never closed`);
}

/** End of the plain cell that begins at `start`: the next comma or line end. */
function plainEnd(text: string, start: number, at: string): number {
  let i = start;
  for (; i < text.length && text[i] !== "," && text[i] !== "\n" && text[i] !== "\r"; i++) {
    if (text[i] === '"') throw new DataError(`Cannot read ${at}: a quote inside an unquoted cell`);
  }
  return i;
}

/**
 * Rows of a CSV text, blank lines left out, a byte order mark skipped.
 *
 * @param text The whole text.
 * @param source Its name, for errors.
 * @throws {DataError} A quote is not closed, or stands inside a cell that does not begin with one.
 */
export function* csvRows(text: string, source: string): Generator<CsvRow> {
  let position = text.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  while (position < text.length) {
    const cells: string[] = [];
    const first = line;
    while (true) {
      const at = `${source}, line ${first}`;
      if (text[position] === '"') {
        const { cell, end } = quotedCell(text, position, at);
        line += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
        cells.push(cell);
        position = end;
        if (position < text.length && !",\r\n".includes(text[position])) {
          throw new DataError(`Cannot read ${at}: text behind a closing quote`);
        }
      } else {
        const end = plainEnd(text, position, at);
        cells.push(text.slice(position, end));
        position = end;
      }
      if (text[position] !== ",") break;
      position++;
    }
    position += text.startsWith("\r\n", position) ? 2 : 1;
    line++;
    if (cells.length > 1 || cells[0].trim() !== "") yield { line: first, cells };
  }
}
