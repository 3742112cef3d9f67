/**
 * The part of `@std/csv` that is used, over npm's csv-parse, with the same signature; `deno.jsr.json` maps the name to the
 * original instead. Only tests import it (they hold the library's own row reader against it), so it may lean on `node:`;
 * csv-parse's browser build does not run under Deno, which has no `__proto__` setter.
 * @module
 */
import { parse as parseRows } from "csv-parse/sync";

/** Options of {@linkcode parse}. */
export interface ParseOptions {
  /** What stands between cells (default a comma). */
  readonly separator?: string;
}

/**
 * Parses CSV text (RFC 4180): empty lines are left out, a byte order mark is skipped, rows may differ in length.
 *
 * @param input The text.
 * @param options The separator.
 * @returns Rows of cells.
 * @throws {SyntaxError} Quotes do not match.
 */
export function parse(input: string, options: ParseOptions = {}): string[][] {
  try {
    return parseRows(input, {
      bom: true,
      delimiter: options.separator ?? ",",
      relax_column_count: true,
      skip_empty_lines: true,
    }) as string[][];
  } catch (cause) {
    throw new SyntaxError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
