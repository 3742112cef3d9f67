/**
 * Pieces of one market as one series: months that follow each other. Where two pieces have a bar of one time, it is the same
 * bar or an error; holes between them stay holes.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";

/** A piece and the file it was read from. */
export interface Piece {
  /** Name of the file. */
  readonly file: string;
  /** Its bars. */
  readonly candles: Candles;
}

const COLUMNS = ["time", "open", "high", "low", "close", "volume"] as const;

/** Where the bars of a piece begin that are new; those before have to be bars that are there already. */
function newBars(joined: Candles, from: string, { file, candles }: Piece): number {
  const last = joined.time[joined.time.length - 1];
  let i = 0;
  for (; i < candles.time.length && candles.time[i] <= last; i++) {
    const twin = indexOf(joined.time, candles.time[i]);
    if (twin >= 0 && COLUMNS.every((column) => joined[column][twin] === candles[column][i])) continue;
    throw new DataError(
      `Cannot join ${from} and ${file}: both hold ${candles.symbol}, and at ${
        new Date(candles.time[i]).toISOString()
      } ` +
        `${twin < 0 ? "one has a bar between bars of the other" : "their bars differ"}; keep one of them`,
    );
  }
  return i;
}

/** Index of a time, -1 where it is not there. */
function indexOf(time: Float64Array, wanted: number): number {
  let [low, high] = [0, time.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return time[low] === wanted ? low : -1;
}

/**
 * Joins pieces of one market.
 *
 * @param pieces The pieces, in any order; at least one.
 * @returns One series, oldest bar first.
 * @throws {DataError} Their bar lengths differ, or bars of one time do.
 */
export function joinCandles(pieces: readonly Piece[]): Candles {
  const sorted = pieces.toSorted((a, b) => a.candles.time[0] - b.candles.time[0]);
  const [first] = sorted;
  const lengths = new Map(sorted.map(({ file, candles }) => [candles.interval, file]));
  if (lengths.size > 1) {
    throw new DataError(
      `Cannot read ${
        [...lengths.values()].join(" and ")
      } as two markets: both hold ${first.candles.symbol}, in bars of ${
        [...lengths.keys()].join(" and ")
      }; keep the files of one bar length`,
    );
  }
  let joined = first.candles;
  let from = first.file;
  for (const piece of sorted.slice(1)) {
    const at = newBars(joined, from, piece);
    const column = (name: typeof COLUMNS[number]): Float64Array => {
      const values = new Float64Array(joined[name].length + piece.candles[name].length - at);
      values.set(joined[name]);
      values.set(piece.candles[name].subarray(at), joined[name].length);
      return values;
    };
    const closeOnly = joined.closeOnly || piece.candles.closeOnly;
    joined = {
      ...joined,
      time: column("time"),
      open: column("open"),
      high: column("high"),
      low: column("low"),
      close: column("close"),
      volume: column("volume"),
      ...(closeOnly ? { closeOnly } : {}),
    };
    from = piece.file;
  }
  if (sorted.length === 1 || joined.dialect === undefined) return joined;
  const leftOut = { nulls: 0, unclosed: 0 };
  for (const { candles: { dialect } } of sorted) {
    leftOut.nulls += dialect?.leftOut.nulls ?? 0;
    leftOut.unclosed += dialect?.leftOut.unclosed ?? 0;
  }
  const notes = [
    `joined from ${sorted.length} files, ${first.file} to ${sorted[sorted.length - 1].file}`,
    ...new Set(sorted.flatMap(({ candles: { dialect } }) => dialect?.notes ?? [])),
  ];
  return { ...joined, dialect: { ...joined.dialect, leftOut, notes } };
}
