/**
 * A distribution of returns as an SVG string, with the normal distribution of the same mean and deviation over it.
 * @module
 */
// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";
// @ts-types="@types/d3-shape"
import { curveMonotoneX, line } from "d3-shape";
import { frameOf, horizontalAxis, round, svgFigure, valueAxis } from "./axis.ts";
import type { ReturnBin, ReturnDistribution } from "./distribution.ts";
import { count, number, percent, swatch } from "./text.ts";

/** Draws a distribution with at least one bin. */
export function renderHistogram(distribution: ReturnDistribution): string {
  const { bins, bars, skewness, kurtosis } = distribution;
  const frame = frameOf(272, true);
  const [from, to] = [bins[0].from, bins[bins.length - 1].to];
  const x = scaleLinear([from, to], [frame.left, frame.right]);
  const most = Math.max(...bins.map((bin) => Math.max(bin.count, bin.normal)));
  const y = scaleLinear([0, most], [frame.bottom, frame.top]).nice(4);
  const blocks = bins.map((bin) =>
    `<rect class="long" x="${round(x(bin.from) + 0.5)}" width="${round(x(bin.to) - x(bin.from) - 1)}" y="${
      round(y(bin.count))
    }" height="${round(frame.bottom - y(bin.count))}"><title>${percent(bin.from, 2)} to ${percent(bin.to, 2)}: ${
      count(bin.count, "bar")
    }</title></rect>`
  ).join("");
  // The outer columns hold tails, which would lift the curve's ends.
  const inner = bins.length > 4 ? bins.slice(1, -1) : bins;
  const curve = line<ReturnBin>((bin) => x((bin.from + bin.to) / 2), (bin) => y(bin.normal)).curve(curveMonotoneX);
  const digits = to - from < 0.02 ? 2 : to - from < 0.2 ? 1 : 0;
  const axes = valueAxis(frame, y.ticks(4).map((tick) => ({ at: y(tick), text: String(tick) }))) +
    horizontalAxis(
      frame,
      x.ticks(7).map((tick) => ({ at: x(tick), text: percent(tick, digits) })),
      "net return of a bar",
    );
  return svgFigure(
    `<g class="grid">${axes}</g>${blocks}<g class="lines"><path class="s2" d="${curve.digits(1)(inner)}"/></g>`,
    frame,
    {
      title: "Distribution of returns",
      description: `${count(bars, "bar")}, skewness ${number(skewness)}, kurtosis ${number(kurtosis)} (normal: 3).`,
      legend: [
        {
          name: "bars on which something was held; the outer columns hold the tails",
          sample: '<span class="box long"></span>',
        },
        { name: "normal distribution of the same mean and deviation", sample: swatch(2) },
      ],
    },
  );
}
