/**
 * A line chart as an SVG string: scales and paths by d3, no DOM, no script. It knows no strategy and no money.
 * Colours and dashes are CSS classes (`s1` and on), so the page decides between dark and light.
 * @module
 */
// @ts-types="@types/d3-array"
import { extent } from "d3-array";
// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog, type ScaleLogarithmic, scalePoint } from "d3-scale";
// @ts-types="@types/d3-shape"
import { line } from "d3-shape";
import { type Frame, frameOf, horizontalAxis, round, svgFigure, type Tick, timeAxis, valueAxis } from "./axis.ts";
import type { ChartSeries } from "./chart_series.ts";
import { hoverLines } from "./hover.ts";
import { moment, swatch } from "./text.ts";

/** How a chart is drawn. */
export interface ChartOptions {
  /** What the chart shows: heading, and name for screen readers. */
  readonly title: string;
  /** What it says, for those who cannot see it. */
  readonly description?: string;
  /** Horizontal axis: time in ms UTC, or evenly spaced values as they come (default `time`). */
  readonly xKind?: "time" | "steps";
  /** Vertical axis (default `linear`). Logarithmic leaves out values of 0 and below. */
  readonly yKind?: "linear" | "log";
  /** Prints a vertical value (default three significant digits). */
  readonly format?: (value: number) => string;
  /** Label of the horizontal axis. */
  readonly xLabel?: string;
  /** False leaves heading and legend to what is around the chart (default true). */
  readonly heading?: boolean;
  /** Most points of a line (default 720, one an SVG unit). */
  readonly mostPoints?: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The points to draw: finite ones, thinned to the lowest and highest of each stretch so that no spike is lost. */
function pointsOf({ x, y }: ChartSeries, options: { isLog: boolean; most: number }): Point[] {
  const points = Array.from(x, (at, i) => ({ x: at, y: y[i] })).filter(({ y }) =>
    Number.isFinite(y) && (!options.isLog || y > 0)
  );
  if (points.length <= options.most) return points;
  const stretch = Math.ceil(points.length / (options.most / 2));
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    const low = part.reduce((a, b) => b.y < a.y ? b : a);
    const high = part.reduce((a, b) => b.y > a.y ? b : a);
    kept.push(...(low === high ? [low] : low.x < high.x ? [low, high] : [high, low]));
  }
  kept.push(points[points.length - 1]);
  return kept;
}

/** Points of a line to each title of values: a title is many times as long. */
const POINTS_A_TITLE = 6;

/** Ticks closer than this would print over each other on a phone, in SVG units. */
const LEAST_GAP = 26;

/** Tick values of a logarithmic axis that leave room between their labels; powers of ten go first. */
function logTicks(scale: ScaleLogarithmic<number, number>, low: number, high: number): number[] {
  const ticks = high / low < 12 ? scaleLinear([low, high], [0, 1]).ticks(8).filter((tick) => tick > 0) : scale.ticks(6);
  const isPower = (tick: number): boolean => Number.isInteger(Math.log10(tick));
  const kept: number[] = [];
  for (const tick of [...ticks.filter(isPower), ...ticks.filter((one) => !isPower(one))]) {
    if (kept.every((other) => Math.abs(scale(other) - scale(tick)) >= LEAST_GAP)) kept.push(tick);
  }
  return kept;
}

/** Vertical scale over the values and its tick values. */
function vertical(
  values: readonly number[],
  kind: "linear" | "log",
  { top, bottom }: Frame,
): { readonly y: (value: number) => number; readonly ticks: number[] } {
  let [low, high] = extent(values) as [number, number];
  if (low === high) [low, high] = kind === "log" ? [low / 1.01, high * 1.01] : [low - 0.5, high + 0.5];
  if (kind === "log") {
    const y = scaleLog([low, high], [bottom, top]);
    return { y, ticks: logTicks(y, low, high) };
  }
  const y = scaleLinear([low, high], [bottom, top]).nice(5);
  return { y, ticks: y.ticks(5) };
}

function horizontal(
  values: readonly number[],
  kind: "time" | "steps",
  frame: Frame,
): { readonly x: (value: number) => number; readonly ticks: Tick[] } {
  if (kind === "time") return timeAxis(extent(values) as [number, number], frame);
  const scale = scalePoint([...new Set(values)].sort((a, b) => a - b), [frame.left, frame.right]).padding(0.3);
  const x = (value: number): number => scale(value) ?? frame.left;
  return { x, ticks: scale.domain().map((value) => ({ at: x(value), text: String(value) })) };
}

/**
 * Draws lines with axes, grid and legend.
 *
 * @param series The lines; those without a point are named in the legend alone. The first is what the chart is about.
 * @param options Title and axes.
 * @returns A `<figure>` as a string; names and titles are escaped.
 */
export function renderChart(series: readonly ChartSeries[], options: ChartOptions): string {
  const { xKind = "time", yKind = "linear", xLabel, mostPoints: most = 720, heading = true } = options;
  const format = options.format ?? ((value: number): string => String(Number(value.toPrecision(3))));
  const drawn = series.map((one) => pointsOf(one, { isLog: yKind === "log", most }));
  const all = drawn.flat();
  const legend = heading ? series.map(({ name, color }) => ({ name, sample: swatch(color) })) : [];
  const figure = { title: options.title, description: options.description, heading, legend };
  if (all.length === 0) return svgFigure("<p>There is nothing to draw.</p>", null, figure);

  const frame = frameOf(xLabel ? 312 : 288, xLabel !== undefined);
  const { y, ticks: yTicks } = vertical(all.map(({ y }) => y), yKind, frame);
  const { x, ticks: xTicks } = horizontal(all.map(({ x }) => x), xKind, frame);
  const path = line<Point>((point) => x(point.x), (point) => y(point.y)).digits(1);
  const lines = drawn.map((points, i) => {
    if (points.length === 0) return "";
    const { color } = series[i];
    const marks = xKind === "steps" || points.length === 1
      ? points.map((point) => `<circle class="f${color}" cx="${round(x(point.x))}" cy="${round(y(point.y))}" r="3.5"/>`)
      : [];
    return `<path class="s${color}" d="${path(points)}"/>${marks.join("")}`;
  });
  const axes = valueAxis(frame, yTicks.map((tick) => ({ at: y(tick), text: format(tick) }))) +
    horizontalAxis(frame, xTicks, xLabel);
  // What the chart is about is drawn last, on top.
  return svgFigure(
    `<g class="grid">${axes}</g><g class="lines">${lines.reverse().join("")}</g>` +
      hoverLines(series, frame, {
        x,
        name: (value) => xKind === "time" ? moment(value) : `${xLabel ?? "at"} ${value}`,
        format,
        most: Math.ceil(most / POINTS_A_TITLE),
      }),
    frame,
    figure,
  );
}
