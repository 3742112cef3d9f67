/**
 * How the model of a backtest did over time: returns by month, figures over the last bars, worst drawdowns, and what of it is the
 * market. For islands.
 * @module
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { BacktestView } from "../server/backtest_view.ts";
import { MONTHS } from "./chart_time.ts";
import { ChartCard } from "./ChartCard.tsx";
import { returnsByMonth, rollingFigures } from "./equity_figures.ts";
import { Facts } from "./Facts.tsx";
import { barCell, percent, signedPercent, twoDigits } from "./format.ts";
import { LineChart } from "./LineChart.tsx";

/** Strongest tint of a month, in per cent of the colour: text on it keeps its contrast. */
const MOST_TINT = 35;
/** A quarter of a year in rolling figures, or a quarter of a shorter test. */
const WINDOWS_A_YEAR = 4;
const LEAST_WINDOW = 10;

/** The course. */
export function BacktestCourse({ view }: { readonly view: BacktestView }): JSX.Element {
  const { id, time, equity: [model], periodsPerYear } = view;
  const window = Math.floor(Math.min(periodsPerYear / WINDOWS_A_YEAR, model.length / WINDOWS_A_YEAR));
  const { seconds, rolling } = useMemo(() => ({
    seconds: time.map((ms) => ms / 1000),
    rolling: window < LEAST_WINDOW ? null : rollingFigures(model, { window, periodsPerYear }),
  }), [id]);
  const inPercent = (values: readonly (number | null)[]) => values.map((value) => value === null ? null : 100 * value);
  if (model.every((value) => value === model[0])) {
    return (
      <section class="card" aria-label="Course">
        <p class="muted">Its equity never moved: there are no months, no falls and nothing to compare.</p>
      </section>
    );
  }
  return (
    <>
      <Months view={view} />
      <div class="grid wide">
        {rolling !== null && (
          <>
            <ChartCard title="Rolling return and volatility" note={`%, over the last ${window} bars`}>
              <LineChart
                label={`Return of the last ${window} bars, and their volatility a year, by time`}
                x={seconds}
                time
                sync="backtest"
                series={[
                  { label: "return", values: inPercent(rolling.total), color: 1 },
                  { label: "volatility a year", values: inPercent(rolling.volatility), color: 5, dashed: true },
                ]}
              />
            </ChartCard>
            <ChartCard title="Rolling Sharpe ratio" note={`a year, over the last ${window} bars`}>
              <LineChart
                label={`Sharpe ratio of the last ${window} bars by time`}
                x={seconds}
                time
                sync="backtest"
                series={[{ label: "Sharpe ratio", values: rolling.sharpe, color: 4 }]}
              />
            </ChartCard>
          </>
        )}
        <Falls view={view} />
        <Benchmark view={view} />
      </div>
    </>
  );
}

function Months({ view: { time, equity: [model] } }: { readonly view: BacktestView }): JSX.Element {
  const years = returnsByMonth(time, model);
  const largest = Math.max(1e-12, ...years.flatMap(({ months }) => months.map((value) => Math.abs(value ?? 0))));
  const tint = (value: number) =>
    `color-mix(in srgb, var(${value < 0 ? "--bad" : "--good"}) ${
      Math.round(MOST_TINT * Math.sqrt(Math.abs(value) / largest))
    }%, transparent)`;
  const bare = (value: number) => signedPercent(value, 1).replace("%", "");
  return (
    <section class="card" aria-label="Returns by month">
      <header>
        <h2>Returns by month</h2>
        <p>%, net of costs, months in UTC</p>
      </header>
      <div class="table-scroll" role="group" tabIndex={0} aria-label="Table of returns by month">
        <table class="months">
          <thead>
            <tr>
              <th scope="col">Year</th>
              {MONTHS.map((month) => <th key={month} scope="col" class="number">{month}</th>)}
              <th scope="col" class="number">All</th>
            </tr>
          </thead>
          <tbody>
            {years.map(({ year, months, total }) => (
              <tr key={year}>
                <th scope="row">{year}</th>
                {months.map((value, month) => (
                  <td key={month} class="number" style={value === null ? undefined : { background: tint(value) }}>
                    {value === null ? "" : bare(value)}
                  </td>
                ))}
                <td class="number">
                  <strong>{bare(total)}</strong>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Falls({ view: { falls, chart } }: { readonly view: BacktestView }): JSX.Element {
  const name = barCell(chart.interval);
  return (
    <section class="card" aria-label="Worst drawdowns">
      <header>
        <h2>Worst drawdowns</h2>
        <p>of the net equity</p>
      </header>
      {falls.length === 0
        ? <p class="muted">The equity never fell.</p>
        : (
          <div class="table-scroll" role="group" tabIndex={0} aria-label="Table of drawdowns">
            <table>
              <thead>
                <tr>
                  <th scope="col" class="number">Depth</th>
                  <th scope="col">From, UTC</th>
                  <th scope="col">Lowest, UTC</th>
                  <th scope="col">Made good, UTC</th>
                  <th scope="col" class="number">Bars</th>
                </tr>
              </thead>
              <tbody>
                {falls.map(({ from, bottom, recovered, depth, barsUnder }) => (
                  <tr key={from}>
                    <td class="number negative">{signedPercent(depth, 1)}</td>
                    <td class="nowrap">{name(from)}</td>
                    <td class="nowrap">{name(bottom)}</td>
                    <td class="nowrap">{recovered === null ? "not yet" : name(recovered)}</td>
                    <td class="number">{barsUnder}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}

function Benchmark({ view: { benchmark, symbol } }: { readonly view: BacktestView }): JSX.Element {
  const facts: readonly (readonly [string, string])[] = benchmark === null ? [] : [
    ["Beta", twoDigits(benchmark.beta)],
    ["Alpha a year", signedPercent(benchmark.alpha, 1)],
    ["Correlation", twoDigits(benchmark.correlation)],
    ["Tracking error a year", percent(benchmark.trackingError)],
    ["Information ratio", twoDigits(benchmark.informationRatio)],
    ["Growth kept while it rose", percent(benchmark.upCapture)],
    ["Loss shared while it fell", percent(benchmark.downCapture)],
  ];
  return (
    <section class="card" aria-label="Against the market">
      <header>
        <h2>Against the market</h2>
        <p>{`${symbol} held without cost`}</p>
      </header>
      <Facts look="figures" of={facts} />
    </section>
  );
}
