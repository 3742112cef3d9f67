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

/** A stream of events to any number of readers. */
export interface EventChannel {
  /** A response that sends `first`, then everything published until the reader goes. */
  connect(first?: readonly ServerEvent[]): Response;
  /** Sends to every reader. */
  publish(event: ServerEvent): void;
  /** How many read. */
  readonly readers: number;
}

/** What a channel does on its own. */
export interface ChannelOptions {
  /** Called every `everyMs` while somebody reads; what it returns is published. */
  readonly poll?: () => readonly ServerEvent[];
  /** Pause between polls, ms (default 250). */
  readonly everyMs?: number;
}

const KEEP_ALIVE_MS = 15_000;
/** A reader this many events behind is dropped; its browser reconnects and asks for what it missed. */
const MOST_PENDING = 512;

const encoder = new TextEncoder();

/** The bytes of an event. */
export function encodeEvent({ name, data, id }: ServerEvent): Uint8Array {
  return encoder.encode(`${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Opens a channel. It costs nothing while nobody reads. */
export function openChannel({ poll, everyMs = 250 }: ChannelOptions = {}): EventChannel {
  type Reader = ReadableStreamDefaultController<Uint8Array>;
  const readers = new Set<Reader>();
  let timers: ReturnType<typeof setInterval>[] = [];

  const drop = (reader: Reader): void => {
    readers.delete(reader);
    if (readers.size > 0) return;
    timers.forEach((timer) => clearInterval(timer));
    timers = [];
  };
  const send = (bytes: Uint8Array): void => {
    for (const reader of readers) {
      if ((reader.desiredSize ?? 0) > -MOST_PENDING) reader.enqueue(bytes);
      else {
        drop(reader);
        reader.close();
      }
    }
  };
  const start = (): void => {
    timers = [setInterval(() => send(encoder.encode(":\n\n")), KEEP_ALIVE_MS)];
    if (poll) timers.push(setInterval(() => poll().forEach((event) => send(encodeEvent(event))), everyMs));
  };
  return {
    get readers() {
      return readers.size;
    },
    publish: (event) => send(encodeEvent(event)),
    connect(first = []) {
      let own: Reader;
      const body = new ReadableStream<Uint8Array>({
        start(reader) {
          own = reader;
          // Browsers reconnect after a second.
          reader.enqueue(encoder.encode("retry: 1000\n\n"));
          first.forEach((event) => reader.enqueue(encodeEvent(event)));
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
