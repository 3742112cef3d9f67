/**
 * What is drawn behind and over candles: shaded stretches of time, and levels that hold for a bar at a time, such as stops. A
 * primitive of lightweight-charts, which calls it whenever the chart is drawn; it never draws on its own. The library's own
 * lines would join the levels of one trade to those of the next.
 * @module
 */
import type {
  IChartApiBase,
  IPrimitivePaneView,
  ISeriesPrimitive,
  Logical,
  PrimitivePaneViewZOrder,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";

/** A shaded stretch. */
export interface ChartBand {
  /** Open time of its first bar, ms UTC. */
  readonly from: number;
  /** Open time of its last bar, ms UTC. */
  readonly to: number;
  /** Role of its colour, such as `--chart-1`. */
  readonly color: string;
  /** Over the whole height (default), or a strip at the bottom. */
  readonly part?: "full" | "strip";
}

/** A level over time. */
export interface ChartLevel {
  /** Its price at each bar, `[bars]`; null where there is none. */
  readonly values: readonly (number | null)[];
  /** Role of its colour. */
  readonly color: string;
}

const STRIP_PIXELS = 8;
const LEVEL_PIXELS = 1.5;
const FULL_OPACITY = 0.2;

type DrawTarget = Parameters<NonNullable<ReturnType<IPrimitivePaneView["renderer"]>>["draw"]>[0];

/** The stretches and levels of one chart. */
export class CandleLayer implements ISeriesPrimitive<Time> {
  #bands: readonly ChartBand[] = [];
  #levels: readonly ChartLevel[] = [];
  #chart: IChartApiBase<Time> | null = null;
  #series: SeriesAttachedParameter<Time>["series"] | null = null;
  #requestUpdate: () => void = () => {};
  readonly #color: (role: string) => string;

  /** @param color the colour of a role */
  constructor(color: (role: string) => string) {
    this.#color = color;
  }

  /** Draws other stretches and levels from now on. */
  show(bands: readonly ChartBand[], levels: readonly ChartLevel[]): void {
    this.#bands = bands;
    this.#levels = levels;
    this.#requestUpdate();
  }

  /** Called by the chart. */
  attached({ chart, series, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#chart = chart;
    this.#series = series;
    this.#requestUpdate = requestUpdate;
  }

  /** Called by the chart. */
  detached(): void {
    this.#chart = null;
  }

  /** Called by the chart. */
  paneViews(): readonly IPrimitivePaneView[] {
    return [
      {
        zOrder: (): PrimitivePaneViewZOrder => "bottom",
        renderer: () => ({ draw: (target) => this.#drawBands(target) }),
      },
      {
        zOrder: (): PrimitivePaneViewZOrder => "top",
        renderer: () => ({ draw: (target) => this.#drawLevels(target) }),
      },
    ];
  }

  /** Each bar's level across that bar. */
  #drawLevels(target: DrawTarget): void {
    const [scale, series] = [this.#chart?.timeScale(), this.#series];
    const range = scale?.getVisibleLogicalRange() ?? null;
    if (scale === undefined || series === null || range === null) return;
    target.useMediaCoordinateSpace(({ context }) => {
      for (const { values, color } of this.#levels) {
        context.fillStyle = this.#color(color);
        const last = Math.min(values.length - 1, Math.ceil(range.to));
        for (let i = Math.max(0, Math.floor(range.from)); i <= last; i++) {
          const value = values[i];
          const y = value === null ? null : series.priceToCoordinate(value);
          const [left, right] = [i, i + 1].map((index) => scale.logicalToCoordinate(index as Logical));
          if (y === null || left === null || right === null) continue;
          context.fillRect(left - (right - left) / 2, y - LEVEL_PIXELS / 2, right - left, LEVEL_PIXELS);
        }
      }
    });
  }

  #drawBands(target: DrawTarget): void {
    const scale = this.#chart?.timeScale();
    if (scale === undefined) return;
    target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
      const spacing = (scale.logicalToCoordinate(1 as Logical) ?? 0) - (scale.logicalToCoordinate(0 as Logical) ?? 0);
      for (const { from, to, color, part = "full" } of this.#bands) {
        const [first, last] = [scale.timeToCoordinate(from / 1000 as Time), scale.timeToCoordinate(to / 1000 as Time)];
        if (first === null || last === null || last < -spacing || first > width + spacing) continue;
        const [left, right] = [first - spacing / 2, last + spacing / 2];
        context.globalAlpha = part === "full" ? FULL_OPACITY : 1;
        context.fillStyle = this.#color(color);
        const top = part === "full" ? 0 : height - STRIP_PIXELS;
        context.fillRect(left, top, Math.max(1, right - left), height - top);
      }
      context.globalAlpha = 1;
    });
  }
}
