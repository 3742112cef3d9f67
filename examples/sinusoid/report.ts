/**
 * The sinusoid comparison as one self-contained page: the table, and what each method fits to three curves.
 * @module
 */
import { GRID } from "./evaluate.ts";
import { pointsAt, type TestTask } from "./tasks.ts";

/** What one method fits to one curve. */
export interface CurvePanel {
  /** Method's name. */
  readonly method: string;
  /** The curve and its known points. */
  readonly task: TestTask;
  /** Predictions on the grid, one a number of steps. */
  readonly fits: readonly Float32Array[];
}

/** What {@linkcode renderSinusoidReport} takes. */
export interface SinusoidReport {
  /** Header row and body rows of text. */
  readonly table: readonly (readonly string[])[];
  /** Panels, method by method. */
  readonly panels: readonly CurvePanel[];
  /** Inner steps of each fit. */
  readonly steps: readonly number[];
}

const [WIDTH, HEIGHT] = [260, 160];
const Y_LIMIT = 6;

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #d8dee4; --c0: #8c959f; --c1: #0969da; --c2: #8250df; --c3: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #30363d; --c0: #8b949e; --c1: #58a6ff; --c2: #bc8cff; --c3: #ff7b72; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 1000px; padding: 0 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--faint); white-space: nowrap; } th:first-child, td:first-child { text-align: left; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(${WIDTH}px, 1fr)); gap: 1rem; } figure { margin: 0; } svg { width: 100%; height: auto; border: 1px solid var(--faint); }
path { fill: none; stroke-width: 1.5; } .truth { stroke: var(--ink); stroke-dasharray: 4 3; } .dot { fill: var(--ink); }
${[0, 1, 2, 3].map((i) => `.fit${i} { stroke: var(--c${i}); } .key${i} { color: var(--c${i}); }`).join(" ")}`;

function path(values: Float32Array): string {
  return Array.from(values, (y, i) => {
    const [px, py] = [toX(GRID[i]), toY(y)];
    return `${i === 0 ? "M" : "L"}${px.toFixed(1)} ${py.toFixed(1)}`;
  }).join("");
}

function toX(x: number): number {
  return (x + 5) / 10 * WIDTH;
}

function toY(y: number): number {
  return HEIGHT * (0.5 - Math.max(-Y_LIMIT, Math.min(Y_LIMIT, y)) / (2 * Y_LIMIT));
}

function panel({ method, task: { curve, support }, fits }: CurvePanel): string {
  const dots = Array.from(
    support.x,
    (x, i) => `<circle class="dot" r="3" cx="${toX(x).toFixed(1)}" cy="${toY(support.y[i]).toFixed(1)}"/>`,
  );
  const label = `${method}: amplitude ${curve.amplitude.toFixed(2)}, phase ${curve.phase.toFixed(2)}`;
  return `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
<path class="truth" d="${path(pointsAt(curve, GRID).y)}"/>${
    fits.map((fit, i) => `<path class="fit${i}" d="${path(fit)}"/>`).join("")
  }${dots.join("")}</svg><figcaption>${label}</figcaption></figure>`;
}

/** Renders the page as one HTML string without scripts or network. */
export function renderSinusoidReport({ table, panels, steps }: SinusoidReport): string {
  const [header, ...rows] = table;
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sinusoid regression</title><style>${STYLE}</style></head><body>
<h1>Sinusoid regression, 5-shot</h1>
<p>Mean squared error on new curves y = A·sin(x − φ) after adapting to 5 points; the setting of Finn, Abbeel &amp; Levine 2017,
section 5.1, with the figures of their table 2 beside ours. ±95% is the half-width of the mean's interval over test curves.</p>
<div class="wide"><table><thead>${cells(header, "th")}</thead><tbody>${
    rows.map((row) => cells(row, "td")).join("")
  }</tbody></table></div>
<h2>Fitted curves</h2>
<p>Dashed: the curve. Dots: the 5 known points. ${
    steps.map((k, i) => `<span class="key${i}">■</span> ${k} step${k === 1 ? "" : "s"}`).join(" ")
  }</p>
<div class="panels">${panels.map(panel).join("\n")}</div>
</body></html>
`;
}
