/**
 * The part of a report that opens it where something was forecast: the verdict, the forecast against what came with its band,
 * the losses of every method, and the curve of error by bars of history. It judges nothing itself.
 * @module
 */
import type { ForecastComparison } from "../../forecast/prepare_comparison.ts";
import type { ForecastScore } from "../../forecast/score.ts";
import type { HistoryCurve } from "../../forecast/history_curve.ts";
import type { ForecastReport } from "../report_options.ts";
import type { DrawnBand } from "../showable.ts";
import { judgeForecasts } from "../forecast_verdict.ts";
import { renderChart } from "./line_chart.ts";
import { part, verdictPart } from "./shell.ts";
import { count, dataTable, escapeHtml, moment, number, percent } from "./text.ts";

/** Most points of the forecast's lines: what a page can carry without hiding a spike. */
const MOST_POINTS = 500;

/** Methods that the curve's picture draws; its table has all. */
const DRAWN = ["HAR, own rows", "EWMA", "HAR, pooled", "linear, pooled", "meta-learned"];

function signed(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(1);
}

function scoreRow(score: ForecastScore): string[] {
  const { name, mse, qlike, r2, against, againstQlike, valueAtRisk } = score;
  return [
    name,
    number(mse, 4),
    qlike === null ? "–" : number(qlike, 3),
    number(r2, 3),
    signed(against?.statistic),
    signed(againstQlike?.statistic),
    ...valueAtRisk.flatMap((
      { tickLoss, coverage },
    ) => [(1e4 * tickLoss).toFixed(2), `${(100 * coverage).toFixed(1)}%`]),
  ];
}

/** Losses of every method as a table. */
export function scoresTable({ scores }: ForecastComparison): string {
  const levels = scores[0].valueAtRisk.flatMap(({ level }) => [`VaR ${100 * level}%, tick loss (bp)`, `below it`]);
  return dataTable(
    "Losses of every method on the same decisions; DM is Diebold and Mariano's statistic of the forecaster against it, below " +
      "−2 where the forecaster is better",
    ["Method", "MSE", "QLIKE", "R² against zero", "DM", "DM of QLIKE", ...levels],
    scores.map(scoreRow),
  );
}

/** Error by bars of history: the chart, then all of it as a table. */
export function curvePart({ lengths, methods, rows }: HistoryCurve): string {
  const names = lengths.map((length) => length === null ? "all" : String(length));
  const chart = renderChart(
    methods.filter(({ name }) => DRAWN.includes(name)).reverse().map(({ name, mse }, i) => ({
      name,
      x: lengths.map((length, j) => length ?? 2 * (lengths[j - 1] ?? 1)),
      y: mse,
      color: i + 1,
    })),
    {
      title: "Squared error by bars of history (lower is better)",
      xKind: "steps",
      yKind: "log",
      xLabel: `bars of history; the last point has all there are; ${count(rows, "decision")} each`,
    },
  );
  return chart + dataTable(
    "Mean squared error as if the market had been listed so many bars ago",
    ["Method", ...names],
    methods.map(({ name, mse }) => [name, ...mse.map((error) => number(error, 4))]),
  );
}

/** The forecast, what came and the band as a chart. */
export function linesPart({ forecasts, band }: Pick<ForecastReport, "forecasts" | "band">): string {
  const { time, value, labels, limited, horizon, unit } = forecasts;
  const held = limited.reduce((sum, flag) => sum + flag, 0);
  const line = (name: string, y: Float64Array, color: number) => ({ name, x: time, y, color });
  const name = band?.coverage === undefined ? "band" : `${percent(band.coverage, 0)} band`;
  return renderChart(
    [
      line("forecast", value, 1),
      line("what came", labels, 2),
      ...(band ? [line(name, band.low, 3), line(`${name}, upper edge`, band.high, 3)] : []),
    ],
    { title: `Forecast over ${count(horizon, "bar")}, and what came (${unit})`, mostPoints: MOST_POINTS },
  ) + (held > 0 ? `<p class="meta">Adapting was held back at ${held} of ${time.length} decisions.</p>` : "") +
    (band ? bandHeld(name, band) : "");
}

/** How often a band held, where that is known. */
function bandHeld(name: string, { share, count: outcomes, bound }: DrawnBand): string {
  if (share === undefined || share === null || outcomes === undefined) return "";
  const far = bound === undefined || bound === null
    ? ""
    : `; whatever the market does it is at most ${number(100 * bound, 1)} points off`;
  return `<p class="meta">The ${name} held ${percent(share)} of ${count(outcomes, "outcome")}${far}.</p>`;
}

/** The forecast's section of a report. */
export function forecastSection(report: ForecastReport): string {
  const { comparison, curve, notes = [] } = report;
  const { markets, from, to, rows, horizon } = comparison;
  return `<section id="forecast"><h2>Forecast: ${escapeHtml(markets.join(", "))}</h2>` +
    `<p class="meta">${moment(from)} to ${moment(to)}, ${count(rows, "decision")}, ${count(horizon, "bar")} ahead</p>` +
    verdictPart(judgeForecasts(comparison)) +
    notes.map((note) => `<p class="meta">${escapeHtml(note)}</p>`).join("") +
    part("Forecast and outcome", linesPart(report)) +
    part("Losses", scoresTable(comparison)) +
    (curve ? part("Error by bars of history", curvePart(curve)) : "") +
    "</section>";
}
