/**
 * What the columns of candles are called by those who write them, and which of them a table's header holds. A name is taken
 * for a field only where it is one of these, or where the caller says so; two candidates are an error.
 * @module
 */
import { DataError } from "../candles.ts";
import type { CandleField } from "../dialect.ts";

/** What a column is read as: the fields, and what stands beside them. */
export type ColumnRole = CandleField | "clock" | "adjusted" | "symbol" | "closed";

/** The columns of a table by role, from 0; absent where the table has none. */
export type ColumnPlaces = Readonly<Partial<Record<ColumnRole, number>>>;

/** Names of the columns of a table with a header, by field. */
export interface NamedColumns {
  /** When each bar opens. */
  readonly time?: string;
  /** First price. */
  readonly open?: string;
  /** Highest price. */
  readonly high?: string;
  /** Lowest price. */
  readonly low?: string;
  /** Last price. */
  readonly close?: string;
  /** Traded volume in base units. */
  readonly volume?: string;
  /** Close adjusted for splits and dividends; read where `adjusted` is true. */
  readonly adjusted?: string;
  /** Which market a row is of. */
  readonly symbol?: string;
}

/** Columns by name; or the fields of a table without a header, in order ("" for those not read). */
export type ColumnNames = NamedColumns | readonly string[];

/** Names by role, as `normalise` gives them; the first that is there is taken. */
const ALIASES: Readonly<Record<ColumnRole, readonly string[]>> = {
  time: [
    "timestamp",
    "unix",
    "unix_timestamp",
    "open_time",
    "opentime",
    "open_timestamp",
    "datetime",
    "date_time",
    "time",
    "gmt_time",
    "date",
    "start",
    "start_time",
    "starttime",
    "time_period_start",
    "candle_time",
    "ts",
    "ts_event",
    "day",
    "trade_date",
    "trading_date",
    "observation_date",
    "timestamp_utc",
    "time_utc",
    "date_utc",
    "datetime_utc",
    "datum",
    "t",
    "window_start",
    "period_start",
    "begins_at",
    // What pandas calls an index without a name in Parquet.
    "index_level_0",
  ],
  clock: ["time", "clock", "time_of_day", "uhrzeit"],
  open: ["open", "o", "open_price", "opening_price", "price_open", "first", "eröffnung", "eröffn", "erster"],
  high: ["high", "h", "high_price", "price_high", "highest", "max", "hoch"],
  low: ["low", "l", "low_price", "price_low", "lowest", "min", "tief"],
  close: [
    "close",
    "c",
    "close_price",
    "closing_price",
    "price_close",
    "close/last",
    "close_last",
    "last",
    "schluss",
    "schlusskurs",
    "zuletzt",
    "price",
  ],
  volume: [
    "volume",
    "vol",
    "v",
    "base_volume",
    "volume_base",
    "basevolume",
    "volume_traded",
    "total_volume",
    "volume_(base)",
    "shares_traded",
    "total_traded_quantity",
    "real_volume",
    "volumefrom",
    "volume_from",
    "volumen",
    "tick_volume",
    "tickvolume",
    "tickvol",
    "tick_vol",
  ],
  adjusted: ["adj_close", "adjusted_close", "adjclose", "close_adj", "close_adjusted", "adjclosed", "adj_close_price"],
  symbol: [
    "symbol",
    "ticker",
    "instrument_name",
    "instrument_id",
    "instrument",
    "inst_id",
    "instid",
    "pair",
    "market",
    "sym",
    "tic",
    "name",
    "act_symbol",
    "product_id",
    "product",
    "coin",
  ],
  closed: ["confirm", "confirmed", "is_closed", "closed", "is_final", "complete", "is_complete"],
};

/** Volume in trades or ticks: it does where there is no other. */
const TICK_VOLUMES: ReadonlySet<string> = new Set(["tick_volume", "tickvolume", "tickvol", "tick_vol"]);

/** A header's cell as aliases are written: lower case, no angle brackets, blanks, dashes and dots as underscores. */
export function normalise(cell: string): string {
  const inner = cell.trim().replace(/^<(.*)>$/, "$1").trim().toLowerCase();
  return inner.replaceAll(/[\s.-]+/g, "_").replace(/_+$/, "").replace(/^_+/, "");
}

/** The field that a name stands for, or undefined. */
export function fieldOf(name: string): CandleField | "adjusted" | "symbol" | "clock" | undefined {
  const normal = normalise(name);
  const roles = ["time", "open", "high", "low", "close", "volume", "adjusted", "symbol", "clock"] as const;
  return roles.find((role) => role === normal) ?? roles.find((role) => ALIASES[role].includes(normal));
}

/** Column of a role by its names; -1 where it has none. */
function placeOf(role: ColumnRole, names: readonly string[], where: string): number {
  const alias = ALIASES[role].find((name) => names.includes(name));
  if (alias === undefined) return -1;
  const place = names.indexOf(alias);
  if (names.lastIndexOf(alias) !== place) throw new DataError(`Cannot read ${where}: two columns are named "${alias}"`);
  return place;
}

/** Whether a header says enough for candles: a close, and a time or a first column without a name. */
export function isHeader(cells: readonly string[]): boolean {
  const names = cells.map(normalise);
  const has = (role: ColumnRole): boolean => ALIASES[role].some((name) => names.includes(name));
  return has("close") && (has("time") || isUnnamed(names[0]));
}

/** Whether a column's name says nothing, as that of an index does. */
export function isUnnamed(name: string): boolean {
  return name === "" || name === "index" || /^unnamed:?_?\d*$/.test(name);
}

/** What looks like a volume and is none of ours. */
export function volumeLike(cells: readonly string[]): readonly string[] {
  return cells.filter((cell) => /vol|turnover|amount|quantity|qty/i.test(cell));
}

/** What prices are quoted in; a volume in one of them is no volume in base units. */
const QUOTES: ReadonlySet<string> = new Set(
  ("usd usdt usdc busd tusd fdusd dai eur gbp jpy krw try brl aud cad chf quote ccy currency traded ma change").split(
    " ",
  ),
);

/**
 * The column of "Volume BTC" where a table also or only has "Volume USDT": the one unit that is no currency of quotation, or
 * the one that the market's name begins with.
 */
function unitVolume(names: readonly string[], symbol: string): number {
  const units = names.map((name) => /^vol(?:ume)?_\(?([a-z0-9]{2,10})\)?$/.exec(name)?.[1]);
  const market = symbol.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const named = units.flatMap((unit, place) => unit === undefined ? [] : [{ unit, place }]);
  const others = named.filter(({ unit }) => !QUOTES.has(unit));
  if (others.length === 1 && named.length > 1) return others[0].place;
  const base = named.filter(({ unit }) => market.startsWith(unit));
  return base.length === 1 ? base[0].place : -1;
}

/** What {@linkcode findPlaces} goes by. */
export interface PlacesQuery {
  /** The header's cells. */
  readonly header: readonly string[];
  /** Names that the caller gave. */
  readonly columns?: NamedColumns | undefined;
  /** The market, which tells whose units a volume is in. */
  readonly symbol: string;
  /** Where the header stands, for errors. */
  readonly where: string;
}

/** The place of a name that the caller gave: as it is spelt, or but for case. */
function namedPlace(header: readonly string[], name: string, where: string, field: string): number {
  const exact = header.map((cell) => cell.trim()).indexOf(name.trim());
  const place = exact >= 0 ? exact : header.map(normalise).indexOf(normalise(name));
  if (place < 0) {
    throw new DataError(
      `Cannot read ${where}: columns.${field} is "${name}", found ${header.map((cell) => `"${cell}"`).join(", ")}`
        .slice(0, 400),
    );
  }
  return place;
}

/**
 * The columns of a table with a header.
 *
 * @param query Header and what the caller said of it.
 * @throws {DataError} No time or close is found, one or two of open, high and low are missing, a name is there twice.
 */
export function findPlaces({ header, columns, symbol, where }: PlacesQuery): ColumnPlaces {
  const names = header.map(normalise);
  const given = (columns ?? {}) as Record<string, string | undefined>;
  const places: Partial<Record<ColumnRole, number>> = {};
  for (const role of Object.keys(ALIASES) as ColumnRole[]) {
    const name = given[role];
    const place = name === undefined ? placeOf(role, names, where) : namedPlace(header, name, where, role);
    if (place >= 0) places[role] = place;
  }
  if (places.volume === undefined) {
    const place = unitVolume(names, symbol);
    if (place >= 0) places.volume = place;
  }
  if (places.time === undefined && isUnnamed(names[0])) places.time = 0;
  if (places.clock === places.time) delete places.clock;
  if (places.adjusted === places.close) delete places.adjusted;
  requireApart(places, header, where);
  requireFields(places, header, where);
  return places;
}

/** A column is read once: read as a second field as well it would leave one of them empty. */
function requireApart(places: ColumnPlaces, header: readonly string[], where: string): void {
  const roles = Object.keys(places) as ColumnRole[];
  for (const [i, role] of roles.entries()) {
    const other = roles.slice(0, i).find((one) => places[one] === places[role]);
    if (other === undefined) continue;
    throw new DataError(
      `Cannot read ${where}: its column "${header[places[role]!]}" would be ${other} and ${role}; ` +
        `name another for one of them by columns`,
    );
  }
}

/** What to write to name a column: the one that is left unread, or the one whose name holds one of the field's. */
function hint(field: ColumnRole, header: readonly string[]): string {
  const unread = header.filter((cell) => fieldOf(cell) === undefined && cell.trim() !== "");
  const stems = ALIASES[field].filter((name) => name.length > 3);
  const like = unread.filter((cell) => stems.some((stem) => normalise(cell).includes(stem)));
  const [name = "NAME"] = unread.length === 1 ? unread : like.length === 1 ? like : [];
  return `; columns: { ${field}: "${name.trim().slice(0, 30)}" } would name it`;
}

function requireFields(places: ColumnPlaces, header: readonly string[], where: string): void {
  const shown = header.join(",").slice(0, 80);
  const missing = (["time", "close"] as const).filter((field) => places[field] === undefined);
  if (missing.length > 0) {
    const named = missing.map((field) => field === "time" ? "timestamp" : field).join(" and no ");
    throw new DataError(
      `Cannot read ${where}: expected a header "timestamp,open,high,low,close,volume" or "timestamp,close", ` +
        `found no ${named} in "${shown}"${hint(missing[0], header)}`,
    );
  }
  const prices = (["open", "high", "low"] as const).filter((field) => places[field] === undefined);
  if (prices.length === 1 || prices.length === 2) {
    throw new DataError(
      `Cannot read ${where}: expected all of open, high, low or none, found no ${prices.join(", no ")} in "${shown}"` +
        hint(prices[0], header),
    );
  }
}

/** The place of ticks as volume, where the table's own volume is another column. */
export function tickVolumePlace(header: readonly string[]): number {
  return header.map(normalise).findIndex((name) => TICK_VOLUMES.has(name));
}

/** The columns of a table without a header, by the list that the caller gave. @throws {DataError} It lacks time or close. */
export function listedPlaces(columns: readonly string[], width: number, where: string): ColumnPlaces {
  if (columns.length !== width) {
    throw new DataError(
      `Cannot read ${where}: columns lists ${columns.length} names, the rows have ${width} cells ("" for those not read)`,
    );
  }
  const places: Partial<Record<ColumnRole, number>> = {};
  columns.forEach((name, place) => {
    const field = fieldOf(name);
    if (field === undefined) return;
    const role = field === "time" && places.time !== undefined ? "clock" : field;
    if (places[role] !== undefined) throw new DataError(`Cannot read ${where}: columns lists ${role} twice`);
    places[role] = place;
  });
  requireFields(places, columns, where);
  return places;
}
