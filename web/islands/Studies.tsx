/**
 * The studies as a table, kept up to date by the server's stream; where there is none, how to start one.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { timeUtc } from "../components/format.ts";
import { useEvents } from "../components/live.ts";
import { SortableHeads, sortedBy, type SortOrder } from "../components/SortableHead.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import { marketsDone, studyAddress } from "../components/study_columns.ts";
import type { StudyList, StudySummary } from "../server/studies.ts";

/** Columns that sort: head, what they sort by, whether they are numbers. */
const COLUMNS = {
  name: ["Study", ({ name }: StudySummary) => name.toLowerCase(), false],
  status: ["Status", ({ done }: StudySummary) => Number(done), false],
  markets: ["Markets", ({ studied, refused }: StudySummary) => studied + refused, true],
  refused: ["Not studied", ({ refused }: StudySummary) => refused, true],
  created: ["Begun", ({ createdAt }: StudySummary) => createdAt, true],
  updated: ["Last news", ({ updatedAt }: StudySummary) => updatedAt, true],
} as const;
type Column = keyof typeof COLUMNS;

/** The table. */
export default function Studies(props: { readonly list: StudyList }): JSX.Element {
  const list = useSignal(props.list);
  const order = useSignal<SortOrder<Column>>({ by: "created", descending: true });
  useEvents("/api/studies/events", { studies: (data: StudyList) => list.value = data });
  const { studies, unread } = list.value;
  return (
    <div class="stack">
      {unread.map(({ file, why }) => (
        <p key={file} class="notice" data-tone="warn" role="status">
          {`${file.replace(":", "/")} is not shown. ${why}`}
        </p>
      ))}
      {studies.length === 0 ? <NoStudy /> : (
        <section class="card stack" aria-label="Studies">
          <div class="table-scroll" tabIndex={0} role="region" aria-label="Studies, scrollable">
            <table>
              <caption>
                All times are UTC. A study that was cut stays unfinished until it is started again and goes on.
              </caption>
              <thead>
                <tr>
                  <SortableHeads columns={Object.entries(COLUMNS)} order={order} />
                </tr>
              </thead>
              <tbody>
                {sortedBy(studies, COLUMNS[order.value.by][1], order.value.descending).map((study) => (
                  <Row key={`${study.file} ${study.name}`} study={study} />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  );
}

function Row({ study }: { readonly study: StudySummary }): JSX.Element {
  const { file, name, done, refused, createdAt, updatedAt } = study;
  return (
    <tr>
      <th scope="row">
        <a class="long-name" href={studyAddress(study)}>{name}</a>
        <div class="muted small">{file.replace(":", "/")}</div>
      </th>
      <td>
        <StatusBadge status={done ? "done" : "unfinished"} />
      </td>
      <td class="number nowrap">{marketsDone(study)}</td>
      <td class="number">{refused}</td>
      <td class="number nowrap">{timeUtc(createdAt)}</td>
      <td class="number nowrap">{timeUtc(updatedAt)}</td>
    </tr>
  );
}

function NoStudy(): JSX.Element {
  return (
    <section class="empty" aria-label="Studies">
      <h2>No study yet</h2>
      <p>
        Start one in a terminal, in the folder of the dashboard, over a folder of CSV files; it appears here as soon as
        it begins:
      </p>
      <p>
        <code>deno run --allow-read=.,DIR --allow-write=out examples/study.ts --csv DIR</code>
      </p>
      <p>
        Shown are the files <code>studies*.sqlite</code> in the data folder, and in <code>out/</code>{" "}
        unless ADAPTRADE_DATA names another data folder; then <code>--store</code>{" "}
        puts a study there. They are read, never written.
      </p>
    </section>
  );
}
