/**
 * The process that reads markets and looks them over: `deno run web/worker/data_inspect.ts TARGETS`, JSON. It writes a line of
 * JSON a target, its inspection or why it cannot be read, and changes nothing.
 * @module
 */
import { DataError, readCandlesCsv, sampleMarkets } from "@adaptrade/adaptrade";
import { inspectCandles, type Inspection } from "../server/data_inspection.ts";
import { whenOrphaned } from "./orphaned.ts";

/** A market to inspect. */
export interface InspectionTarget {
  /** Given back with the result. */
  readonly id: string;
  /** Name of the market. */
  readonly symbol: string;
  /** Path of its CSV file; null for a sample market. */
  readonly path: string | null;
  /** What messages call the file. */
  readonly name: string;
}

/** What is said of a target. */
export interface InspectionLine {
  /** The target's. */
  readonly id: string;
  /** The inspection, or null where it failed. */
  readonly inspection: Inspection | null;
  /** Why it failed, in words, or null. */
  readonly error: string | null;
}

/** Unzipped text beyond this is refused before it fills the memory; some 8 million bars. */
const MOST_TEXT_BYTES = 450_000_000;

/** A small file can unzip to any size, so what begins as gzip does is unzipped once without keeping any of it. */
async function requireReadable(path: string, name: string): Promise<void> {
  const file = await Deno.open(path);
  const magic = new Uint8Array(2);
  await file.read(magic);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return file.close();
  await file.seek(0, Deno.SeekMode.Start);
  let size = 0;
  try {
    for await (const chunk of file.readable.pipeThrough(new DecompressionStream("gzip"))) {
      size += chunk.length;
      if (size > MOST_TEXT_BYTES) throw new DataError(`Cannot read ${name}: it unzips to more than 450 MB`);
    }
  } catch (error) {
    // The reader has the better words for broken gzip.
    if (error instanceof DataError) throw error;
  }
}

async function inspect({ symbol, path, name }: InspectionTarget): Promise<Inspection> {
  if (path === null) return inspectCandles((await sampleMarkets({ symbols: [symbol] }))[0]);
  await requireReadable(path, name);
  return inspectCandles(await readCandlesCsv(path, { symbol }));
}

if (import.meta.main) {
  whenOrphaned(() => Deno.exit(0));
  for (const target of JSON.parse(Deno.args[0]) as InspectionTarget[]) {
    let line: InspectionLine;
    try {
      line = { id: target.id, inspection: await inspect(target), error: null };
    } catch (error) {
      const { message } = error as Error;
      const words = target.path === null ? message : message.replaceAll(target.path, target.name);
      line = { id: target.id, inspection: null, error: words };
    }
    console.log(JSON.stringify(line));
  }
  Deno.exit(0);
}
