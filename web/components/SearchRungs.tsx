/**
 * The rungs of a search: how many trials each took on, and how many went on from it. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { Rung } from "../server/search_rungs.ts";
import { figure } from "./format.ts";

/** The table. */
export function SearchRungs({ rungs }: { readonly rungs: readonly Rung[] }): JSX.Element {
  const brackets = rungs.some(({ bracket }) => bracket !== null);
  return (
    <section class="card" aria-label="Rungs">
      <header>
        <h2>{brackets ? "Rungs" : "Generations"}</h2>
        <p>Losses are compared within a budget alone.</p>
      </header>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Rungs, scrollable">
        <table>
          <thead>
            <tr>
              {brackets && <th scope="col" class="number">Bracket</th>}
              <th scope="col" class="number">{brackets ? "Rung" : "Generation"}</th>
              <th scope="col" class="number">Budget</th>
              <th scope="col" class="number">Ended</th>
              <th scope="col" class="number">Failed</th>
              <th scope="col" class="number">Best loss</th>
              <th scope="col" class="number">Gone on from</th>
            </tr>
          </thead>
          <tbody>
            {rungs.map(({ bracket, rung, budget, decided, finished, failed, best, promoted }) => (
              <tr key={`${bracket} ${rung}`}>
                {brackets && <td class="number">{bracket}</td>}
                <td class="number">{rung}</td>
                <td class="number">{figure(budget)}</td>
                <td class="number nowrap">{`${finished} of ${decided}`}</td>
                <td class="number">{failed}</td>
                <td class="number">{figure(best)}</td>
                <td class="number">{promoted}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
