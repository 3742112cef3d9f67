/**
 * Names of market files: what a browser sends becomes a plain name inside the markets folder, or is refused.
 * @module
 */
import { join } from "node:path";
import { dataFolder, marketFile, marketsFolder } from "./paths.ts";
import { symbolOf } from "./markets.ts";

const LONGEST = 100;

/**
 * The file name for an upload: its last part, with everything but letters, digits, `.`, `_`, `-` and `+` replaced.
 *
 * @throws {RangeError} It does not end in `.csv` or `.csv.gz`, nothing is left of it, or it is too long.
 */
export function marketFileName(given: string): string {
  const last = given.split(/[\\/]/).at(-1)!.trim();
  const ending = /\.csv(\.gz)?$/i.exec(last)?.[0].toLowerCase();
  if (ending === undefined) {
    throw new RangeError(`Cannot take ${JSON.stringify(last)}: expected a file that ends in .csv or .csv.gz`);
  }
  const stem = last.slice(0, -ending.length).replaceAll(/[^\p{L}\p{N}._+-]+/gu, "_").replace(/^[._]+|[._]+$/g, "");
  if (stem === "" || stem.length > LONGEST) {
    throw new RangeError(
      `Cannot take ${JSON.stringify(last)}: expected a name of 1 to ${LONGEST} letters and digits before ${ending}`,
    );
  }
  const name = `${stem}${ending}`;
  marketFile(name);
  return name;
}

/** The file that already holds the market of this file name, plain or zipped; null where there is none. */
export function fileOfSameMarket(name: string): string | null {
  for (const entry of Deno.readDirSync(marketsFolder())) {
    if (/\.csv(\.gz)?$/.test(entry.name) && symbolOf(entry.name) === symbolOf(name)) return entry.name;
  }
  return null;
}

/** A path that no other request uses, outside the markets folder, so that half a file is never taken for a market. */
export function incomingPath(): string {
  const folder = join(dataFolder(), "incoming");
  Deno.mkdirSync(folder, { recursive: true });
  return join(folder, `${crypto.randomUUID()}.part`);
}

/** Puts a finished file in place of whatever held the market before. */
export function placeMarket(path: string, name: string): void {
  const old = fileOfSameMarket(name);
  Deno.renameSync(path, marketFile(name));
  if (old !== null && old !== name) Deno.removeSync(marketFile(old));
}
