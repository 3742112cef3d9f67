/**
 * What happened to a paper trader, newest first, by kind: decisions, fills, gaps, the connection. For islands only.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { OnlineLine } from "../server/online_life.ts";
import { dateUtc, timeUtc } from "./format.ts";

const FILTERS = [
  ["all", "Everything"],
  ["decision", "Decisions"],
  ["fill", "Fills"],
  ["other", "Gaps, connection, starts and stops"],
] as const;

const TONES: Readonly<Record<string, string>> = {
  fill: "good",
  decision: "info",
  gap: "warn",
  away: "warn",
  disconnected: "warn",
  rejected: "warn",
  "refill failed": "bad",
  failed: "bad",
};

/** The log. */
export function OnlineLog(
  { lines, daily }: {
    readonly lines: readonly OnlineLine[];
    /** Whether bars are days, so that times are dates. */
    readonly daily: boolean;
  },
): JSX.Element {
  const filter = useSignal<string>("all");
  const shown = lines.filter(({ kind }) =>
    filter.value === "all" || filter.value === kind ||
    (filter.value === "other" && kind !== "decision" && kind !== "fill")
  );
  return (
    <section class="card" aria-label="Event log">
      <header>
        <h2>Event log</h2>
        <label class="log-filter">
          <span>Show</span>
          <select value={filter.value} onChange={(event) => filter.value = event.currentTarget.value}>
            {FILTERS.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
          </select>
        </label>
      </header>
      {shown.length === 0
        ? <p class="muted">Nothing of this kind among the last events.</p>
        : (
          <div class="table-scroll findings" tabIndex={0} role="region" aria-label="Events, newest first">
            <table>
              <thead>
                <tr>
                  <th scope="col">Bar, UTC</th>
                  <th scope="col">What</th>
                  <th scope="col">In words</th>
                </tr>
              </thead>
              <tbody>
                {shown.map(({ key, time, kind, text }) => (
                  <tr key={key}>
                    <td class="nowrap">{time === null ? "–" : daily ? dateUtc(time) : timeUtc(time)}</td>
                    <td>
                      <span class="badge" data-tone={TONES[kind]}>{kind}</span>
                    </td>
                    <td>{text}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}
