/**
 * The figures as Markdown tables and as lines in an SVG. Pure.
 * @module
 */
import type { Timing } from "./statistics.ts";

/** One row of the table. */
export interface Row {
  /** What was measured. */
  readonly problem: string;
  /** Who ran it. */
  readonly who: string;
  /** Its timing. */
  readonly timing: Timing;
  /** Floating-point operations of one run; undefined where they are not counted. */
  readonly flops?: number;
}

/** A line of the growth chart. */
export interface Growth {
  /** What grows. */
  readonly name: string;
  /** How large, ascending. */
  readonly sizes: readonly number[];
  /** Median ms at each size. */
  readonly medians: readonly number[];
}

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(4);
}

/** Rows as a Markdown table; the ratio is to the first row of the same problem, which is ours. */
export function renderRows(rows: readonly Row[], peak: { readonly gflops: number; readonly cores: number }): string {
  const lines = [
    "| problem | who | median ms | quartiles | p99 | × ours | GFLOP/s | of peak |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const { problem, who, timing, flops } of rows) {
    const ours = rows.find((row) => row.problem === problem)!;
    const rate = flops === undefined ? undefined : flops / timing.median / 1e6;
    const cores = who.includes("1 thread") ? 1 : peak.cores;
    const isOurs = who.startsWith("ours, cpu");
    lines.push(
      `| ${problem} | ${who} | ${ms(timing.median)} | ${ms(timing.low)} – ${ms(timing.high)} | ${ms(timing.p99)} | ${
        (timing.median / ours.timing.median).toFixed(2)
      } | ${rate === undefined ? "–" : rate.toFixed(1)} | ${
        rate === undefined || !isOurs ? "–" : `${(100 * rate / (peak.gflops * cores)).toFixed(0)}%`
      } |`,
    );
  }
  return lines.join("\n");
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [640, 360, 60, 40];
const COLORS = ["#0969da", "#cf222e", "#8250df", "#1a7f37"];

/** How cost grows: log-log, each line relative to its own first point. */
export function renderGrowth(lines: readonly Growth[]): string {
  const points = lines.map(({ sizes, medians }) =>
    sizes.map((size, i) => [Math.log2(size / sizes[0]), Math.log2(medians[i] / medians[0])])
  );
  const all = points.flat();
  const right = Math.max(1, ...all.map(([x]) => x));
  const top = Math.max(1, ...all.map(([, y]) => y));
  const toX = (x: number): number => LEFT + x / right * (WIDTH - LEFT - 20);
  const toY = (y: number): number => HEIGHT - BOTTOM - Math.max(0, y) / top * (HEIGHT - BOTTOM - 20);
  const ticks = (most: number): number[] => Array.from({ length: Math.floor(most) + 1 }, (_, i) => i);
  const grid = [
    ...ticks(right).map((x) =>
      `<line x1="${toX(x)}" x2="${toX(x)}" y1="20" y2="${HEIGHT - BOTTOM}"/><text x="${toX(x)}" y="${
        HEIGHT - BOTTOM + 16
      }" text-anchor="middle">×${2 ** x}</text>`
    ),
    ...ticks(top).map((y) =>
      `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${toY(y)}" y2="${toY(y)}"/><text x="${LEFT - 6}" y="${
        toY(y) + 4
      }" text-anchor="end">×${2 ** y}</text>`
    ),
  ];
  const drawn = points.map((line, i) => {
    const path = line.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" stroke="${COLORS[i % COLORS.length]}"/><text x="${LEFT + 10}" y="${
      36 + 16 * i
    }" fill="${COLORS[i % COLORS.length]}">${lines[i].name}: ${lines[i].sizes.join(", ")}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/><g stroke="#d8dee4" stroke-width="1">${
    grid.map((g) => g.replace("<text", '<text stroke="none" fill="#57606a"')).join("")
  }</g><g fill="none" stroke-width="2">${drawn.map((d) => d.replace("<text", '<text stroke="none"')).join("")}</g>
<text x="${WIDTH / 2}" y="${
    HEIGHT - 6
  }" text-anchor="middle" fill="#57606a">growth of the problem; up: growth of the time</text></svg>
`;
}
