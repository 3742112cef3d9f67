/**
 * The comparison as one self-contained page: the table, and what was learned over time with volatility regimes marked.
 * @module
 */

/** One line of a picture. */
export interface Line {
  /** Its name. */
  readonly name: string;
  /** Times, ms UTC, ascending. */
  readonly times: readonly number[];
  /** Values; on a logarithmic axis above 0. */
  readonly values: readonly number[];
}

/** A stretch of time to shade. */
export interface Stretch {
  /** First time, ms UTC. */
  readonly from: number;
  /** Last time, ms UTC. */
  readonly to: number;
  /** `high` or `low` volatility. */
  readonly kind: "high" | "low";
}

/** One picture. */
export interface Picture {
  /** What it shows. */
  readonly title: string;
  /** Its lines. */
  readonly lines: readonly Line[];
  /** Whether the vertical axis is logarithmic. */
  readonly log?: boolean;
}

/** What {@linkcode renderPage} takes. */
export interface Page {
  /** Header row and body rows. */
  readonly table: readonly (readonly string[])[];
  /** Sentences above the table. */
  readonly sentences: readonly string[];
  /** Pictures, one below the other. */
  readonly pictures: readonly Picture[];
  /** Stretches shaded in every picture. */
  readonly stretches: readonly Stretch[];
  /** Market whose volatility they mark. */
  readonly regimeMarket: string;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [960, 260, 70, 24, 8];
const MOST_POINTS = 800;

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #d8dee4; --high: #f6c6bd; --low: #c9e3f5;
--c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b0578d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #30363d; --high: #5a2a22; --low: #1d3b52;
--c0: #56b4e9; --c1: #ff8b3d; --c2: #2fcf9e; --c3: #e292c2; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 1000px; padding: 0 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } figure { margin: 1.5rem 0; } svg { width: 100%; height: auto; }
text { fill: var(--ink); font: 12px system-ui, sans-serif; } .grid { stroke: var(--faint); } path { fill: none; stroke-width: 1.6; }
.high { fill: var(--high); } .low { fill: var(--low); } .key { display: inline-block; width: .8rem; height: .8rem; vertical-align: -1px; }
${[0, 1, 2, 3].map((i) => `.line${i} { stroke: var(--c${i}); } .name${i} { color: var(--c${i}); }`).join(" ")}`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Four or five values between the ends, evenly spaced on the axis. */
function ticks(low: number, high: number, log: boolean): number[] {
  return Array.from({ length: 5 }, (_, i) => log ? low * (high / low) ** (i / 4) : low + (high - low) * i / 4);
}

function picture({ title, lines, log = false }: Picture, stretches: readonly Stretch[]): string {
  const times = lines.flatMap((line) => [line.times[0], line.times[line.times.length - 1]]);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of lines) {
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  if (low === high) [low, high] = log ? [low / 2, high * 2] : [low - 1, high + 1];
  const x = (time: number): number => LEFT + (time - from) / (to - from) * (WIDTH - LEFT - 8);
  const place = (value: number): number =>
    log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  const y = (value: number): number => HEIGHT - BOTTOM - place(value) * (HEIGHT - BOTTOM - TOP);
  const shades = stretches.filter((stretch) => stretch.to > from && stretch.from < to).map(
    ({ from: start, to: end, kind }) => {
      const [a, b] = [x(Math.max(start, from)), x(Math.min(end, to))];
      return `<rect class="${kind}" x="${a.toFixed(1)}" y="${TOP}" width="${Math.max(0.7, b - a).toFixed(1)}" height="${
        HEIGHT - BOTTOM - TOP
      }"/>`;
    },
  );
  const grid = ticks(low, high, log).map((tick) =>
    `<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/>` +
    `<text x="${LEFT - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${Number(tick.toPrecision(2))}</text>`
  );
  const dates = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const time = from + share * (to - from);
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    return `<text x="${x(time).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${
      new Date(time).toISOString().slice(0, 10)
    }</text>`;
  });
  const paths = lines.map(({ times, values }, i) => {
    const every = Math.ceil(times.length / MOST_POINTS);
    const points = times.flatMap((time, t) =>
      t % every === 0 || t === times.length - 1 ? [`${x(time).toFixed(1)} ${y(values[t]).toFixed(1)}`] : []
    );
    return `<path class="line${i}" d="M${points.join("L")}"/>`;
  });
  const names = lines.map(({ name }, i) => `<span class="name${i}">■</span> ${escapeHtml(name)}`).join(" ");
  return `<figure><h2>${escapeHtml(title)}</h2><figcaption>${names}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${
    [...shades, ...grid, ...dates, ...paths].join("")
  }</svg></figure>`;
}

/** Renders the page as one HTML string without scripts or network. */
export function renderPage({ table, sentences, pictures, stretches, regimeMarket }: Page): string {
  const [header, ...rows] = table;
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Learned against fixed</title><style>${STYLE}</style></head><body>
<h1>Learned rates and loss against fixed rates</h1>
${sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join("\n")}
<div class="wide"><table><thead>${cells(header, "th")}</thead><tbody>${
    rows.map((row) => cells(row, "td")).join("")
  }</tbody></table></div>
<p>Shaded: <span class="key high" style="background:var(--high)"></span> high and
<span class="key low" style="background:var(--low)"></span> low volatility of ${
    escapeHtml(regimeMarket)
  }, known at each bar.</p>
${pictures.map((one) => picture(one, stretches)).join("\n")}
</body></html>
`;
}
