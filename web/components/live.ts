/**
 * What islands share to talk to the server: JSON requests whose errors are words, and event streams. Browser only.
 * @module
 */
import { useEffect } from "preact/hooks";

/** What the server refused, in words that can be shown. */
export class SendError extends Error {
  /** Code name of the field that was refused, or null. */
  readonly field: string | null;

  /** Makes the error from an answer of the server. */
  constructor(message: string, field: string | null) {
    super(message);
    this.field = field;
  }
}

/** Sends JSON and returns the answer; throws an `Error` whose message can be shown, a {@linkcode SendError} where it was refused. */
export async function send<Answer>(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
  }).catch(() => {
    throw new Error("The dashboard's server does not answer. Is it still running?");
  });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    throw new SendError(answer?.error ?? `The server answered ${response.status}.`, answer?.field ?? null);
  }
  return answer;
}

/**
 * Listens to a stream of events for as long as the island stands. The browser reconnects on its own.
 *
 * @param path the stream, or null to listen to none
 * @param listeners what to do with each event's data, by event name
 * @param onState told whether the stream is connected
 */
export function useEvents(
  path: string | null,
  listeners: Readonly<Record<string, (data: never) => void>>,
  onState?: (connected: boolean) => void,
): void {
  useEffect(() => {
    if (path === null) return;
    const source = new EventSource(path);
    for (const [name, listener] of Object.entries(listeners)) {
      source.addEventListener(name, (event) => listener(JSON.parse((event as MessageEvent).data) as never));
    }
    source.onopen = () => onState?.(true);
    source.onerror = () => onState?.(false);
    return () => source.close();
  }, [path]);
}
