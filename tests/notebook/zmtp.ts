/**
 * As much of ZeroMQ's wire protocol (ZMTP 3.0, RFC 23, without security) as a Jupyter kernel on this machine needs: messages of
 * several parts over TCP. Holds no assertions.
 * @module
 */

const MORE = 1;
const LONG = 2;
const COMMAND = 4;
const text = new TextEncoder();

function greeting(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
  bytes.set(text.encode("NULL"), 12);
  return bytes;
}

function frame(flags: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const long = body.length > 255;
  const head = new Uint8Array(long ? 9 : 2);
  head[0] = flags | (long ? LONG : 0);
  if (long) new DataView(head.buffer).setBigUint64(1, BigInt(body.length));
  else head[1] = body.length;
  return Uint8Array.from([...head, ...body]);
}

function ready(socketType: string): Uint8Array<ArrayBuffer> {
  const [name, value] = ["Socket-Type", socketType].map((word) => text.encode(word));
  return frame(
    COMMAND,
    Uint8Array.from([5, ...text.encode("READY"), name.length, ...name, 0, 0, 0, value.length, ...value]),
  );
}

/** A connected socket. */
export interface Socket extends Disposable {
  /** Sends one message of these parts. */
  send(parts: readonly (string | Uint8Array)[]): Promise<void>;
  /** The next message's parts, as text. */
  receive(): Promise<string[]>;
}

/** Connects, trying again while nothing listens yet, for at most 30 s. */
async function connect(port: number): Promise<Deno.TcpConn> {
  const end = Date.now() + 30_000;
  while (true) {
    try {
      return await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Opens a socket of a kernel: its shell takes a `DEALER`, what it publishes a `SUB`, which subscribes to all of it. */
export async function openSocket(port: number, socketType: "DEALER" | "SUB"): Promise<Socket> {
  const connection = await connect(port);
  const read = async (length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const got = await connection.read(bytes.subarray(at));
      if (got === null) throw new Error("the kernel hung up");
      at += got;
    }
    return bytes;
  };
  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  const readFrame = async (): Promise<{ readonly flags: number; readonly body: Uint8Array<ArrayBuffer> }> => {
    const [flags] = await read(1);
    const size = await read(flags & LONG ? 8 : 1);
    const length = flags & LONG ? Number(new DataView(size.buffer).getBigUint64(0)) : size[0];
    return { flags, body: await read(length) };
  };
  await write(greeting());
  await read(64);
  await write(ready(socketType));
  await readFrame();
  if (socketType === "SUB") await write(frame(0, Uint8Array.of(1)));
  return {
    send: async (parts) => {
      const bodies = parts.map((part) => typeof part === "string" ? text.encode(part) : part);
      for (const [i, body] of bodies.entries()) await write(frame(i + 1 < bodies.length ? MORE : 0, body));
    },
    receive: async () => {
      const parts: string[] = [];
      for (let more = true; more;) {
        const { flags, body } = await readFrame();
        if (flags & COMMAND) continue;
        parts.push(new TextDecoder().decode(body));
        more = (flags & MORE) !== 0;
      }
      return parts;
    },
    [Symbol.dispose]: () => connection.close(),
  };
}
