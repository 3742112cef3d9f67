/**
 * Lines over steps or time, drawn by uPlot, which is loaded when a chart first stands on a page. For islands only. Colours
 * come from the theme (`--chart-1` to `--chart-6`); a chart is redrawn when the theme changes.
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";

/** One line. */
export interface ChartSeries {
  /** Its name in the legend. */
  readonly label: string;
  /** Its values, one for each x; null leaves a gap. */
  readonly values: readonly (number | null)[];
  /** Which of the theme's chart colours, 1 to 6 (default: its place among the lines). */
  readonly color?: number;
  /** Points instead of a line. */
  readonly points?: boolean;
  /** Dashed. */
  readonly dashed?: boolean;
  /** Thin and pale, for noise behind what matters. */
  readonly faint?: boolean;
}

/** What a chart shows. */
export interface LineChartProps {
  /** What the chart says, for those who do not see it. */
  readonly label: string;
  /** Ascending: steps, or seconds UTC with `time`. */
  readonly x: readonly number[];
  /** The lines. */
  readonly series: readonly ChartSeries[];
  /** Whether x is time. */
  readonly time?: boolean;
  /** Logarithmic y. */
  readonly log?: boolean;
  /** Height in CSS pixels (default 240). */
  readonly height?: number;
  /** Charts of one name share their cursor. */
  readonly sync?: string;
}

/** The chart. */
export function LineChart(props: LineChartProps): JSX.Element {
  const { label, x, series, time = false, log = false, height = 240, sync } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const data = [x, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const shape = JSON.stringify([
    series.map(({ label, color, points, dashed, faint }) => [label, color, points, dashed, faint]),
    time,
    log,
    height,
  ]);

  useEffect(() => {
    let gone = false;
    const draw = async () => {
      const { default: UPlot } = await import("uplot");
      const element = holder.current;
      if (gone || element === null) return;
      chart.current?.destroy();
      chart.current = new UPlot(options(element, { series, time, log, height, sync }), latest.current, element);
    };
    const resize = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width > 0) chart.current?.setSize({ width: contentRect.width, height });
    });
    const scheme = matchMedia("(prefers-color-scheme: light)");
    void draw();
    resize.observe(holder.current!);
    addEventListener("themechange", draw);
    scheme.addEventListener("change", draw);
    return () => {
      gone = true;
      resize.disconnect();
      removeEventListener("themechange", draw);
      scheme.removeEventListener("change", draw);
      chart.current?.destroy();
      chart.current = null;
    };
  }, [shape]);
  useEffect(() => chart.current?.setData(data));

  return <div class="chart" ref={holder} role="img" aria-label={label} style={{ minHeight: `${height}px` }} />;
}

function options(
  element: HTMLElement,
  { series, time, log, height = 240, sync }: Omit<LineChartProps, "label" | "x">,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--grid"), width: 1 },
    ticks: { stroke: color("--grid"), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const compact = (values: (number | null)[]) =>
    values.map((value) => value === null ? "" : String(Number(value.toPrecision(4))));
  return {
    width: element.clientWidth || 300,
    height,
    scales: { x: { time: time ?? false }, y: { distr: log ? 3 : 1 } },
    axes: [{ ...axis, size: 32 }, { ...axis, size: 56, values: (_, splits) => compact(splits) }],
    cursor: { sync: sync === undefined ? undefined : { key: sync }, points: { size: 6 } },
    series: [
      { label: time ? "time" : "step" },
      ...series.map((line, index): uPlot.Series => ({
        label: line.label,
        stroke: `${color(`--chart-${line.color ?? index % 6 + 1}`)}${line.faint ? "66" : ""}`,
        width: line.points ? 0 : line.faint ? 1 : 1.6,
        dash: line.dashed ? [5, 4] : undefined,
        points: { show: line.points === true, size: 5, fill: color(`--chart-${line.color ?? index % 6 + 1}`) },
        spanGaps: true,
        value: (_, value) => value === null || value === undefined ? "–" : String(Number(value.toPrecision(5))),
      })),
    ],
  };
}
