/**
 * The studies as a table, kept up to date by the server's stream.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { type KeptColumn, KeptTable, type KeptWords } from "../components/KeptTable.tsx";
import { useEvents } from "../components/live.ts";
import { marketsDone } from "../components/study_columns.ts";
import type { StudyList, StudySummary } from "../server/studies.ts";

const COLUMNS: Readonly<Record<string, KeptColumn<StudySummary>>> = {
  markets: ["Markets", ({ studied, refused }) => studied + refused, true, marketsDone],
  refused: ["Not studied", ({ refused }) => refused, true, ({ refused }) => refused],
};

const WORDS: KeptWords = {
  one: "study",
  many: "studies",
  command: "npx --yes deno@2.9.6 run --allow-read=.,DIR --allow-write=out examples/study.ts --csv DIR",
  start:
    "Start one in a terminal, in the folder of the dashboard, over a folder of CSV files; it appears here as soon as " +
    "it begins:",
};

/** The table. */
export default function Studies(props: { readonly list: StudyList }): JSX.Element {
  const list = useSignal(props.list);
  useEvents("/api/studies/events", { studies: (data: StudyList) => list.value = data });
  const { studies, unread } = list.value;
  return <KeptTable words={WORDS} columns={COLUMNS} rows={studies} unread={unread} />;
}
