/**
 * What a file's name says of its market: `BTCUSDT-4h-2024-01` is a month of BTCUSDT in bars of four hours. Two names that say
 * the same market are one market, never an unseen one. It reads no file.
 * @module
 */

/** A name taken apart. */
export interface MarketName {
  /** The name without dates and bar length; "" where nothing else is left. */
  readonly market: string;
  /** What two names of one market have in common. */
  readonly key: string;
}

const YEAR = String.raw`(?:19|20)\d{2}`;
const MONTH = String.raw`(?:0[1-9]|1[0-2])`;
const DAY = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const DATE = String
  .raw`(?:${YEAR}\d{8}|${YEAR}${MONTH}${DAY}|${YEAR}[-_.]${MONTH}[-_.]${DAY}|${YEAR}[-_.]?(?:${MONTH}|Q[1-4])|${YEAR})`;
const LENGTH = String.raw`(?:\d{1,4} ?(?:s|sec|m|min|mins|h|hr|hour|d|day|w|wk|mo|mon)|[mhdw]\d{1,3}|mn1?|` +
  `minutely|minute|hourly|hour|daily|day|weekly|week|monthly|month|klines?|candles?|ohlcv?)`;
const LAST = new RegExp(String.raw`(?:^|[-_. ]+|(?=${YEAR}-))(?:(?:to[-_ ])?${DATE}|${LENGTH})$`, "i");
const FIRST = new RegExp(String.raw`^${DATE}[-_ ]+(?=.*[a-z])`, "i");
const KIND = /(?:^|[-_. ]+)(?:spot|linear|inverse|perp|perpetual|futures?|swap|um|cm)$/i;

/**
 * Takes a file's name apart.
 *
 * @param stem The name without its ending.
 */
export function marketName(stem: string): MarketName {
  const whole = stem.replace(FIRST, "");
  const last = withoutParts(whole.replace(KIND, ""));
  // M2 and 200012 are markets too, not a bar length and a month.
  const market = last === "" && /^(?:[mhdw]\d{1,3}|\d{4,6})$/i.test(stem) ? stem : last;
  const kind = KIND.exec(market === stem ? "" : whole)?.[0] ?? "";
  const bare = market.replace(KIND, "").replaceAll(/[-_/: ]/g, "").toUpperCase();
  return { market: market + kind, key: bare === "" ? market.toUpperCase() : bare };
}

/** A name without the dates and bar lengths at its end. */
function withoutParts(name: string): string {
  const rest = name.replace(LAST, "");
  return rest === name ? name : withoutParts(rest);
}
