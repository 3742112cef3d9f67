/**
 * Candles (or a line, for a market of closes alone) with markers, levels and shaded stretches, drawn by lightweight-charts,
 * which is loaded when a chart first stands on a page. For islands only. Colours come from the theme; its attribution stays. Arrow
 * keys walk over the bars, which are read aloud, and the figures stand behind them in a table.
 * @module
 */
import type {
  IChartApi,
  ISeriesApi,
  ISeriesMarkersPluginApi,
  SeriesMarker,
  Time,
  UTCTimestamp,
} from "lightweight-charts";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ChartBars } from "../server/lab_candles.ts";
import { CandleLayer, type ChartBand, type ChartLevel } from "./candle_layer.ts";
import { indexAfter } from "./chart_keys.ts";
import { tickName } from "./chart_time.ts";
import { ChartTable } from "./ChartTable.tsx";
import { barName, isDays, price } from "./format.ts";
import { StaleNotice } from "./StaleNotice.tsx";

/** A mark at a bar. */
export interface ChartMarker {
  /** Open time of the bar, ms UTC. */
  readonly time: number;
  /** On which side of the bar. */
  readonly position: "above" | "below";
  /** Its shape. */
  readonly shape: "arrowUp" | "arrowDown" | "circle" | "square";
  /** Role of its colour, such as `--good`. */
  readonly color: string;
  /** A few letters beside it. */
  readonly text?: string;
}

/** What a chart shows. */
export interface CandleChartProps {
  /** What the chart says, for those who do not see it. */
  readonly label: string;
  /** The bars. */
  readonly bars: ChartBars;
  /** Marks, by ascending time. */
  readonly markers?: readonly ChartMarker[];
  /** Levels, such as stops. */
  readonly levels?: readonly ChartLevel[];
  /** Shaded stretches. */
  readonly bands?: readonly ChartBand[];
  /** Open time of a bar that has to be in view, ms UTC. */
  readonly focus?: number;
  /** Told the open time of a bar that was clicked, ms UTC. */
  readonly onPick?: (time: number) => void;
  /** Height in CSS pixels (default 380). */
  readonly height?: number;
}

/** A chart as drawn, and how to bring it up to date. */
interface Drawn {
  readonly chart: IChartApi;
  /** Puts the cross on a bar, and the bar into view. */
  point(index: number): void;
  update(props: CandleChartProps): void;
}

const seconds = (ms: number): UTCTimestamp => ms / 1000 as UTCTimestamp;

/** The chart. */
export function CandleChart(props: CandleChartProps): JSX.Element {
  const { label, bars, height = 380 } = props;
  const holder = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const pointed = useSignal<number | null>(null);
  const stale = useSignal(false);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    let gone = false;
    const draw = async () => {
      const library = await import("lightweight-charts").catch(() => null);
      stale.value = library === null;
      if (library === null) return;
      const element = holder.current;
      if (gone || element === null) return;
      const range = drawn.current?.chart.timeScale().getVisibleLogicalRange();
      drawn.current?.chart.remove();
      drawn.current = drawChart(library, element, latest.current);
      drawn.current.update(latest.current);
      if (range) drawn.current.chart.timeScale().setVisibleLogicalRange(range);
      // Only now: until it has been laid out, a chart that sizes itself has no width to fit a range into.
      drawn.current.chart.applyOptions({ autoSize: true });
    };
    const scheme = matchMedia("(prefers-color-scheme: light)");
    void draw();
    addEventListener("themechange", draw);
    scheme.addEventListener("change", draw);
    return () => {
      gone = true;
      removeEventListener("themechange", draw);
      scheme.removeEventListener("change", draw);
      drawn.current?.chart.remove();
      drawn.current = null;
    };
  }, [bars, height]);
  useEffect(() => drawn.current?.update(props));

  const nameOf = barName(bars.interval);
  const move = (event: KeyboardEvent) => {
    const last = bars.time.length - 1;
    const index = indexAfter(event.key, pointed.value ?? last, last);
    if (index === null || last < 0) return;
    event.preventDefault();
    pointed.value = index;
    drawn.current?.point(index);
  };
  const prices = (["open", "high", "low", "close"] as const).slice(bars.closeOnly ? 3 : 0);
  return (
    <>
      {stale.value && <StaleNotice />}
      <div
        class="chart candles"
        ref={holder}
        role="figure"
        tabIndex={0}
        aria-label={`${label}. Arrow keys walk over the bars`}
        onKeyDown={move}
        style={{ height: `${height}px` }}
      />
      <p class="visually-hidden" role="status">
        {pointed.value !== null && pointed.value < bars.time.length &&
          [nameOf(bars.time[pointed.value]), ...prices.map((name) => `${name} ${price(bars[name][pointed.value!])}`)]
            .join(", ")}
      </p>
      <ChartTable
        label={label}
        head={isDays(bars.interval) ? "Date" : "Time"}
        count={bars.time.length}
        nameAt={(index) => nameOf(bars.time[index])}
        series={prices.map((name) => ({ label: name, values: bars[name] }))}
        words={price}
      />
    </>
  );
}

type Library = typeof import("lightweight-charts");

function drawChart(library: Library, element: HTMLElement, { bars, height = 380 }: CandleChartProps): Drawn {
  const style = getComputedStyle(element);
  const color = (role: string) => style.getPropertyValue(role).trim();
  const daily = isDays(bars.interval);
  const chart = library.createChart(element, {
    width: element.clientWidth,
    height,
    layout: {
      background: { type: library.ColorType.Solid, color: "transparent" },
      textColor: color("--muted"),
      fontFamily: style.fontFamily,
      fontSize: 12,
    },
    localization: { timeFormatter: (time: Time) => barName(bars.interval)(Number(time) * 1000) },
    grid: { vertLines: { color: color("--grid") }, horzLines: { color: color("--grid") } },
    rightPriceScale: { borderColor: color("--line") },
    timeScale: {
      borderColor: color("--line"),
      timeVisible: !daily,
      // Its own names of months have no year.
      tickMarkFormatter: (time: Time, kind: number) => tickName(time as UTCTimestamp, kind, daily),
      tickMarkMaxCharacterLength: daily ? 8 : 11,
      rightOffset: 4,
      minBarSpacing: 0.05,
    },
    crosshair: { mode: library.CrosshairMode.Normal },
    // A finger moving up or down scrolls the page, not the chart.
    handleScroll: { vertTouchDrag: false },
  });
  const digits = Math.max(2, Math.min(8, 4 - Math.floor(Math.log10(Math.abs(bars.close.at(-1) ?? 1) || 1))));
  const priceFormat = { type: "price" as const, precision: digits, minMove: 10 ** -digits };
  const series: ISeriesApi<"Candlestick"> | ISeriesApi<"Line"> = bars.closeOnly
    ? addCloses(library, chart, { bars, color: color("--chart-2"), priceFormat })
    : addCandles(library, chart, { bars, up: color("--good"), down: color("--bad"), priceFormat });
  const layer = new CandleLayer(color);
  (series as ISeriesApi<"Line">).attachPrimitive(layer);
  const markers: ISeriesMarkersPluginApi<Time> = library.createSeriesMarkers(series as ISeriesApi<"Line", Time>, []);
  let [focus, pick]: [number | undefined, CandleChartProps["onPick"]] = [undefined, undefined];
  chart.subscribeClick(({ time }) => typeof time === "number" && pick?.(time * 1000));

  let shown: CandleChartProps["markers"];
  return {
    chart,
    point(index) {
      bringIntoView(chart, bars, bars.time[index], false);
      chart.setCrosshairPosition(bars.close[index], seconds(bars.time[index]), series as ISeriesApi<"Line">);
    },
    update(props) {
      pick = props.onPick;
      layer.show(props.bands ?? [], props.levels ?? []);
      if (props.markers !== shown) {
        shown = props.markers;
        markers.setMarkers((props.markers ?? []).map((marker) => seriesMarker(marker, color)));
      }
      if (props.focus !== focus) {
        bringIntoView(chart, bars, props.focus, focus === undefined);
        focus = props.focus;
      }
    },
  };
}

function addCandles(
  { CandlestickSeries }: Library,
  chart: IChartApi,
  { bars, up, down, priceFormat }: {
    readonly bars: ChartBars;
    readonly up: string;
    readonly down: string;
    readonly priceFormat: { readonly type: "price"; readonly precision: number; readonly minMove: number };
  },
): ISeriesApi<"Candlestick"> {
  const series = chart.addSeries(CandlestickSeries, {
    upColor: up,
    downColor: down,
    wickUpColor: up,
    wickDownColor: down,
    borderVisible: false,
    lastValueVisible: false,
    priceLineVisible: false,
    priceFormat,
  });
  series.setData(bars.time.map((time, i) => ({
    time: seconds(time),
    open: bars.open[i],
    high: bars.high[i],
    low: bars.low[i],
    close: bars.close[i],
  })));
  return series;
}

function addCloses(
  { LineSeries }: Library,
  chart: IChartApi,
  { bars, color, priceFormat }: {
    readonly bars: ChartBars;
    readonly color: string;
    readonly priceFormat: { readonly type: "price"; readonly precision: number; readonly minMove: number };
  },
): ISeriesApi<"Line"> {
  const series = chart.addSeries(LineSeries, {
    color,
    lineWidth: 2,
    lastValueVisible: false,
    priceLineVisible: false,
    priceFormat,
  });
  series.setData(bars.time.map((time, i) => ({ time: seconds(time), value: bars.close[i] })));
  return series;
}

function seriesMarker(
  { time, position, shape, color: role, text }: ChartMarker,
  color: (role: string) => string,
): SeriesMarker<Time> {
  return {
    time: seconds(time),
    position: position === "above" ? "aboveBar" : "belowBar",
    shape,
    color: color(role),
    size: 1,
    ...(text !== undefined && { text }),
  };
}

/** A bar is drawn about this wide where there is room, CSS pixels. */
const BAR_PIXELS = 5;
const [LEAST_BARS, MOST_BARS] = [50, 160];

/** Moves to a bar that is out of view; the first time, always. */
function bringIntoView(chart: IChartApi, bars: ChartBars, focus: number | undefined, isFirst: boolean): void {
  const scale = chart.timeScale();
  if (focus === undefined) return scale.fitContent();
  const index = bars.time.findLastIndex((time) => time <= focus);
  const range = scale.getVisibleLogicalRange();
  if (!isFirst && range !== null && index > range.from + 1 && index < range.to - 1) return;
  const count = Math.max(LEAST_BARS, Math.min(MOST_BARS, Math.round(scale.width() / BAR_PIXELS)));
  const to = Math.min(bars.time.length + 3, index + Math.round(0.3 * count));
  scale.setVisibleLogicalRange({ from: to - count, to });
}
