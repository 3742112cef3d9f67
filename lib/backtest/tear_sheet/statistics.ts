/**
 * The figures of one strategy with their intervals, and the tests of whether luck or selection explains them.
 * @module
 */
import type { ComparedStrategy, Comparison } from "../compare.ts";
import type { MetricName } from "../statistics/metric_intervals.ts";
import { count, DASH, dataTable, number, percent, probability, prose } from "./text.ts";

/** Every figure of `metrics()`: its name in words, and how it is printed. */
export const METRICS: Readonly<Record<MetricName, readonly [name: string, print: (value: number | null) => string]>> = {
  totalReturn: ["Total return", percent],
  annualizedReturn: ["Return a year", percent],
  annualizedVolatility: ["Volatility a year", percent],
  sharpe: ["Sharpe ratio", number],
  sortino: ["Sortino ratio", number],
  maxDrawdown: ["Largest drawdown", percent],
  calmar: ["Calmar ratio", number],
  winRate: ["Bars that gained", percent],
  profitFactor: ["Profit factor", number],
  turnover: ["Turnover a year", (value) => number(value, 1)],
  exposure: ["Exposure", percent],
  trades: ["Position changes", (value) => number(value, 0)],
};

/** Renders every figure of a strategy with its 95% interval. */
export function intervalsPart({ result: { metrics, strategy }, intervals }: ComparedStrategy): string {
  const rows = (Object.keys(METRICS) as MetricName[]).map((metric) => {
    const [name, print] = METRICS[metric];
    const interval = intervals[metric];
    const reason = intervals.reasons[metric] ?? metrics.reasons[metric];
    return [
      name,
      print(metrics[metric]),
      interval ? `${print(interval.low)} to ${print(interval.high)}` : reason ? `none: ${reason}` : DASH,
    ];
  });
  const caption =
    `${strategy}: figures with ${percent(intervals.level, 0)} intervals (stationary bootstrap, blocks of ` +
    `${count(intervals.block, "bar")} on average)`;
  return dataTable(caption, ["Figure", "Value", `${percent(intervals.level, 0)} interval`], rows);
}

/** Renders the tests of a comparison's first strategy. */
export function testsPart({ strategies: [model, ...baselines], randomWalk }: Comparison): string {
  const { probabilisticSharpe: plain, deflatedSharpe: deflated, result } = model;
  const yearly = deflated.benchmark * Math.sqrt(result.periodsPerYear);
  const rows: string[][] = [
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
    [
      "Random walk",
      percent(randomWalk.shareAbove),
      randomWalk.ratios.length > 0
        ? `of ${randomWalk.ratios.length} shuffles of the prices did as well or better; their median Sharpe ratio was ` +
          number(randomWalk.ratios[randomWalk.ratios.length >> 1])
        : "no shuffle had a Sharpe ratio",
    ],
    ...baselines.flatMap(({ dieboldMariano: test, result: { strategy } }): string[][] =>
      test === null ? [] : [[
        `Forecasts against ${strategy}`,
        test.pValue === null ? DASH : `p ${probability(test.pValue)}`,
        test.reason ?? `Diebold-Mariano ${number(test.statistic)} over ${count(test.rows, "forecast")}; ` +
            "below 0 where the model's errors are the smaller",
      ]]
    ),
  ];
  return dataTable(
    `${result.strategy}: is it luck?`,
    ["Test", "Value", prose("What it says")],
    rows.map(([test, value, says]) => [test, value, prose(says)]),
  );
}
