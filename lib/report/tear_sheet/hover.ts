/**
 * Values that a chart shows where the pointer rests on it: plain SVG titles on parts that are not seen, so a page needs no script
 * and prints as before. It draws nothing.
 * @module
 */
import { type Frame, round } from "./axis.ts";
import type { ChartSeries } from "./chart_series.ts";
import { escapeHtml } from "./text.ts";

/** A title on a stretch of a chart's width. */
export function hoverArea({ top, bottom }: Frame, from: number, to: number, text: string): string {
  return `<rect x="${round(from)}" y="${top}" width="${round(to - from)}" height="${bottom - top}"><title>${
    escapeHtml(text)
  }</title></rect>`;
}

/** How the values of lines are named. */
export interface HoverOptions {
  /** Where a horizontal value lies, in SVG units. */
  readonly x: (value: number) => number;
  /** A horizontal value in words. */
  readonly name: (value: number) => string;
  /** A vertical value in words. */
  readonly format: (value: number) => string;
  /** Most titles. */
  readonly most: number;
}

/** Titles over the lines of a chart: at up to `most` places of the first, the values that all of them have there. */
export function hoverLines(series: readonly ChartSeries[], frame: Frame, options: HoverOptions): string {
  const { x, name, format, most } = options;
  const [{ x: at }] = series;
  const every = Math.max(1, Math.ceil(at.length / most));
  const places = Array.from({ length: Math.ceil(at.length / every) }, (_, i) => at.length - 1 - i * every).reverse();
  const others = series.map(({ x, y }) => new Map(Array.from(x, (value, i) => [value, y[i]])));
  const edges = places.map((place) => x(at[place]));
  const areas = places.map((place, i) => {
    const values = series.flatMap((line, s) => {
      const value = others[s].get(at[place]);
      return value === undefined || !Number.isFinite(value) ? [] : [`${line.name} ${format(value)}`];
    });
    const from = i === 0 ? frame.left : (edges[i - 1] + edges[i]) / 2;
    const to = i + 1 < edges.length ? (edges[i] + edges[i + 1]) / 2 : frame.right;
    return values.length === 0 ? "" : hoverArea(frame, from, to, `${name(at[place])}: ${values.join(", ")}`);
  });
  return `<g class="hover">${areas.join("")}</g>`;
}
