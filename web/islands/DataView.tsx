/**
 * The data page: the table of markets, live, beside the two ways to add one.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DataFetch } from "../components/DataFetch.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { DataUpload } from "../components/DataUpload.tsx";
import { send, useEvents } from "../components/live.ts";
import type { FetchForm, FetchJob } from "../server/data_fetches.ts";
import type { DataRow } from "../server/data_markets.ts";

interface DataViewProps {
  readonly markets: readonly DataRow[];
  readonly fetches: readonly FetchJob[];
  readonly fetchDefaults: FetchForm;
}

/** The page's content. */
export default function DataView(props: DataViewProps): JSX.Element {
  const markets = useSignal(props.markets);
  const fetches = useSignal(props.fetches);
  const connected = useSignal(true);
  const problem = useSignal<string | null>(null);
  useEvents("/api/data/events", {
    markets: (data: readonly DataRow[]) => markets.value = data,
    fetches: (data: readonly FetchJob[]) => fetches.value = data,
  }, (state) => connected.value = state);

  const remove = async ({ id, description }: DataRow) => {
    if (!confirm(`Delete ${description} from the data folder?`)) return;
    problem.value = null;
    try {
      await send("/api/data/delete", { id });
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  const own = markets.value.some(({ size }) => size !== null);
  return (
    <div class="split">
      <section class="card stack" aria-label="Markets">
        {!connected.value && (
          <p class="notice" data-tone="warn" role="status">The connection to the server is lost; trying again.</p>
        )}
        {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
        <DataTable rows={markets.value} remove={remove} />
        {!own && (
          <p class="muted small">
            These come with the library. Drop a CSV file of your own or fetch a market from Bybit to add to them.
          </p>
        )}
      </section>
      <div class="stack">
        <DataUpload />
        <DataFetch jobs={fetches.value} defaults={props.fetchDefaults} />
      </div>
    </div>
  );
}
