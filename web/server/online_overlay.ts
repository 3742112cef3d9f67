/**
 * The equity of several paper traders on one axis, each as a multiple of what it began with, so that different capitals and markets
 * compare. Only ever reads.
 * @module
 */
import { lifeOf, openLife } from "./online_life.ts";
import type { OnlineStore } from "./online_store.ts";

/** What their equity is drawn along: time, or bars since each began. */
export type OverlayAxis = "time" | "bars";

/** A trader's equity at its bars. */
export interface EquityPath {
  /** Its id. */
  readonly id: string;
  /** Open times, ms UTC, ascending. */
  readonly time: readonly number[];
  /** Equity at each close. */
  readonly equity: readonly number[];
  /** What it began with. */
  readonly capital: number;
}

/** Several on one axis. */
export interface EquityOverlay {
  /** Times, ms UTC, or numbers of bars. */
  readonly x: readonly number[];
  /** Each trader's equity over its capital, `[x]`: where it had no bar of its own that of its last; null before its first and after its last. */
  readonly curves: readonly { readonly id: string; readonly values: readonly (number | null)[] }[];
}

/** Most traders at once: the theme has so many colours. */
export const MOST_TRADERS = 6;
/** Most points of the axis: a chart has few pixels more. */
const MOST_POINTS = 600;

/** Lays paths over each other. */
export function overlay(
  paths: readonly EquityPath[],
  { along, most = MOST_POINTS }: { readonly along: OverlayAxis; readonly most?: number },
): EquityOverlay {
  const places = paths.map(({ id, time, equity, capital }) => ({
    id,
    at: along === "time" ? time : time.map((_, bar) => bar),
    values: equity.map((value) => value / capital),
  }));
  const all = [...new Set(places.flatMap(({ at }) => at))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(all.length / most));
  const x = all.filter((_, i) => i === 0 || (all.length - 1 - i) % every === 0);
  return { x, curves: places.map(({ id, at, values }) => ({ id, values: known(x, at, values) })) };
}

/** The value of the last place at or before each x; null outside of the places. */
function known(x: readonly number[], at: readonly number[], values: readonly number[]): (number | null)[] {
  let next = 0;
  return x.map((place) => {
    while (next < at.length && at[next] <= place) next++;
    return next === 0 || place > at[at.length - 1] ? null : values[next - 1];
  });
}

/** The equity of traders that have acted, laid over each other; others are left out. */
export async function overlaidTraders(
  store: OnlineStore,
  ids: readonly string[],
  along: OverlayAxis,
): Promise<EquityOverlay> {
  const paths: EquityPath[] = [];
  for (const id of ids) {
    const trader = store.get(id);
    if (trader === undefined) continue;
    await openLife(id);
    const rows = lifeOf(id)?.prepare("SELECT time, equity FROM moments ORDER BY time").all() ?? [];
    if (rows.length === 0) continue;
    paths.push({
      id,
      time: rows.map(({ time }) => Number(time)),
      equity: rows.map(({ equity }) => Number(equity)),
      capital: trader.settings.capital,
    });
  }
  return overlay(paths, { along });
}
