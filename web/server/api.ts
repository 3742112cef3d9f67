/**
 * What API routes share: JSON bodies in, errors in words out.
 * @module
 */
import { DataError, DivergedError } from "@adaptrade/adaptrade";
import { HttpError } from "fresh";

const MOST_BYTES = 1_000_000;

/** The JSON body of a request. @throws {HttpError} It is too long or no JSON. */
export async function jsonBody(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.length > MOST_BYTES) throw new HttpError(413, "The request is too long.");
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, "The request is no JSON.");
  }
}

/** What the library refuses: data, types, ranges, an inner loop that diverges. */
const REFUSALS = [DataError, DivergedError, RangeError, TypeError];

/** Runs `work`; what it refuses becomes a 400 with its message. */
export async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && REFUSALS.some((kind) => error instanceof kind)) {
      throw new HttpError(400, error.message);
    }
    throw error;
  }
}
