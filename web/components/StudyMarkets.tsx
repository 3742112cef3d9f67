/**
 * The markets of a study as a table that sorts by any figure. The server sorts and sends as many rows as are shown. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { StudiedRow, StudyMarkets as Markets, StudySummary } from "../server/studies.ts";
import { percent, signedPercent, twoDigits } from "./format.ts";
import { keptAddress } from "./kept_address.ts";
import { SortableHeads, type SortOrder } from "./SortableHead.tsx";
import { MARKET_COLUMNS, type MarketColumn } from "./study_columns.ts";

/** Rows shown at first, and more with each click. */
export const ROWS = 100;

/** How they stand at first. */
export const FIRST_ORDER: SortOrder<MarketColumn> = { by: "skill", descending: true };

interface StudyMarketsProps {
  readonly summary: StudySummary;
  /** The rows as the page was sent. */
  readonly first: Markets;
}

/** The table. */
export function StudyMarkets({ summary, first }: StudyMarketsProps): JSX.Element {
  const order = useSignal(FIRST_ORDER);
  const count = useSignal(ROWS);
  const markets = useSignal(first);
  const problem = useSignal<string | null>(null);
  const asked = useRef(0);
  const { by, descending } = order.value;
  useEffect(() => {
    const turn = ++asked.current;
    const query = new URLSearchParams({ by, down: descending ? "1" : "0", count: String(count.value) });
    void (async () => {
      try {
        const response = await fetch(`${keptAddress("/api/studies/markets", summary)}&${query}`);
        const answer = await response.json();
        if (turn !== asked.current) return;
        problem.value = response.ok ? null : answer.error;
        if (response.ok) markets.value = answer;
      } catch {
        if (turn === asked.current) problem.value = "The dashboard's server does not answer. Is it still running?";
      }
    })();
  }, [by, descending, count.value, summary.updatedAt, summary.studied]);
  const { rows, total } = markets.value;
  return (
    <section class="card stack" aria-label="Markets">
      <header>
        <h2>Markets</h2>
        <p role="status">{rows.length === total ? `${total} markets` : `${rows.length} of ${total} markets`}</p>
      </header>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      <div class="table-scroll tall" tabIndex={0} role="region" aria-label="Markets, scrollable">
        <table>
          <caption>
            Skill: share of the squared error of saying nothing that is saved; below −2 the Diebold-Mariano statistic is
            more than chance. Adapting: share of the unadapted error that it saves.
          </caption>
          <thead>
            <tr>
              <SortableHeads columns={Object.entries(MARKET_COLUMNS)} order={order} />
            </tr>
          </thead>
          <tbody>{rows.map((row) => <MarketRow key={row.market} row={row} />)}</tbody>
        </table>
      </div>
      {rows.length < total && (
        <button type="button" class="button" onClick={() => count.value += ROWS}>
          {`Show more: ${total - rows.length} left`}
        </button>
      )}
    </section>
  );
}

function MarketRow({ row }: { readonly row: StudiedRow }): JSX.Element {
  const { market, skill, statistic, adaptation, sharpe, beyondHolding, totalReturn, maxDrawdown, decisions } = row;
  return (
    <tr>
      <th scope="row">{market}</th>
      <td class={`number ${skill > 0 ? "positive" : "negative"}`}>{signedPercent(skill, 1)}</td>
      <td class="number">{twoDigits(statistic)}</td>
      <td class="number">{signedPercent(1 - adaptation, 1)}</td>
      <td class="number">{twoDigits(sharpe)}</td>
      <td class="number">{twoDigits(beyondHolding)}</td>
      <td class="number">{signedPercent(totalReturn, 1)}</td>
      <td class="number">{percent(maxDrawdown)}</td>
      <td class="number">{decisions}</td>
    </tr>
  );
}
