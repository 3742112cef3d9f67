/**
 * The SQLite files that searches and studies are kept in, found in a listing of their folders, so that no name that is asked for
 * becomes a path. Opens none.
 * @module
 */
import { join } from "node:path";
import { keepFolders } from "./paths.ts";

/** A reader of the dashboard waits no longer for a writer, ms. */
export const BUSY_MS = 500;

/** A file. */
export interface KeptFile {
  /** The folder's name, a colon, the file's. */
  readonly file: string;
  /** Where it is. */
  readonly path: string;
}

/** Files that may hold some: `searches….sqlite`, `studies….sqlite`. */
export function keptFiles(what: "searches" | "studies"): readonly KeptFile[] {
  return Object.entries(keepFolders()).flatMap(([folder, path]) => {
    try {
      const names = [...Deno.readDirSync(path)].filter(({ name, isFile }) =>
        isFile && name.startsWith(what) && name.endsWith(".sqlite")
      );
      return names.map(({ name }) => ({ file: `${folder}:${name}`, path: join(path, name) }));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}
