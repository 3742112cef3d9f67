/**
 * What the backtest page shows, as JSON: made once when a backtest ends, kept in a file, read by the page and the comparison.
 * @module
 */
import { type Candles, type Comparison, judge } from "@adaptrade/adaptrade";
import type { Regime } from "@adaptrade/adaptrade/features";
import {
  type BenchmarkStatistics,
  benchmarkStatistics,
  type Drawdown,
  worstDrawdowns,
} from "@adaptrade/adaptrade/statistics";
import type { Fill, Trade } from "@adaptrade/adaptrade/trading";
import type { MarketFinding } from "@adaptrade/adaptrade/backtest";
import type { BacktestRequest } from "./backtest_request.ts";
import type { TargetKind } from "./run_config.ts";
import { type ChartBars, chartBars } from "./lab_candles.ts";

/** A figure with its 95% interval. */
export interface BoundedFigure {
  /** The figure; null where undefined. */
  readonly value: number | null;
  /** Lower end; null where there is none. */
  readonly low: number | null;
  /** Upper end; null where there is none. */
  readonly high: number | null;
}

/** The figures that the page shows, by name. */
const SHOWN_METRICS = [
  "totalReturn",
  "annualizedReturn",
  "annualizedVolatility",
  "sharpe",
  "sortino",
  "maxDrawdown",
  "winRate",
  "profitFactor",
  "turnover",
  "exposure",
] as const;

/** The name of a figure. */
export type ShownMetric = typeof SHOWN_METRICS[number];

/** What is said of a strategy without its series. */
export interface StrategyFigures {
  /** Its name. */
  readonly name: string;
  /** Figures of its net returns. */
  readonly metrics: Readonly<Record<ShownMetric, BoundedFigure>>;
  /** Probability that its true Sharpe ratio is above 0; null where undefined. */
  readonly probabilisticSharpe: number | null;
  /** Probability that it is above the best of as many trials without skill; null where undefined. */
  readonly deflatedSharpe: number | null;
  /** The model's forecasts against this strategy's: below 0 when the model's are better; null where there is no test. */
  readonly dieboldMariano: { readonly statistic: number; readonly pValue: number } | null;
  /** Squared forecast error in units of the support's label deviation; null for a strategy that does not forecast. */
  readonly queryLoss: number | null;
  /** Trades, the open one counted. */
  readonly trades: number;
  /** All costs, in account currency. */
  readonly costs: number;
}

/** A backtest without its series: what lists and the comparison need. */
export interface BacktestSummary {
  /** Its id. */
  readonly id: string;
  /** When it ended, ms UTC. */
  readonly createdAt: number;
  /** What was asked for. */
  readonly request: BacktestRequest;
  /** The run's name. */
  readonly runName: string;
  /** What the run forecasts: returns are traded, by volatility the market is held at a risk. */
  readonly target: TargetKind;
  /** The market's symbol. */
  readonly symbol: string;
  /** Open time of the first decision's bar, ms UTC. */
  readonly from: number;
  /** Open time of the last bar, ms UTC. */
  readonly to: number;
  /** Bars traded. */
  readonly bars: number;
  /** Whether the model beats every baseline after costs, and not by luck or by the number of trials. */
  readonly verdict: { readonly wins: boolean; readonly significant: boolean; readonly sentences: readonly string[] };
  /** The meta-learned strategy first. */
  readonly strategies: readonly StrategyFigures[];
  /** Share of shuffled prices on which the model's positions did as well; null where undefined. */
  readonly shuffledAbove: number | null;
  /** What a reader must know, such as a fill that had to differ from the one asked for. */
  readonly notes: readonly string[];
  /** Equity at the beginning, account currency. */
  readonly capital: number;
  /** Backtests of this market that the deflated figures were judged against, these strategies among them. */
  readonly trials: number;
}

/** A backtest with its series. */
export interface BacktestView extends BacktestSummary {
  /** Bars from the first decision on. */
  readonly chart: ChartBars;
  /** Open time of each bar that was traded, ms UTC, `[bars]`. */
  readonly time: readonly number[];
  /** Equity at the close of each bar by strategy, as a multiple of the initial capital, `[strategies][bars]`. */
  readonly equity: readonly (readonly number[])[];
  /** Stop of the model's position for the bar after each close; null where there is none, `[bars]`. */
  readonly stops: readonly (number | null)[];
  /** Trades of the model, oldest first. */
  readonly trades: readonly Trade[];
  /** Regime known at the decision before each bar; null where unknown, `[bars]`. */
  readonly regimes: readonly (Regime | null)[];
  /** Bars a year that figures were annualised with. */
  readonly periodsPerYear: number;
  /** The deepest drawdowns of the model's equity. */
  readonly falls: readonly Drawdown[];
  /** The model against the market held without cost; null for an older result, which did not keep it. */
  readonly benchmark: Readonly<Record<keyof BenchmarkStatistics, number | null>> | null;
  /** The first fills of the model. */
  readonly fills: readonly Omit<Fill, "market">[];
  /** How many there were. */
  readonly fillCount: number;
  /** The first of what looks wrong in the bars used. */
  readonly findings: readonly Pick<MarketFinding, "time" | "kind" | "message">[];
  /** How much there is of it. */
  readonly findingCount: number;
}

/** Fills and findings that a page shows; the files have all of them. */
const MOST_FILLS = 500;
const MOST_FINDINGS = 100;
const MOST_FALLS = 5;

function digits(value: number, count = 7): number {
  return Number(value.toPrecision(count));
}

/** Puts a comparison into the words of the page. */
export function backtestView(
  comparison: Comparison,
  candles: Candles,
  about: {
    readonly id: string;
    readonly createdAt: number;
    readonly request: BacktestRequest;
    readonly runName: string;
    readonly target: TargetKind;
  },
): BacktestView {
  const [{ result: model }] = comparison.strategies;
  const start = candles.time.indexOf(model.decisionTime[0]);
  return {
    ...about,
    symbol: candles.symbol,
    from: model.decisionTime[0],
    to: model.time.at(-1)!,
    bars: model.time.length,
    verdict: judge(comparison),
    strategies: comparison.strategies.map(figuresOf),
    shuffledAbove: comparison.randomWalk.shareAbove,
    notes: model.notes,
    chart: chartBars(candles, start, start + model.decisionTime.length),
    time: Array.from(model.time),
    equity: comparison.strategies.map(({ result: { equity, initialCapital } }) =>
      Array.from(equity, (value) => digits(value / initialCapital))
    ),
    stops: Array.from(model.stops, (value) => Number.isNaN(value) ? null : digits(value)),
    trades: model.trades,
    regimes: comparison.regimes.slice(0, model.time.length),
    capital: model.initialCapital,
    trials: comparison.trials.sharpes.length,
    periodsPerYear: model.periodsPerYear,
    falls: worstDrawdowns(model.decisionTime, Float64Array.of(model.initialCapital, ...model.equity), {
      most: MOST_FALLS,
    }),
    benchmark: benchmarkOf(comparison),
    fills: model.fills.slice(0, MOST_FILLS).map(({ market: _, ...fill }) => fill),
    fillCount: model.fills.length,
    findings: model.findings.slice(0, MOST_FINDINGS).map(({ time, kind, message }) => ({ time, kind, message })),
    findingCount: model.findings.length,
  };
}

function benchmarkOf({ strategies: [{ result }], benchmark }: Comparison): NonNullable<BacktestView["benchmark"]> {
  const { netReturns, periodsPerYear, riskFreeRate } = result;
  const figures = Object.entries(benchmarkStatistics(netReturns, benchmark, { periodsPerYear, riskFreeRate }));
  return Object.fromEntries(figures.map(([name, { value }]) => [name, value])) as NonNullable<
    BacktestView["benchmark"]
  >;
}

function figuresOf(strategy: Comparison["strategies"][number]): StrategyFigures {
  const { result, intervals, probabilisticSharpe, deflatedSharpe, dieboldMariano } = strategy;
  const { statistic = null, pValue = null } = dieboldMariano ?? {};
  const bounded = (name: ShownMetric): BoundedFigure => ({
    value: result.metrics[name],
    low: intervals[name]?.low ?? null,
    high: intervals[name]?.high ?? null,
  });
  return {
    name: result.strategy,
    metrics: Object.fromEntries(SHOWN_METRICS.map((name) => [name, bounded(name)])) as StrategyFigures["metrics"],
    probabilisticSharpe: probabilisticSharpe.value,
    deflatedSharpe: deflatedSharpe.value,
    dieboldMariano: statistic === null || pValue === null ? null : { statistic, pValue },
    queryLoss: result.queryLoss,
    trades: result.trades.length,
    costs: result.costs,
  };
}

/** A view without its series. */
export function summaryOf(view: BacktestView): BacktestSummary {
  const { id, createdAt, request, runName, target, symbol, from, to, bars, verdict, strategies } = view;
  const { shuffledAbove, notes, capital, trials } = view;
  return {
    id,
    createdAt,
    request,
    runName,
    target,
    symbol,
    from,
    to,
    bars,
    verdict,
    strategies,
    shuffledAbove,
    notes,
    capital,
    trials,
  };
}
