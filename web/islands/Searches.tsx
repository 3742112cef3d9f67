/**
 * The searches as a table, kept up to date by the server's stream.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { figure } from "../components/format.ts";
import { type KeptColumn, KeptTable, type KeptWords } from "../components/KeptTable.tsx";
import { useEvents } from "../components/live.ts";
import type { SearchList, SearchSummary } from "../server/searches.ts";

const COLUMNS: Readonly<Record<string, KeptColumn<SearchSummary>>> = {
  trials: [
    "Trials",
    ({ finished }) => finished,
    true,
    ({ finished, decided }) => finished === decided ? finished : `${finished} of ${decided}`,
  ],
  best: ["Best loss", ({ best }) => best, true, ({ best }) => figure(best)],
  method: ["Method", ({ method }) => method, false, ({ method }) => method],
  objective: ["Objective", ({ objective }) => objective, false, ({ objective }) => objective],
};

const WORDS: KeptWords = {
  one: "search",
  many: "searches",
  command: "npx --yes deno@2.9.6 run --allow-read=. --allow-write=out examples/search.ts",
  start:
    "Start one in a terminal, in the folder of the dashboard; it appears here as soon as it has decided its first " +
    "trials:",
};

/** The table. */
export default function Searches(props: { readonly list: SearchList }): JSX.Element {
  const list = useSignal(props.list);
  useEvents("/api/searches/events", { searches: (data: SearchList) => list.value = data });
  const { searches, unread } = list.value;
  return <KeptTable words={WORDS} columns={COLUMNS} rows={searches} unread={unread} />;
}
