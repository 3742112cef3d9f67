/**
 * Many readers of one event stream, over plain sockets, so that they cost little beside what they measure. Counts events;
 * does not reconnect. Takes `http://127.0.0.1:PORT/PATH` alone.
 * @module
 */

/** What one reader was sent. */
export interface ClientCount {
  /** Events, keep-alives not counted. */
  readonly events: number;
  /** Whether the server ended the stream. */
  readonly ended: boolean;
}

/** Open readers. */
export interface Clients extends Disposable {
  /** All that each was sent so far, if it is kept. */
  texts(): readonly string[];
  /** What each was sent so far. */
  counts(): readonly ClientCount[];
}

/** An event's first bytes, "event:"; JSON holds no line that begins so. */
const MARK = [..."\nevent:"].map((letter) => letter.charCodeAt(0));

interface State {
  events: number;
  ended: boolean;
  readonly kept: Uint8Array[] | null;
}

/** Opens `count` readers and waits until each has its first event; `keep` keeps what they are sent. */
export async function openClients(address: string, count: number, keep = false): Promise<Clients> {
  const { hostname, port, pathname, host } = new URL(address);
  // The server closes the socket where it ends the stream.
  const request = new TextEncoder().encode(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const states = Array.from({ length: count }, (): State => ({ events: 0, ended: false, kept: keep ? [] : null }));
  const sockets: Deno.TcpConn[] = [];
  await Promise.all(states.map(async (state) => {
    const socket = await Deno.connect({ hostname, port: Number(port) });
    sockets.push(socket);
    await socket.write(request);
    await new Promise<void>((opened) => read(socket, state, opened));
  }));
  return {
    counts: () => states.map(({ events, ended }) => ({ events, ended })),
    // The sizes of HTTP's chunks stand on lines of their own, between carriage returns, which JSON escapes.
    texts: () => states.map(({ kept }) => decode(kept ?? []).replace(/\r\n[0-9a-f]+\r\n/g, "")),
    [Symbol.dispose]: () => sockets.forEach((socket) => socket.close()),
  };
}

async function read(socket: Deno.TcpConn, state: State, first: () => void): Promise<void> {
  const buffer = new Uint8Array(65536);
  let matched = 0;
  try {
    for (let size = await socket.read(buffer); size !== null; size = await socket.read(buffer)) {
      state.kept?.push(buffer.slice(0, size));
      for (let i = 0; i < size; i++) {
        matched = buffer[i] === MARK[matched] ? matched + 1 : buffer[i] === MARK[0] ? 1 : 0;
        if (matched < MARK.length) continue;
        matched = 0;
        if (++state.events === 1) first();
      }
    }
  } catch {
    // Closed from this side.
    return;
  }
  state.ended = true;
  first();
}

function decode(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
}
