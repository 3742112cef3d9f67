/**
 * A study as a self-contained page: what it says in sentences, quantiles over markets, histograms, what could not be studied. It is
 * loaded when a page is rendered, for its scales come from a package.
 * @module
 */
// @ts-types="@types/d3-array"
import { bin } from "d3-array";
// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";
import { frameOf, horizontalAxis, round, svgFigure, valueAxis } from "../../report/tear_sheet/axis.ts";
import { documentOf, part } from "../../report/tear_sheet/shell.ts";
import { count, dataTable, escapeHtml, number, percent, prose } from "../../report/tear_sheet/text.ts";
import { type Spread, SPREAD_LEVELS, type StudyDistribution } from "./distribution.ts";
import type { StudyPageOptions } from "./study_page_options.ts";
import { studySentences } from "./study_sentences.ts";

const BINS = 24;
/** Refused markets that are named. */
const NAMED = 50;

/** Values between the 1% and 99% quantiles as columns; what lies outside is in the outer ones. */
function histogram(title: string, label: string, { values }: Spread): string {
  const cut = (share: number): number => values[Math.round(share * (values.length - 1))];
  const [low, high] = [cut(0.01), cut(0.99)];
  if (!(high > low)) return "";
  const held = Array.from(values, (value) => Math.min(high, Math.max(low, value)));
  const bins = bin().domain([low, high]).thresholds(BINS)(held);
  const frame = frameOf(240, true);
  const x = scaleLinear([low, high], [frame.left, frame.right]);
  const most = Math.max(...bins.map(({ length }) => length));
  const y = scaleLinear([0, most], [frame.bottom, frame.top]).nice(4);
  const blocks = bins.filter(({ length }) => length > 0).map((block) => {
    const [from, to] = [x(block.x0!), x(block.x1!)];
    return `<rect class="long" x="${round(from + 0.5)}" width="${round(Math.max(1, to - from - 1))}" ` +
      `y="${round(y(block.length))}" height="${round(frame.bottom - y(block.length))}"/>`;
  }).join("");
  const axes = valueAxis(frame, y.ticks(4).map((tick) => ({ at: y(tick), text: String(tick) }))) +
    horizontalAxis(frame, x.ticks(7).map((tick) => ({ at: x(tick), text: String(tick) })), label);
  return svgFigure(`<g class="grid">${axes}</g>${blocks}`, frame, {
    title,
    description: `${count(values.length, "market")}; the outer columns hold the tails.`,
    legend: [{ name: "markets; the outer columns hold the tails", sample: '<span class="box long"></span>' }],
  });
}

function spreadRow(name: string, spread: Spread | null, print: (value: number) => string): string[][] {
  return spread ? [[name, String(spread.markets), print(spread.mean), ...spread.quantiles.map(print)]] : [];
}

/** The page. */
export function studyPage(
  distribution: StudyDistribution,
  { title, settings, refused }: Required<StudyPageOptions>,
): string {
  const { skill, adaptation, sharpe, beyondHolding } = distribution;
  const head = ["figure", "markets", "mean", ...SPREAD_LEVELS.map((level) => percent(level, 0))];
  const rows = [
    ...spreadRow("skill", skill, (value) => percent(value)),
    ...spreadRow("error, of unadapted", adaptation, (value) => number(value, 3)),
    ...spreadRow("net Sharpe", sharpe, (value) => number(value)),
    ...spreadRow("beyond holding", beyondHolding, (value) => number(value)),
  ];
  const [first, ...others] = studySentences(distribution);
  const unread = refused.length === 0 ? "" : part(
    "Not studied",
    dataTable(
      `${count(refused.length, "market")} could not be studied${
        refused.length > NAMED ? `, ${NAMED} of them here` : ""
      }`,
      ["market", prose("why")],
      refused.slice(0, NAMED).map(({ source, refused: why }) => [source, prose(why)]),
    ),
  );
  return documentOf(
    title,
    settings,
    `<p class="verdict"><strong>${escapeHtml(first)}</strong> ${escapeHtml(others.join(" "))}</p>` +
      part("Over markets", dataTable("Figures over markets: mean and quantiles", head, rows)) +
      part(
        "Spread",
        histogram("Skill", "1 − squared error / that of saying nothing", skill) +
          (beyondHolding
            ? histogram("Beyond holding", "net Sharpe ratio a year less that of holding", beyondHolding)
            : ""),
      ) + unread,
  );
}
