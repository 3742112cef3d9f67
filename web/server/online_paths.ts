/**
 * Where paper traders are kept: one file that lists them, one file each.
 * @module
 */
import { join } from "node:path";
import { dataFolder, inside } from "./paths.ts";

/** The file that lists the traders; its folder is made. */
export function onlineDatabase(): string {
  Deno.mkdirSync(join(dataFolder(), "traders"), { recursive: true });
  return join(dataFolder(), "traders.sqlite");
}

/** The file of a trader's life. @throws {RangeError} The id leads out of the folder. */
export function traderFile(id: string): string {
  return inside(join(dataFolder(), "traders"), `${id}.sqlite`);
}
