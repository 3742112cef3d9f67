/**
 * What API routes share: JSON bodies in, errors in words out.
 * @module
 */
import { DataError, DivergedError } from "@adaptrade/adaptrade";
import { HttpError } from "fresh";

const MOST_BYTES = 1_000_000;

/**
 * The chunks of a request's body, counted while they are read.
 *
 * @throws {HttpError} It is longer than `most` bytes (413), or its sender breaks it off (400).
 */
export async function* bodyChunks(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { most, message }: { readonly most: number; readonly message: string },
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > most) throw new HttpError(413, message);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof HttpError ? error : new HttpError(400, "The request broke off before its end.");
  }
}

/**
 * The JSON body of a request, counted while it is read: of one that is too long no more than that is ever held.
 *
 * @throws {HttpError} It is too long (413), no JSON, or breaks off (400).
 */
export async function jsonBody(request: Request): Promise<unknown> {
  const limit = { most: MOST_BYTES, message: "The request is too long." };
  const chunks = request.body === null ? [] : await Array.fromAsync(bodyChunks(request.body, limit));
  try {
    return JSON.parse(await new Blob(chunks).text());
  } catch {
    throw new HttpError(400, "The request is no JSON.");
  }
}

/** What the library refuses: data, types, ranges, an inner loop that diverges. */
const REFUSALS = [DataError, DivergedError, RangeError, TypeError];

/** Runs `work`; what it refuses becomes a 400 with its message, and with itself as the cause. */
export async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && REFUSALS.some((kind) => error instanceof kind)) {
      throw new HttpError(400, error.message, { cause: error });
    }
    throw error;
  }
}
