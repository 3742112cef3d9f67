/**
 * Where the dashboard keeps its files, and the check that a name from a request stays inside. ADAPTRADE_DATA chooses the
 * folder; `data/` in the current one by default.
 * @module
 */
import { isAbsolute, join, resolve, sep } from "node:path";

/** The data folder. */
export function dataFolder(): string {
  return resolve(Deno.env.get("ADAPTRADE_DATA") ?? "data");
}

/** The SQLite file of the runs; its folder is made. */
export function runsDatabase(): string {
  Deno.mkdirSync(dataFolder(), { recursive: true });
  return join(dataFolder(), "runs.sqlite");
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

/**
 * The path of a name inside a folder.
 *
 * @throws {RangeError} The name is empty, absolute, or leads out of the folder.
 */
export function inside(folder: string, name: string): string {
  const path = resolve(folder, name);
  if (name === "" || name.includes("\0") || isAbsolute(name) || !path.startsWith(resolve(folder) + sep)) {
    throw new RangeError(`Cannot use the name ${JSON.stringify(name)}: expected one inside the data folder`);
  }
  return path;
}
