// The pool of an example: nobody waits for workers that never come without being told.
import { assertEquals, assertRejects } from "@std/assert";
import { openPool, serveJobs } from "@adaptrade/adaptrade/pool";
import { poolAccess } from "../../examples/access.ts";
import { UsageError } from "../../examples/cli.ts";
import { openChosenPool, poolNotes } from "../../examples/pool.ts";
import { startServer, testNats } from "../pool/nats_server.ts";

testNats("an example says where a pool has no workers, and how one is run", async () => {
  await using server = await startServer();
  await using pool = await openPool(server.at);
  const { host } = new URL(server.at);
  assertEquals(await poolNotes(pool), [
    `No worker has joined nats://${host} yet, so this waits; "deno task worker nats://TOKEN@${host}" runs one`,
  ]);
  const ends = new AbortController();
  const joined = Promise.withResolvers<string>();
  const served = serveJobs(server.at, { threads: 1, signal: ends.signal, onEvent: joined.resolve });
  await joined.promise;
  assertEquals(await poolNotes(pool), []);
  ends.abort();
  await served;
});

Deno.test("an example refuses what is no pool in the library's words, and has nothing to say of this machine's", async () => {
  assertEquals(poolAccess("tomorrow"), {});
  await assertRejects(() => openChosenPool("tomorrow", undefined), UsageError, `expected "local" or nats://TOKEN@HOST`);
  await using pool = await openPool("local", { workers: 1 });
  assertEquals(await poolNotes(pool), []);
});
