/**
 * Positions of several markets over time as an SVG string: a lane a market, each stretch tinted by its mean position. It is
 * thinned to what can be told apart; the figures are in the table of markets.
 * @module
 */
import { type Frame, horizontalAxis, round, svgFigure, timeAxis } from "./axis.ts";
import { count, escapeHtml, percent } from "./text.ts";

/** Columns drawn at most, and cells of all lanes together. */
const MOST_COLUMNS = 260;
const MOST_CELLS = 6000;
/** Tints told apart; the faintest keeps visible that something was held. */
const LEVELS = 5;

/** Mean position of each market over each stretch of `size` bars, `[columns][markets]`. */
function stretchMeans(positions: Float64Array, markets: number, size: number): Float64Array[] {
  const bars = positions.length / markets;
  return Array.from({ length: Math.ceil(bars / size) }, (_, i) => {
    const sums = new Float64Array(markets);
    const part = positions.subarray(i * size * markets, (i + 1) * size * markets);
    part.forEach((position, at) => sums[at % markets] += position);
    return sums.map((sum) => sum * markets / part.length);
  });
}

/** Rectangles of one lane as paths, one for each side and tint; neighbours of one tint are one rectangle. */
function lane(values: readonly number[], place: { x: (column: number) => number; y: number; height: number }): string {
  const { x, y, height } = place;
  const paths = new Map<number, string>();
  for (let from = 0; from < values.length;) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to++;
    const level = values[from];
    const width = round(x(to) - x(from));
    if (level !== 0) paths.set(level, `${paths.get(level) ?? ""}M${round(x(from))},${y}h${width}v${height}h-${width}z`);
    from = to;
  }
  return [...paths].map(([level, d]) =>
    `<path class="cells ${level > 0 ? "long" : "short"}" fill-opacity="${round(Math.abs(level) / LEVELS)}" d="${d}"/>`
  ).join("");
}

/**
 * Draws the positions of markets.
 *
 * @param markets Names, in the order of the columns.
 * @param time Open time of each bar, ms UTC, ascending, at least one, `[bars]`.
 * @param positions Positions as fractions of equity, `[bars, markets]`.
 */
export function renderWeights(markets: readonly string[], time: Float64Array, positions: Float64Array): string {
  const columns = Math.min(MOST_COLUMNS, Math.floor(MOST_CELLS / markets.length) + 1);
  const size = Math.max(1, Math.ceil(time.length / columns));
  const means = stretchMeans(positions, markets.length, size);
  const largest = Math.max(...means.map((values) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)), 1e-12);
  const height = markets.length > 12 ? 24 : 28;
  const top = 8;
  const bottom = top + height * markets.length;
  const frame: Frame = { width: 720, height: bottom + 34, left: 178, right: 704, top, bottom };
  const step = (frame.right - frame.left) / means.length;
  const level = (value: number): number => Math.sign(value) * Math.ceil(LEVELS * Math.abs(value) / largest - 1e-9);
  const lanes = markets.map((market, m) => {
    const y = top + m * height;
    const middle = y + height / 2;
    return `<g class="grid"><line x1="${frame.left}" x2="${frame.right}" y1="${y + height}" y2="${y + height}"/>` +
      `<text x="${frame.left - 8}" y="${middle + 4}" text-anchor="end">${escapeHtml(market)}</text></g>` +
      lane(means.map((values) => level(values[m])), {
        x: (column) => frame.left + column * step,
        y: y + 3,
        height: height - 6,
      });
  });
  const { ticks } = timeAxis([time[0], time[time.length - 1]], frame);
  const bars = time.length;
  const mean = (m: number): string => {
    let sum = 0;
    for (let i = 0; i < bars; i++) sum += positions[i * markets.length + m];
    return `${markets[m]} ${percent(sum / bars)}`;
  };
  const strongest = `the strongest tint is ${percent(largest)} of equity`;
  return svgFigure(`${lanes.join("")}<g class="grid">${horizontalAxis(frame, ticks)}</g>`, frame, {
    title: size === 1 ? "Positions by market" : `Positions by market, mean of ${count(size, "bar")}`,
    description: `Mean position as a fraction of equity, shorts negative: ${
      markets.map((_, m) => mean(m)).join(", ")
    }.`,
    legend: [
      { name: `long; ${strongest}`, sample: '<span class="box long"></span>' },
      { name: "short", sample: '<span class="box short"></span>' },
    ],
  });
}
