// The same bars as each vendor writes them: our own bytes in their form. The matrix in docs/vendors.md is made of these.
import type { TableOptions } from "../../lib/data/table/head.ts";
import { barsOf, type Cell, csv, table, utf16, utf8, type VendorBar } from "./vendor_table.ts";

/** A file as a vendor writes it. */
export interface VendorFile {
  /** Who writes it so. */
  readonly vendor: string;
  /** What is peculiar to it. */
  readonly form: string;
  /** The file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it holds. */
  readonly bars: readonly VendorBar[];
  /** Name of its bar length. */
  readonly interval: string;
  /** Options without which it is refused. */
  readonly options?: Omit<TableOptions, "symbol">;
  /** What the refusal without them says. */
  readonly refusal?: RegExp;
  /** Symbol, where it matters. */
  readonly symbol?: string;
  /** Kind of file (default CSV). */
  readonly format?: "csv" | "json";
  /** Whether it has no volume, or has closes alone. */
  readonly lacks?: "volume" | "prices";
}

const HOUR = 3_600_000;

/** Weekdays of January 2024, days above 12 among them; twelve days of which none is; hours. */
const days = barsOf(
  Array.from({ length: 30 }, (_, i) => Date.UTC(2024, 0, 2 + i)).filter((t) => new Date(t).getUTCDay() % 6 !== 0),
);
const fewDays = days.slice(0, 8);
const hours = barsOf(Array.from({ length: 30 }, (_, i) => Date.UTC(2024, 0, 1) + i * HOUR));
const dear = barsOf(days.map(({ time }) => time), 400);

const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);
const clock = (time: number): string => new Date(time).toISOString().slice(11, 19);
const dated = (time: number, separator: string, order: "dmy" | "mdy" | "ymd"): string => {
  const [y, m, d] = iso(time).split("-");
  return { dmy: [d, m, y], mdy: [m, d, y], ymd: [y, m, d] }[order].join(separator);
};
const MONTHS = ["Jan", "Feb", "Mar"];
const ohlcv = ({ open, high, low, close, volume }: VendorBar): Cell[] => [open, high, low, close, volume];
const comma = (value: number): string => value.toFixed(2).replace(".", ",");
const grouped = (value: number, group: string, decimal: string): string => {
  const [whole, fraction] = value.toFixed(2).split(".");
  return `${whole.replaceAll(/\B(?=(\d{3})+$)/g, group)}${decimal}${fraction}`;
};
const kline = (bar: VendorBar, factor: number): Cell[] => [
  bar.time * factor,
  ...ohlcv(bar),
  (bar.time + HOUR) * factor - 1,
  bar.volume * bar.close,
  7,
  bar.volume / 2,
  bar.volume * bar.close / 2,
  0,
];
const OHLCV = ["Open", "High", "Low", "Close", "Volume"];
const KLINE = ["open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count"];
const KLINES = [...KLINE, "taker_buy_volume", "taker_buy_quote_volume", "ignore"];

/** Every form. */
export const VENDOR_FILES: readonly VendorFile[] = [
  {
    vendor: "this library",
    form: "ms, oldest first",
    interval: "1h",
    bars: hours,
    bytes: table(hours, ["timestamp", "open", "high", "low", "close", "volume"], (bar) => [bar.time, ...ohlcv(bar)]),
  },
  {
    vendor: "Alpha Vantage",
    form: "newest first, CRLF",
    interval: "1d",
    bars: days,
    bytes: table(
      days.toReversed(),
      ["timestamp", "open", "high", "low", "close", "volume"],
      (bar) => [iso(bar.time), ...ohlcv(bar)],
      { end: "\r\n" },
    ),
  },
  {
    vendor: "Binance",
    form: "klines without a header, ms",
    interval: "1h",
    bars: hours,
    bytes: table(hours, undefined, (bar) => kline(bar, 1)),
  },
  {
    vendor: "Binance",
    form: "klines without a header, µs",
    interval: "1h",
    bars: hours,
    bytes: table(hours, undefined, (bar) => kline(bar, 1000)),
  },
  {
    vendor: "Binance",
    form: "months joined: ms, then µs",
    interval: "1h",
    bars: hours,
    bytes: table(hours, KLINES, (bar, i) => kline(bar, i < 12 ? 1 : 1000)),
  },
  {
    vendor: "Bybit",
    form: "seven columns without a header, newest first",
    interval: "1h",
    bars: hours,
    bytes: table(hours.toReversed(), undefined, (bar) => [bar.time, ...ohlcv(bar), bar.volume * bar.close]),
  },
  {
    vendor: "Bitstamp by CryptoDataDownload",
    form: "a line above, volume in two units, newest first",
    interval: "1h",
    bars: hours,
    symbol: "BTCUSD",
    bytes: table(
      hours.toReversed(),
      ["unix", "date", "symbol", "open", "high", "low", "close", "Volume BTC", "Volume USD"],
      (
        bar,
      ) => [bar.time / 1000, `${iso(bar.time)} ${clock(bar.time)}`, "BTC/USD", ...ohlcv(bar), bar.volume * bar.close],
      { above: "https://www.example.com\n" },
    ),
  },
  {
    vendor: "Kraken",
    form: "seconds without a header, trades behind the volume",
    interval: "1h",
    bars: hours,
    bytes: table(hours, undefined, (bar, i) => [bar.time / 1000, ...ohlcv(bar), 3 + i]),
  },
  {
    vendor: "OKX",
    form: "an open bar last (confirm 0), left out",
    interval: "1h",
    bars: hours.slice(0, -1),
    bytes: table(
      hours,
      ["instrument_name", "open", "high", "low", "close", "vol", "vol_ccy", "vol_quote", "open_time", "confirm"],
      (bar, i) => ["BTC-USDT-SWAP", ...ohlcv(bar), 1, 1, bar.time, i < hours.length - 1 ? 1 : 0],
    ),
  },
  {
    vendor: "Coinbase, Bitfinex",
    form: "no header, another order of prices",
    interval: "1h",
    bars: hours,
    options: { columns: ["time", "low", "high", "open", "close", "volume"] },
    refusal: /the highest price stands in column 3 and the lowest in column 2; pass columns/,
    bytes: table(
      hours,
      undefined,
      ({ time, low, high, open, close, volume }) => [time / 1000, low, high, open, close, volume],
    ),
  },
  {
    vendor: "freqtrade, ccxt",
    form: "JSON rows",
    format: "json",
    interval: "1h",
    bars: hours,
    bytes: utf8(JSON.stringify(hours.map((bar) => [bar.time, ...ohlcv(bar)]))),
  },
  {
    vendor: "Yahoo Finance",
    form: "an adjusted close beside the close",
    interval: "1d",
    bars: days,
    bytes: table(days, ["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"], (bar) => [
      iso(bar.time),
      bar.open,
      bar.high,
      bar.low,
      bar.close,
      bar.close,
      bar.volume,
    ]),
  },
  {
    vendor: "Yahoo Finance",
    form: "a row of null on a holiday",
    interval: "1d",
    bars: days.filter((_, i) => i !== 3),
    options: { nulls: "drop" },
    refusal: /line 5: expected a number for open, got "null"; nulls: "drop"/,
    bytes: table(
      days,
      ["Date", ...OHLCV],
      (bar, i) => [iso(bar.time), ...(i === 3 ? Array(5).fill("null") : ohlcv(bar))],
    ),
  },
  {
    vendor: "yfinance",
    form: "three header rows",
    interval: "1d",
    bars: days,
    bytes: utf8(csv([
      ["Price", "Close", "High", "Low", "Open", "Volume"],
      ["Ticker", "ABC", "ABC", "ABC", "ABC", "ABC"],
      ["Date", "", "", "", "", ""],
      ...days.map(({ time, open, high, low, close, volume }) => [iso(time), close, high, low, open, volume]),
    ])),
  },
  {
    vendor: "pandas",
    form: "an index without a name",
    interval: "1d",
    bars: days,
    bytes: table(days, ["", "open", "high", "low", "close", "volume"], (bar) => [iso(bar.time), ...ohlcv(bar)]),
  },
  {
    vendor: "pandas",
    form: "date and time with a zone",
    interval: "1d",
    bars: days.map((bar) => ({ ...bar, time: bar.time + 5 * HOUR })),
    bytes: table(days, ["Date", ...OHLCV], (bar) => [`${iso(bar.time)} 00:00:00-05:00`, ...ohlcv(bar)]),
  },
  {
    vendor: "stock data sets",
    form: "many symbols in one file",
    interval: "1d",
    bars: days,
    symbol: "AAL",
    bytes: table(
      [...days, ...dear],
      ["date", "open", "high", "low", "close", "volume", "Name"],
      (bar, i) => [iso(bar.time), ...ohlcv(bar), i < days.length ? "AAL" : "AAPL"],
    ),
  },
  {
    vendor: "MetaTrader 5",
    form: "tabs, <NAMES>, date and time apart, ticks as volume",
    interval: "1h",
    bars: hours,
    bytes: table(
      hours,
      ["<DATE>", "<TIME>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<TICKVOL>", "<VOL>", "<SPREAD>"],
      (bar) => [dated(bar.time, ".", "ymd"), clock(bar.time), ...ohlcv(bar), 0, 5],
      { separator: "\t", end: "\r\n" },
    ),
  },
  {
    vendor: "MetaTrader 4",
    form: "no header, date and time apart",
    interval: "1h",
    bars: hours,
    bytes: table(hours, undefined, (bar) => [dated(bar.time, ".", "ymd"), clock(bar.time).slice(0, 5), ...ohlcv(bar)]),
  },
  {
    vendor: "HistData",
    form: "semicolons, no header, 20240101 170000",
    interval: "1h",
    bars: hours,
    bytes: table(
      hours,
      undefined,
      (bar) => [`${iso(bar.time).replaceAll("-", "")} ${clock(bar.time).replaceAll(":", "")}`, ...ohlcv(bar)],
      { separator: ";" },
    ),
  },
  {
    vendor: "Stooq",
    form: "<TICKER>, 20240101 and 170000 in two columns",
    interval: "1h",
    bars: hours,
    bytes: table(
      hours,
      ["<TICKER>", "<PER>", "<DATE>", "<TIME>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>", "<OPENINT>"],
      (bar) => ["ABC.US", 60, iso(bar.time).replaceAll("-", ""), clock(bar.time).replaceAll(":", ""), ...ohlcv(bar), 0],
    ),
  },
  {
    vendor: "Dukascopy",
    form: "01.01.2024 00:00:00.000 GMT+0200",
    interval: "1h",
    bars: hours.map((bar) => ({ ...bar, time: bar.time - 2 * HOUR })),
    bytes: table(
      hours,
      ["Gmt time", ...OHLCV],
      (bar) => [`${dated(bar.time, ".", "dmy")} ${clock(bar.time)}.000 GMT+0200`, ...ohlcv(bar)],
    ),
  },
  {
    vendor: "Excel, German or French",
    form: "semicolons, decimal commas, 02.01.2024",
    interval: "1d",
    bars: days,
    bytes: table(
      days,
      ["Date", ...OHLCV],
      (bar) => [dated(bar.time, ".", "dmy"), ...ohlcv(bar).map((value) => comma(Number(value)))],
      { separator: ";", end: "\r\n" },
    ),
  },
  {
    vendor: "Excel",
    form: "sep=; and dots",
    interval: "1d",
    bars: days,
    bytes: table(days, ["Date", ...OHLCV], (bar) => [iso(bar.time), ...ohlcv(bar)], {
      separator: ";",
      above: "sep=;\r\n",
    }),
  },
  {
    vendor: "Excel, Unicode text",
    form: "UTF-16 with a mark, tabs",
    interval: "1d",
    bars: days,
    bytes: utf16(csv([["Date", ...OHLCV], ...days.map((bar) => [iso(bar.time), ...ohlcv(bar)])], { separator: "\t" })),
  },
  {
    vendor: "Excel, American",
    form: "1/2/2024, a day above 12",
    interval: "1d",
    bars: days,
    bytes: table(
      days,
      ["Date", ...OHLCV],
      (bar) => [dated(bar.time, "/", "mdy").replaceAll(/\b0/g, ""), ...ohlcv(bar)],
    ),
  },
  {
    vendor: "Excel, American",
    form: "1/2/2024, no day above 12",
    interval: "1d",
    bars: fewDays,
    options: { dateOrder: "mdy" },
    refusal: /day first or month first.*pass dateOrder/,
    bytes: table(fewDays, ["Date", ...OHLCV], (bar) => [dated(bar.time, "/", "mdy"), ...ohlcv(bar)]),
  },
  {
    vendor: "Investing.com",
    form: "quotes, thousands, 1.2K, a change in %, newest first",
    interval: "1d",
    bars: dear,
    bytes: table(
      dear.toReversed(),
      ["Date", "Price", "Open", "High", "Low", "Vol.", "Change %"].map((name) => `"${name}"`),
      ({ time, open, high, low, close, volume }) =>
        [
          dated(time, "/", "mdy"),
          ...[close, open, high, low].map((value) => grouped(value, ",", ".")),
          `${volume / 1000}K`,
          "-0.52%",
        ].map((cell) => `"${cell}"`),
    ),
  },
  {
    vendor: "Investing.com, German",
    form: "quotes, 42.850,50, day first",
    interval: "1d",
    bars: dear,
    bytes: table(
      dear.toReversed(),
      ["Datum", "Zuletzt", "Eröffn.", "Hoch", "Tief", "Vol.", "+/- %"].map((name) => `"${name}"`),
      ({ time, open, high, low, close, volume }) =>
        [
          dated(time, ".", "dmy"),
          ...[close, open, high, low].map((value) => grouped(value, ".", ",")),
          `${String(volume / 1000).replace(".", ",")}K`,
          "-0,52%",
        ].map((cell) => `"${cell}"`),
    ),
  },
  {
    vendor: "Nasdaq",
    form: "dollar signs, Close/Last, month first, newest first",
    interval: "1d",
    bars: days,
    bytes: table(
      days.toReversed(),
      ["Date", "Close/Last", "Volume", "Open", "High", "Low"],
      ({ time, open, high, low, close, volume }) => [
        dated(time, "/", "mdy"),
        `$${close}`,
        volume,
        `$${open}`,
        `$${high}`,
        `$${low}`,
      ],
    ),
  },
  {
    vendor: "NSE India",
    form: "02-Jan-2024, lakhs (1,23,456.50)",
    interval: "1d",
    bars: days.map((bar) => ({ ...bar, volume: 123_456.5 })),
    bytes: table(
      days,
      ["Date", "Open", "High", "Low", "Close", "Total Traded Quantity"].map((name) => `"${name}"`),
      (bar) =>
        [
          `${iso(bar.time).slice(8)}-${MONTHS[new Date(bar.time).getUTCMonth()]}-2024`,
          bar.open,
          bar.high,
          bar.low,
          bar.close,
          "1,23,456.50",
        ].map((cell) => `"${cell}"`),
    ),
  },
  {
    vendor: "web sites",
    form: "Jan 02, 2024",
    interval: "1d",
    bars: days,
    bytes: table(days, ["Date", ...OHLCV], (bar) => [
      `"${MONTHS[new Date(bar.time).getUTCMonth()]} ${iso(bar.time).slice(8)}, 2024"`,
      ...ohlcv(bar),
    ]),
  },
  {
    vendor: "brokers",
    form: "9:00 AM, notes above and below",
    interval: "1h",
    bars: hours,
    bytes: table(
      hours,
      ["Time", ...OHLCV],
      (bar) => {
        const hour = new Date(bar.time).getUTCHours();
        return [`${dated(bar.time, "/", "ymd")} ${hour % 12 || 12}:00 ${hour < 12 ? "AM" : "PM"}`, ...ohlcv(bar)];
      },
      { above: "Account: 1\nExported today\n\n", below: "\nAll prices without warranty\n" },
    ),
  },
  {
    vendor: "TradingView",
    form: "seconds, an empty volume",
    interval: "1d",
    bars: days,
    lacks: "volume",
    bytes: table(
      days,
      ["time", "open", "high", "low", "close", "Volume"],
      (bar) => [bar.time / 1000, ...ohlcv(bar).slice(0, 4), ""],
    ),
  },
  {
    vendor: "FRED",
    form: "closes alone, under the series' own name",
    interval: "1d",
    bars: days,
    lacks: "prices",
    options: { columns: { close: "DCOILWTICO" } },
    refusal: /found no close.*columns: \{ close: "DCOILWTICO" \}/,
    bytes: table(days, ["observation_date", "DCOILWTICO"], (bar) => [iso(bar.time), bar.close]),
  },
];
