/**
 * The live streams of what files keep: `searches` and `studies` events with the lists, `search` and `study` events with one of them,
 * `gone` once it is not there any more; and `workers` events with those of the pool. What has changed is sent.
 * @module
 */
import { listWorkers } from "./pool_workers.ts";
import { listSearches, readSearch } from "./searches.ts";
import type { ServerEvent } from "./sse.ts";
import { listStudies, readStudy } from "./studies.ts";
import { watched } from "./watched.ts";

/** How often they are read again while somebody listens, ms. */
const EVERY_MS = { searches: 2000, search: 1000, studies: 2000, study: 2000, workers: 3000 } as const;
type Name = keyof typeof EVERY_MS;

/** Connects a reader to the stream of the list of searches. */
export const connectSearches = (): Promise<Response> => connectAll("searches", listSearches);

/** Connects a reader to the stream of the list of studies. */
export const connectStudies = (): Promise<Response> => connectAll("studies", listStudies);

/** Connects a reader to the stream of the workers of a pool. */
export const connectWorkers = (at: string): Promise<Response> => connectAll("workers", () => listWorkers(at));

/** Connects a reader to the stream of a search; null where there is none. */
export const connectSearch = (file: string, name: string): Promise<Response | null> =>
  connectOne("search", readSearch, { file, name });

/** Connects a reader to the stream of a study; null where there is none. */
export const connectStudy = (file: string, name: string): Promise<Response | null> =>
  connectOne("study", readStudy, { file, name });

async function connectAll(name: Name, read: () => Promise<unknown>): Promise<Response> {
  const event = async (): Promise<ServerEvent> => ({ name, data: await read() });
  return watched(name, EVERY_MS[name], event).connect([await event()]);
}

async function connectOne(
  kind: Name,
  read: (file: string, name: string) => Promise<unknown>,
  { file, name }: { readonly file: string; readonly name: string },
): Promise<Response | null> {
  const event = async (): Promise<ServerEvent> => {
    const found = await read(file, name);
    return found === null ? { name: "gone", data: null } : { name: kind, data: found };
  };
  const first = await event();
  if (first.name === "gone") return null;
  return watched(JSON.stringify([kind, file, name]), EVERY_MS[kind], event).connect([first]);
}
