/**
 * What a run saves on each of its markets after its training, a row as it is judged. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { MarketSkill } from "../server/forecast_worth.ts";
import { marketName, percent } from "./format.ts";

interface SkillByMarketProps {
  readonly run: string;
  /** Ids of the run's markets, in the order in which they are judged; the first is the one that training never saw. */
  readonly markets: readonly string[];
  /** Those that are judged, in that order. */
  readonly skills: readonly MarketSkill[];
}

/** The table; nothing where none of the markets goes on after the training. */
export function SkillByMarket({ run, markets, skills }: SkillByMarketProps): JSX.Element | null {
  const left = markets.length - skills.length;
  if (left === 0 && skills.every(({ rows }) => rows === 0)) return null;
  const reference = skills.find((one) => one.reference !== null)?.reference;
  return (
    <section class="card" aria-label="Saved by market">
      <header>
        <h2>Saved by market</h2>
        <p role="status">
          {left > 0
            ? `judging market ${skills.length + 1} of ${markets.length}`
            : `squared error less than ${reference}'s, after training`}
        </p>
      </header>
      {left > 0 && <progress value={skills.length} max={markets.length} aria-label="Markets judged" />}
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
            {markets.map((id, index) => {
              const skill = skills[index];
              return (
                <tr key={id}>
                  <th scope="row">
                    <a href={`/forecast?${new URLSearchParams({ run, market: id })}`}>{marketName(id)}</a>
                  </th>
                  <td>{index === 0 ? "never saw it" : "saw its earlier bars"}</td>
                  <td class="number">{skill === undefined ? "" : skill.why ?? skill.rows}</td>
                  <td class="number">{skill === undefined ? "" : percent(skill.less)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
