/**
 * What a run saves on each of its markets after its training. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { MarketSkill } from "../server/forecast_view.ts";
import { percent } from "./format.ts";

/** The table; words while it is made. */
export function SkillByMarket(
  { skills, run }: { readonly skills: readonly MarketSkill[] | null; readonly run: string },
): JSX.Element | null {
  if (skills === null) return <p class="muted" role="status">Judging the run's other markets</p>;
  if (skills.length === 0) return null;
  const [{ reference }] = skills;
  return (
    <section class="card" aria-label="Saved by market">
      <header>
        <h2>Saved by market</h2>
        <p>{`squared error less than ${reference}'s, after training`}</p>
      </header>
      <div class="table-scroll" role="group" tabIndex={0} aria-label="Saved by market">
        <table>
          <thead>
            <tr>
              <th scope="col">Market</th>
              <th scope="col">Training</th>
              <th scope="col" class="number">Forecasts</th>
              <th scope="col" class="number">Saved</th>
            </tr>
          </thead>
          <tbody>
            {skills.map(({ id, symbol, unseen, rows, less }) => (
              <tr key={id}>
                <th scope="row">
                  <a href={`/forecast?${new URLSearchParams({ run, market: id })}`}>{symbol}</a>
                </th>
                <td>{unseen ? "never saw it" : "saw its earlier bars"}</td>
                <td class="number">{rows === 0 ? "ends before" : rows}</td>
                <td class="number">{percent(less).replace("-", "−")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
