/**
 * The page of `report.ts`: inline CSS and SVG, no script, no network. Loaded when a report is rendered, for its charting library.
 * It shows every strategy it was given and opens with the verdict, also when that is a bad one.
 * @module
 */
import { escapeHtml, renderChart } from "./chart.ts";
import type { ComparedStrategy, Comparison } from "./compare.ts";
import type { ReportOptions } from "./report.ts";
import { REPORT_CSS } from "./report_css.ts";
import { judge } from "./verdict.ts";

const DASH = "–";

/** Colours that strategies keep in every report, whichever of them are in it. */
const COLORS: Readonly<Record<string, number>> = {
  "meta-learned": 1,
  "pretrained + fine-tuned": 2,
  "from scratch": 3,
  "zero predictor": 4,
  "buy and hold": 5,
};

function colorOf(strategy: ComparedStrategy): number {
  return COLORS[strategy.result.strategy] ?? 6;
}

function percent(value: number | null, digits = 1): string {
  return value === null ? DASH : `${(100 * value).toFixed(digits).replace("-", "−")}%`;
}

function number(value: number | null, digits = 2): string {
  return value === null || Number.isNaN(value) ? DASH : value.toFixed(digits).replace("-", "−");
}

const COLUMNS: readonly [title: string, cell: (strategy: ComparedStrategy) => string][] = [
  ["Net Sharpe", ({ result }) => number(result.metrics.sharpe)],
  ["95% interval", ({ sharpeInterval: { low, high } }) => low === null ? DASH : `${number(low)} to ${number(high)}`],
  ["Return", ({ result }) => percent(result.metrics.totalReturn)],
  ["Drawdown", ({ result }) => percent(result.metrics.maxDrawdown)],
  ["Trades", ({ result }) => String(result.trades.length)],
  ["Costs paid", ({ result }) => percent(result.costs / result.initialCapital)],
  ["A year", ({ result }) => percent(result.metrics.annualizedReturn)],
  ["Volatility", ({ result }) => percent(result.metrics.annualizedVolatility)],
  ["Sortino", ({ result }) => number(result.metrics.sortino)],
  ["Calmar", ({ result }) => number(result.metrics.calmar)],
  ["Win rate", ({ result }) => percent(result.metrics.winRate)],
  ["Profit factor", ({ result }) => number(result.metrics.profitFactor)],
  ["Exposure", ({ result }) => percent(result.metrics.exposure, 0)],
  ["Turnover a year", ({ result }) => number(result.metrics.turnover, 0)],
];

function figuresTable(strategies: readonly ComparedStrategy[]): string {
  const head = COLUMNS.map(([title]) => `<th scope="col">${title}</th>`).join("");
  const rows = strategies.map((strategy) =>
    `<tr><th scope="row"><span class="swatch" style="background:var(--series-${colorOf(strategy)})"></span>` +
    `${escapeHtml(strategy.result.strategy)}</th>${
      COLUMNS.map(([, cell]) => `<td>${cell(strategy)}</td>`).join("")
    }</tr>`
  );
  return table(`<tr><th scope="col">Strategy</th>${head}</tr>`, rows.join(""));
}

function curveTable(strategies: readonly ComparedStrategy[]): string {
  const curves = strategies.flatMap(({ result, curve }) => curve ? [{ name: result.strategy, curve }] : []);
  if (curves.length === 0) return "";
  const head = curves[0].curve.steps.map((steps) => `<th scope="col">${steps} step${steps === 1 ? "" : "s"}</th>`).join(
    "",
  );
  const rows = curves.map(({ name, curve }) =>
    `<tr><th scope="row">${escapeHtml(name)}</th>${
      curve.losses.map((loss) => `<td>${number(loss, 3)}</td>`).join("")
    }</tr>`
  );
  return table(`<tr><th scope="col">Forecast error after</th>${head}</tr>`, rows.join(""));
}

function table(head: string, body: string): string {
  return `<div class="scroll"><table><thead>${head}</thead><tbody>${body}</tbody></table></div>`;
}

/** Equity / peak − 1 with the peak starting at the capital, `[bars + 1]`. */
function drawdown(equity: ArrayLike<number>, capital: number): Float64Array {
  let peak = capital;
  return Float64Array.from(equity, (value) => value / (peak = Math.max(peak, value)) - 1);
}

function charts(strategies: readonly ComparedStrategy[]): string {
  const money = strategies.map((strategy) => {
    const { strategy: name, decisionTime, initialCapital, equity } = strategy.result;
    const y = new Float64Array(equity.length + 1);
    y[0] = initialCapital;
    y.set(equity, 1);
    return { name, x: decisionTime, y, color: colorOf(strategy) };
  });
  const depth = strategies.map(({ result }, i) => ({ ...money[i], y: drawdown(money[i].y, result.initialCapital) }));
  const curves = strategies.flatMap((strategy) => {
    const { curve, result: { strategy: name } } = strategy;
    return curve ? [{ name, x: curve.steps, y: curve.losses, color: colorOf(strategy) }] : [];
  });
  const grouped = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en-US");
  return renderChart(money, { title: "Equity after costs, log scale", yKind: "log", format: grouped }) +
    renderChart(depth, { title: "Drawdown", format: (value) => percent(value, 0) }) +
    renderChart(curves, {
      title: "Forecast error on new bars by steps of adaptation (lower is better)",
      xKind: "steps",
      xLabel: "gradient steps on the support set",
    });
}

function section(comparison: Comparison): string {
  const { market, strategies, randomWalk } = comparison;
  const { result } = strategies[0];
  const verdict = judge(comparison);
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const last = result.time[result.time.length - 1];
  const reasons = strategies.flatMap(({ result: { strategy, metrics: { reasons } } }) => {
    const listed = Object.entries(reasons).map(([name, reason]) => `${name}: ${reason}`).join("; ");
    return listed ? [`${strategy} ${DASH} ${listed}`] : [];
  });
  const notes = [...new Set(strategies.flatMap(({ result: { notes } }) => notes))];
  const luck = randomWalk.ratios.length > 0
    ? [
      `Luck: on ${randomWalk.ratios.length} shuffles of the prices the same positions had a median net Sharpe of ` +
      `${number(randomWalk.ratios[randomWalk.ratios.length >> 1])}; ${
        percent(randomWalk.shareAbove)
      } did as well or better.`,
    ]
    : [];
  const items = [...luck, ...notes, ...(reasons.length > 0 ? [`Undefined figures: ${reasons.join(". ")}.`] : [])];
  return `<section><h2>${escapeHtml(market)}</h2>` +
    `<p class="meta">${escapeHtml(result.interval)} bars, ${day(result.decisionTime[0])} to ${day(last)}, ` +
    `${result.time.length} bars, forecasts over ${result.horizon}, filled at ${result.fill.replace("-", " ")}, ` +
    `${number(result.periodsPerYear, 0)} bars a year</p>` +
    `<p class="verdict ${verdict.wins ? "good" : "bad"}"><strong>${escapeHtml(verdict.sentences[0])}</strong> ` +
    `${escapeHtml(verdict.sentences.slice(1).join(" "))}</p>` +
    figuresTable(strategies) + charts(strategies) + curveTable(strategies) +
    (items.length > 0 ? `<ul class="notes">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>` : "") +
    "</section>";
}

/** The page of {@linkcode renderReport}, at least one comparison. */
export function reportPage(comparisons: readonly Comparison[], options: ReportOptions): string {
  const { title = "Few-shot adaptation backtest", settings = {} } = options;
  const list = Object.entries(settings)
    .map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd></div>`).join("");
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` +
    `<style>${REPORT_CSS}</style></head><body><main><h1>${escapeHtml(title)}</h1>` +
    (list ? `<dl class="settings">${list}</dl>` : "") + comparisons.map(section).join("") +
    "<footer>All figures are computed from returns after costs. Past results say little about future ones.</footer>" +
    "</main></body></html>\n";
}
