/**
 * The bytes behind a path, a URL or a stream, chunk by chunk: gunzipped where they begin as gzip does (several members are
 * one text), UTF-16 with a mark turned to UTF-8. Files and unzippers are imported when called, so browsers can load this. A
 * chunk is good until the next is asked for.
 * @module
 */
import { DataError } from "../candles.ts";
import { hasNode, hostModule } from "../../runtime.ts";

/** Where candles may be read from. A string is a file path, or a URL if it begins with `file:`, `http:` or `https:`. */
export type CsvSource = string | URL | ReadableStream<Uint8Array>;

/** Bytes in their order. */
export type Chunks = AsyncGenerator<Uint8Array, void, void>;

const FILE_CHUNK = 1 << 20;
/** Small, so that what is read lies long as garbage in few pages: a larger one is a tenth faster in a tenth more memory. */
const UNZIPPED_CHUNK = 1 << 15;

/** A failed cause in words. */
function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function* fileChunks(path: string | URL, name: string): Chunks {
  const { open } = await hostModule(`Cannot read ${name}`, "node:fs", () => import("node:fs/promises"));
  let file;
  try {
    file = await open(path, "r");
  } catch (cause) {
    const code = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
    if (code === "ENOENT") throw new DataError(`Cannot read ${name}: no such file`, { cause });
    if (code === "EACCES") throw new DataError(`Cannot read ${name}: its permissions do not allow it`, { cause });
    throw cause;
  }
  try {
    if ((await file.stat()).isDirectory()) {
      throw new DataError(`Cannot read ${name}: it is a folder, expected a file (readCandlesDir() reads folders)`);
    }
    const buffer = new Uint8Array(FILE_CHUNK);
    while (true) {
      const { bytesRead } = await file.read(buffer, 0, FILE_CHUNK);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* urlChunks(url: URL): Chunks {
  if (url.protocol === "file:") return yield* fileChunks(url, url.href);
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new DataError(`Cannot read ${url.href}: ${reason(cause)}`, { cause });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new DataError(`Cannot read ${url.href}: the server answered ${response.status} ${response.statusText}`);
  }
  if (response.body !== null) yield* streamChunks(response.body);
}

/** A stream's chunks; the stream is cancelled when no more are asked for. */
async function* streamChunks(stream: ReadableStream<Uint8Array>): Chunks {
  const reader = stream.getReader();
  let done = false;
  try {
    while (true) {
      const chunk = await reader.read();
      done = chunk.done;
      if (chunk.done) return;
      yield chunk.value;
    }
  } finally {
    if (!done) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** Node's unzipper: it goes on behind the end of a member. A chunk is asked for when the one before was taken up. */
async function* gunzipByNode(chunks: Chunks): Chunks {
  const { createGunzip } = await import("node:zlib");
  const gunzip = createGunzip({ chunkSize: UNZIPPED_CHUNK });
  const feed = async (): Promise<void> => {
    for await (const chunk of chunks) {
      await new Promise<void>((taken, failed) => gunzip.write(chunk, (error) => error ? failed(error) : taken()));
    }
    gunzip.end();
  };
  // What goes wrong in reading comes out of the iteration; what goes wrong in unzipping does so by itself.
  feed().catch((error) => gunzip.destroy(error));
  for await (const chunk of gunzip) yield chunk;
}

/** The unzipper of browsers: it takes one member. */
async function* gunzipByWeb(chunks: Chunks): Chunks {
  const zipped = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value.slice());
    },
    async cancel() {
      await chunks.return();
    },
  });
  yield* streamChunks(zipped.pipeThrough(new DecompressionStream("gzip")));
}

async function* gunzip(chunks: Chunks, name: string): Chunks {
  try {
    yield* hasNode() ? gunzipByNode(chunks) : gunzipByWeb(chunks);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`Cannot read ${name}: broken or cut-off gzip data (${reason(cause)})`, { cause });
  }
}

/** UTF-16 as UTF-8, without its mark. */
async function* fromUtf16(chunks: Chunks, encoding: "utf-16le" | "utf-16be", name: string): Chunks {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  try {
    for await (const chunk of chunks) yield encoder.encode(decoder.decode(chunk, { stream: true }));
    yield encoder.encode(decoder.decode());
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new DataError(`Cannot read ${name}: it begins as ${encoding.toUpperCase()} and is not, or is cut off`, {
      cause,
    });
  }
}

/** The first bytes of a source. */
interface Peeked {
  /** At least as many bytes as were asked for, where there are as many. */
  readonly head: Uint8Array;
  /** All bytes, the head among them. */
  readonly all: Chunks;
  /** Closes the source, where `all` will not be read. */
  readonly close: () => Promise<unknown>;
}

async function peek(chunks: Chunks, length: number): Promise<Peeked> {
  let head = new Uint8Array(0);
  while (head.length < length) {
    const { done, value } = await chunks.next();
    if (done) break;
    const joined = new Uint8Array(head.length + value.length);
    joined.set(head);
    joined.set(value, head.length);
    head = joined;
  }
  async function* all(): Chunks {
    try {
      if (head.length > 0) yield head;
      yield* chunks;
    } finally {
      await chunks.return();
    }
  }
  return { head, all: all(), close: () => chunks.return() };
}

/** The name of a source in messages. */
export function sourceName(source: CsvSource, symbol: string): string {
  if (typeof source === "string") return source;
  return source instanceof URL ? source.href : `the stream of ${symbol}`;
}

/**
 * Opens a source as it is, gunzipped.
 *
 * @param source A path, a URL or a stream of plain or gzipped bytes.
 * @param name What messages call it.
 * @throws {TypeError} The source is none of these.
 */
export async function openBytes(source: CsvSource, name: string): Promise<Chunks> {
  let chunks: Chunks;
  if (source instanceof ReadableStream) chunks = streamChunks(source);
  else if (source instanceof URL) chunks = urlChunks(source);
  else if (typeof source !== "string") {
    throw new TypeError(`Cannot read candles: expected a path, a URL or a stream, got ${typeof source}`);
  } else if (/^(https?|file):/i.test(source)) chunks = urlChunks(new URL(source));
  else chunks = fileChunks(source, name);
  const { head, all } = await peek(chunks, 2);
  return head[0] === 0x1f && head[1] === 0x8b ? gunzip(all, name) : all;
}

/** A source as UTF-8. */
export interface Utf8 {
  /** The bytes, without a mark. */
  readonly chunks: Chunks;
  /** What they were before. */
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
}

/** What a file that is no text begins with. */
const MAGIC: readonly (readonly [string, string])[] = [
  ["PAR1", "it is a Parquet file: readCandlesParquet() reads those"],
  ["PK\u0003\u0004", "it is a zip archive or a spreadsheet (.xlsx): unzip it, or save the sheet as CSV"],
  ["\u00d0\u00cf\u0011\u00e0", "it is a spreadsheet (.xls): save the sheet as CSV"],
  ["\u0028\u00b5\u002f\u00fd", "it is compressed by zstd: only gzip is read"],
  ["BZh", "it is compressed by bzip2: only gzip is read"],
  ["\u00fd7zXZ", "it is compressed by xz: only gzip is read"],
];

/**
 * Opens a source as UTF-8 text.
 *
 * @param source A path, a URL or a stream.
 * @param name What messages call it.
 * @throws {DataError} It is missing, cannot be reached, is broken gzip or no text.
 */
export async function openText(source: CsvSource, name: string): Promise<Utf8> {
  const { head, all, close } = await peek(await openBytes(source, name), 8);
  const begin = String.fromCharCode(...head.subarray(0, 8));
  const known = MAGIC.find(([magic]) => begin.startsWith(magic));
  if (known !== undefined) {
    await close();
    throw new DataError(`Cannot read ${name}: ${known[1]}`);
  }
  const [a, b, c] = head;
  if (a === 0xff && b === 0xfe) return { chunks: fromUtf16(all, "utf-16le", name), encoding: "utf-16le" };
  if (a === 0xfe && b === 0xff) return { chunks: fromUtf16(all, "utf-16be", name), encoding: "utf-16be" };
  if (head.subarray(0, 8).includes(0)) {
    await close();
    throw new DataError(`Cannot read ${name}: it holds NUL bytes: it is no text, or UTF-16 without a mark`);
  }
  return { chunks: a === 0xef && b === 0xbb && c === 0xbf ? withoutMark(all) : all, encoding: "utf-8" };
}

/** Chunks without the three bytes of a mark. */
async function* withoutMark(chunks: Chunks): Chunks {
  let left = 3;
  for await (const chunk of chunks) {
    const cut = Math.min(left, chunk.length);
    left -= cut;
    yield chunk.subarray(cut);
  }
}

/** All bytes of a source. */
export async function collectBytes(chunks: Chunks): Promise<Uint8Array<ArrayBuffer>> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    kept.push(chunk.slice());
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of kept) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
