/**
 * Ranges on a logarithmic axis as an SVG string: a dot for the mean, a line from smallest to largest. It draws what is above 0.
 * @module
 */
// @ts-types="@types/d3-scale"
import { scaleLog } from "d3-scale";
import { type Frame, horizontalAxis, round, svgFigure } from "./axis.ts";
import { escapeHtml } from "./text.ts";

/** One range. */
export interface RangeRow {
  /** What it is of. */
  readonly name: string;
  /** Smallest value. */
  readonly min: number;
  /** Mean value. */
  readonly mean: number;
  /** Largest value. */
  readonly max: number;
}

const ROW = 28;

/** Draws ranges below each other; rows with a mean of 0 keep their name and say so. */
export function renderRanges(rows: readonly RangeRow[], title: string): string {
  const top = 8;
  const bottom = top + ROW * rows.length;
  const frame: Frame = { width: 720, height: bottom + 34, left: 178, right: 690, top, bottom };
  const above = rows.filter(({ min }) => min > 0);
  const [low, high] = [Math.min(...above.map(({ min }) => min)), Math.max(...above.map(({ max }) => max))];
  const x = scaleLog(above.length > 0 ? [low / 1.5, high * 1.5] : [0.1, 1], [frame.left, frame.right]);
  const decades = x.ticks(6);
  const ticks = decades.filter((_, i) => i % Math.ceil(decades.length / 6) === 0);
  const drawn = rows.map(({ name, min, mean, max }, i) => {
    const y = top + i * ROW + ROW / 2;
    const label = `<text x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${escapeHtml(name)}</text>`;
    if (!(min > 0)) return `<g class="grid">${label}<text x="${frame.left}" y="${y + 4}">not adapted</text></g>`;
    return `<g class="grid">${label}</g><g class="lines"><path class="s1" d="M${round(x(min))},${y}H${
      round(x(max))
    }"/>` +
      `<circle class="f1" cx="${round(x(mean))}" cy="${y}" r="5"/></g>`;
  }).join("");
  const axis = horizontalAxis(frame, ticks.map((tick) => ({ at: x(tick), text: String(Number(tick.toPrecision(2))) })));
  return svgFigure(`<g class="grid">${axis}</g>${drawn}`, frame, {
    title,
    description: rows.map(({ name, mean }) => `${name}: ${Number(mean.toPrecision(3))}`).join(", "),
  });
}
