/**
 * Columns of a table without a header, by their shape: a time first, then open, high, low and close, of which the second is
 * the highest and the third the lowest in every row, then a volume. Anything else is refused with what would name it.
 * @module
 */
import { DataError } from "../candles.ts";
import type { ColumnPlaces } from "./fields.ts";
import type { TableHead } from "./head.ts";
import { decideDecimal, parseStyledNumber } from "./numbers.ts";
import { type Cell, isClock, readTime } from "./times.ts";

/** Binance's klines: open time, prices, volume, close time, quote volume, trades, two of takers, one to ignore. */
const KLINE_WIDTH = 12;

/** So few bars that open where the one before opened prove nothing. */
const FEW = 5;

/** Widths of a table of time, prices and perhaps volume: with trades (Kraken) or turnover (Bybit) 7. */
const WIDTHS: ReadonlySet<number> = new Set([5, 6, 7, 9, KLINE_WIDTH]);

function numberOf(cell: Cell, decimal: "." | ","): number {
  if (typeof cell === "string") return parseStyledNumber(cell, decimal) ?? NaN;
  return cell === null || cell === undefined ? NaN : Number(cell);
}

/** Whether open follows close as it does from bar to bar, and not the other way round. */
function openFollowsClose(rows: readonly (readonly number[])[], newestFirst: boolean): boolean {
  let [right, wrong] = [0, 0];
  for (let i = 1; i < rows.length; i++) {
    const [before, behind] = newestFirst ? [rows[i], rows[i - 1]] : [rows[i - 1], rows[i]];
    const [as, swapped] = [Math.abs(behind[0] - before[3]), Math.abs(behind[3] - before[0])];
    if (as < swapped) right++;
    else if (swapped < as) wrong++;
  }
  return wrong < FEW || right >= wrong;
}

/** Where the highest and the lowest of four numbers stand in every row; undefined where no place holds for all. */
function extremes(
  rows: readonly (readonly number[])[],
): { readonly high: number | undefined; readonly low: number | undefined } {
  const places = [0, 1, 2, 3];
  return {
    high: places.find((place) => rows.every((row) => row[place] >= Math.max(...row))),
    low: places.findLast((place) => rows.every((row) => row[place] <= Math.min(...row))),
  };
}

/**
 * Columns of a table without a header.
 *
 * @param head The table as it begins.
 * @throws {DataError} Its shape is another, or leaves doubt.
 */
export function recogniseShape({ source, unit, rows, dots, options }: TableHead): ColumnPlaces {
  const where = `${source}, ${unit} ${rows[0].line}`;
  const width = rows[0].cells.length;
  const clock = width > 2 && isClock(rows[0].cells[1]) ? 1 : undefined;
  const first = clock === undefined ? 1 : 2;
  const hint = `pass columns: ["time", "open", "high", "low", "close", "volume"] in the file's own order`;
  const isTime = readTime(
    rows[0].cells[0],
    options.dateOrder ?? "open",
    clock === undefined ? undefined : rows[0].cells[1],
  );
  if (isTime === undefined || !WIDTHS.has(width - first + 1)) {
    throw new DataError(
      `Cannot read ${where}: expected a header "timestamp,open,high,low,close,volume" or "timestamp,close", found none; ${hint}`,
    );
  }
  const texts = rows.flatMap(({ cells }) => cells.slice(first, first + 5).filter((cell) => typeof cell === "string"));
  const decimal = options.decimal ?? decideDecimal(texts, dots).decimal;
  const prices = rows.map(({ cells }) => cells.slice(first, first + 4).map((cell) => numberOf(cell, decimal)));
  const bars = prices.filter((row) => row.length === 4 && row.every(Number.isFinite));
  const { high, low } = extremes(bars);
  const moves = bars.some((row) => row[1] > row[2]);
  const times = rows.map(({ cells }) =>
    readTime(cells[0], "dmy", clock === undefined ? undefined : cells[1])?.ms ?? NaN
  );
  const newestFirst = times.length > 1 && times[1] < times[0];
  const inOrder = bars.length > 0 && bars.every((row) => row[1] >= Math.max(...row) && row[2] <= Math.min(...row));
  if (inOrder && (moves || width === KLINE_WIDTH) && openFollowsClose(bars, newestFirst)) {
    // OKX ends its nine columns with whether the bar had closed.
    const last = rows.map(({ cells }) => String(cells[width - 1]).trim());
    const closed = width === 9 && last.every((flag) => flag === "0" || flag === "1");
    return {
      time: 0,
      ...(closed ? { closed: 8 } : {}),
      ...(clock === undefined ? {} : { clock }),
      open: first,
      high: first + 1,
      low: first + 2,
      close: first + 3,
      ...(width > first + 4 ? { volume: first + 4 } : {}),
    };
  }
  const seen = high === undefined || low === undefined || !moves
    ? "its columns are not time, open, high, low, close"
    : `the highest price stands in column ${first + high + 1} and the lowest in column ${first + low + 1}`;
  throw new DataError(`Cannot read ${where}: expected a header, found none, and ${seen}; ${hint}`);
}
