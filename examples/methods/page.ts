/**
 * The comparison of methods as one self-contained page: a bar for each loss, against that of a forecast which needs no method.
 * @module
 */

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #d8dee4; --skill: #1a7f37; --none: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #30363d; --skill: #3fb950; --none: #d29922; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 1000px; padding: 0 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.bar { display: block; height: 3px; margin-left: auto; background: var(--none); } .bar.skill { background: var(--skill); }`;

/** Longest bar, px, at a loss of 1.5 times that of what needs no method. */
const [LONGEST, MOST] = [120, 1.5];

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function cell(text: string): string {
  const value = Number.parseFloat(text);
  if (Number.isNaN(value)) return `<td>${escape(text)}</td>`;
  const width = (LONGEST * Math.min(value, MOST) / MOST).toFixed(0);
  return `<td>${escape(text)}<span class="bar${value < 1 ? " skill" : ""}" style="width:${width}px"></span></td>`;
}

/**
 * Renders the page.
 *
 * @param table Head and rows of text; the first column names methods.
 * @param run What each method was given.
 */
export function renderMethods(
  [head, ...rows]: readonly (readonly string[])[],
  run: { readonly steps: number; readonly tasks: number; readonly tests: number; readonly seeds: number },
): string {
  const { steps, tasks, tests, seeds } = run;
  const body = rows.map(([name, ...cells]) =>
    `<tr><th scope="row">${escape(name)}</th>${cells.map(cell).join("")}</tr>`
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Which method?</title><style>${STYLE}</style></head><body>
<h1>Which method?</h1>
<p>Loss on query rows over that of a forecast of the support's mean, or of the shares that classes have among the tasks learned from; below 1 is skill. Mean over ${seeds} seeds ± half their range; ${steps} outer steps of ${tasks} tasks for each method, judged on the same ${tests} tasks.</p>
<div class="wide"><table><thead><tr>${
    head.map((name) => `<th scope="col">${escape(name)}</th>`).join("")
  }</tr></thead><tbody>
${body.join("\n")}
</tbody></table></div>
</body></html>
`;
}
