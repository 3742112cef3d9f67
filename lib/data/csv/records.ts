/**
 * One record of CSV bytes at a time (RFC 4180 with any separator: double quotes, LF, CRLF or CR), as cells that know their
 * line. It knows nothing of candles and refuses broken quotes. Written here because a bad row has to be named by its line, a
 * file may be longer than a string can be, and the package loads over http without an import map.
 * @module
 */
import { DataError } from "../candles.ts";

/** One record of a CSV text. */
export interface CsvRecord {
  /** Line it begins on; the first line of the file is 1. */
  readonly line: number;
  /** Its cells, unquoted but not trimmed. */
  readonly cells: readonly string[];
  /** Where the next begins. */
  readonly end: number;
  /** Line of the next. */
  readonly nextLine: number;
}

/** Where and how a record is read. */
export interface RecordPlace {
  /** Begin of the record. */
  readonly from: number;
  /** End of the bytes that are there. */
  readonly to: number;
  /** Line of the record. */
  readonly line: number;
  /** Byte between cells. */
  readonly separator: number;
  /** Whether there are no bytes behind `to`. */
  readonly last: boolean;
  /** The file, for errors. */
  readonly source: string;
}

const [LF, CR, QUOTE, BLANK] = [10, 13, 34, 32];
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array, at: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new DataError(`Cannot read ${at}: it is not UTF-8 text; save the file as UTF-8`, { cause });
  }
}

/** Where the line that holds `from` ends: its LF or CR, or `to`. `quoted` where there was a quote before. */
function lineEnd(bytes: Uint8Array, from: number, to: number): { readonly end: number; readonly quoted: boolean } {
  let quoted = false;
  let i = from;
  for (; i < to; i++) {
    const byte = bytes[i];
    if (byte === LF || byte === CR) break;
    if (byte === QUOTE) quoted = true;
  }
  return { end: i, quoted };
}

/** Where the quoted cell that begins at `start` ends, behind its closing quote; -1 where it is not closed before `to`. */
function quoteEnd(bytes: Uint8Array, start: number, to: number): number {
  for (let i = start + 1; i < to; i++) {
    if (bytes[i] !== QUOTE) continue;
    if (bytes[i + 1] === QUOTE && i + 1 < to) i++;
    else return i + 1;
  }
  return -1;
}

/** Lines that end within bytes. */
function countLines(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)) lines++;
  return lines;
}

/** Cells of a record with quotes, or undefined where more bytes are needed. */
function quotedCells(
  bytes: Uint8Array,
  place: RecordPlace,
): { readonly cells: string[]; readonly end: number } | undefined {
  const { from, to, separator, last, source, line } = place;
  const at = `${source}, line ${line}`;
  const cells: string[] = [];
  let position = from;
  while (true) {
    let start = position;
    while (start < to && bytes[start] === BLANK) start++;
    if (bytes[start] === QUOTE && start < to) {
      const end = quoteEnd(bytes, start, to);
      // A quote at the very end may be the first of a doubled one.
      if (end < 0 || (end === to && !last)) {
        if (!last) return undefined;
        throw new DataError(`Cannot read ${at}: a quote is never closed`);
      }
      cells.push(decode(bytes.subarray(start + 1, end - 1), at).replaceAll('""', '"'));
      position = end;
      while (position < to && bytes[position] === BLANK) position++;
      if (position >= to && !last) return undefined;
      const next = bytes[position];
      if (position < to && next !== separator && next !== LF && next !== CR) {
        throw new DataError(`Cannot read ${at}: text behind a closing quote`);
      }
    } else {
      for (position = start; position < to; position++) {
        const byte = bytes[position];
        if (byte === separator || byte === LF || byte === CR) break;
        if (byte === QUOTE) throw new DataError(`Cannot read ${at}: a quote inside an unquoted cell`);
      }
      if (position >= to && !last) return undefined;
      cells.push(decode(bytes.subarray(start, position), at));
    }
    if (position >= to || bytes[position] !== separator) return { cells, end: position };
    position++;
  }
}

/**
 * The record that begins at a place, or undefined where its end has not come yet. A blank line is a record of one cell.
 *
 * @param bytes UTF-8.
 * @param place Where it begins.
 * @throws {DataError} A quote is not closed or stands inside a cell that does not begin with one; it is not UTF-8.
 */
export function recordAt(bytes: Uint8Array, place: RecordPlace): CsvRecord | undefined {
  const { from, to, line, separator, last, source } = place;
  const { end: plainEnd, quoted } = lineEnd(bytes, from, to);
  let end = plainEnd;
  let cells: string[];
  let lines = 0;
  if (quoted) {
    const found = quotedCells(bytes, place);
    if (found === undefined) return undefined;
    ({ cells, end } = found);
    lines = countLines(bytes, from, end);
  } else {
    if (end === to && !last) return undefined;
    cells = decode(bytes.subarray(from, end), `${source}, line ${line}`).split(String.fromCharCode(separator));
  }
  // CR at the very end: its LF may come.
  if (bytes[end] === CR && end + 1 === to && !last) return undefined;
  const pair = bytes[end] === CR && end + 1 < to && bytes[end + 1] === LF;
  const next = end < to ? end + (pair ? 2 : 1) : to;
  return { line, cells, end: next, nextLine: line + lines + (end < to ? 1 : 0) };
}
