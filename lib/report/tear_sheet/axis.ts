/**
 * What the charts of a tear sheet share: the plotting area, the axes and the figure around an SVG. Scales come from d3; no
 * DOM, no script. Colours are CSS classes, so the page decides between dark and light.
 * @module
 */
// @ts-types="@types/d3-scale"
import { scaleUtc } from "d3-scale";
import { escapeHtml } from "./text.ts";

/** A chart's plotting area within its view box, in SVG units. */
export interface Frame {
  /** Width of the view box. */
  readonly width: number;
  /** Height of the view box. */
  readonly height: number;
  /** Left edge of the plotting area. */
  readonly left: number;
  /** Right edge of it. */
  readonly right: number;
  /** Upper edge of it. */
  readonly top: number;
  /** Lower edge of it. */
  readonly bottom: number;
}

/** The usual plotting area of a view box of some height, with room for a label under the axis if there is one. */
export function frameOf(height: number, isLabelled = false): Frame {
  const width = 720;
  return { width, height, left: 84, right: width - 16, top: 14, bottom: height - (isLabelled ? 56 : 32) };
}

/** One tick of an axis. */
export interface Tick {
  /** Where, in SVG units. */
  readonly at: number;
  /** What it says. */
  readonly text: string;
}

/** A position in SVG units, to a tenth. */
export function round(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

/** Horizontal grid lines with their labels. */
export function valueAxis({ left, right }: Frame, ticks: readonly Tick[]): string {
  return ticks.map(({ at, text }) =>
    `<line x1="${left}" x2="${right}" y1="${round(at)}" y2="${round(at)}"/>` +
    `<text x="${left - 8}" y="${round(at + 4)}" text-anchor="end">${escapeHtml(text)}</text>`
  ).join("");
}

/** Half of a label on a narrow screen, in SVG units: nearer to the edge it would be cut off. */
const HALF_LABEL = 30;

/** Labels under the plotting area; every other one makes room on a narrow screen. */
export function horizontalAxis(frame: Frame, ticks: readonly Tick[], label?: string): string {
  const { left, right, bottom, height, width } = frame;
  const texts = ticks.map(({ at, text }, i) => {
    const place = width - at < HALF_LABEL
      ? `x="${width}" y="${bottom + 22}" text-anchor="end"`
      : `x="${round(at)}" y="${bottom + 22}" text-anchor="middle"`;
    return `<text${i % 2 === 1 ? ' class="wide"' : ""} ${place}>${escapeHtml(text)}</text>`;
  }).join("");
  const named = label
    ? `<text x="${(left + right) / 2}" y="${height - 4}" text-anchor="middle">${escapeHtml(label)}</text>`
    : "";
  return texts + named;
}

/** A time scale over the plotting area and its ticks. */
export function timeAxis(
  [from, to]: readonly [number, number],
  { left, right }: Frame,
): { readonly x: (time: number) => number; readonly ticks: Tick[] } {
  const scale = scaleUtc([from, to], [left, right]);
  const print = scale.tickFormat(6);
  return { x: (time) => scale(time), ticks: scale.ticks(6).map((tick) => ({ at: scale(tick), text: print(tick) })) };
}

/** An entry of a legend: a name and the HTML of its sample. */
export interface LegendEntry {
  /** What the sample stands for. */
  readonly name: string;
  /** The sample, as HTML. */
  readonly sample: string;
}

/** What {@linkcode svgFigure} puts around a drawing. */
export interface FigureOptions {
  /** What the chart shows: its heading, and its name for screen readers. */
  readonly title: string;
  /** What it says, for those who cannot see it. */
  readonly description?: string | undefined;
  /** What its marks stand for (default no legend). */
  readonly legend?: readonly LegendEntry[];
  /** False leaves the heading to what is around the figure (default true). */
  readonly heading?: boolean;
}

/** A drawing as a figure with its heading and legend. */
export function svgFigure(drawing: string, frame: Frame | null, options: FigureOptions): string {
  const { title, description, legend = [], heading = true } = options;
  const entries = legend.map(({ name, sample }) => `<li>${sample}${escapeHtml(name)}</li>`).join("");
  const caption = (heading ? `<h4>${escapeHtml(title)}</h4>` : "") +
    (entries ? `<ul class="legend">${entries}</ul>` : "");
  const captioned = caption ? `<figcaption>${caption}</figcaption>` : "";
  if (frame === null) return `<figure>${captioned}${drawing}</figure>`;
  return `<figure>${captioned}<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img"><title>${
    escapeHtml(title)
  }</title>${description ? `<desc>${escapeHtml(description)}</desc>` : ""}${drawing}</svg></figure>`;
}
