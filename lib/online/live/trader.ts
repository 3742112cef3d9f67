/**
 * A paper trader between two bars, as one immutable value: what it has learned, what it wants to hold, its account. It runs
 * nothing; see `trader_step.ts`.
 * @module
 */
import { intervalMs } from "../../data/interval.ts";
import { openAccount } from "../../trading/account.ts";
import type { AccountRules } from "../../trading/account_rules.ts";
import type { Account } from "../../trading/account_state.ts";
import { exitWindow } from "../../trading/exits.ts";
import { positionSize, type SizingOptions } from "../../trading/sizing.ts";
import { isForecasting, type OnlineForecaster } from "../forecaster_state.ts";
import type { OnlineState } from "../state.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";

/** How a paper trader trades. */
export interface TraderOptions {
  /** Fills, costs, exits and capital (default next open, no costs, no exits, 10,000). */
  readonly rules?: AccountRules;
  /** From a forecast to a position (default all or nothing, long and short). */
  readonly sizing?: SizingOptions;
  /** Share of the equity that a position of 1 takes in each market, above 0 (default 1 / markets). */
  readonly weight?: number;
  /** Bars that a size's and an exit's volatility is taken over, at least 2 (default that of the exits, or 20 or what the learner's history has). */
  readonly volatilityWindow?: number;
  /** No position is wanted at the close of a bar that opens before it, ms UTC: history to learn from (default −Infinity). */
  readonly tradeFrom?: number;
}

const TRADER_KEYS: OptionKeys<TraderOptions> = {
  rules: true,
  sizing: true,
  weight: true,
  volatilityWindow: true,
  tradeFrom: true,
};

/** A {@linkcode TraderOptions} checked, with every default filled in. Frozen. */
export type TraderSettings = Required<TraderOptions>;

/** What is wanted of one market since its last bar. Frozen. */
export interface Wish {
  /** Position wanted at that bar's close, as a fraction of equity. */
  readonly position: number;
  /** Sample deviation of 1-bar returns known then, as a fraction; 0 before there are enough. */
  readonly volatility: number;
}

/** A paper trader between two bars. Frozen. */
export interface Trader {
  /** How it trades. */
  readonly settings: TraderSettings;
  /** What it has learned, or the forecaster that it trades by; it also says which markets there are. */
  readonly online: OnlineState | OnlineForecaster;
  /** Its money. */
  readonly account: Account;
  /** What it wants, by market; filled at the market's next bar. */
  readonly wishes: Readonly<Record<string, Wish>>;
  /** Open time of the last moment acted on, ms UTC; null before the first. */
  readonly time: number | null;
  /** Moments acted on. */
  readonly moments: number;
  /** Whether the last of them was handed out in time, so that what is wanted since then can be traded. */
  readonly lived: boolean;
}

function refuse(what: string, wanted: string, got: unknown): never {
  throw new RangeError(`Cannot open a trader: expected ${what} to be ${wanted}, received ${String(got)}`);
}

function requireTradable({ config: { forecaster } }: OnlineForecaster, { sizing }: SizingOptions): void {
  const { kind } = forecaster.target;
  if (kind === "return" || kind === "logVolatility" && sizing?.kind === "volatility") return;
  const wanted = kind === "logVolatility" ? 'traded with sizing { kind: "volatility", target }' : "of returns";
  refuse("a forecaster", `${wanted}${kind === "logVolatility" ? "" : " or log volatility"}`, `one of ${kind}`);
}

/**
 * A trader before its first bar (or, with a learner that has seen bars already, before its first trade).
 *
 * A forecaster of returns takes positions as a learner does; one of log volatility holds each market long at
 * `sizing: { kind: "volatility", target }`, by the volatility that it expects.
 *
 * @param online What it begins with, from `onlineInit`.
 * @param options Rules, sizing, weight.
 * @throws {RangeError} An option is out of range, the learner's history is shorter than the volatility's window, or a forecaster
 * forecasts what no position can be taken on.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit, openTrader, simulateMarket } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const trader = openTrader(onlineInit(config, [candles]), { rules: { initialCapital: 5000 } });
 * assertEquals([trader.account.equity, trader.moments], [5000, 0]);
 * ```
 */
export function openTrader(online: OnlineState | OnlineForecaster, options: TraderOptions = {}): Trader {
  requireKnownKeys("Cannot open a trader", "options", options, TRADER_KEYS);
  const { rules = {}, sizing = {}, weight = 1 / online.markets.length, tradeFrom = -Infinity } = options;
  const { history } = online.config;
  const exits = exitWindow(rules.exits ?? {});
  const { volatilityWindow = exits || Math.min(20, history - 1) } = options;
  if (!(weight > 0 && weight < Infinity)) refuse("weight", "finite and above 0", weight);
  if (Number.isNaN(tradeFrom)) refuse("tradeFrom", "a time in ms", tradeFrom);
  if (!Number.isInteger(volatilityWindow) || volatilityWindow < 2 || volatilityWindow >= history) {
    refuse(
      "volatilityWindow",
      `an integer of at least 2 and below the learner's history of ${history}`,
      volatilityWindow,
    );
  }
  if (exits > 0 && exits !== volatilityWindow) {
    refuse("volatilityWindow", `that of the exits, ${exits}`, volatilityWindow);
  }
  for (const { interval } of online.markets) intervalMs(interval);
  if (isForecasting(online)) requireTradable(online, sizing);
  // A size that cannot be reckoned should be known now, not at the first forecast.
  positionSize({ prediction: 1, uncertainty: 1, volatility: 1, horizon: online.config.horizon }, sizing);
  return Object.freeze({
    settings: Object.freeze({ rules, sizing, weight, volatilityWindow, tradeFrom }),
    online,
    account: openAccount(rules),
    wishes: Object.freeze({}),
    time: null,
    moments: 0,
    lived: true,
  });
}
