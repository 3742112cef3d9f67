/**
 * One result as a fragment of a page that carries its own style and leaves the page around it alone. It judges nothing itself.
 * @module
 */
import type { Comparison } from "../../backtest/comparison.ts";
import type { Candles } from "../../data/candles.ts";
import type { Forecasts } from "../../forecast/forecast.ts";
import { judgeForecasts } from "../forecast_verdict.ts";
import type { Showable, ShowOptions } from "../showable.ts";
import { judge } from "../verdict.ts";
import { TEAR_SHEET_CSS } from "./css.ts";
import { equityPart } from "./equity.ts";
import { curvePart, linesPart, scoresTable } from "./forecast.ts";
import { renderChart } from "./line_chart.ts";
import { verdictPart } from "./shell.ts";
import { notesList, strategiesTable } from "./strategies.ts";
import { count, moment, number } from "./text.ts";
import { withColors } from "./track.ts";

const STYLE = `<style>.adaptrade{${
  TEAR_SHEET_CSS.replaceAll(":root", "&").replace("body{", "&{padding:1rem;")
}}</style>`;

/** Most points of a line in a cell. */
const MOST_POINTS = 720;

/** A fragment, and the same in words. */
export interface Fragment {
  /** With its style. */
  readonly html: string;
  /** Plain. */
  readonly text: string;
}

function candlesPart({ symbol, interval, time, close }: Candles): Fragment {
  const bars = time.length;
  const text = bars === 0
    ? `${symbol}: no bars`
    : `${symbol}: ${bars} bars of ${interval}, ${moment(time[0])} to ${moment(time[bars - 1])}`;
  return { text, html: renderChart([{ name: symbol, x: time, y: close, color: 1 }], { title: text, heading: true }) };
}

function forecastsPart(forecasts: Forecasts, { band }: ShowOptions): Fragment {
  const { market, horizon, unit, time, value } = forecasts;
  const last = time.length - 1;
  const told = last < 0 ? "no forecast" : `${number(value[last], 4)} from ${moment(time[last])}`;
  return {
    text: `${market}: ${count(time.length, "forecast")} ${count(horizon, "bar")} ahead (${unit}); the last is ${told}`,
    html: linesPart({ forecasts, ...(band && { band }) }),
  };
}

function comparisonPart(comparison: Comparison): Fragment {
  const tracks = withColors(comparison.strategies.map(({ result }) => result));
  const strategies = comparison.strategies.map((strategy, i) => ({ ...strategy, result: tracks[i] }));
  const verdict = judge(comparison);
  const id = `shown-${comparison.market.replace(/\W/g, "-")}`;
  return {
    text: verdict.sentences.join(" "),
    html: verdictPart(verdict) + strategiesTable(strategies) + notesList(strategies) +
      equityPart(tracks, { id, mostPoints: MOST_POINTS }),
  };
}

function partOf(what: Showable, options: ShowOptions): Fragment {
  if ("strategies" in what) return comparisonPart(what);
  if ("scores" in what) {
    const verdict = judgeForecasts(what);
    return { text: verdict.sentences.join(" "), html: verdictPart(verdict) + scoresTable(what) };
  }
  if ("lengths" in what) {
    const text = what.methods.map(({ name, mse }) => `${name}: ${mse.map((error) => number(error, 4)).join(", ")}`);
    return { text: text.join("\n"), html: curvePart(what) };
  }
  if ("knownAt" in what) return forecastsPart(what, options);
  if ("close" in what) return candlesPart(what);
  const had = Object.keys(what as object).slice(0, 5).join(", ");
  throw new TypeError(
    `Cannot show a result: expected candles, forecasts, a comparison or a history curve, got an object of ${had}`,
  );
}

/** Draws a result. */
export function fragmentOf(what: Showable, options: ShowOptions): Fragment {
  if (typeof what !== "object" || what === null) {
    throw new TypeError(`Cannot show a result: expected a result of this library, got ${String(what)}`);
  }
  const { html, text } = partOf(what, options);
  return { text, html: `<div class="adaptrade">${STYLE}${html}</div>` };
}
