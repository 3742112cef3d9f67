/**
 * Lines over steps or time, drawn by uPlot, which is loaded when a chart first stands on a page. For islands only. Colours
 * come from the theme (`--chart-1` to `--chart-6`); a chart is redrawn when the theme changes. Arrow keys move the cursor, which
 * is read aloud, and the figures stand behind it in a table, without script too.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { indexAfter } from "./chart_keys.ts";
import { DAILY_TICKS, isDaily, labelRoom, momentName, TIME_LABELS } from "./chart_time.ts";
import { ChartTable } from "./ChartTable.tsx";
import { precise, price, tickFigure } from "./format.ts";
import { StaleNotice } from "./StaleNotice.tsx";

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
  /** It marks values of another line: it is drawn, and neither read aloud nor in the table. */
  readonly echo?: boolean;
  /** Steps, for what holds until it changes. */
  readonly stepped?: boolean;
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
  /** What x is, where it is no time (default "step"). */
  readonly xName?: string;
  /** Whether x is time. */
  readonly time?: boolean;
  /** Logarithmic y; "wide" where values span a factor of ten, for closer ones would be one flat line. */
  readonly log?: boolean | "wide";
  /** Whether its values are prices or money, of which more digits are read. */
  readonly money?: boolean;
  /** Height in CSS pixels (default 240). */
  readonly height?: number;
  /** Charts of one name share their cursor. */
  readonly sync?: string;
}

/** The chart. */
export function LineChart(props: LineChartProps): JSX.Element {
  const { label, x, series, xName = "step", time = false, log = false, money = false, height = 240, sync } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const chosen = useSignal<number | null>(null);
  const stale = useSignal(false);
  const daily = time && isDaily(x);
  const nameOf = (value: number) => time ? momentName(value, daily) : String(value);
  const head = !time ? xName : daily ? "date" : "time";
  const words = money ? price : precise;
  const isLog = log === "wide" ? spansTen(series) : log;
  const data = [x, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const shape = JSON.stringify([
    series.map(({ values: _, ...look }) => look),
    time,
    head,
    isLog,
    money,
    height,
  ]);

  useEffect(() => {
    let gone = false;
    const draw = async () => {
      const library = await import("uplot").catch(() => null);
      stale.value = library === null;
      if (library === null) return;
      const { default: UPlot } = library;
      const element = holder.current;
      if (gone || element === null) return;
      chart.current?.destroy();
      chart.current = new UPlot(
        options(element, {
          series,
          head,
          time,
          log: isLog,
          words,
          height,
          ...(sync !== undefined && { sync }),
          uplot: UPlot,
        }),
        latest.current,
        element,
      );
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

  const last = x.length - 1;
  const now = Math.min(chosen.value ?? last, last);
  const move = (event: KeyboardEvent) => {
    const index = indexAfter(event.key, now, last);
    if (index === null || last < 0) return;
    event.preventDefault();
    chosen.value = index;
    const drawn = chart.current;
    drawn?.setCursor({ left: drawn.valToPos(x[index], "x"), top: 0 });
  };
  return (
    <>
      {stale.value && <StaleNotice />}
      <div
        class="chart"
        ref={holder}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={Math.max(0, now)}
        aria-valuetext={last < 0
          ? "no value yet"
          : valueText(nameOf(x[now]), series.map((line) => [line, words(line.values[now])]))}
        onKeyDown={move}
        style={{ minHeight: `${height}px` }}
      />
      <ChartTable
        label={label}
        head={head[0].toUpperCase() + head.slice(1)}
        count={x.length}
        nameAt={(index) => nameOf(x[index])}
        series={series.filter(({ echo }) => echo !== true)}
        words={words}
      />
    </>
  );
}

/** Whether the largest value is ten times the least. */
function spansTen(series: readonly ChartSeries[]): boolean {
  let [least, most] = [Infinity, 0];
  for (const { values } of series) {
    for (const value of values) {
      if (value !== null) [least, most] = [Math.min(least, value), Math.max(most, value)];
    }
  }
  return most >= 10 * least;
}

/** What is read aloud: where the cursor is, and each line's value there. */
function valueText(name: string, values: readonly (readonly [line: ChartSeries, words: string])[]): string {
  const known = values.filter(([{ echo }, words]) => echo !== true && words !== "–");
  return [name, ...known.map(([{ label }, words]) => `${label} ${words}`)].join(", ");
}

/** Distances of ticks between steps, of which there is no half. */
const STEP_TICKS = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

/** Room for the longest label of the y axis, CSS pixels. */
function axisWidth(labels: readonly string[] | null): number {
  return Math.max(56, 20 + 7 * Math.max(0, ...(labels ?? []).map(({ length }) => length)));
}

/** What the library itself is asked for. */
interface Drawing extends Omit<LineChartProps, "label" | "x" | "time" | "log" | "money"> {
  /** What x is: "date" or "time" where it is time. */
  readonly head: string;
  /** Whether it is. */
  readonly time: boolean;
  /** Whether y is logarithmic. */
  readonly log: boolean;
  /** A value as the legend shows it. */
  readonly words: (value: number | null | undefined) => string;
  readonly uplot: typeof uPlot;
}

function options(
  element: HTMLElement,
  { series, head, time, log, words, height = 240, sync, uplot }: Drawing,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--grid"), width: 1 },
    ticks: { stroke: color("--grid"), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  // The library rounds them: fewer digits would name a tick by another place's number.
  const labels = (values: (number | null)[]) => values.map((value) => value === null ? "" : tickFigure(value));
  return {
    width: element.clientWidth || 300,
    height,
    // Without this it would be the time of wherever the browser is.
    tzDate: (seconds) => uplot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { x: { time }, y: { distr: log ? 3 : 1 } },
    axes: [
      {
        ...axis,
        size: time ? 48 : 32,
        ...(time && { values: TIME_LABELS as uPlot.Axis.Values, space: (_, __, from, to) => labelRoom(to - from) }),
        ...(head === "date" && { incrs: [...DAILY_TICKS] }),
        ...(head === "step" && { incrs: [...STEP_TICKS] }),
      },
      {
        ...axis,
        size: (_, values) => axisWidth(values),
        values: (_, splits) => labels(splits),
      },
    ],
    cursor: { ...(sync !== undefined && { sync: { key: sync } }), points: { size: 6 } },
    series: [
      {
        label: head,
        value: (chart, value) => {
          const x: number | undefined = value ?? chart.data[0].at(-1);
          return x === undefined ? "–" : time ? momentName(x, head === "date") : String(x);
        },
      },
      ...series.map((line, index): uPlot.Series => ({
        label: line.label,
        stroke: `${color(`--chart-${line.color ?? index % 6 + 1}`)}${line.faint ? "66" : ""}`,
        width: line.points ? 0 : line.faint ? 1 : 1.6,
        ...(line.dashed && { dash: [5, 4] }),
        points: { show: line.points === true, size: 5, fill: color(`--chart-${line.color ?? index % 6 + 1}`) },
        spanGaps: true,
        ...(line.stepped && { paths: uplot.paths.stepped!({ align: 1 }) }),
        // Without a cursor: where the line ends.
        value: (chart, value, line, at) => {
          const values = chart.data[line] as readonly (number | null | undefined)[];
          const shown = at === null ? values.findLast((one) => one != null) : value;
          return words(shown);
        },
      })),
    ],
  };
}
