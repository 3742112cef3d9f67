// A pool that was closed, of either sort, with a file or without: it says so to who asks, and closes once more without a word.
import { assertEquals, assertRejects } from "@std/assert";
import { openPool, type PoolOptions } from "@adaptrade/adaptrade/pool";
import { testWith } from "../permissions.ts";
import { startServer, testNats } from "./nats_server.ts";

async function closes(at: string, options: PoolOptions): Promise<void> {
  const pool = await openPool(at, options);
  const hash = await pool.put(Uint8Array.of(1));
  const late = pool.put(Uint8Array.of(2)).then(() => "kept before it closed", (error) => error.message);
  await pool[Symbol.asyncDispose]();
  assertEquals(await late, "Cannot put a blob: the pool was closed; open another");
  const calls = {
    "put a blob": () => pool.put(Uint8Array.of(3)),
    "get a blob": () => pool.get(hash),
    "list workers": () => pool.workers(),
    "finish a job": () => pool.map([]),
  };
  for (const [action, call] of Object.entries(calls)) {
    await assertRejects(call, Error, `Cannot ${action}: the pool was closed; open another`);
  }
  // Who lets go of what a failed job read does not hear of it instead of why the job failed.
  await pool.drop(hash);
  await pool[Symbol.asyncDispose]();
}

testWith("read", "write")("a pool of this machine that is closed says so to who asks", async () => {
  const folder = await Deno.makeTempDir();
  await closes("local", { workers: 0 });
  await closes("local", { workers: 0, journal: `${folder}/jobs.db` });
  await Deno.remove(folder, { recursive: true });
});

testNats("a pool of a server that is closed says so to who asks", async () => {
  await using server = await startServer();
  await closes(server.at, {});
  await closes(server.at, { journal: `${server.folder}/jobs.db` });
});
