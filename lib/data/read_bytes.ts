/**
 * The text behind a path, a URL or a stream, gunzipped where it begins as gzip does. Paths are opened by a module that is
 * imported when called, so browsers can load this file. It refuses text that is not UTF-8.
 * @module
 */
import { DataError } from "./candles.ts";

/** Where candles may be read from. A string is a file path, or a URL if it begins with `file:`, `http:` or `https:`. */
export type CsvSource = string | URL | ReadableStream<Uint8Array>;

/** A failed cause in words. */
function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Joins a stream's chunks. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

async function readFileBytes(path: string | URL, name: string): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
    if (code === "ENOENT") throw new DataError(`Cannot read ${name}: no such file`, { cause });
    if (code === "EISDIR") throw new DataError(`Cannot read ${name}: it is a folder, expected a file`, { cause });
    throw cause;
  }
}

async function readUrlBytes(url: URL): Promise<Uint8Array> {
  if (url.protocol === "file:") return await readFileBytes(url, url.href);
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
  return new Uint8Array(await response.arrayBuffer());
}

/** Gunzips bytes that begin with gzip's magic number (1f 8b), whatever their name; returns others as they are. */
async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await collect(
      new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream("gzip")),
    );
  } catch (cause) {
    throw new DataError(`Cannot read ${name}: broken or cut-off gzip data (${reason(cause)})`, { cause });
  }
}

/** The name of a source in messages. */
export function sourceName(source: CsvSource, symbol: string): string {
  if (typeof source === "string") return source;
  return source instanceof URL ? source.href : `the stream of ${symbol}`;
}

/**
 * Reads a source as UTF-8 text.
 *
 * @param source A path, a URL or a stream of plain or gzipped bytes.
 * @param name What messages call it.
 * @throws {DataError} It is missing, cannot be reached, is broken gzip or no UTF-8.
 * @throws {TypeError} The source is none of these.
 */
export async function readText(source: CsvSource, name: string): Promise<string> {
  let bytes: Uint8Array;
  if (source instanceof ReadableStream) bytes = await collect(source);
  else if (source instanceof URL) bytes = await readUrlBytes(source);
  else if (typeof source !== "string") {
    throw new TypeError(`Cannot read candles: expected a path, a URL or a stream, got ${typeof source}`);
  } else if (/^(https?|file):/i.test(source)) bytes = await readUrlBytes(new URL(source));
  else bytes = await readFileBytes(source, name);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await gunzip(bytes, name));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`Cannot read ${name}: it is not UTF-8 text`, { cause });
  }
}
