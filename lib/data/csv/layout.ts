/**
 * Where the table begins in a CSV file and what stands between its cells: `sep=`, lines of text above, header rows (yfinance
 * writes three), none at all. It decides by the first bytes; what it decides is fixed for the rest.
 * @module
 */
import { DataError } from "../candles.ts";
import { isHeader, normalise } from "../table/fields.ts";
import type { TableHead, TableOptions } from "../table/head.ts";
import { isDataRow } from "../table/layout.ts";
import { shown } from "../table/rows.ts";
import { type CsvRecord, recordAt } from "./records.ts";

/** The separators that are tried. */
const SEPARATORS = [",", ";", "\t", "|"] as const;

/** Lines above a table that are passed over, at most. */
const MOST_PREAMBLE = 40;

/** What a table is looked for by. */
export interface TableQuery {
  /** Whether the bytes are all there are. */
  readonly last: boolean;
  /** The file, for errors. */
  readonly source: string;
  /** What the caller said. */
  readonly options: TableOptions;
}

/** Where a CSV's table begins. */
export interface CsvBegin {
  /** Between cells. */
  readonly separator: typeof SEPARATORS[number];
  /** Offset of its first row. */
  readonly from: number;
  /** Line of its first row. */
  readonly line: number;
  /** Header and first rows. */
  readonly head: TableHead;
  /** What was passed over, in words. */
  readonly notes: readonly string[];
}

/** A record and where it begins. */
type HeadRecord = CsvRecord & { readonly from: number };

/** Records of the head under a separator, blank ones left out, up to the first that is broken. */
function headRecords(
  bytes: Uint8Array,
  separator: string,
  { last, source }: TableQuery,
): { readonly records: readonly HeadRecord[]; readonly broken?: DataError } {
  const records: HeadRecord[] = [];
  let [from, line] = [0, 1];
  while (from < bytes.length) {
    const place = { from, to: bytes.length, line, separator: separator.charCodeAt(0), last, source };
    let record: CsvRecord | undefined;
    try {
      record = recordAt(bytes, place);
    } catch (error) {
      if (error instanceof DataError) return { records, broken: error };
      throw error;
    }
    if (record === undefined) break;
    if (record.cells.some((cell) => cell.trim() !== "")) records.push({ ...record, from });
    ({ end: from, nextLine: line } = record);
  }
  return { records };
}

/** A header of several rows as one, where yfinance wrote it: fields, tickers, the name of the index. */
function severalRows(
  records: readonly CsvRecord[],
  at: number,
  options: TableOptions,
  source: string,
): { readonly cells: readonly string[]; readonly rows: number } | undefined {
  const [a, b, c] = [records[at]?.cells, records[at + 1]?.cells, records[at + 2]?.cells];
  if (a === undefined || b === undefined || c === undefined || a.length !== b.length || b.length !== c.length) return;
  const isIndex = /^(date|datetime|time|timestamp)$/.test(normalise(c[0])) &&
    c.slice(1).every((cell) => cell.trim() === "");
  if (!isIndex || a.length < 2) return undefined;
  // group_by="ticker" writes the tickers first.
  const [fields, tickers] = normalise(a[0]) === "ticker" ? [b, a] : [a, b];
  const names = [...new Set(tickers.slice(1).map((cell) => cell.trim()))];
  const ticker = names.length === 1 ? names[0] : names.find((name) => name === options.symbol);
  if (ticker === undefined) {
    throw new DataError(
      `Cannot read ${source}, line ${records[at].line}: it holds ${names.length} markets side by side (${
        names.slice(0, 8).map(shown).join(", ")
      }); pass one of them as symbol`,
    );
  }
  const cells = fields.map((cell, i) => i === 0 ? c[0] : tickers[i].trim() === ticker ? cell : "");
  return { cells, rows: 3 };
}

/** Whether a row is names of columns that are not known: text alone, above a row of data as wide. */
function isAbove(cells: readonly string[], next: readonly string[] | undefined): boolean {
  return next !== undefined && cells.length === next.length && isDataRow(next) &&
    cells.every((cell) => cell.trim() !== "" && !/^[\s\d.,:+-]*$/.test(cell));
}

/** The table under one separator, or undefined where there is none. */
function beginUnder(
  bytes: Uint8Array,
  separator: typeof SEPARATORS[number],
  query: TableQuery,
): CsvBegin | undefined {
  const { source, options } = query;
  const { records, broken } = headRecords(bytes, separator, query);
  const listed = Array.isArray(options.columns);
  const named = options.columns === undefined || listed
    ? []
    : Object.values(options.columns as Record<string, string>).map(normalise);
  for (let at = 0; at < Math.min(records.length, MOST_PREAMBLE); at++) {
    const { cells, line } = records[at];
    const data = isDataRow(cells);
    const names = cells.map(normalise);
    const several = severalRows(records, at, options, source);
    const isNamed = isHeader(cells) || (named.length > 0 && named.every((name) => names.includes(name)));
    const header = several?.cells ??
      (!data && cells.length > 1 && (isNamed || isAbove(cells, records[at + 1]?.cells)) ? cells : undefined);
    if (header === undefined && !data) continue;
    const first = header === undefined ? at : at + (several?.rows ?? 1);
    const rows = records.slice(first);
    if (rows.length === 0 && broken !== undefined) throw broken;
    const notes: string[] = [];
    if (at > 0) notes.push(`left out: ${at} line${at > 1 ? "s" : ""} of text above the table`);
    if (several) notes.push("its header has three rows, of fields, ticker and index");
    if (header !== undefined && listed) notes.push("its header was passed over for the columns that were listed");
    const place = several ? { timePlace: 0 } : {};
    return {
      separator,
      from: rows[0]?.from ?? bytes.length,
      line: rows[0]?.line ?? line + 1,
      head: {
        source,
        unit: "line",
        header: header && !listed ? { cells: header, line, ...place } : undefined,
        rows,
        // MetaTrader's <NAMES> come with dots wherever it runs.
        dots: separator === "," || header?.every((name) => /^<.+>$/.test(name.trim())) === true,
        options,
      },
      notes,
    };
  }
  return undefined;
}

/** How well a separator explains the rows: the share of them as wide as the header, and the width. */
function quality({ head }: CsvBegin): number {
  const width = head.header?.cells.length ?? head.rows[0]?.cells.length ?? 0;
  const fitting = head.rows.filter(({ cells }) => cells.length === width).length;
  return width * (fitting + 1) / (head.rows.length + 1);
}

/** The error for a file in which no table was found. */
function noTable(bytes: Uint8Array, query: TableQuery): DataError {
  const { source } = query;
  const heads = SEPARATORS.map((separator) => headRecords(bytes, separator, query));
  const [first] = heads.map(({ records }) => records).sort((a, b) =>
    (b[0]?.cells.length ?? 0) - (a[0]?.cells.length ?? 0)
  );
  if (first.length === 0) return heads[0].broken!;
  const record = first[0];
  const text = record.cells.join(",");
  const what = text.trimStart().startsWith("<")
    ? "it is an HTML page"
    : /^\s*[[{]/.test(text)
    ? "it is JSON: readCandlesJson() reads that"
    : undefined;
  if (what !== undefined) {
    return new DataError(`Cannot read ${source}, line ${record.line}: expected a header, but ${what}`);
  }
  const names = record.cells.map(normalise);
  const missing = isHeader([...record.cells, "close"]) || names.includes("close")
    ? [names.includes("close") ? "timestamp" : "close"]
    : ["timestamp", "close"];
  const field = missing[0] === "timestamp" ? "time" : missing[0];
  return new DataError(
    `Cannot read ${source}, line ${record.line}: expected a header "timestamp,open,high,low,close,volume" or ` +
      `"timestamp,close", found no ${missing.join(" and no ")} in "${
        shown(text)
      }"; columns: { ${field}: "NAME" } names it`,
  );
}

/**
 * Finds the table in the first bytes of a CSV file.
 *
 * @param bytes The first bytes, whole records where the file goes on.
 * @param query What it is looked for by.
 * @throws {DataError} There is no table, or it is something else.
 */
export function findTable(bytes: Uint8Array, query: TableQuery): CsvBegin {
  const { source } = query;
  const told = /^sep=(.)[\r\n]/i.exec(new TextDecoder().decode(bytes.subarray(0, 8)));
  const separators = told ? SEPARATORS.filter((separator) => separator === told[1]) : SEPARATORS;
  if (told && separators.length === 0) {
    throw new DataError(
      `Cannot read ${source}, line 1: expected a comma, semicolon, tab or bar in "${shown(told[0])}"`,
    );
  }
  const isEmpty = bytes.every((byte) => byte === 10 || byte === 13 || byte === 32 || byte === 9);
  if (isEmpty) throw new DataError(`Cannot read ${source}: the file is empty`);
  const found = separators.flatMap((separator) => beginUnder(bytes, separator, query) ?? []);
  const named = found.filter(({ head }) => head.header !== undefined);
  const best = (named.length > 0 ? named : found).sort((a, b) => quality(b) - quality(a))[0];
  if (best !== undefined) return best;
  throw noTable(bytes, query);
}
