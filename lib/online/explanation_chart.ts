/**
 * An explained decision as one picture: an SVG string with bars for features and support bars. No DOM, no script, no page.
 * Colours are CSS variables with fallbacks, so it can stand alone or follow a page's theme.
 * @module
 */
import type { DecisionExplanation } from "./explain.ts";

const WIDTH = 720;
const ROW = 22;
const LABEL = 130;
const PANEL = 130;

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Basis points of a return, signed. */
function points(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value * 1e4).toPrecision(3)} bp`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end" = "start"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(words)}</text>`;
}

function fill(value: number): string {
  return value < 0 ? "var(--series-2,#d55e00)" : "var(--series-1,#0072b2)";
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

function featureBars({ features }: DecisionExplanation, top: number): string {
  const [left, right] = [LABEL, WIDTH - 90];
  const middle = (left + right) / 2;
  const most = largest(features.map(({ contribution }) => contribution));
  return features.map(({ name, contribution, scaled }, i) => {
    const y = top + i * ROW;
    const length = Math.abs(contribution) / most * (right - left) / 2;
    const x = contribution < 0 ? middle - length : middle;
    return text(LABEL - 8, y + 14, `${name} (${scaled.toFixed(1)}σ)`, "end") +
      `<rect x="${x.toFixed(1)}" y="${y + 3}" width="${length.toFixed(1)}" height="${ROW - 6}" fill="${
        fill(contribution)
      }"/>` + text(WIDTH - 8, y + 14, points(contribution), "end");
  }).join("");
}

function supportBars({ support }: DecisionExplanation, top: number): string {
  const most = largest(support.map(({ leaveOneOut }) => leaveOneOut));
  const middle = top + PANEL / 2;
  const width = (WIDTH - LABEL - 16) / support.length;
  const bars = support.map(({ leaveOneOut }, i) => {
    const height = Math.abs(leaveOneOut) / most * (PANEL / 2 - 4);
    const y = leaveOneOut < 0 ? middle : middle - height;
    return `<rect x="${(LABEL + i * width).toFixed(1)}" y="${y.toFixed(1)}" width="${
      Math.max(0.5, width - 1).toFixed(1)
    }" ` +
      `height="${height.toFixed(1)}" fill="${fill(leaveOneOut)}"/>`;
  }).join("");
  const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");
  return bars + text(LABEL - 8, top + 14, points(most), "end") +
    text(LABEL - 8, top + PANEL - 4, points(-most), "end") +
    text(LABEL, top + PANEL + 14, day(support[0].time)) +
    text(WIDTH - 16, top + PANEL + 14, day(support[support.length - 1].time), "end");
}

function learnedLines({ forecast, learned }: DecisionExplanation): string[] {
  const rates = learned.rates.map(({ layer, step, fixed, learned }) =>
    `layer ${layer}${step > 0 ? ` step ${step}` : ""}: ${fixed.toPrecision(2)} → ${learned.toPrecision(2)}`
  );
  return [
    `With the configured rates and loss the forecast would be ${points(learned.fixed)}, not ${points(forecast)};`,
    `with the learned rates alone ${points(learned.ratesAlone)}, with the learned loss alone ${
      points(learned.lossAlone)
    }.`,
    rates.length === 0
      ? "It has no inner learning rates."
      : `Learning rates, ${rates.slice(0, 4).join(", ")}${rates.length > 4 ? ` and ${rates.length - 4} more` : ""}.`,
  ];
}

/**
 * Draws an explained decision.
 *
 * @param explanation From {@linkcode explainDecision}.
 * @returns A standalone `<svg>` as a string; names are escaped.
 *
 * @example
 * ```ts
 * import {
 *   barsOf,
 *   metaGradient,
 *   mlp,
 *   observe,
 *   onlineConfig,
 *   onlineInit,
 *   openEngine,
 *   simulateMarket,
 *   updateAndPredict,
 * } from "@adaptrade/adaptrade";
 * import { explainDecision, renderExplanation } from "@adaptrade/adaptrade/online";
 * import { assertStringIncludes } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * let state = onlineInit(config, [candles]);
 * for (const bar of barsOf(candles)) ({ state } = await updateAndPredict(engine, observe(state, bar)));
 * assertStringIncludes(renderExplanation(await explainDecision(engine, state)), "<svg");
 * ```
 */
export function renderExplanation(explanation: DecisionExplanation): string {
  const { symbol, time, forecast, atMean, features } = explanation;
  const featuresAt = 70;
  const supportAt = featuresAt + features.length * ROW + 40;
  const linesAt = supportAt + PANEL + 50;
  const lines = learnedLines(explanation);
  const height = linesAt + lines.length * 20 + 8;
  const title = `${symbol} at ${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC: forecast ${
    points(forecast)
  }`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${
    escape(title)
  }"><g fill="var(--ink,#1c2126)" font-family="system-ui,sans-serif" font-size="12">` +
    `<g font-size="15" font-weight="600">${text(8, 22, title)}</g>` +
    text(8, 52, `What each feature adds to ${points(atMean)}, the forecast for an average bar`) +
    featureBars(explanation, featuresAt) +
    text(
      8,
      supportAt - 12,
      "How the forecast would fall had adaptation not seen a support bar (leave-one-out, scaling held)",
    ) +
    supportBars(explanation, supportAt) +
    lines.map((line, i) => text(8, linesAt + i * 20, line)).join("") + "</g></svg>";
}
