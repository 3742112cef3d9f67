/**
 * Positions over time as an SVG string: the mean long share above the line, the mean short share below it.
 * @module
 */
// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";
import { frameOf, horizontalAxis, round, svgFigure, timeAxis, valueAxis } from "./axis.ts";
import { exposureBuckets } from "./series.ts";
import { count, moment, percent } from "./text.ts";

/** Bars drawn at most: two SVG units each. */
const MOST_BARS = 310;

/**
 * Draws long and short positions.
 *
 * @param time Open time of each bar, ms UTC, ascending, at least one `[bars]`.
 * @param positions Positions as fractions of equity, `[bars]` or `[bars, markets]`.
 */
export function renderExposure(time: Float64Array, positions: Float64Array): string {
  const frame = frameOf(212);
  const buckets = exposureBuckets(time, positions, MOST_BARS);
  const each = Math.ceil(time.length / buckets.length);
  const [low, high] = [Math.min(...buckets.map((b) => b.short)), Math.max(...buckets.map((b) => b.long))];
  const y = scaleLinear(low === high ? [0, 1] : [low, high], [frame.bottom, frame.top]).nice(4);
  const { ticks } = timeAxis([time[0], time[time.length - 1]], frame);
  const step = (frame.right - frame.left) / buckets.length;
  const block = (at: number, from: number, to: number, name: string): string => {
    const title = `${moment(buckets[at].from)}: ${percent(Math.abs(to - from), 0)} ${name}`;
    const height = Math.abs(y(from) - y(to));
    return height < 0.05
      ? ""
      : `<rect class="${name}" x="${round(frame.left + at * step)}" width="${round(step)}" y="${
        round(y(Math.max(from, to)))
      }" height="${round(height)}"><title>${title}</title></rect>`;
  };
  const blocks = buckets.map(({ long, short }, i) => block(i, 0, long, "long") + block(i, 0, short, "short")).join("");
  const axis = valueAxis(frame, y.ticks(4).map((tick) => ({ at: y(tick), text: percent(tick, 0) })));
  const mean = (pick: (p: number) => number): number => positions.reduce((sum, p) => sum + pick(p), 0) / time.length;
  const [long, short] = [mean((p) => Math.max(0, p)), mean((p) => Math.max(0, -p))];
  const words = `On average ${percent(long)} of equity long and ${percent(short)} short`;
  return svgFigure(`<g class="grid">${axis}${horizontalAxis(frame, ticks)}</g>${blocks}`, frame, {
    title: each === 1 ? "Exposure" : `Exposure, mean of ${count(each, "bar")}`,
    description: `${words}.`,
    legend: [
      {
        name: `long, above the line (${percent(long)} of equity on average)`,
        sample: '<span class="box long"></span>',
      },
      { name: `short, below it (${percent(short)})`, sample: '<span class="box short"></span>' },
    ],
  });
}
