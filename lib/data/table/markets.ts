/**
 * The markets of a table that was read: the one that was asked for, or each of them.
 * @module
 */
import { type Candles, DataError } from "../candles.ts";
import { finishMarket, type FinishOptions, type SourceFacts } from "./finish.ts";
import { type MarketRows, shown, type TableRows } from "./rows.ts";

/** A table that was read to its end. */
export interface TableMarkets {
  /** Its rows, by market. */
  readonly rows: TableRows;
  /** What was decided. */
  readonly facts: SourceFacts & { readonly dotted: boolean };
}

/**
 * The one market of a table, or the one that the caller named.
 *
 * @throws {DataError} There are several and none is called so.
 */
function pickMarket(rows: TableRows, symbol: string): MarketRows {
  const { layout, markets } = rows;
  if (markets.size === 0) {
    throw new DataError(`Cannot read ${layout.source}: expected rows behind the header, found none`);
  }
  const [only] = markets.values();
  if (markets.size === 1) return only;
  const named = markets.get(symbol);
  if (named !== undefined) return named;
  const column = layout.header?.[layout.places.symbol!] ?? `#${layout.places.symbol! + 1}`;
  const names = [...markets.keys()];
  throw new DataError(
    `Cannot read ${layout.source}: its column "${shown(column)}" holds ${names.length} markets (${
      names.slice(0, 8).map(shown).join(", ")
    }${names.length > 8 ? ", …" : ""}), none of them "${symbol}"; pass one of them as symbol, or read the folder`,
  );
}

/**
 * The one market of a table, or the one called as the caller says.
 *
 * @throws {DataError} There are several and none is called so, or its rows are no candles.
 */
export function oneMarket({ rows, facts }: TableMarkets, options: FinishOptions): Candles {
  return finishMarket(rows, pickMarket(rows, options.symbol), facts, options);
}

/**
 * Every market of a table: one under the caller's name, several under their own.
 *
 * @throws {DataError} There is none, or its rows are no candles.
 */
export function everyMarket(table: TableMarkets, options: FinishOptions): Candles[] {
  const { rows, facts } = table;
  if (rows.markets.size < 2) return [oneMarket(table, options)];
  return Array.from(
    rows.markets.values(),
    (market) => finishMarket(rows, market, facts, { ...options, symbol: market.symbol }),
  );
}
