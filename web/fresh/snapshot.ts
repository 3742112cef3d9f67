/**
 * What the builder found and built, as the app needs it: routes, islands, files. Holds data only.
 * @module
 */
import type { ComponentType } from "preact";

/** A route file: its path under `routes/` without extension ("runs/[id]", "_layout"), and its module. */
export interface RouteFile {
  /** Path under `routes/` without extension, "/" between folders. */
  readonly id: string;
  /** The imported module. */
  readonly module: Readonly<Record<string, unknown>>;
}

/** Where the browser finds an island. */
export interface IslandChunk {
  /** Address of its module. */
  readonly url: string;
  /** Which of the module's exports it is. */
  readonly exportName: string;
}

/** A file to serve. */
export interface ServedFile {
  /** Its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its media type. */
  readonly type: string;
  /** Whether its address changes with its content. */
  readonly immutable: boolean;
}

/** Everything a running app takes from its build. */
export interface BuildSnapshot {
  /** The route files, in no order. */
  readonly routes: readonly RouteFile[];
  /** Island components and their chunks. */
  readonly islands: ReadonlyMap<ComponentType, IslandChunk>;
  /** Address of the module that brings islands to life. */
  readonly bootUrl: string;
  /** The file at an address, or null. */
  readFile(pathname: string): Promise<ServedFile | null>;
}

/** The snapshot of an app that was not built: no files, no islands. */
export const EMPTY_SNAPSHOT: BuildSnapshot = {
  routes: [],
  islands: new Map(),
  bootUrl: "",
  readFile: () => Promise.resolve(null),
};
