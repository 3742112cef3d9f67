// A pool on a NATS server: the same bytes as on this machine's threads, whatever the number of workers, and whatever ends.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type Job,
  JobError,
  type Json,
  openPool,
  type PoolOptions,
  serveJobs,
  type ServeOptions,
} from "@adaptrade/adaptrade/pool";
import { parseAddress } from "../../lib/pool/nats/address.ts";
import { openBroker } from "../../lib/pool/nats/broker.ts";
import { haveBegun } from "./own_kinds.ts";
import { KINDS, startServer, startWorker, testNats } from "./nats_server.ts";

/** How long workers may be silent in these tests, ms. */
const SILENCE = 1500;

function job(kind: string, params: Json = null, more: Partial<Job> = {}): Job {
  return { kind, version: 1, inputs: [], params, seed: 0, ...more };
}

/** Workers in this process, ended with the block. */
function serve(at: string, options: ServeOptions = {}): AsyncDisposable & { readonly lines: readonly string[] } {
  const ends = new AbortController();
  const lines: string[] = [];
  const served = serveJobs(at, {
    threads: 2,
    kinds: KINDS,
    silence: SILENCE,
    signal: ends.signal,
    onEvent: (line) => lines.push(line),
    ...options,
  });
  served.catch(() => {});
  return {
    lines,
    async [Symbol.asyncDispose]() {
      ends.abort();
      await served;
    },
  };
}

const open = (at: string, options: PoolOptions = {}) => openPool(at, { silence: SILENCE, ...options });

testNats("blobs of 60 KB and of 10 MB go to workers and come back, and equal bytes are one blob", async () => {
  await using server = await startServer();
  await using pool = await open(server.at);
  await using _workers = serve(server.at);
  const blobs = [60_000, 10 << 20].map((length) => Uint8Array.from({ length }, (_, i) => i * i));
  const inputs = await Promise.all(blobs.map((bytes) => pool.put(bytes)));
  assertEquals(await pool.put(blobs[0]), inputs[0]);
  const found = await pool.map(inputs.map((hash) => job("same", null, { version: 3, inputs: [hash] })));
  assert(
    found.every((bytes, i) => bytes.length === blobs[i].length && bytes.every((byte, at) => byte === blobs[i][at])),
  );
  await assertRejects(() => pool.get("0".repeat(64)), RangeError, "received 0000");
});

testNats("two studies at once each get their own results, and share the jobs that both have", async () => {
  await using server = await startServer();
  await using one = await open(server.at);
  await using two = await open(server.at);
  await using _workers = serve(server.at);
  const study = (first: number) => Array.from({ length: 40 }, (_, i) => job("echo", { market: first + i }));
  const read = (found: readonly Uint8Array[]) =>
    found.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)).params.market);
  const [a, b] = await Promise.all([one.map(study(0)), two.map(study(20))]);
  assertEquals(read(a), Array.from({ length: 40 }, (_, i) => i));
  assertEquals(read(b), Array.from({ length: 40 }, (_, i) => 20 + i));
});

testNats("60 jobs come back while a worker is killed, the server is killed, and its data are deleted", async () => {
  await using server = await startServer();
  await using pool = await open(server.at);
  const workers = await Promise.all([1, 2, 3].map(() => startWorker(server.at, SILENCE)));
  assertEquals((await pool.workers()).map(({ threads }) => threads), [1, 1, 1]);
  const blob = await pool.put(Uint8Array.of(1, 2, 3));
  const jobs = Array.from({ length: 60 }, (_, value) => job("waits", { ms: 50, value }, { inputs: [blob] }));
  const faults = new Map<number, () => void | Promise<void>>([
    [10, () => workers[0].kill("SIGKILL")],
    [20, () => server.restart()],
    [40, () => server.restart({ empty: true })],
  ]);
  const done: Promise<void>[] = [];
  const found = await pool.map(jobs, {
    onProgress: ({ done: count }) => void done.push(Promise.resolve(faults.get(count)?.())),
  });
  await Promise.all(done);
  assertEquals(found.map(([value]) => value), jobs.map((_, value) => value));
  for (const worker of workers.slice(1)) worker.kill("SIGTERM");
  assertEquals((await Promise.all(workers.slice(1).map(({ status }) => status))).map(({ code }) => code), [0, 0]);
  await workers[0].status;
});

testNats("a job that holds its thread longer than workers may be silent is not given to another", async () => {
  await using server = await startServer();
  await using pool = await open(server.at, { silence: 300 });
  await using _workers = serve(server.at);
  const log = `${server.folder}/log`;
  assertEquals(await pool.map([job("holds", { ms: 900, log })]), [Uint8Array.of(1)]);
  assertEquals(await Deno.readTextFile(log), "begun\n");
});

testNats("a worker of another fingerprint is refused, and so is such a coordinator", async () => {
  await using server = await startServer();
  await using _pool = await open(server.at, { build: "simd" });
  await assertRejects(
    () => serveJobs(server.at, { build: "relaxed", threads: 1 }),
    Error,
    "Cannot join the pool: it computes with WebAssembly SIMD",
  );
  await assertRejects(() => open(server.at, { build: "relaxed" }), Error, "this process with WebAssembly relaxed SIMD");
});

testNats("a job that fails in each try is named with its error, and may be asked for again", async () => {
  await using server = await startServer();
  await using pool = await open(server.at);
  await using workers = serve(server.at);
  const fails = job("fails", { why: "the tide is out" });
  for (let time = 0; time < 2; time++) {
    const [poisoned, fine] = await pool.settle([fails, job("echo", time)]);
    assert(poisoned.error instanceof JobError);
    assertEquals(poisoned.error.job, fails);
    assert(poisoned.error.message.includes("it failed 5 times, last with RangeError: the tide is out"));
    assert(fine.bytes);
  }
  assertEquals(workers.lines.filter((line) => line.includes("the tide is out")).length, 10);
});

testNats("a job whose worker ends each time is given up, too", async () => {
  await using server = await startServer();
  await using pool = await open(server.at, { silence: 200 });
  const broker = await openBroker(parseAddress(server.at), { name: "ends" });
  const mapped = pool.map([job("echo")]);
  const failed = assertRejects(() => mapped, JobError, "the worker that ran it ended, each time");
  // Five workers take the job, and are not heard of again.
  for (let tries = 1; tries <= 5;) {
    const message = await (await broker.consumer()).next({ expires: 1000 });
    if (message) assertEquals(message.info.deliveryCount, tries++);
  }
  await using _workers = serve(server.at);
  await failed;
  await broker.close();
});

testNats(
  "a job that hangs is ended at its time limit and given to another; one that always does is named",
  async () => {
    await using server = await startServer();
    await using pool = await open(server.at, { timeLimit: 250 });
    await using workers = serve(server.at);
    const [once, always] = [job("hangs", { once: `${server.folder}/once` }), job("hangs", {})];
    const [first, second, fine] = await pool.settle([once, always, job("waits", { ms: 10, value: 5 })]);
    assertEquals([first.bytes, fine.bytes], [Uint8Array.of("hung".length), Uint8Array.of(5)]);
    assertEquals(second.error?.job, always);
    assertStringIncludes(
      second.error!.message,
      "failed 5 times, last with TimeLimitError: it ran longer than its time limit of 250 ms",
    );
    assertEquals(workers.lines.filter((line) => line.includes("hangs failed, try")).length, 6);
  },
);

testNats("an abort takes what waits off the queue, and is heard by the job that runs", async () => {
  await using server = await startServer();
  await using pool = await open(server.at);
  await using _workers = serve(server.at, { threads: 1 });
  const [heard, log] = [`${server.folder}/heard`, `${server.folder}/log`];
  const ends = new AbortController();
  const begun = `${server.folder}/begun`;
  const jobs = [job("waits", { ms: 60_000, value: 1, heard, log: begun }), job("holds", { ms: 1, log })];
  const mapped = assertRejects(() => pool.map(jobs, { signal: ends.signal }), Error, "enough");
  await haveBegun(begun);
  ends.abort(new Error("enough"));
  await mapped;
  assertEquals((await pool.map([job("echo", "after")])).length, 1);
  assertEquals(await Deno.readTextFile(heard), "stopped");
  await assertRejects(() => Deno.readTextFile(log), Deno.errors.NotFound);
});

testNats(
  "a pool that is closed while jobs wait says so to who waits and who comes, and takes them off the queue",
  async () => {
    await using server = await startServer();
    const pool = await open(server.at);
    const jobs = Array.from({ length: 500 }, (_, value) => job("waits", { ms: 60_000, value }));
    const failed = assertRejects(() => pool.map(jobs), Error, "Cannot finish a job: the pool was closed; open another");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await pool[Symbol.asyncDispose]();
    await failed;
    await assertRejects(() => pool.map([job("echo")]), Error, "the pool was closed");
    await pool[Symbol.asyncDispose]();
    await using _workers = serve(server.at, { threads: 1 });
    await using other = await open(server.at);
    assertEquals((await other.map([job("echo", "after")])).length, 1);
  },
);

testNats("a job of more than a message holds runs as any other, before and after the server loses it", async () => {
  await using server = await startServer();
  await using pool = await open(server.at);
  const long = job("echo", Array.from({ length: 300_000 }, (_, i) => i));
  const mapped = pool.map([long, job("echo", "short")]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await server.restart({ empty: true });
  await using _workers = serve(server.at);
  const [found, short] = (await mapped).map((bytes) => JSON.parse(new TextDecoder().decode(bytes)).params);
  assertEquals([found, short], [long.params, "short"]);
});

testNats("a server that comes back with another token ends who waits and who works, each with an error", async () => {
  await using server = await startServer();
  await using pool = await open(server.at);
  const served = assertRejects(
    () => serveJobs(server.at, { threads: 2, kinds: KINDS, silence: SILENCE }),
    Error,
    "its server was there again and ended the connection",
  );
  assertEquals((await pool.map([job("echo")])).length, 1);
  const mapped = assertRejects(() => pool.map([job("waits", { ms: 60_000, value: 1 })]), Error, "ended the connection");
  await server.restart({ token: "another" });
  await Promise.all([served, mapped]);
});

testNats("a long job whose queue was lost is not given up by a worker that comes late", async () => {
  await using server = await startServer();
  await using pool = await open(server.at, { silence: 200 });
  await using _first = serve(server.at, { threads: 2, silence: 200 });
  const log = `${server.folder}/log`;
  // The server counts what it queues: after others the job has another number before than behind the loss.
  await pool.map([1, 2, 3].map((value) => job("echo", value)));
  const mapped = pool.map([job("waits", { ms: 3000, value: 5, log })]);
  await haveBegun(log);
  await server.restart({ empty: true });
  // Were it given again and again meanwhile, these would be all of its tries.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await using _late = serve(server.at, { silence: 200 });
  assertEquals(await mapped, [Uint8Array.of(5)]);
  assertEquals(await Deno.readTextFile(log), "begun\n");
});

testNats("what two results of a job say of each other reaches the coordinator", async () => {
  await using server = await startServer();
  const told: unknown[] = [];
  await using _pool = await open(server.at, { onConflict: (conflict) => told.push(conflict) });
  const broker = await openBroker(parseAddress(server.at), { name: "other" });
  broker.tell("conflict.abc", JSON.stringify({ worker: "w", first: "1", second: "2" }));
  for (let tries = 0; tries < 50 && told.length === 0; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(told, [{ id: "abc", worker: "w", first: "1", second: "2" }]);
  await broker.close();
});

testNats(
  "a wrong token, a port where no server is, and options that are none are refused with what to do",
  async () => {
    await using server = await startServer();
    const wrong = server.at.replace("test-token", "other");
    await assertRejects(() => open(wrong), Error, "Cannot open a pool: expected a NATS server at 127.0.0.1:");
    await assertRejects(() => open(server.at, { silence: 0 }), RangeError, "whole ms of at least 1, received 0");
    await assertRejects(() => open(server.at, { workers: 2 }), TypeError, "to be given to its workers, not here");
    await assertRejects(() => serveJobs(server.at, { threads: 0 }), RangeError, "received 0");
    await assertRejects(() => serveJobs(server.at, JSON.parse(`{ "build": "fast" }`)), TypeError, `received "fast"`);
    await assertRejects(
      () => open("nats://127.0.0.1:9"),
      Error,
      "nats-server -js -a HOST --auth TOKEN -sd DIR starts one",
    );
  },
);
