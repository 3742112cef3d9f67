/**
 * Equity, drawdown and rolling Sharpe ratio of strategies beside each other. The scale of the equity is switched by two radio
 * buttons and style alone: both charts are in the page, so it works without script and prints.
 * @module
 */
import type { ChartSeries } from "./chart_series.ts";
import { renderChart } from "./line_chart.ts";
import { excessOf } from "../../statistics/risk_free.ts";
import { drawdown, equityFrom, rollingSharpe, rollingWindow } from "./series.ts";
import { absent, count, escapeHtml, number, percent, swatch } from "./text.ts";
import { type Track, trackColor } from "./track.ts";

/** An amount that leaves room on a phone, such as 12.5K. */
function short(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}

function scaleSwitch(
  money: readonly ChartSeries[],
  words: { id: string; description: string; mostPoints: number },
): string {
  const { id, description, mostPoints } = words;
  const chart = (yKind: "log" | "linear"): string =>
    renderChart(money, {
      title: `Equity after costs, ${yKind === "log" ? "logarithmic" : "linear"} scale`,
      description,
      yKind,
      format: short,
      heading: false,
      mostPoints,
    });
  const legend = money.map(({ name, color }) => `<li>${swatch(color)}${escapeHtml(name)}</li>`).join("");
  const radio = (kind: string, text: string, checked: boolean): string =>
    `<input type="radio" name="${id}-scale" id="${id}-${kind}"${checked ? " checked" : ""}>` +
    `<label for="${id}-${kind}">${text}</label>`;
  return `<h4>Equity after costs</h4><ul class="legend">${legend}</ul>` +
    `<div class="switch" role="group" aria-label="Scale of the equity chart">${radio("log", "Logarithmic", true)}` +
    `${radio("linear", "Linear", false)}<div>${chart("log")}</div><div>${chart("linear")}</div></div>`;
}

/**
 * Renders equity, drawdown and rolling Sharpe ratio.
 *
 * @param tracks Strategies on the same bars, at least one; the first is what the page is about.
 * @param options Prefix of ids, unique in the page, and most points of a line.
 */
export function equityPart(
  tracks: readonly Track[],
  options: { readonly id: string; readonly mostPoints: number },
): string {
  const { id, mostPoints } = options;
  const [{ periodsPerYear, time }] = tracks;
  const money = tracks.map((track) => ({
    name: track.strategy,
    x: track.decisionTime,
    y: equityFrom(track.initialCapital, track.equity),
    color: trackColor(track),
  }));
  const endings = tracks.map(({ strategy, equity, initialCapital }) =>
    `${strategy} ${percent(equity[equity.length - 1] / initialCapital - 1)}`
  );
  const depth = money.map((one) => ({ ...one, y: drawdown(one.y) }));
  const deepest = depth.map(({ name, y }) => `${name} ${percent(Math.min(...y))}`);
  const window = rollingWindow(periodsPerYear);
  const rolling = tracks.map((track) => ({
    name: track.strategy,
    x: time,
    y: rollingSharpe(excessOf(track), { window, periodsPerYear }),
    color: trackColor(track),
  }));
  const drawable = rolling.filter(({ y }) => y.some(Number.isFinite));
  return scaleSwitch(money, { id, description: `Total return: ${endings.join(", ")}.`, mostPoints }) +
    renderChart(depth, {
      title: "Drawdown",
      description: `Deepest: ${deepest.join(", ")}.`,
      format: (value) => percent(value, 0),
      mostPoints,
    }) +
    (drawable.length > 0
      ? renderChart(drawable, {
        title: `Rolling Sharpe ratio, last ${count(window, "bar")} (a quarter of a year, at least 20 bars), annualised`,
        format: (value) => number(value, 1),
        mostPoints,
      })
      : absent(
        `A rolling Sharpe ratio needs ${count(window, "bar")} with returns that vary; there are ${time.length}.`,
      ));
}
