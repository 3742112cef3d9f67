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
  /** What each was sent so far. */
  counts(): readonly ClientCount[];
}

/** An event's first bytes, "event:"; JSON holds no line that begins so. */
const MARK = [..."\nevent:"].map((letter) => letter.charCodeAt(0));

/** Opens `count` readers and waits until each has its first event. */
export async function openClients(address: string, count: number): Promise<Clients> {
  const { hostname, port, pathname, host } = new URL(address);
  const request = new TextEncoder().encode(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const states = Array.from({ length: count }, () => ({ events: 0, ended: false }));
  const sockets: Deno.TcpConn[] = [];
  await Promise.all(states.map(async (state) => {
    const socket = await Deno.connect({ hostname, port: Number(port) });
    sockets.push(socket);
    await socket.write(request);
    await new Promise<void>((opened) => read(socket, state, opened));
  }));
  return {
    counts: () => states.map((state) => ({ ...state })),
    [Symbol.dispose]: () => sockets.forEach((socket) => socket.close()),
  };
}

async function read(socket: Deno.TcpConn, state: { events: number; ended: boolean }, first: () => void): Promise<void> {
  const buffer = new Uint8Array(65536);
  let matched = 0;
  try {
    for (let size = await socket.read(buffer); size !== null; size = await socket.read(buffer)) {
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
