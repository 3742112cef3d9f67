/**
 * Several markets on one capital: decisions of each, weights among them, one account on the union of their timestamps.
 * It forecasts nothing itself and compares with nothing; a market whose data end is held at its last close, and said so.
 * @module
 */
import { intervalMs } from "../data/interval.ts";
import { atOnce, type Steps } from "../event_loop.ts";
import { mergeTrainedOn, type TrainedOn } from "../meta/trained_on.ts";
import { pickKeys, requireKnownKeys } from "../options.ts";
import { type Metrics, metrics } from "../statistics/metrics.ts";
import { ledgerOf, openAccount, openTrades } from "../trading/account.ts";
import type { AccountRules } from "../trading/account_rules.ts";
import { applyBars } from "../trading/ledger.ts";
import {
  covarianceWindow,
  type PortfolioTargetOptions,
  portfolioTargets,
  TARGET_KEYS,
} from "../trading/portfolio_weights.ts";
import type { Trade } from "../trading/trade.ts";
import { alignedReturns } from "./aligned_returns.ts";
import { annualPeriods } from "./annual_periods.ts";
import { dataFindings, type MarketFinding, relistingNotes } from "./data_findings.ts";
import { type AccountCourse, endNotes, type ExecutionOptions, executionRules, recordCourse } from "./execution.ts";
import { inSampleNotes } from "./in_sample.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";
import { decide, newWalker, nextBars, orderOf, type PortfolioMarket } from "./portfolio_walk.ts";

/** How decided markets are traded on one capital. */
export interface PortfolioExecutionOptions extends ExecutionOptions, PortfolioTargetOptions {
  /** Name of the result (default `portfolio`). */
  readonly strategy?: string;
  /** Bars of the union a year (default judged from the timestamps). */
  readonly periodsPerYear?: number;
  /** Risk-free rate a year, as a fraction, that Sharpe and Sortino ratios and all tests of them are taken beyond (default 0). */
  readonly riskFreeRate?: number;
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
  /** Mean |position| within the bars, the largest that a fill left or that of the close, as a fraction of the shared equity. */
  readonly exposure: number;
}

/** What a portfolio went through; series have one entry a timestamp of the union. */
export interface PortfolioResult extends AccountCourse {
  /** What was run. */
  readonly strategy: string;
  /** Markets, in the order of the columns of `positions`. */
  readonly markets: readonly string[];
  /** Bar length of all of them. */
  readonly interval: string;
  /** Positions at each close, as fractions of the shared equity, `[bars, markets]`. */
  readonly positions: Float64Array;
  /** What each market brought; profits less costs sum to the change of equity (and to what a ruined account owes). */
  readonly shares: readonly PortfolioShare[];
  /** Figures of the net returns; turnover, exposure and trades are sums over markets. */
  readonly metrics: Metrics;
  /** Bars of the union a year. */
  readonly periodsPerYear: number;
  /** Risk-free rate a year that ratios are taken beyond. */
  readonly riskFreeRate: number;
  /** What the models were trained on; null where nothing is known of them. */
  readonly trainedOn: TrainedOn | null;
  /** What `checkCandles` finds in the bars used. */
  readonly findings: readonly MarketFinding[];
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

/** What markets brought; `held` is Σ|position| over bars, `[markets]`. */
function sharesOf(
  markets: readonly string[],
  trades: readonly Trade[],
  { held, bars }: { readonly held: Float64Array; readonly bars: number },
): PortfolioShare[] {
  return markets.map((market, column) => {
    const own = trades.filter((trade) => trade.market === market);
    return {
      market,
      pnl: own.reduce((sum, { pnl }) => sum + pnl, 0),
      cost: own.reduce((sum, { cost }) => sum + cost, 0),
      trades: own.length,
      exposure: held[column] / bars,
    };
  });
}

/** Markets that are held though their bars have ended. */
function endedNotes(held: readonly Trade[], markets: readonly PortfolioMarket[], last: number): string[] {
  return markets.filter(({ candles, start, sizes }) =>
    candles.time[start + sizes.length - 1] < last && held.some(({ market }) => market === candles.symbol)
  ).map(({ candles, start, sizes }) => {
    const day = new Date(candles.time[start + sizes.length - 1]).toISOString().slice(0, 10);
    return `${candles.symbol} has no bar after ${day}: its position stays at that close`;
  });
}

/**
 * Trades decided markets on one capital. At every timestamp that any market has, those with a bar are traded towards the
 * positions set at their own last close, then decide anew: capital is divided among the markets whose decisions have begun
 * and not ended. One that has no bar now keeps its units and its target, is marked at its last close, and keeps its room:
 * Σ|position| passes `maxGross` at no fill. Where several markets drift past it together they are brought back to it, but for
 * what a closed one holds: that cannot be sold, and weighs more where the others have lost meanwhile.
 *
 * @param markets Decisions of each; all of one bar length.
 * @param options Weights, limit, costs, exits, fill and capital; `strategy` names the result.
 * @throws {RangeError} Bar lengths differ, a market is given twice, or decisions do not fit their bars.
 * @throws {TypeError} There is no market, or lengths differ.
 *
 * @example
 * ```ts
 * import { executePortfolio, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { forecastMarket, sizeForecasts } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const from = dax.time[dax.time.length - 60];
 * const forecasts = await forecastMarket(engine, state, dax, { from, supportRows: 20 });
 * const { fills } = executePortfolio([sizeForecasts(forecasts)]);
 * assertEquals(fills[0].market, "DAX");
 * ```
 */
export function executePortfolio(
  markets: readonly PortfolioMarket[],
  options: PortfolioExecutionOptions = {},
): PortfolioResult {
  return atOnce(portfolioSteps(markets, options));
}

/** {@linkcode executePortfolio} in steps, for those that a signal may end. */
export function* portfolioSteps(
  markets: readonly PortfolioMarket[],
  options: PortfolioExecutionOptions,
): Steps<PortfolioResult> {
  requireKnownKeys("Cannot run a portfolio", "options", options, BACKTEST_KEYS);
  requireMarkets(markets);
  portfolioTargets([], pickKeys(options, TARGET_KEYS)); // refuses options that are out of range before anything is traded
  // What one market alone drifts to is its band's business, as in a backtest of it.
  const maxGross = options.maxGross ?? (markets.length > 1 ? 1 : undefined);
  const rules: AccountRules = { ...executionRules(options), ...(maxGross !== undefined && { maxGross }) };
  const ledger = ledgerOf(openAccount(rules));
  const walkers = markets.map(newWalker);
  const aligned = covarianceWindow(options.weighting) === undefined
    ? undefined
    : alignedReturns(markets.map(({ candles }) => candles));
  const names = markets.map(({ candles }) => candles.symbol);
  const [{ candles: { interval } }] = markets;
  const bars =
    new Set(markets.flatMap(({ candles, start, sizes }) => [...candles.time.subarray(start, start + sizes.length)]))
      .size;
  const positions = new Float64Array(bars * names.length);
  const held = new Float64Array(names.length);
  const recorder = recordCourse(rules, bars);
  const length = intervalMs(interval);
  for (let i = 0; i < bars; i++) {
    const { time, due } = nextBars(walkers);
    const before = ledger.equity;
    const step = applyBars(ledger, due.map((walker) => orderOf(walker, length)), recorder.run);
    decide(walkers, due, { account: ledger, options, ...(aligned && { aligned }) });
    for (const walker of due) walker.at++;
    const fresh = recorder.fresh();
    names.forEach((name, column) => {
      const position = ledger.holdings[name]?.position ?? 0;
      const left = fresh.reduce((most, { market, to }) => market === name ? Math.max(most, Math.abs(to)) : most, 0);
      positions[i * names.length + column] = position;
      held[column] += Math.max(Math.abs(position), left);
    });
    recorder.note(i, { time, before, after: ledger.equity, ...step });
    yield;
  }
  const course = recorder.course(ledger);
  const { time, netReturns, trades } = course;
  const { strategy = "portfolio", riskFreeRate = 0 } = options;
  const union = { ...markets[0].candles, symbol: strategy, time };
  const { periodsPerYear: perYear, notes: calendarNotes } = annualPeriods(union, options.periodsPerYear);
  const trainedOn = mergeTrainedOn(markets.map((market) => market.trainedOn ?? null));
  const notes = [
    ...inSampleNotes(strategy, { trainedOn, decisionTime: time }, names),
    ...endedNotes(openTrades(ledger), markets, time[bars - 1]),
    ...walkers.flatMap(({ candles, start, sizes, relisted }) =>
      relistingNotes(candles, { from: start, to: start + sizes.length, relisted })
    ),
    ...calendarNotes,
    ...endNotes(course),
  ];
  return {
    ...course,
    strategy,
    markets: names,
    interval,
    positions,
    shares: sharesOf(names, trades, { held, bars }),
    metrics: metrics(netReturns, { periodsPerYear: perYear, riskFreeRate, activity: course }),
    periodsPerYear: perYear,
    riskFreeRate,
    trainedOn,
    findings: markets.flatMap(({ candles, start, sizes, findings = dataFindings(candles, start + sizes.length) }) =>
      findings
    ),
    notes,
  };
}
