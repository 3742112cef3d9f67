/** A data folder of a test file's own, for server modules that ask for it when they are first used. */
import { permits } from "../permissions.ts";

/** Sets `ADAPTRADE_DATA` for this file's tests; `close` runs behind them, before the folder goes. Nothing without the permissions. */
export async function ownDataFolder(name: string, close: () => Promise<void> = async () => {}): Promise<void> {
  if (!permits("read", "write", "env")) return;
  const folder = await Deno.makeTempDir({ prefix: `adaptrade-${name}-` });
  Deno.env.set("ADAPTRADE_DATA", folder);
  Deno.test.afterAll(async () => {
    await close();
    Deno.env.delete("ADAPTRADE_DATA");
    await Deno.remove(folder, { recursive: true });
  });
}
