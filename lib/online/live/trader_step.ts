/**
 * One moment in a paper trader's life, as a pure function: what was wanted is filled, the bars are learned from, what to hold
 * next is decided. Live and replayed bars go through this and nothing else.
 * @module
 */
import { intervalMs } from "../../data/interval.ts";
import { mayBeRelisted } from "../../data/listings.ts";
import type { Engine } from "../../engine/engine.ts";
import { percentChange, rollingStd } from "../../features/rolling.ts";
import { expectedVolatility } from "../../forecast/forecast.ts";
import { learningRates } from "../../meta/learning_rates.ts";
import type { CostBreakdown } from "../../trading/cost_model.ts";
import type { Fill } from "../../trading/fill.ts";
import { positionSize } from "../../trading/sizing.ts";
import type { Trade } from "../../trading/trade.ts";
import type { OnlinePrediction } from "../forecast.ts";
import { isForecasting, type OnlineForecaster } from "../forecaster_state.ts";
import type { OnlineMarket } from "../market.ts";
import { observe } from "../observe.ts";
import { onlineLearner, type OnlineState } from "../state.ts";
import { type OnlineUpdate, updateAndPredict } from "../update.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import { type Broker, paperBroker } from "./broker.ts";
import type { MarketBar, Moment } from "./moment.ts";
import type { Trader, Wish } from "./trader.ts";

/** A market's position at a close. */
export interface MarketPosition {
  /** Market name. */
  readonly symbol: string;
  /** Position held, as a fraction of equity. */
  readonly held: number;
  /** Position wanted from its next bar on, as a fraction of equity. */
  readonly wanted: number;
}

/** What had been learned by a close; of a forecaster, what its first network was trained to. */
export interface LearnedRecord {
  /** What the update did. */
  readonly outcome: OnlineUpdate["outcome"];
  /** Objective before the step; null when idle. */
  readonly loss: number | null;
  /** Mean inner learning rate of each layer, `[layers]`, at the first inner step. */
  readonly rates: readonly number[];
  /** φ of the learned loss, `[3]`. */
  readonly phi: readonly number[];
  /** ω. */
  readonly weightDecay: number;
}

/** Everything that happened at one moment. Frozen. */
export interface TraderRecord {
  /** Open time of its bars, ms UTC. */
  readonly time: number;
  /** The bars. */
  readonly bars: readonly MarketBar[];
  /** False where the bars were handed out too late to act on: they were learned from and marked, and nothing was traded in them. */
  readonly lived: boolean;
  /** Forecasts made at their close, of these markets. */
  readonly predictions: readonly OnlinePrediction[];
  /** Positions at their close, of these markets. */
  readonly positions: readonly MarketPosition[];
  /** Changes of position within the bars. */
  readonly fills: readonly Fill[];
  /** Trades closed within the bars. */
  readonly closed: readonly Trade[];
  /** Equity at the close, net of costs. */
  readonly equity: number;
  /** All costs so far. */
  readonly costs: CostBreakdown;
  /** What had been learned. */
  readonly learned: LearnedRecord;
}

/** What {@linkcode traderStep} takes beyond the moment. */
export interface TraderStepOptions {
  /** Who fills what was wanted (default `paperBroker(trader.settings.rules)`). */
  readonly broker?: Broker;
}

const STEP_KEYS: OptionKeys<TraderStepOptions> = { broker: true };

/** What {@linkcode traderStep} gives. */
export interface TraderStep {
  /** The trader after the moment. */
  readonly trader: Trader;
  /** What happened. */
  readonly record: TraderRecord;
}

/**
 * Lives through one moment. A position decided at the close of a market's bar is filled at its next bar (by the account's rules);
 * then the bar is observed, the learner updated, and the next position decided. A market without a forecast is left flat.
 *
 * Bars that were missed, and the first behind them, are learned from, marked and paid for (funding, interest, margin calls), but
 * neither what was wanted nor a stop is filled in them: nobody was there. The first decision that trades is one whose bar was
 * still open for trading when it was made.
 *
 * Nothing is held across a hole behind which another instrument may trade: it is sold at the last price before.
 *
 * @param engine Where to learn.
 * @param trader The trader before it; it is not changed.
 * @param moment Bars, later than the last moment's.
 * @param options Who fills.
 * @throws {RangeError} The moment is not after the last one, a price is not above 0, or a market is unknown.
 * @throws {TypeError} A bar's value is not finite.
 *
 * @example
 * ```ts
 * import {
 *   metaGradient,
 *   mlp,
 *   onlineConfig,
 *   onlineInit,
 *   openEngine,
 *   openTrader,
 *   simulateMarket,
 * } from "@adaptrade/adaptrade";
 * import { momentsOf, traderStep } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const trader = openTrader(onlineInit(config, [candles]));
 * const [moment] = momentsOf([candles]);
 * const { record } = await traderStep(engine, trader, moment);
 * assertEquals([record.time, record.fills.length], [candles.time[0], 0]);
 * ```
 */
export async function traderStep(
  engine: Engine,
  trader: Trader,
  moment: Moment,
  options: TraderStepOptions = {},
): Promise<TraderStep> {
  requireKnownKeys("Cannot trade", "options", options, STEP_KEYS);
  const { settings, wishes } = trader;
  if (trader.time !== null && moment.time <= trader.time) {
    throw new RangeError(`Cannot trade: expected a moment after ${trader.time}, received one of ${moment.time}`);
  }
  let { online } = trader;
  for (const { symbol, bar } of moment.bars) online = observe(online, bar, { symbol });
  const lived = moment.lived !== false;
  const orders = moment.bars.map(({ symbol, bar }) => {
    const { position: target = 0, volatility } = wishes[symbol] ?? {};
    const interval = intervalMs(marketOf(online, symbol).interval);
    const { time = null, close = 0 } = trader.account.holdings[symbol] ?? {};
    return {
      market: symbol,
      bar,
      interval,
      relisted: time !== null && mayBeRelisted({ time, close }, bar, interval),
      target,
      ...(volatility !== undefined && { volatility }),
      lived: trader.lived && lived,
    };
  });
  const { broker = paperBroker(settings.rules) } = options;
  const { account, fills, closed } = await broker.trade(trader.account, orders);
  const update = await updateAndPredict(engine, online);
  const symbols = moment.bars.map(({ symbol }) => symbol);
  const predictions = update.predictions.filter(({ symbol }) => symbols.includes(symbol));
  const decided = symbols.map((symbol) => {
    const prediction = predictions.find((one) => one.symbol === symbol);
    return [symbol, wish(trader, marketOf(update.state, symbol), prediction)] as const;
  });
  const next: Trader = Object.freeze({
    settings,
    online: update.state,
    account,
    wishes: Object.freeze({ ...wishes, ...Object.fromEntries(decided) }),
    time: moment.time,
    moments: trader.moments + 1,
    lived,
  });
  const record: TraderRecord = Object.freeze({
    time: moment.time,
    bars: moment.bars,
    lived,
    predictions: Object.freeze(predictions),
    positions: Object.freeze(
      decided.map(([symbol, { position: wanted }]) =>
        Object.freeze({ symbol, wanted, held: account.holdings[symbol]?.position ?? 0 })
      ),
    ),
    fills,
    closed,
    equity: account.equity,
    costs: account.costs,
    learned: learnedRecord(update),
  });
  return Object.freeze({ trader: next, record });
}

function marketOf(online: Pick<OnlineState, "markets">, symbol: string): OnlineMarket {
  return online.markets.find((market) => market.symbol === symbol)!;
}

/** What to hold from a market's next bar on. */
function wish({ settings, online }: Trader, market: OnlineMarket, prediction?: OnlinePrediction): Wish {
  const { weight, sizing, tradeFrom, volatilityWindow } = settings;
  const volatility = lastVolatility(market, volatilityWindow);
  const last = market.bars[market.bars.length - 1];
  if (!prediction || last.time < tradeFrom) return Object.freeze({ position: 0, volatility });
  const { value, deviation } = prediction;
  const { horizon } = online.config;
  // Who forecasts volatility has no side: the market is held, sized by what is expected.
  const size = isForecasting(online) && online.config.forecaster.target.kind === "logVolatility"
    ? positionSize({ prediction: 1, volatility: expected(online, value), horizon }, sizing)
    : positionSize({ prediction: value, uncertainty: deviation, volatility, horizon }, sizing);
  return Object.freeze({ position: weight * size, volatility });
}

function expected({ config: { forecaster } }: OnlineForecaster, value: number): number {
  return expectedVolatility(forecaster, { value: Float64Array.of(value) })[0];
}

/** Sample deviation of a market's last `window` 1-bar returns; 0 before there are as many. */
function lastVolatility({ bars }: OnlineMarket, window: number): number {
  if (bars.length <= window) return 0;
  const close = Float64Array.from(bars.slice(-(window + 1)), (bar) => bar.close);
  return rollingStd(percentChange(close, 1).subarray(1), window)[window - 1];
}

function learnedRecord({ state, outcome, loss }: OnlineUpdate<OnlineState | OnlineForecaster>): LearnedRecord {
  const learner = isForecasting(state)
    ? state.config.forecaster.members[0].state
    : onlineLearner(state, state.markets[0].symbol);
  const rates = learningRates(learner).filter(({ step }) => step === 0).map(({ mean }) => mean);
  return Object.freeze({
    outcome,
    loss,
    rates: Object.freeze(rates),
    phi: Object.freeze([...learner.phi]),
    weightDecay: learner.weightDecay,
  });
}
