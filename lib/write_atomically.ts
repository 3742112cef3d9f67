/**
 * Writes a file so that a reader sees the old bytes or the new ones, never a part: a temporary file beside it, flushed, then
 * renamed over it. `node:fs` is imported when called. Every folder of `lib/` may import it.
 * @module
 */
import { hostModule } from "./runtime.ts";

/**
 * Writes bytes over a file.
 *
 * @param path Where to write.
 * @param bytes What to write.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const { open, rename } = await hostModule(`Cannot write ${path}`, "node:fs", () => import("node:fs/promises"));
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
