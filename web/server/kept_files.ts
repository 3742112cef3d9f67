/**
 * The SQLite files that searches and studies are kept in, found in a listing of their folders, so that no name that is asked for
 * becomes a path. They are opened anew each time and read only, so whoever writes them goes on undisturbed, and one that is deleted
 * or replaced is noticed.
 * @module
 */
import { join } from "node:path";
import { keepFolders } from "./paths.ts";

/** How files are opened here: a reader of the dashboard waits no longer than this for a writer, ms. */
const READING = { readOnly: true, busyTimeout: 500 } as const;

/** What is kept in files, and how one is opened. */
export interface Kept<Store extends Disposable> {
  /** How their names begin: `searches….sqlite`. */
  readonly what: "searches" | "studies";
  /** Opens one. */
  readonly open: (path: string, options: typeof READING) => Promise<Store>;
}

/** A file that could not be read. */
export interface UnreadFile {
  /** The folder's name, a colon, the file's. */
  readonly file: string;
  /** Why. */
  readonly why: string;
}

interface KeptFile {
  readonly file: string;
  readonly path: string;
}

/** What is said of everything in all files, the newest first, and the files that could not be read. */
export async function listKept<Store extends Disposable, Summary extends { readonly createdAt: number }>(
  { what, open }: Kept<Store>,
  summaries: (store: Store, file: string) => readonly Summary[],
): Promise<{ readonly found: readonly Summary[]; readonly unread: readonly UnreadFile[] }> {
  const found: Summary[] = [];
  const unread: UnreadFile[] = [];
  for (const { file, path } of keptFiles(what)) {
    try {
      using store = await open(path, READING);
      found.push(...summaries(store, file));
    } catch (error) {
      unread.push({ file, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { found: found.sort((a, b) => b.createdAt - a.createdAt), unread };
}

/** What is read from one file; null where there is no such file, or none that can be read: the list says why. */
export async function readKept<Store extends Disposable, Found>(
  { what, open }: Kept<Store>,
  file: string,
  read: (store: Store) => Found | null,
): Promise<Found | null> {
  const path = keptFiles(what).find((one) => one.file === file)?.path;
  if (path === undefined) return null;
  try {
    using store = await open(path, READING);
    return read(store);
  } catch {
    return null;
  }
}

function keptFiles(what: Kept<Disposable>["what"]): readonly KeptFile[] {
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
