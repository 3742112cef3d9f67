/**
 * Several markets on one capital: decisions of each, weights among them, one account on the union of their timestamps.
 * It forecasts nothing itself and compares with nothing; a market whose data end is held at its last close, and said so.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import { type AccountRules, type BarOrder, openAccount, openTrades, type Trade } from "../trading/account.ts";
import { type CostBreakdown, totalCosts } from "../trading/cost_model.ts";
import { applyBars, type Ledger } from "../trading/ledger.ts";
import {
  type PortfolioTargetOptions,
  portfolioTargets,
  TARGET_KEYS,
  type WeighedMarket,
} from "../trading/portfolio_weights.ts";
import { mergeTrainedOn, type TrainedOn } from "../meta/trained_on.ts";
import { annualPeriods } from "./annual_periods.ts";
import { inSampleNotes } from "./in_sample.ts";
import { type ExecutionOptions, executionRules } from "./execution.ts";
import { type Metrics, metrics } from "../statistics/metrics.ts";
import { pickKeys, requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** How decided markets are traded on one capital. */
export interface PortfolioExecutionOptions extends ExecutionOptions, PortfolioTargetOptions {
  /** Name of the result (default `portfolio`). */
  readonly strategy?: string;
  /** Bars of the union a year (default judged from the timestamps). */
  readonly periodsPerYear?: number;
}

/** One market's decisions, before capital is divided. */
export interface PortfolioMarket {
  /** Its bars. */
  readonly candles: Candles;
  /** Index of the first bar decided on. */
  readonly start: number;
  /** Position that its own rule of size asks for at the close of each bar from there, `[decisions]`. */
  readonly sizes: Float64Array;
  /** Forecast returns, `[decisions]`; absent where nothing is forecast. */
  readonly predictions?: Float64Array;
  /** Sample deviation of 1-bar returns at each decision, `[decisions]`. */
  readonly volatility: Float64Array;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** What the model was trained on (default null: nothing is known). */
  readonly trainedOn?: TrainedOn | null;
}

/** What one market brought. */
export interface PortfolioShare {
  /** The market. */
  readonly market: string;
  /** Profit before costs, in account currency. */
  readonly pnl: number;
  /** Costs, in account currency. */
  readonly cost: number;
  /** Trades. */
  readonly trades: number;
  /** Mean |position|, as a fraction of the shared equity. */
  readonly exposure: number;
}

/** What a portfolio went through; series have one entry a timestamp of the union. */
export interface PortfolioResult {
  /** What was run. */
  readonly strategy: string;
  /** Markets, in the order of the columns of `positions`. */
  readonly markets: readonly string[];
  /** Bar length of all of them. */
  readonly interval: string;
  /** Equity before the first bar. */
  readonly initialCapital: number;
  /** Open time of each bar of any market, ms UTC, `[bars]`. */
  readonly time: Float64Array;
  /** Equity, net of costs, `[bars]`. */
  readonly equity: Float64Array;
  /** Net returns, `[bars]`. */
  readonly netReturns: Float64Array;
  /** Returns had fills been free, `[bars]`. */
  readonly grossReturns: Float64Array;
  /** Positions at each close, as fractions of the shared equity, `[bars, markets]`. */
  readonly positions: Float64Array;
  /** Σ|position|, `[bars]`. */
  readonly exposure: Float64Array;
  /** Trades in the order they were closed; open ones last. */
  readonly trades: readonly Trade[];
  /** All costs, in account currency. */
  readonly costs: number;
  /** Costs by kind, in account currency. */
  readonly costBreakdown: CostBreakdown;
  /** What each market brought; profits less costs sum to the change of equity. */
  readonly shares: readonly PortfolioShare[];
  /** Figures of the net returns; turnover, exposure and trades are sums over markets. */
  readonly metrics: Metrics;
  /** Bars of the union a year. */
  readonly periodsPerYear: number;
  /** When equity fell to 0, ms UTC; null if it never did. */
  readonly ruinedAt: number | null;
  /** What the models were trained on; null where nothing is known of them. */
  readonly trainedOn: TrainedOn | null;
  /** What a reader must know. */
  readonly notes: readonly string[];
}

function requireMarkets(markets: readonly PortfolioMarket[]): void {
  if (markets.length === 0) throw new TypeError("Cannot run a portfolio: expected at least 1 market, received 0");
  const [{ candles: { interval } }] = markets;
  const names = new Set<string>();
  for (const { candles, start, sizes, predictions = sizes, volatility } of markets) {
    const { symbol } = candles;
    if (names.has(symbol)) throw new RangeError(`Cannot run a portfolio: ${symbol} is given twice`);
    names.add(symbol);
    if (candles.interval !== interval) {
      throw new RangeError(
        `Cannot run a portfolio: expected every market in bars of ${interval}, received ${symbol} in ${candles.interval}`,
      );
    }
    if (predictions.length !== sizes.length || volatility.length !== sizes.length) {
      throw new TypeError(
        `Cannot run a portfolio: expected ${sizes.length} predictions and volatilities of ${symbol}, ` +
          `received ${predictions.length} and ${volatility.length}`,
      );
    }
    if (start < 0 || sizes.length < 2 || start + sizes.length > candles.time.length) {
      throw new RangeError(
        `Cannot run a portfolio: ${sizes.length} decisions from bar ${start} do not fit the ${candles.time.length} bars of ${symbol}`,
      );
    }
  }
}

/** One market on its way through the bars. */
interface Walker extends PortfolioMarket {
  /** Index of the next bar. */
  at: number;
  /** What is known since its last decision; absent before the first. */
  known?: Omit<WeighedMarket, "held">;
  /** Position to go for at its next bar. */
  target: number;
}

/** Bars of every market that opens at the earliest time any of them has left. */
function nextBars(walkers: readonly Walker[]): { time: number; due: Walker[] } {
  let time = Infinity;
  for (const { at, start, sizes, candles } of walkers) {
    if (at < start + sizes.length) time = Math.min(time, candles.time[at]);
  }
  return {
    time,
    due: walkers.filter(({ at, start, sizes, candles }) => at < start + sizes.length && candles.time[at] === time),
  };
}

function orderOf({ candles, at, start, target, volatility }: Walker, interval: number): BarOrder {
  const { time, open, high, low, close } = candles;
  const bar = { time: time[at], open: open[at], high: high[at], low: low[at], close: close[at], volume: 0 };
  return { market: candles.symbol, bar, interval, target, volatility: volatility[at - start - 1] };
}

/** Sets the targets of the markets that decide now, from what is known of all that still have bars; what is held in one that has ended keeps its room. */
function decide(
  walkers: readonly Walker[],
  due: readonly Walker[],
  run: { ledger: Ledger; options: PortfolioTargetOptions },
): void {
  for (const walker of due) {
    const i = walker.at - walker.start;
    const { sizes, predictions, volatility, horizon } = walker;
    walker.known = { size: sizes[i], prediction: predictions?.[i] ?? NaN, volatility: volatility[i], horizon };
  }
  const alive = walkers.filter(({ known, at, start, sizes }) => known && at < start + sizes.length);
  const weighed = alive.map(({ known, candles }) => ({
    ...known!,
    held: run.ledger.holdings[candles.symbol]?.position ?? 0,
  }));
  const { maxGross = 1 } = run.options;
  const stuck = walkers.filter((walker) => !alive.includes(walker))
    .reduce((sum, { candles }) => sum + Math.abs(run.ledger.holdings[candles.symbol]?.position ?? 0), 0);
  const room = maxGross - stuck;
  const targets = room > 0
    ? portfolioTargets(weighed, { ...pickKeys(run.options, TARGET_KEYS), maxGross: room })
    : alive.map(() => 0);
  targets.forEach((target, i) => {
    if (due.includes(alive[i])) alive[i].target = target;
  });
}

function sharesOf(markets: readonly string[], trades: readonly Trade[], positions: Float64Array): PortfolioShare[] {
  const bars = positions.length / markets.length;
  return markets.map((market, column) => {
    const own = trades.filter((trade) => trade.market === market);
    let held = 0;
    for (let i = 0; i < bars; i++) held += Math.abs(positions[i * markets.length + column]);
    return {
      market,
      pnl: own.reduce((sum, { pnl }) => sum + pnl, 0),
      cost: own.reduce((sum, { cost }) => sum + cost, 0),
      trades: own.length,
      exposure: held / bars,
    };
  });
}

/**
 * Trades decided markets on one capital. At every timestamp that any market has, those with a bar are traded towards the
 * positions set at their own last close, then decide anew: capital is divided among the markets whose decisions have begun
 * and not ended. One that has no bar now keeps its target and is marked at its last close.
 *
 * @param markets Decisions of each; all of one bar length.
 * @param options Weights, limit, costs, exits, fill and capital; `strategy` names the result.
 * @throws {RangeError} Bar lengths differ, a market is given twice, or decisions do not fit their bars.
 * @throws {TypeError} There is no market, or lengths differ.
 */
export function executePortfolio(
  markets: readonly PortfolioMarket[],
  options: PortfolioExecutionOptions = {},
): PortfolioResult {
  requireKnownKeys("Cannot run a portfolio", "options", options, BACKTEST_KEYS);
  requireMarkets(markets);
  portfolioTargets([], pickKeys(options, TARGET_KEYS)); // refuses options that are out of range before anything is traded
  const rules: AccountRules = executionRules(options);
  const account = openAccount(rules);
  const ledger: Ledger = { ...account, costs: { ...account.costs }, holdings: {} };
  const walkers = markets.map((market): Walker => ({ ...market, at: market.start, target: 0 }));
  const names = markets.map(({ candles }) => candles.symbol);
  const [{ candles: { interval } }] = markets;
  const bars =
    new Set(markets.flatMap(({ candles, start, sizes }) => [...candles.time.subarray(start, start + sizes.length)]))
      .size;
  const [time, equity, netReturns, grossReturns, exposure] = Array.from({ length: 5 }, () => new Float64Array(bars));
  const positions = new Float64Array(bars * names.length);
  const trades: Trade[] = [];
  let traded = 0;
  let fills = 0;
  const run = {
    rules,
    onClosed: (trade: Trade) => void trades.push(trade),
    onFill: ({ from, to }: { from: number; to: number }) => {
      traded += Math.abs(to - from);
      fills++;
    },
  };
  const length = intervalMs(interval);
  for (let i = 0; i < bars; i++) {
    const { time: now, due } = nextBars(walkers);
    const before = ledger.equity;
    const gross = applyBars(ledger, due.map((walker) => orderOf(walker, length)), run);
    decide(walkers, due, { ledger, options });
    for (const walker of due) walker.at++;
    time[i] = now;
    equity[i] = ledger.equity;
    netReturns[i] = before > 0 ? ledger.equity / before - 1 : 0;
    grossReturns[i] = before > 0 ? gross - 1 : 0;
    names.forEach((name, column) => {
      const position = ledger.holdings[name]?.position ?? 0;
      positions[i * names.length + column] = position;
      exposure[i] += Math.abs(position);
    });
  }
  trades.push(...openTrades(ledger));
  const union = { ...markets[0].candles, symbol: options.strategy ?? "portfolio", time };
  const { periodsPerYear: perYear, notes: calendarNotes } = annualPeriods(union, options.periodsPerYear);
  const ended = openTrades(ledger).map(({ market }) => markets[names.indexOf(market)])
    .filter(({ candles, start, sizes }) => candles.time[start + sizes.length - 1] < time[bars - 1]);
  const notes = ended.map(({ candles, start, sizes }) =>
    `${candles.symbol} has no bar after ${
      new Date(candles.time[start + sizes.length - 1]).toISOString().slice(0, 10)
    }: ` +
    `its position stays at that close`
  );
  const strategy = options.strategy ?? "portfolio";
  const trainedOn = mergeTrainedOn(markets.map((market) => market.trainedOn ?? null));
  notes.unshift(...inSampleNotes(strategy, { trainedOn, decisionTime: time }, names));
  notes.push(...calendarNotes);
  if (ledger.ruinedAt !== null) notes.push(`Equity fell to 0 on ${new Date(ledger.ruinedAt).toISOString()}`);
  return {
    strategy,
    markets: names,
    interval,
    initialCapital: account.initialCapital,
    time,
    equity,
    netReturns,
    grossReturns,
    positions,
    exposure,
    trades,
    costs: totalCosts(ledger.costs),
    costBreakdown: { ...ledger.costs },
    shares: sharesOf(names, trades, positions),
    metrics: {
      ...metrics(netReturns, { periodsPerYear: perYear, positions: exposure }),
      turnover: traded * perYear / bars,
      trades: fills,
    },
    periodsPerYear: perYear,
    ruinedAt: ledger.ruinedAt,
    trainedOn,
    notes,
  };
}
