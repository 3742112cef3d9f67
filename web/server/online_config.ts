/**
 * What a paper trader is asked for: plain JSON with sane defaults, checked where it comes in. Shared by the page's form, the API
 * and the worker; loads no engine and no data.
 * @module
 */
import { bybitInterval } from "@adaptrade/adaptrade/data";
import { ONLINE_LABELS } from "../components/form_fields.ts";
import { FieldError, type FieldRange, requireChoice, requireNumber } from "./field_error.ts";
import { plainName } from "./plain_name.ts";
import { knownSettings, requireSettings, type SettingNames } from "./settings.ts";

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

const NAMES = Object.keys(DEFAULT_ONLINE) as SettingNames<OnlineSettings>;

/** Settings that are kept, perhaps by another version: what is not known is left out, what was not known then filled in. It checks nothing. */
export function keptOnline(kept: unknown): OnlineSettings {
  return { ...DEFAULT_ONLINE, ...knownSettings<OnlineSettings>(kept, NAMES) };
}

const RANGES: Readonly<Partial<Record<keyof OnlineSettings, FieldRange>>> = {
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

const CHOICES: Readonly<Partial<Record<keyof OnlineSettings, readonly string[]>>> = {
  source: ["replay", "live"],
  category: ["linear", "spot", "inverse"],
};

/** Ids as `markets.ts` gives them: a plain name of letters, or of a file in the markets' folder. */
const MARKET_ID = /^(?:sample:\w+|file:[^/\\\0]+\.csv(?:\.gz)?)$/;

/**
 * Checks settings from outside; what they leave out is filled in from {@linkcode DEFAULT_ONLINE}.
 *
 * @throws {TypeError} They are no object.
 * @throws {FieldError} A field is not known, has the wrong type, or a value that is out of range.
 */
export function parseOnline(input: unknown): OnlineSettings {
  const action = "Cannot start the trader";
  const settings = { ...DEFAULT_ONLINE, ...requireSettings(action, input, NAMES) } as OnlineSettings;
  const refuse = (field: keyof OnlineSettings, what: string): never => {
    const got = JSON.stringify(settings[field]);
    throw new FieldError(field, `${action}: expected ${what}, received ${got}`);
  };
  for (const [field, range] of Object.entries(RANGES)) {
    const words = { label: ONLINE_LABELS[field as keyof OnlineSettings], scale: 1 };
    requireNumber(action, settings[field as keyof OnlineSettings], { field, words, range });
  }
  for (const [field, allowed] of Object.entries(CHOICES)) {
    const label = ONLINE_LABELS[field as keyof OnlineSettings];
    requireChoice(action, settings[field as keyof OnlineSettings], { field, label, allowed });
  }
  const { market, symbol, interval, run } = settings;
  const plain = plainName(settings.name, 120);
  if (plain === null) return refuse("name", "a name of at most 120 characters");
  if (typeof market !== "string" || !MARKET_ID.test(market)) refuse("market", "a market");
  const name = String(symbol).trim().toUpperCase();
  if (!/^[A-Z0-9-]{2,30}$/.test(name)) refuse("symbol", "a symbol of letters and digits, such as BTCUSDT");
  if (typeof run !== "string") refuse("run", "the id of a run, or nothing");
  return { ...settings, name: plain, symbol: name, interval: bybitInterval(String(interval)).name };
}
