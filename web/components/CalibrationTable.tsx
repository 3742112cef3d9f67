/**
 * How often the truth fell within a forecaster's intervals, against how often it should: a bar for each level with a mark where
 * it should end.
 * @module
 */
import type { JSX } from "preact";
import type { OnlineReport } from "../server/online_store.ts";
import { percent } from "./format.ts";

/** The table. */
export function CalibrationTable(
  { calibration }: { readonly calibration: OnlineReport["calibration"] },
): JSX.Element {
  if (calibration.every(({ share }) => share === null)) {
    return <p class="muted">No forecast has been judged yet: its truth is known a bar later.</p>;
  }
  return (
    <div class="table-scroll" role="group" tabIndex={0} aria-label="Intervals">
      <table class="calibration">
        <thead>
          <tr>
            <th scope="col">Interval</th>
            <th scope="col">Truth within</th>
            <th scope="col" class="number">Share</th>
            <th scope="col" class="number">Tolerance</th>
            <th scope="col" class="number" title="Farthest that the share can be off, whatever the market does">
              At most off
            </th>
          </tr>
        </thead>
        <tbody>
          {calibration.map(({ level, share, tolerance, bound = null }) => {
            const off = share !== null && Math.abs(share - level) > (tolerance ?? Infinity);
            return (
              <tr key={level}>
                <th scope="row">{percent(level).replace(".0", "")}</th>
                <td>
                  <svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" data-off={off}>
                    <rect x="0" y="2" width={(share ?? 0) * 100} height="8" />
                    <line x1={level * 100} x2={level * 100} y1="0" y2="12" />
                  </svg>
                </td>
                <td class="number">{percent(share)}</td>
                <td class="number muted">± {percent(tolerance)}</td>
                <td class="number muted">{percent(bound)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
