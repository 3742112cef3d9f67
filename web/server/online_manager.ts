/**
 * Starts paper traders, each in a process of its own, and watches over them. Traders that were running when a server ended go on
 * from their last bar. Everything said between server and worker goes through SQLite, so a restart loses nothing.
 * @module
 */
import { HttpError } from "fresh";
import { BYBIT_ENV, bybitServers } from "./bybit_servers.ts";
import { hostOf, type Permissions, startChild } from "./child_process.ts";
import { type OnlineSettings, parseOnline } from "./online_config.ts";
import { onlineDatabase, traderFile } from "./online_paths.ts";
import { type OnlineRecord, type OnlineStore, openOnlineStore } from "./online_store.ts";
import { marketsFolder, runsDatabase } from "./paths.ts";

/** Starts, stops, resumes and deletes traders. */
export interface OnlineManager {
  /** The traders. */
  readonly store: OnlineStore;
  /** Starts a trader; see `parseOnline` for what it takes and throws. @throws {HttpError} Too many run. */
  start(settings: unknown): OnlineRecord;
  /** Ends a trader's process; it can go on later. */
  stop(id: string): void;
  /** Lets a stopped or failed trader go on. @throws {HttpError} Too many run. */
  resume(id: string): void;
  /** Deletes a trader and its file. @throws {HttpError} It is running. */
  remove(id: string): void;
}

const WORKER = new URL("../worker/online.ts", import.meta.url);
/** More would take the cores from training. */
const MOST_RUNNING = 4;

let manager: Promise<OnlineManager> | undefined;

/** The manager of this process; the first call opens the database and takes up interrupted traders. */
export function onlineManager(): Promise<OnlineManager> {
  manager ??= openManager(onlineDatabase());
  return manager;
}

/** What a trader's process may do: its own files, the runs to start from, and for a live one Bybit's servers. */
function permissionsOf({ id, settings: { source, run } }: OnlineRecord, database: string): Permissions {
  const file = traderFile(id);
  const kept = [database, file, `${file}-lock`, ...(run === "" ? [] : [runsDatabase()])];
  const live = source === "live";
  return {
    read: live ? kept : [...kept, marketsFolder()],
    write: kept,
    net: live ? Object.values(bybitServers()).map(hostOf) : [],
    env: ["ADAPTRADE_DATA", ...(live ? BYBIT_ENV : [])],
  };
}

async function openManager(database: string): Promise<OnlineManager> {
  const store = await openOnlineStore(database);
  const working = new Set<string>();

  const work = async (id: string): Promise<void> => {
    const owner = crypto.randomUUID();
    working.add(id);
    store.claim(id, owner);
    const child = startChild(WORKER, {
      permissions: permissionsOf(store.get(id)!, database),
      args: [database, traderFile(id), id, owner],
    });
    const errors = new Response(child.stderr).text();
    const { code } = await child.status;
    working.delete(id);
    await child.stdin.close().catch(() => {});
    const trader = store.get(id);
    if (trader?.status === "running" && trader.owner === owner) {
      const reason = (await errors).trim().split("\n").slice(-3).join(" ") || `exit code ${code}`;
      store.finish(id, owner, "failed", `The trader's process ended unexpectedly: ${reason}`);
    }
  };
  const requireRoom = (): void => {
    if (working.size < MOST_RUNNING) return;
    throw new HttpError(409, `${MOST_RUNNING} traders are running. Stop one to start another.`);
  };

  for (const { id, status } of store.list()) if (status === "running") void work(id);
  return {
    store,
    start(input) {
      const settings: OnlineSettings = parseOnline(input);
      requireRoom();
      const trader = store.create(settings);
      void work(trader.id);
      return store.get(trader.id)!;
    },
    stop: (id) => store.stop(id),
    resume(id) {
      const status = store.get(id)?.status;
      if (working.has(id) || (status !== "stopped" && status !== "failed")) return;
      requireRoom();
      void work(id);
    },
    remove(id) {
      if (working.has(id)) throw new HttpError(409, "The trader is running. Stop it first.");
      store.remove(id);
      for (const ending of ["", "-wal", "-shm"]) {
        try {
          Deno.removeSync(`${traderFile(id)}${ending}`);
        } catch (error) {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        }
      }
    },
  };
}
