/**
 * Takes an uploaded CSV file: streamed to disk chunk by chunk, looked over by a worker process, then put among the markets. A
 * file that is too large, has a bad name or cannot be read leaves nothing behind.
 * @module
 */
import { DataError } from "@adaptrade/adaptrade";
import { HttpError } from "fresh";
import { bodyChunks } from "./api.ts";
import { inspectFile, keepInspection } from "./data_markets.ts";
import { requireChoice } from "./field_error.ts";
import { requireSettings } from "./settings.ts";
import { fileOfSameMarket, incomingPath, marketFileName, placeMarket } from "./data_names.ts";
import type { Inspection } from "./data_inspection.ts";

/** Bytes of the largest file taken. */
const MOST_UPLOAD_BYTES = 100_000_000;
const LIMIT = { most: MOST_UPLOAD_BYTES, message: `The file is larger than ${MOST_UPLOAD_BYTES / 1e6} MB.` };

/** What became of an upload. */
export interface Uploaded {
  /** Id of the market; see `markets.ts`. */
  readonly id: string;
  /** What was found in it. */
  readonly inspection: Inspection;
}

/** Reads a body to its end: a browser that is still sending would take an early answer for a broken connection. */
async function drain(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  await ReadableStream.from(bodyChunks(body, LIMIT)).pipeTo(new WritableStream()).catch(() => {});
}

/**
 * Takes an upload.
 *
 * @param body The bytes of the file.
 * @param query `name`: its name as the browser has it; `replace`: 1 where it may take the place of a market of that name, else 0.
 * @throws {DataError} It is no candles, in the reader's words with the line.
 * @throws {FieldError} What is asked is not known, or of no such value.
 * @throws {HttpError} It is too large (413), or there is such a market already (409).
 * @throws {RangeError} The name cannot be used.
 */
export async function takeUpload(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  query: Readonly<Record<string, string>>,
): Promise<Uploaded> {
  const path = incomingPath();
  try {
    const options = parseOptions(query);
    const name = acceptedName(options);
    const file = await Deno.open(path, { write: true, createNew: true });
    await ReadableStream.from(bodyChunks(body, LIMIT)).pipeTo(file.writable);
    const inspection = await inspectFile(path, name);
    if (inspection.bars < 2) {
      throw new DataError(`Cannot use ${name}: expected at least 2 bars, got ${inspection.bars}`);
    }
    acceptedName(options);
    placeMarket(path, name);
    await keepInspection(name, inspection);
    return { id: `file:${name}`, inspection };
  } catch (error) {
    if (!body.locked) await drain(body);
    throw error;
  } finally {
    await Deno.remove(path).catch(() => {});
  }
}

/** What is asked of an upload. */
interface UploadOptions {
  readonly name: string;
  readonly replace: boolean;
}

function parseOptions(query: Readonly<Record<string, string>>): UploadOptions {
  const action = "Cannot take the file";
  requireSettings<UploadOptions>(action, query, ["name", "replace"]);
  const { name = "", replace = "0" } = query;
  requireChoice(action, replace, { field: "replace", label: "replace", allowed: ["0", "1"] });
  return { name, replace: replace === "1" };
}

/** The name that a file will have. Asked again before it is put there: another upload may have been faster. */
function acceptedName({ name: given, replace }: UploadOptions): string {
  const name = marketFileName(given);
  const old = fileOfSameMarket(name);
  if (old === null || replace) return name;
  throw new HttpError(409, `There is a market ${old} already. Tick "Replace" or give the file another name.`);
}
