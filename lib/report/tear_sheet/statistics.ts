/**
 * The figures of one strategy with their intervals, and the tests of whether luck or selection explains them.
 * @module
 */
import type { ComparedStrategy, Comparison } from "../../backtest/comparison.ts";
import type { Metrics } from "../../statistics/metrics.ts";
import type { MetricName } from "../../statistics/metric_intervals.ts";
import { count, DASH, dataTable, escapeHtml, number, percent, probability, prose } from "./text.ts";

/** Every figure of `metrics()`: its name in words, and how it is printed. */
export const METRICS: Readonly<Record<MetricName, readonly [name: string, print: (value: number | null) => string]>> = {
  totalReturn: ["Total return", percent],
  annualizedReturn: ["Return a year", percent],
  annualizedVolatility: ["Volatility a year", percent],
  sharpe: ["Sharpe ratio", number],
  sortino: ["Sortino ratio", number],
  maxDrawdown: ["Largest drawdown", percent],
  calmar: ["Calmar ratio", number],
  winRate: ["Won, of bars that gained or lost", percent],
  flatBars: ["Flat bars", (value) => number(value, 0)],
  profitFactor: ["Profit factor", number],
  turnover: ["Turnover a year", (value) => number(value, 1)],
  exposure: ["Exposure", percent],
  trades: ["Fills", (value) => number(value, 0)],
};

/** A strategy's figures and how sure they are. */
export interface JudgedStrategy extends Pick<ComparedStrategy, "intervals" | "probabilisticSharpe" | "deflatedSharpe"> {
  /** What it did. */
  readonly result: {
    /** Its name. */
    readonly strategy: string;
    /** Its figures. */
    readonly metrics: Metrics;
    /** Bars a year. */
    readonly periodsPerYear: number;
  };
}

/** Renders every figure of a strategy with its 95% interval. */
export function intervalsPart({ result: { metrics, strategy }, intervals }: JudgedStrategy): string {
  const rows = (Object.keys(METRICS) as MetricName[]).map((metric) => {
    const [name, print] = METRICS[metric];
    const interval = intervals[metric];
    const reason = intervals.reasons[metric] ?? metrics.reasons[metric];
    return [
      name,
      print(metrics[metric]),
      interval
        ? `${print(interval.low)} to ${print(interval.high)}`
        : reason
        ? { html: `<span class="why">none: ${escapeHtml(reason)}</span>` }
        : DASH,
    ];
  });
  const caption =
    `${strategy}: figures with ${percent(intervals.level, 0)} intervals (stationary bootstrap, blocks of ` +
    `${count(intervals.block, "bar")} on average)`;
  return dataTable(caption, ["Figure", "Value", `${percent(intervals.level, 0)} interval`], rows);
}

/** A row of the table of tests. */
type TestRow = readonly [test: string, value: string, says: string];

function testsTable(strategy: string, rows: readonly TestRow[]): string {
  return dataTable(
    `${strategy}: is it luck?`,
    ["Test", "Value", prose("What it says")],
    rows.map(([test, value, says]) => [test, value, prose(says)]),
  );
}

/** Whether its Sharpe ratio is above 0, and above what the number of trials explains. */
function luckRows({ probabilisticSharpe: plain, deflatedSharpe: deflated, result }: JudgedStrategy): TestRow[] {
  const yearly = deflated.benchmark * Math.sqrt(result.periodsPerYear);
  return [
    [
      "Probabilistic Sharpe ratio",
      probability(plain.value),
      plain.reason ?? "probability that the true ratio is above 0",
    ],
    [
      "Deflated Sharpe ratio",
      probability(deflated.value),
      deflated.reason ??
        `probability that it is above ${number(yearly)} a year, the best expected of ` +
          `${count(deflated.trials, "trial")} without skill; significant above 0.95`,
    ],
  ];
}

/** Renders the tests of a strategy that stands by itself. */
export function luckPart(strategy: JudgedStrategy): string {
  return testsTable(strategy.result.strategy, luckRows(strategy));
}

/** Renders the tests of a comparison's first strategy. */
export function testsPart({ strategies: [model, ...baselines], randomWalk }: Comparison): string {
  return testsTable(model.result.strategy, [
    ...luckRows(model),
    [
      "Random walk",
      percent(randomWalk.shareAbove),
      randomWalk.ratios.length > 0
        ? `of ${randomWalk.ratios.length} shuffles of the prices did as well or better; their median Sharpe ratio was ` +
          number(randomWalk.ratios[randomWalk.ratios.length >> 1])
        : "no shuffle had a Sharpe ratio",
    ],
    ...baselines.flatMap(({ dieboldMariano: test, result: { strategy } }): TestRow[] =>
      test === null ? [] : [[
        `Forecasts against ${strategy}`,
        test.pValue === null ? DASH : `p ${probability(test.pValue)}`,
        test.reason ?? `Diebold-Mariano ${number(test.statistic)} over ${count(test.rows, "forecast")}; ` +
            "below 0 where the model's errors are the smaller",
      ]]
    ),
  ]);
}
