/**
 * Server-sent events for many readers at the price of one: a channel polls once while somebody reads, encodes an event once,
 * and hands the same bytes to everybody. It knows nothing of what it sends.
 * @module
 */

/** One event; `data` is sent as JSON. */
export interface ServerEvent {
  /** Its name: what `addEventListener` takes in the browser. */
  readonly name: string;
  /** What it carries, JSON. */
  readonly data: unknown;
  /** Given back by the browser as `Last-Event-ID` when it reconnects. */
  readonly id?: string | number;
}

/** An event, or the bytes of several as {@linkcode encodeEvents} makes them, for those that are sent again and again. */
export type Sendable = ServerEvent | Uint8Array;

/** A stream of events to any number of readers. */
export interface EventChannel {
  /** A response that sends `first`, then everything published until the reader goes. */
  connect(first?: readonly Sendable[]): Response;
  /** Sends to every reader, all in one write. */
  publish(...events: readonly Sendable[]): void;
  /** Ends every reader's stream. */
  close(): void;
  /** How many read. */
  readonly readers: number;
}

/** What a channel does on its own. */
export interface ChannelOptions {
  /** Called every `everyMs` while somebody reads; what it returns is published. */
  readonly poll?: () => readonly Sendable[];
  /** Pause between polls, ms (default 250). */
  readonly everyMs?: number;
  /** Called when the last reader has gone. */
  readonly onIdle?: () => void;
}

const KEEP_ALIVE_MS = 15_000;
/** A reader this many events behind is dropped; its browser reconnects and asks for what it missed. */
const MOST_PENDING = 512;

const encoder = new TextEncoder();

/** The bytes of some events. */
export function encodeEvents(events: readonly Sendable[]): Uint8Array {
  const parts = events.map((event) => event instanceof Uint8Array ? event : encodeEvent(event));
  if (parts.length === 1) return parts[0];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

function encodeEvent({ name, data, id }: ServerEvent): Uint8Array {
  return encoder.encode(`${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Opens a channel. It costs nothing while nobody reads. */
export function openChannel({ poll, everyMs = 250, onIdle }: ChannelOptions = {}): EventChannel {
  type Reader = ReadableStreamDefaultController<Uint8Array>;
  const readers = new Set<Reader>();
  let timers: ReturnType<typeof setInterval>[] = [];

  const drop = (reader: Reader): void => {
    if (!readers.delete(reader) || readers.size > 0) return;
    timers.forEach((timer) => clearInterval(timer));
    timers = [];
    onIdle?.();
  };
  const end = (reader: Reader): void => {
    drop(reader);
    reader.close();
  };
  const send = (bytes: Uint8Array): void => {
    for (const reader of readers) {
      if ((reader.desiredSize ?? 0) > -MOST_PENDING) reader.enqueue(bytes);
      else end(reader);
    }
  };
  const publish = (...events: readonly Sendable[]): void => {
    if (events.length > 0 && readers.size > 0) send(encodeEvents(events));
  };
  const start = (): void => {
    timers = [setInterval(() => send(encoder.encode(":\n\n")), KEEP_ALIVE_MS)];
    if (poll) timers.push(setInterval(() => publish(...poll()), everyMs));
  };
  return {
    get readers() {
      return readers.size;
    },
    publish,
    close: () => readers.forEach(end),
    connect(first = []) {
      let own: Reader;
      const body = new ReadableStream<Uint8Array>({
        start(reader) {
          own = reader;
          // Browsers reconnect after a second.
          reader.enqueue(encoder.encode("retry: 1000\n\n"));
          if (first.length > 0) reader.enqueue(encodeEvents(first));
          readers.add(reader);
          if (timers.length === 0) start();
        },
        cancel: () => drop(own),
      });
      return new Response(body, {
        headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
      });
    },
  };
}
