/**
 * What a paper trader is asked for: plain JSON with sane defaults, checked where it comes in. Shared by the page's form, the API
 * and the worker; loads no engine and no data.
 * @module
 */
import { bybitInterval } from "@adaptrade/adaptrade/data";

/** A paper trader as asked for. */
export interface OnlineSettings {
  /** What to call it; empty for its market's name. */
  readonly name: string;
  /** Where bars come from: a history played back, or Bybit's stream. */
  readonly source: "replay" | "live";
  /** Replay: id of the market; see `markets.ts`. */
  readonly market: string;
  /** Replay: bars a second once it is warm; 0 is as fast as it goes. */
  readonly speed: number;
  /** Live: the symbol, such as `BTCUSDT`. */
  readonly symbol: string;
  /** Live: bar length, such as `1h`. */
  readonly interval: string;
  /** Live: kind of contract. */
  readonly category: "spot" | "linear" | "inverse";
  /** Id of the run whose forecaster trades; empty for a fresh network that learns as it goes. */
  readonly run: string;
  /** Width of a fresh network's hidden layer. */
  readonly hidden: number;
  /** Inner steps of a fresh network. */
  readonly innerSteps: number;
  /** Initial inner learning rate of a fresh network. */
  readonly innerLr: number;
  /** Bootstrapped models a forecast, at least 2. */
  readonly members: number;
  /** Forecast return below which to stay flat, as a fraction. */
  readonly threshold: number;
  /** Of a forecaster of volatility: what the market is held at, a year. */
  readonly risk: number;
  /** Taker's fee, as a fraction of what is traded. */
  readonly fee: number;
  /** What a fill loses beside the fee, likewise. */
  readonly slippage: number;
  /** Leave at a loss of so many times the bar volatility; 0 for never. */
  readonly stop: number;
  /** Equity at the beginning. */
  readonly capital: number;
  /** Seed of the network and the bootstraps. */
  readonly seed: number;
}

/** One click: the sample's S&P 500 at five bars a second. */
export const DEFAULT_ONLINE: OnlineSettings = {
  name: "",
  source: "replay",
  market: "sample:SP500",
  speed: 5,
  symbol: "BTCUSDT",
  interval: "1m",
  category: "linear",
  run: "",
  hidden: 16,
  innerSteps: 5,
  innerLr: 0.05,
  members: 8,
  threshold: 0,
  risk: 0.15,
  fee: 0.00055,
  slippage: 0.0002,
  stop: 0,
  capital: 10_000,
  seed: 0,
};

const RANGES: Readonly<Partial<Record<keyof OnlineSettings, readonly [least: number, most: number, whole: boolean]>>> =
  {
    speed: [0, 1000, false],
    hidden: [1, 256, true],
    innerSteps: [1, 20, true],
    innerLr: [1e-6, 10, false],
    members: [2, 64, true],
    threshold: [0, 1, false],
    risk: [1e-6, 100, false],
    fee: [0, 0.1, false],
    slippage: [0, 0.1, false],
    stop: [0, 100, false],
    capital: [1, 1e12, false],
    seed: [0, Number.MAX_SAFE_INTEGER, true],
  };

/** Ids as `markets.ts` gives them: a plain name of letters, or of a file in the markets' folder. */
const MARKET_ID = /^(?:sample:\w+|file:[^/\\\0]+\.csv(?:\.gz)?)$/;

/**
 * Checks settings from outside; what they leave out is filled in from {@linkcode DEFAULT_ONLINE}.
 *
 * @throws {TypeError} They are no object, or a field has the wrong type.
 * @throws {RangeError} A value is out of range.
 */
export function parseOnline(input: unknown): OnlineSettings {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new TypeError("Cannot start the trader: expected an object of settings");
  }
  const settings = { ...DEFAULT_ONLINE, ...input } as OnlineSettings;
  const refuse = (what: string, got: unknown): never => {
    throw new RangeError(`Cannot start the trader: expected ${what}, received ${JSON.stringify(got)}`);
  };
  for (const [field, [least, most, whole]] of Object.entries(RANGES)) {
    const value = settings[field as keyof OnlineSettings];
    if (typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value))) continue;
    refuse(`${field} to be a ${whole ? "whole " : ""}number from ${least} to ${most}`, value);
  }
  const { source, market, symbol, interval, category, run } = settings;
  if (typeof settings.name !== "string" || settings.name.length > 120) {
    refuse("a name of at most 120 characters", settings.name);
  }
  if (source !== "replay" && source !== "live") refuse("source to be replay or live", source);
  if (typeof market !== "string" || !MARKET_ID.test(market)) refuse("a market", market);
  const name = String(symbol).trim().toUpperCase();
  if (!/^[A-Z0-9-]{2,30}$/.test(name)) refuse("a symbol of letters and digits, such as BTCUSDT", symbol);
  if (!["linear", "spot", "inverse"].includes(category)) refuse("category to be linear, spot or inverse", category);
  if (typeof run !== "string") refuse("run to be the id of a run, or empty", run);
  const checked = { ...settings, symbol: name, interval: bybitInterval(String(interval)).name };
  return Object.fromEntries(
    Object.keys(DEFAULT_ONLINE).map((key) => [key, checked[key as keyof OnlineSettings]]),
  ) as unknown as OnlineSettings;
}
