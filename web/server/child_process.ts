/**
 * Starts the dashboard's worker scripts as processes that may do what they are given leave for and nothing else: which files they
 * read and write, which servers they call, which variables they see. A worker ends when its standard input closes, so none
 * outlives the server.
 * @module
 */
import { dirname } from "node:path";
import { dataFolder } from "./paths.ts";

/** What a process may do; nothing of what is left out. */
export interface Permissions {
  /** Files and folders that it may read. */
  readonly read?: readonly string[];
  /** Files and folders that it may write. */
  readonly write?: readonly string[];
  /** Servers that it may call, `host` or `host:port`. */
  readonly net?: readonly string[];
  /** Variables of the environment that it may see. */
  readonly env?: readonly string[];
}

/** How a process is started. */
export interface ChildOptions {
  /** What it may do. */
  readonly permissions: Permissions;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Whether what it says is heard; it is dropped otherwise. */
  readonly heard?: boolean;
  /** Most heap, MB; V8's own limit by default. */
  readonly heapMb?: number;
}

/** The variable that Mesa's drivers want to know of, which the engine sets where it is missing. */
export const GPU_ENV = "XDG_RUNTIME_DIR";

/** A list of paths has no way to write a comma: what has one in its path is given by the nearest folder that has none. */
function listable(path: string): string {
  return path.includes(",") ? listable(dirname(path)) : path;
}

/** Permissions as `deno run` takes them. */
export function permissionFlags({ read = [], write = [], net = [], env = [] }: Permissions): string[] {
  const values = { read: read.map(listable), write: write.map(listable), net, env };
  return Object.entries(values).flatMap(([kind, list]) =>
    list.length === 0 ? [] : [`--allow-${kind}=${list.join(",")}`]
  );
}

/** Host and port of an address, as a permission names them. @throws {TypeError} It is no address. */
export function hostOf(address: string): string {
  return new URL(address).host;
}

/**
 * Starts a worker. It is told the data folder by its whole path, so that it need not see the current one.
 *
 * @param script its address
 * @param options what it may do and is told
 */
export function startChild(script: URL, options: ChildOptions): Deno.ChildProcess {
  const { permissions, args, heard = false, heapMb } = options;
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      ...permissionFlags(permissions),
      ...(heapMb === undefined ? [] : [`--v8-flags=--max-old-space-size=${heapMb}`]),
      script.href,
      ...args,
    ],
    env: { ADAPTRADE_DATA: dataFolder() },
    stdin: "piped",
    stdout: heard ? "piped" : "null",
    stderr: "piped",
  }).spawn();
}
