/**
 * The table of all searches or studies, sorted by any column; where there is none, how to start one. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import type { UnreadFile } from "../server/kept_files.ts";
import { timeUtc } from "./format.ts";
import { keptAddress } from "./kept_address.ts";
import { SortableHeads, sortedBy, type SortOrder } from "./SortableHead.tsx";
import { StatusBadge } from "./StatusBadge.tsx";

/** What every row has. */
interface KeptRow {
  readonly file: string;
  readonly name: string;
  readonly done: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A column: its head, what it sorts by, whether its cells are numbers, and what they show. */
export type KeptColumn<Row> = readonly [
  label: string,
  value: (row: Row) => number | string | null,
  numbers: boolean,
  cell: (row: Row) => ComponentChildren,
];

/** What the rows are. */
export interface KeptWords {
  /** "search" */
  readonly one: string;
  /** "searches": their page's address, and how the names of their files begin. */
  readonly many: string;
  /** The command that makes one. */
  readonly command: string;
  /** How to run it, and when its row appears. */
  readonly start: string;
}

interface KeptTableProps<Row> {
  readonly words: KeptWords;
  readonly rows: readonly Row[];
  readonly unread: readonly UnreadFile[];
  /** Columns between those that every row has. */
  readonly columns: Readonly<Record<string, KeptColumn<Row>>>;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

/** The table. */
export function KeptTable<Row extends KeptRow>(
  { words, rows, unread, columns: own }: KeptTableProps<Row>,
): JSX.Element {
  const { one, many } = words;
  const order = useSignal<SortOrder<string>>({ by: "created", descending: true });
  const nameOf = (row: Row): JSX.Element => (
    <>
      <a class="long-name" href={keptAddress(`/${many}/one`, row)}>{row.name}</a>
      <div class="muted small">{row.file.replace(":", "/")}</div>
    </>
  );
  const columns: Readonly<Record<string, KeptColumn<Row>>> = {
    name: [capital(one), ({ name }) => name.toLowerCase(), false, nameOf],
    status: [
      "Status",
      ({ done }) => Number(done),
      false,
      ({ done }) => <StatusBadge status={done ? "done" : "unfinished"} />,
    ],
    ...own,
    created: ["Begun", ({ createdAt }) => createdAt, true, ({ createdAt }) => timeUtc(createdAt)],
    updated: ["Last news", ({ updatedAt }) => updatedAt, true, ({ updatedAt }) => timeUtc(updatedAt)],
  };
  const { name: named, ...others } = columns;
  return (
    <div class="stack">
      {unread.map(({ file, why }) => (
        <p key={file} class="notice" data-tone="warn" role="status">
          {`${file.replace(":", "/")} is not shown. ${why}`}
        </p>
      ))}
      {rows.length === 0 ? <NoneYet {...words} /> : (
        <section class="card stack" aria-label={capital(many)}>
          <div class="table-scroll" tabIndex={0} role="region" aria-label={`${capital(many)}, scrollable`}>
            <table>
              <caption>
                {`All times are UTC. A ${one} that was cut stays unfinished until it is started again and goes on.`}
              </caption>
              <thead>
                <tr>
                  <SortableHeads columns={Object.entries(columns)} order={order} />
                </tr>
              </thead>
              <tbody>
                {sortedBy(rows, columns[order.value.by][1], order.value.descending).map((row) => (
                  <tr key={`${row.file} ${row.name}`}>
                    <th scope="row">{named[3](row)}</th>
                    {Object.entries(others).map(([key, [, , numbers, cell]]) => (
                      <td key={key} class={numbers ? "number nowrap" : undefined}>{cell(row)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  );
}

function NoneYet({ one, many, command, start }: KeptWords): JSX.Element {
  return (
    <section class="empty" aria-label={capital(many)}>
      <h2>{`No ${one} yet`}</h2>
      <p>{start}</p>
      <p>
        <code>{command}</code>
      </p>
      <p>
        Shown are the files <code>{`${many}*.sqlite`}</code> in the data folder, and in <code>out/</code>{" "}
        unless ADAPTRADE_DATA names another data folder; then <code>--store</code>{" "}
        {`puts a ${one} there. They are read, never written.`}
      </p>
    </section>
  );
}
