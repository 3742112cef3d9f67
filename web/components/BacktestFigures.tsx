/**
 * The figures of every strategy of a backtest with their 95% intervals, and the tests of skill. Also used on the server.
 * @module
 */
import type { JSX } from "preact";
import type { BacktestSummary, BoundedFigure, ShownMetric, StrategyFigures } from "../server/backtest_view.ts";
import { figure, percent, twoDigits } from "./format.ts";

/** The figures, in the order of the table: name, label, format. */
export const METRIC_ROWS: readonly (readonly [ShownMetric, string, (value: number | null) => string])[] = [
  ["totalReturn", "Net return", percent],
  ["annualizedReturn", "Net return a year", percent],
  ["annualizedVolatility", "Volatility a year", percent],
  ["sharpe", "Sharpe ratio", twoDigits],
  ["sortino", "Sortino ratio", twoDigits],
  ["maxDrawdown", "Largest drawdown", percent],
  ["winRate", "Bars won, flat ones aside", percent],
  ["profitFactor", "Profit factor", twoDigits],
  ["turnover", "Turnover a year", twoDigits],
  ["exposure", "Exposure", percent],
];

/** A figure with its interval below. */
export function Bounded(
  { bounded, format }: { readonly bounded: BoundedFigure; readonly format: (value: number | null) => string },
): JSX.Element {
  const { value, low, high } = bounded;
  return (
    <>
      {format(value)}
      {low !== null && high !== null && <small class="interval">{`${format(low)} to ${format(high)}`}</small>}
    </>
  );
}

const TESTS: readonly (readonly [string, (strategy: StrategyFigures) => string])[] = [
  ["Skill, as if the only trial", ({ probabilisticSharpe }) => percent(probabilisticSharpe)],
  ["Skill, all trials counted", ({ deflatedSharpe }) => percent(deflatedSharpe)],
  ["Forecast error", ({ queryLoss }) => figure(queryLoss)],
  [
    "Diebold-Mariano",
    ({ dieboldMariano: test }) =>
      test === null
        ? "–"
        : `${twoDigits(test.statistic)} (p ${test.pValue < 0.001 ? "< 0.001" : `= ${test.pValue.toFixed(3)}`})`,
  ],
  ["Trades", ({ trades }) => String(trades)],
  ["Costs", ({ costs }) => costs.toFixed(2)],
];

/** The table. */
export function BacktestFigures({ view }: { readonly view: BacktestSummary }): JSX.Element {
  const { strategies, shuffledAbove } = view;
  return (
    <section class="card" aria-label="Figures">
      <header>
        <h2>Figures</h2>
        <p>net of costs, with 95% intervals by block bootstrap</p>
      </header>
      <div class="table-scroll" role="group" tabIndex={0} aria-label="Figures by strategy">
        <table class="figures-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Figure</span>
              </th>
              {strategies.map(({ name }) => <th key={name} scope="col" class="number">{name}</th>)}
            </tr>
          </thead>
          <tbody>
            {METRIC_ROWS.map(([metric, label, format]) => (
              <tr key={metric}>
                <th scope="row">{label}</th>
                {strategies.map(({ name, metrics }) => (
                  <td key={name} class="number">
                    <Bounded bounded={metrics[metric]} format={format} />
                  </td>
                ))}
              </tr>
            ))}
            {TESTS.map(([label, cell]) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {strategies.map((strategy) => <td key={strategy.name} class="number">{cell(strategy)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small muted">
        Skill: probability that the true Sharpe ratio is above 0, or above the best of as many trials without skill
        (deflated). Diebold-Mariano: below 0 where the first column's forecasts are better than the column's.
        {shuffledAbove !== null &&
          ` On ${percent(shuffledAbove)} of runs of shuffled prices the model's own positions did as well or better.`}
      </p>
    </section>
  );
}
