/**
 * The live streams of studies: `studies` events with the list, `study` events with one of them, and `gone` once it is not there any
 * more. Files are read again every few seconds while somebody reads.
 * @module
 */
import type { ServerEvent } from "./sse.ts";
import { listStudies, readStudy } from "./studies.ts";
import { watched } from "./watched.ts";

const EVERY_MS = 2000;

/** Connects a reader to the list's stream. */
export async function connectStudies(): Promise<Response> {
  const event = async (): Promise<ServerEvent> => ({ name: "studies", data: await listStudies() });
  return watched("studies", EVERY_MS, event).connect([await event()]);
}

/** Connects a reader to the stream of a study; null where there is none. */
export async function connectStudy(file: string, name: string): Promise<Response | null> {
  const event = async (): Promise<ServerEvent> => {
    const study = await readStudy(file, name);
    return study === null ? { name: "gone", data: null } : { name: "study", data: study };
  };
  const first = await event();
  if (first.name === "gone") return null;
  return watched(JSON.stringify(["study", file, name]), EVERY_MS, event).connect([first]);
}
