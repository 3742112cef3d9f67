// Bars that the vendors' files hold, and tables of them.

/** A bar of the series that every file holds. */
export interface VendorBar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Bars at times, of one wavy price. */
export function barsOf(times: readonly number[], scale = 1): VendorBar[] {
  return times.map((time, i) => {
    const at = (k: number): number => Math.round(scale * (10_000 + 300 * Math.sin(k / 3) + 17 * (k % 5))) / 100;
    const [open, close] = [at(i), at(i + 1)];
    const cent = (value: number): number => Math.round(value * 100) / 100;
    return {
      time,
      open,
      high: cent(Math.max(open, close) + 0.31),
      low: cent(Math.min(open, close) - 0.27),
      close,
      volume: 400 + 13.5 * i,
    };
  });
}

/** What stands in a cell. */
export type Cell = string | number;

/** Rows as text. */
export function csv(
  rows: readonly (readonly Cell[])[],
  { separator = ",", end = "\n", above = "", below = "" } = {},
): string {
  return above + rows.map((row) => row.join(separator) + end).join("") + below;
}

/** A text as bytes. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A text as UTF-16 with a mark. */
export function utf16(text: string): Uint8Array<ArrayBuffer> {
  const units = Uint16Array.from(`\ufeff${text}`, (character) => character.charCodeAt(0));
  return new Uint8Array(units.buffer);
}

/** A table of bars: header, then a row a bar. */
export function table(
  bars: readonly VendorBar[],
  header: readonly string[] | undefined,
  row: (bar: VendorBar, i: number) => readonly Cell[],
  layout?: Parameters<typeof csv>[1],
): Uint8Array<ArrayBuffer> {
  return utf8(csv([...(header ? [header] : []), ...bars.map(row)], layout));
}
