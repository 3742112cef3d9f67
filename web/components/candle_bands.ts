/**
 * Stretches of time shaded behind candles: over the whole height, or as a strip at the bottom. A primitive of
 * lightweight-charts, which calls it whenever the chart is drawn; it never draws on its own.
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

const STRIP_PIXELS = 8;
const FULL_OPACITY = 0.2;

type DrawTarget = Parameters<NonNullable<ReturnType<IPrimitivePaneView["renderer"]>>["draw"]>[0];

/** The stretches of one chart. */
export class BandLayer implements ISeriesPrimitive<Time> {
  #bands: readonly ChartBand[] = [];
  #chart: IChartApiBase<Time> | null = null;
  #requestUpdate: () => void = () => {};
  readonly #color: (role: string) => string;

  /** @param color the colour of a role */
  constructor(color: (role: string) => string) {
    this.#color = color;
  }

  /** Draws other stretches from now on. */
  show(bands: readonly ChartBand[]): void {
    this.#bands = bands;
    this.#requestUpdate();
  }

  /** Called by the chart. */
  attached({ chart, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#chart = chart;
    this.#requestUpdate = requestUpdate;
  }

  /** Called by the chart. */
  detached(): void {
    this.#chart = null;
  }

  /** Called by the chart. */
  paneViews(): readonly IPrimitivePaneView[] {
    return [{
      zOrder: (): PrimitivePaneViewZOrder => "bottom",
      renderer: () => ({ draw: (target) => this.#draw(target) }),
    }];
  }

  #draw(target: DrawTarget): void {
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
