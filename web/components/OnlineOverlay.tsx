/**
 * The equity of the chosen paper traders on one chart, each as a multiple of what it began with, kept up to date while they trade.
 * For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { OnlineSummary } from "../server/online_events.ts";
import type { EquityOverlay, OverlayAxis } from "../server/online_overlay.ts";
import { traderName, twoDigits } from "./format.ts";
import { LineChart } from "./LineChart.tsx";

/** Traders that trade are asked again no more often. */
const REST_MS = 1500;
const NOTHING: EquityOverlay = { x: [], curves: [] };

/** The chart. */
export function OnlineOverlay({ chosen }: { readonly chosen: readonly OnlineSummary[] }): JSX.Element {
  const along = useSignal<OverlayAxis>("time");
  const found = useSignal(NOTHING);
  const problem = useSignal<string | null>(null);
  const asked = useRef(0);
  const ids = chosen.map(({ id }) => id);
  // What has moved: the bars that each has acted on.
  const mark = chosen.map(({ id, report }) => `${id} ${report?.bars ?? 0}`).join();
  const choice = `${along.value} ${ids.join()}`;
  const told = useRef({ choice: "", at: 0 });
  useEffect(() => {
    // Another choice is answered at once.
    const rest = choice === told.current.choice ? told.current.at + REST_MS - performance.now() : 0;
    const timer = setTimeout(async () => {
      const turn = ++asked.current;
      told.current = { choice, at: performance.now() };
      try {
        const query = new URLSearchParams([["along", along.value], ...ids.map((id) => ["id", id])]);
        const response = await fetch(`/api/online/equity?${query}`);
        const answer = await response.json();
        if (turn !== asked.current) return;
        problem.value = response.ok ? null : answer.error;
        if (response.ok) found.value = answer;
      } catch {
        if (turn === asked.current) problem.value = "The dashboard's server does not answer. Is it still running?";
      }
    }, rest);
    return () => clearTimeout(timer);
  }, [mark, choice]);

  const { x, curves } = found.value;
  const byTime = along.value === "time";
  const names = namesOf(chosen);
  const shown = curves.filter(({ id }) => names.has(id));
  const ends = shown.map(({ id, values }) =>
    `${names.get(id)} ${twoDigits(values.findLast((value) => value !== null))}`
  );
  return (
    <section class="card" aria-label="Equity of the chosen traders">
      <header>
        <h2>Equity of the chosen traders</h2>
        <label class="row small">
          <span>Along</span>
          <select
            class="narrow"
            value={along.value}
            onChange={(event) => along.value = event.currentTarget.value as OverlayAxis}
          >
            <option value="time">time</option>
            <option value="bars">bars since each began</option>
          </select>
        </label>
      </header>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      {shown.length === 0 ? <p class="muted">None of them has acted on a bar yet.</p> : (
        <LineChart
          label={`Equity over what each trader began with: ${ends.join(", ")}`}
          x={byTime ? x.map((ms) => ms / 1000) : x}
          time={byTime}
          xName="bar"
          series={[
            ...shown.map(({ id, values }) => ({ label: names.get(id)!, values, color: ids.indexOf(id) + 1 })),
            { label: "what it began with", values: x.map(() => 1), dashed: true, faint: true, color: 6 },
          ]}
        />
      )}
    </section>
  );
}

/** What each is called; those of one name are numbered, the oldest first. */
function namesOf(traders: readonly OnlineSummary[]): ReadonlyMap<string, string> {
  const groups = Map.groupBy(traders, ({ settings }) => traderName(settings));
  return new Map(traders.map(({ id, settings, createdAt }) => {
    const name = traderName(settings);
    const group = groups.get(name)!;
    const older = group.filter((one) => one.createdAt < createdAt || (one.createdAt === createdAt && one.id < id));
    return [id, group.length > 1 ? `${name} #${older.length + 1}` : name];
  }));
}
