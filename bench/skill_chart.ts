/**
 * The history curve as an SVG for the README: error by bars of history, no script, readable in light and dark.
 * @module
 */
import type { HistoryCurve } from "@adaptrade/adaptrade/forecast";

const LINES = [
  { name: "HAR, own rows", label: "regression on its own bars (HAR)", color: "#c2410c" },
  { name: "EWMA", label: "RiskMetrics-style level", color: "#78716c" },
  { name: "linear, pooled + market-wide, ridge to own rows", label: "best cheap method", color: "#0f766e" },
  { name: "meta-learned", label: "meta-learned", color: "#1d4ed8" },
];
const FRAME = { width: 760, height: 380, left: 64, right: 250, top: 24, bottom: 52 };

/** Draws the curve: the vertical axis is logarithmic, columns are evenly spaced. */
export function curveSvg({ lengths, methods, rows }: HistoryCurve): string {
  const { width, height, left, right, top, bottom } = FRAME;
  const drawn = LINES.flatMap((line) => {
    const found = methods.find(({ name }) => name === line.name);
    return found ? [{ ...line, mse: found.mse }] : [];
  });
  const all = drawn.flatMap(({ mse }) => mse);
  const [low, high] = [Math.min(...all) * 0.96, Math.max(...all) * 1.04];
  const x = (i: number): number => left + i * (width - left - right) / (lengths.length - 1);
  const y = (value: number): number => top + (height - top - bottom) * (Math.log(high / value) / Math.log(high / low));
  const ticks = [0.14, 0.15, 0.16, 0.18, 0.2, 0.22, 0.25, 0.3, 0.4].filter((tick) => tick > low && tick < high);
  const grid = ticks.map((tick) =>
    `<line x1="${left}" x2="${width - right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#a8a29e" ` +
    `stroke-opacity="0.35"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick}</text>`
  );
  const columns = lengths.map((length, i) =>
    `<text x="${x(i).toFixed(1)}" y="${height - bottom + 20}" text-anchor="middle">${length ?? "all"}</text>`
  );
  // Labels stand beside the last points, moved apart where they would touch.
  const ends = drawn.map(({ mse }, i) => ({ i, at: y(mse[mse.length - 1]) })).sort((a, b) => a.at - b.at);
  ends.forEach((end, k) => {
    if (k > 0) end.at = Math.max(end.at, ends[k - 1].at + 18);
  });
  const lines = drawn.map(({ label, color, mse }, i) => {
    const points = mse.map((value, k) => `${x(k).toFixed(1)},${y(value).toFixed(1)}`);
    const dots = points.map((point) =>
      `<circle cx="${point.split(",")[0]}" cy="${point.split(",")[1]}" r="3.5" fill="${color}"/>`
    );
    const at = ends.find((end) => end.i === i)!.at;
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="2.5"/>${dots.join("")}` +
      `<text x="${width - right + 12}" y="${
        (at + 4).toFixed(1)
      }" fill="${color}" style="fill:${color}">${label}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="Squared error of next-hour volatility forecasts by bars of history">` +
    `<style>text{font:13px system-ui,sans-serif;fill:#78716c}</style>${grid.join("")}${columns.join("")}` +
    `<text x="${(left + width - right) / 2}" y="${height - 10}" text-anchor="middle">bars since it was listed ` +
    `(${rows.toLocaleString("en-US")} decisions in each column)</text>${lines.join("")}</svg>\n`;
}
