/**
 * A line chart as an SVG string: scales and paths by d3, no DOM, no script. It knows no strategy and no money.
 * Colours are CSS variables (`--series-1` and on), so the page decides between dark and light.
 * @module
 */
// @ts-types="@types/d3-array"
import { extent } from "d3-array";
// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog, scalePoint, scaleUtc } from "d3-scale";
// @ts-types="@types/d3-shape"
import { line } from "d3-shape";

/** One line of a chart. */
export interface ChartSeries {
  /** Name in the legend. */
  readonly name: string;
  /** Horizontal values; ms UTC on a time axis. */
  readonly x: ArrayLike<number>;
  /** Vertical values; those that are not finite are left out. */
  readonly y: ArrayLike<number>;
  /** Which of the page's colours, from 1. */
  readonly color: number;
}

/** How a chart is drawn. */
export interface ChartOptions {
  /** What the chart shows; read out by screen readers and printed above it. */
  readonly title: string;
  /** Horizontal axis: time in ms UTC, or evenly spaced values as they come (default `time`). */
  readonly xKind?: "time" | "steps";
  /** Vertical axis (default `linear`). Logarithmic leaves out values of 0 and below. */
  readonly yKind?: "linear" | "log";
  /** Prints a vertical value (default three significant digits). */
  readonly format?: (value: number) => string;
  /** Label of the horizontal axis. */
  readonly xLabel?: string;
}

const [WIDTH, HEIGHT] = [720, 312];
const MARGIN = { top: 14, right: 16, bottom: 52, left: 84 };
/** More points than this cannot be told apart at this width. */
const MOST_POINTS = 1440;

/** Escapes text for HTML and SVG. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The points to draw: finite ones, thinned to the lowest and highest of each stretch so that no spike is lost. */
function pointsOf({ x, y }: ChartSeries, isLog: boolean): Point[] {
  const points = Array.from(x, (at, i) => ({ x: at, y: y[i] })).filter(({ y }) =>
    Number.isFinite(y) && (!isLog || y > 0)
  );
  if (points.length <= MOST_POINTS) return points;
  const stretch = Math.ceil(points.length / (MOST_POINTS / 2));
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

function round(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

/** At most about six tick values of a logarithmic axis, thinned evenly. */
function logTicks(scale: { ticks(count: number): number[] }, low: number, high: number): number[] {
  if (high / low < 12) return scaleLinear([low, high], [0, 1]).ticks(5).filter((tick) => tick > 0);
  const ticks = scale.ticks(6);
  const every = Math.ceil(ticks.length / 6);
  return ticks.filter((_, i) => i % every === 0);
}

/**
 * Draws lines as an SVG element with axes, grid and legend.
 *
 * @param series The lines; those without a point are named in the legend alone.
 * @param options Title and axes.
 * @returns A `<figure>` as a string; names and titles are escaped.
 */
export function renderChart(series: readonly ChartSeries[], options: ChartOptions): string {
  const { title, xKind = "time", yKind = "linear", xLabel } = options;
  const format = options.format ?? ((value: number): string => String(Number(value.toPrecision(3))));
  const drawn = series.map((one) => pointsOf(one, yKind === "log"));
  const all = drawn.flat();
  const legend = series.map(({ name, color }) =>
    `<li><span class="swatch" style="background:var(--series-${color})"></span>${escapeHtml(name)}</li>`
  ).join("");
  const caption = `<figcaption><h3>${escapeHtml(title)}</h3><ul class="legend">${legend}</ul></figcaption>`;
  if (all.length === 0) return `<figure>${caption}<p>There is nothing to draw.</p></figure>`;

  const [right, bottom] = [WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom];
  let [low, high] = extent(all, ({ y }) => y) as [number, number];
  if (low === high) [low, high] = yKind === "log" ? [low / 1.01, high * 1.01] : [low - 0.5, high + 0.5];
  const y = yKind === "log"
    ? scaleLog([low, high], [bottom, MARGIN.top])
    : scaleLinear([low, high], [bottom, MARGIN.top]).nice(5);
  const yTicks = yKind === "log" ? logTicks(y, low, high) : y.ticks(5);
  const [xAt, xTicks] = horizontal(all.map(({ x }) => x), xKind, [MARGIN.left, right]);

  const grid = yTicks.map((tick) =>
    `<line x1="${MARGIN.left}" x2="${right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>` +
    `<text x="${MARGIN.left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${escapeHtml(format(tick))}</text>`
  ).join("");
  const axis = xTicks.map(({ at, text }) =>
    `<text x="${round(at)}" y="${bottom + 20}" text-anchor="middle">${escapeHtml(text)}</text>`
  ).join("");
  const label = xLabel
    ? `<text x="${(MARGIN.left + right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escapeHtml(xLabel)}</text>`
    : "";
  const path = line<Point>((point) => xAt(point.x), (point) => y(point.y)).digits(1);
  const marks = (points: readonly Point[], color: number): string =>
    xKind === "steps" || points.length === 1
      ? points.map((point) =>
        `<circle cx="${round(xAt(point.x))}" cy="${round(y(point.y))}" r="3.5" fill="var(--series-${color})"/>`
      ).join("")
      : "";
  const lines = drawn.map((points, i) =>
    points.length === 0
      ? ""
      : `<path d="${path(points)}" stroke="var(--series-${series[i].color})"/>` + marks(points, series[i].color)
  );
  // The first series is what the chart is about: it is drawn last, on top.
  return `<figure>${caption}<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">` +
    `<g class="grid">${grid}${axis}${label}</g><g class="lines">${lines.reverse().join("")}</g></svg></figure>`;
}

function horizontal(
  values: readonly number[],
  kind: "time" | "steps",
  range: readonly [number, number],
): [(value: number) => number, { at: number; text: string }[]] {
  if (kind === "steps") {
    const scale = scalePoint([...new Set(values)].sort((a, b) => a - b), range).padding(0.3);
    return [(value) => scale(value)!, scale.domain().map((value) => ({ at: scale(value)!, text: String(value) }))];
  }
  const scale = scaleUtc(extent(values) as [number, number], range);
  const print = scale.tickFormat(6);
  return [(value) => scale(value), scale.ticks(6).map((tick) => ({ at: scale(tick), text: print(tick) }))];
}
