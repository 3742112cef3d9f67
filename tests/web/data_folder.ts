/** A data folder of a test file's own: files run side by side in threads, which share one environment. */
import { chooseDataFolder } from "../../web/server/paths.ts";
import { permits } from "../permissions.ts";

/** Chooses one for this file's tests; `close` runs behind them, before the folder goes. Nothing without the permissions. */
export async function ownDataFolder(name: string, close: () => Promise<void> = async () => {}): Promise<void> {
  if (!permits("read", "write", "env")) return;
  const folder = await Deno.makeTempDir({ prefix: `adaptrade-${name}-` });
  chooseDataFolder(folder);
  Deno.test.afterAll(async () => {
    await close();
    await Deno.remove(folder, { recursive: true });
  });
}

/** Runs `work` with a data folder of its own. */
export async function inDataFolder(work: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "adaptrade-data-" });
  chooseDataFolder(folder);
  try {
    await work(folder);
  } finally {
    chooseDataFolder();
    await Deno.remove(folder, { recursive: true });
  }
}
