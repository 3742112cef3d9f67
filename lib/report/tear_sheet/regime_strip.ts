/**
 * Market regimes over time as an SVG string. Each regime has a lane of its own, named at its start, so that nothing hangs on
 * telling colours apart.
 * @module
 */
import { type Regime, REGIMES } from "../../features/regimes.ts";
import { type Frame, horizontalAxis, round, svgFigure, timeAxis } from "./axis.ts";
import { escapeHtml, moment, percent } from "./text.ts";

const LANE = 28;
const MOST_COLUMNS = 310;

/** The regime of most bars of a stretch; the earlier one of two as frequent. */
function prevailing(part: readonly (Regime | null)[]): Regime | null {
  const counts = new Map<Regime | null, number>();
  for (const regime of part) counts.set(regime, (counts.get(regime) ?? 0) + 1);
  return [...counts].reduce((a, b) => b[1] > a[1] ? b : a)[0];
}

/** Stretches of one regime, as columns from and to (exclusive). */
function stretches(columns: readonly (Regime | null)[]): { regime: Regime; from: number; to: number }[] {
  const found: { regime: Regime; from: number; to: number }[] = [];
  columns.forEach((regime, i) => {
    const last = found[found.length - 1];
    if (regime !== null && last?.regime === regime && last.to === i) last.to = i + 1;
    else if (regime !== null) found.push({ regime, from: i, to: i + 1 });
  });
  return found;
}

/**
 * Draws the regimes.
 *
 * @param time When each regime was known, ms UTC, ascending, `[decisions]`.
 * @param regimes The regimes, `[decisions]`; null where none was labelled.
 */
export function renderRegimes(time: Float64Array, regimes: readonly (Regime | null)[]): string {
  const top = 8;
  const bottom = top + LANE * REGIMES.length;
  const frame: Frame = { width: 720, height: bottom + 34, left: 178, right: 704, top, bottom };
  const size = Math.max(1, Math.ceil(regimes.length / MOST_COLUMNS));
  const columns = Array.from(
    { length: Math.ceil(regimes.length / size) },
    (_, i) => prevailing(regimes.slice(i * size, (i + 1) * size)),
  );
  const width = (frame.right - frame.left) / columns.length;
  const blocks = stretches(columns).map(({ regime, from, to }) => {
    const lane = REGIMES.indexOf(regime);
    return `<rect class="r${lane + 1}" x="${round(frame.left + from * width)}" width="${
      round((to - from) * width)
    }" y="${top + lane * LANE + 3}" height="${LANE - 6}"><title>${moment(time[from * size])} to ${
      moment(time[Math.min(to * size, time.length) - 1])
    }: ${regime.replace("-", " ")}</title></rect>`;
  }).join("");
  const lanes = REGIMES.map((regime, lane) => {
    const y = top + lane * LANE + LANE / 2;
    return `<line x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>` +
      `<text x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${escapeHtml(regime.replace("-", " "))}</text>`;
  }).join("");
  const { ticks } = timeAxis([time[0], time[time.length - 1]], frame);
  const shares = REGIMES.map((regime) =>
    `${regime.replace("-", " ")} ${percent(regimes.filter((one) => one === regime).length / regimes.length, 0)}`
  );
  return svgFigure(`<g class="grid">${lanes}${horizontalAxis(frame, ticks)}</g>${blocks}`, frame, {
    title: "Market regimes, as known at each decision",
    description: `Share of decisions: ${shares.join(", ")}.`,
  });
}
