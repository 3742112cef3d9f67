/**
 * Where the dashboard keeps its files, and the check that a name from a request stays inside. ADAPTRADE_DATA chooses the
 * folder; `data/` in the current one by default.
 * @module
 */
import { join, resolve } from "node:path";

let chosen: string | undefined;

/** Chooses the data folder of this thread, before its environment, which all threads share; of none, the environment's again. */
export function chooseDataFolder(folder?: string): void {
  chosen = folder;
}

/** The data folder that is chosen; undefined where none is. */
function chosenFolder(): string | undefined {
  return chosen ?? Deno.env.get("ADAPTRADE_DATA");
}

/** The data folder. */
export function dataFolder(): string {
  return resolve(chosenFolder() ?? "data");
}

/** The SQLite file of the runs. */
export function runsDatabase(): string {
  return join(dataFolder(), "runs.sqlite");
}

/**
 * Where files of searches and studies are looked for, by the name that stands before theirs: the data folder, and where
 * none is chosen also `out/`, where `examples/search.ts` and `examples/study.ts` keep them.
 */
export function keepFolders(): Readonly<Record<string, string>> {
  const data = { data: dataFolder() };
  return chosenFolder() === undefined ? { ...data, out: resolve("out") } : data;
}

/** The SQLite file that logs every backtest ever made; its folder is made. */
export function trialsDatabase(): string {
  Deno.mkdirSync(dataFolder(), { recursive: true });
  return join(dataFolder(), "trials.sqlite");
}

/** The folder of uploaded and fetched markets, one CSV file each; it is made. */
export function marketsFolder(): string {
  const folder = join(dataFolder(), "markets");
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

/** The file of an uploaded or fetched market. @throws {RangeError} The name leads out of their folder, or no file can have it. */
export function marketFile(name: string): string {
  return inside(join(dataFolder(), "markets"), name);
}

/** Longest name of a file that file systems take, in bytes of UTF-8. */
const MOST_NAME_BYTES = 255;

/**
 * The path of a name inside a folder.
 *
 * @throws {RangeError} It is no plain name: empty, a path, "." or "..", with a NUL in it, or longer than a file's may be.
 */
export function inside(folder: string, name: string): string {
  const plain = name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name);
  if (!plain || new TextEncoder().encode(name).length > MOST_NAME_BYTES) {
    const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
    throw new RangeError(
      `Cannot use the name ${
        JSON.stringify(shown)
      }: expected one of 1 to ${MOST_NAME_BYTES} bytes inside the data folder`,
    );
  }
  return join(resolve(folder), name);
}
