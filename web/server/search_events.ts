/**
 * The live streams of searches: `searches` events with the list, `search` events with one of them, `gone` once it is not there any
 * more, and `workers` events with those of the pool. Files are read again every second or two while somebody reads, and what has changed is sent.
 * @module
 */
import { listWorkers } from "./pool_workers.ts";
import { listSearches, readSearch } from "./searches.ts";
import type { ServerEvent } from "./sse.ts";
import { watched } from "./watched.ts";

const LIST_EVERY_MS = 2000;
const SEARCH_EVERY_MS = 1000;
const WORKERS_EVERY_MS = 3000;

/** Connects a reader to the list's stream. */
export async function connectSearches(): Promise<Response> {
  const event = async (): Promise<ServerEvent> => ({ name: "searches", data: await listSearches() });
  return watched("searches", LIST_EVERY_MS, event).connect([await event()]);
}

/** Connects a reader to the stream of a search; null where there is none. */
export async function connectSearch(file: string, name: string): Promise<Response | null> {
  const event = async (): Promise<ServerEvent> => {
    const search = await readSearch(file, name);
    return search === null ? { name: "gone", data: null } : { name: "search", data: search };
  };
  const first = await event();
  if (first.name === "gone") return null;
  return watched(JSON.stringify(["search", file, name]), SEARCH_EVERY_MS, event).connect([first]);
}

/** Connects a reader to the stream of the workers of a pool. */
export async function connectWorkers(at: string): Promise<Response> {
  const event = async (): Promise<ServerEvent> => ({ name: "workers", data: await listWorkers(at) });
  return watched("workers", WORKERS_EVERY_MS, event).connect([await event()]);
}
