/**
 * The searches as a table, kept up to date by the server's stream; where there is none, how to start one.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { figure, timeUtc } from "../components/format.ts";
import { useEvents } from "../components/live.ts";
import { searchAddress } from "../components/search_trials.ts";
import { SortableHeads, sortedBy, type SortOrder } from "../components/SortableHead.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import type { SearchList, SearchSummary } from "../server/searches.ts";

/** Columns that sort: head, what they sort by, whether they are numbers. */
const COLUMNS = {
  name: ["Search", ({ name }: SearchSummary) => name.toLowerCase(), false],
  status: ["Status", ({ done }: SearchSummary) => Number(done), false],
  trials: ["Trials", ({ finished }: SearchSummary) => finished, true],
  best: ["Best loss", ({ best }: SearchSummary) => best, true],
  method: ["Method", ({ method }: SearchSummary) => method, false],
  objective: ["Objective", ({ objective }: SearchSummary) => objective, false],
  created: ["Begun", ({ createdAt }: SearchSummary) => createdAt, true],
  updated: ["Last news", ({ updatedAt }: SearchSummary) => updatedAt, true],
} as const;
type Column = keyof typeof COLUMNS;

/** The table. */
export default function Searches(props: { readonly list: SearchList }): JSX.Element {
  const list = useSignal(props.list);
  const order = useSignal<SortOrder<Column>>({ by: "created", descending: true });
  useEvents("/api/searches/events", { searches: (data: SearchList) => list.value = data });
  const { searches, unread } = list.value;
  return (
    <div class="stack">
      {unread.map(({ file, why }) => (
        <p key={file} class="notice" data-tone="warn" role="status">
          {`${file.replace(":", "/")} is not shown. ${why}`}
        </p>
      ))}
      {searches.length === 0 ? <NoSearch /> : (
        <section class="card stack" aria-label="Searches">
          <div class="table-scroll" tabIndex={0} role="region" aria-label="Searches, scrollable">
            <table>
              <caption>
                All times are UTC. A search that was cut stays unfinished until it is started again and goes on.
              </caption>
              <thead>
                <tr>
                  <SortableHeads columns={Object.entries(COLUMNS)} order={order} />
                </tr>
              </thead>
              <tbody>
                {sortedBy(searches, COLUMNS[order.value.by][1], order.value.descending).map((search) => (
                  <Row key={`${search.file} ${search.name}`} search={search} />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  );
}

function Row({ search }: { readonly search: SearchSummary }): JSX.Element {
  const { file, name, method, objective, done, decided, finished, best, createdAt, updatedAt } = search;
  return (
    <tr>
      <th scope="row">
        <a class="long-name" href={searchAddress(search)}>{name}</a>
        <div class="muted small">{file.replace(":", "/")}</div>
      </th>
      <td>
        <StatusBadge status={done ? "done" : "unfinished"} />
      </td>
      <td class="number nowrap">{finished === decided ? finished : `${finished} of ${decided}`}</td>
      <td class="number">{figure(best)}</td>
      <td>{method}</td>
      <td>{objective}</td>
      <td class="number nowrap">{timeUtc(createdAt)}</td>
      <td class="number nowrap">{timeUtc(updatedAt)}</td>
    </tr>
  );
}

function NoSearch(): JSX.Element {
  return (
    <section class="empty" aria-label="Searches">
      <h2>No search yet</h2>
      <p>
        Start one in a terminal, in the folder of the dashboard; it appears here as soon as it has decided its first
        trials:
      </p>
      <p>
        <code>deno run --allow-read=. --allow-write=out examples/search.ts</code>
      </p>
      <p>
        Shown are the files <code>searches*.sqlite</code> in the data folder, and in <code>out/</code>{" "}
        unless ADAPTRADE_DATA names another data folder; then <code>--store</code>{" "}
        puts a search there. They are read, never written.
      </p>
    </section>
  );
}
