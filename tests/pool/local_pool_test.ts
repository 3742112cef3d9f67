// A pool of this machine's threads: the same bytes whatever their number, whatever ends, in the order that was asked for.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { type Job, JobError, type Json, openPool, type Pool, type PoolOptions } from "@adaptrade/adaptrade/pool";
import { testWith } from "../permissions.ts";
import { haveBegun } from "./own_kinds.ts";

const test = testWith("read", "write");
const KINDS = [import.meta.resolve("./own_kinds.ts")];

function job(kind: string, params: Json = null, more: Partial<Job> = {}): Job {
  return { kind, version: 1, inputs: [], params, seed: 0, ...more };
}

async function withPool<T>(
  options: PoolOptions,
  work: (pool: Awaited<ReturnType<typeof openPool>>) => Promise<T>,
): Promise<T> {
  await using pool = await openPool("local", { kinds: KINDS, ...options });
  return await work(pool);
}

test("map() gives the bytes of its jobs in their order, on the caller's thread and on 1 to 4 others", async () => {
  const found = [];
  for (const workers of [0, 1, 4]) {
    found.push(
      await withPool({ workers }, async (pool) => {
        const inputs = await Promise.all([pool.put(Uint8Array.of(104)), pool.put(Uint8Array.of(105, 32))]);
        const jobs = Array.from({ length: 20 }, (_, seed) => job("echo", { seed }, { inputs, seed }));
        const computed = Array.from({ length: 6 }, (_, seed) => job("computes", null, { seed }));
        return await pool.map([...jobs, ...computed]);
      }),
    );
  }
  assertEquals(new TextDecoder().decode(found[0][7]), `hi {"params":{"seed":7},"seed":7}`);
  assertEquals(new Float32Array(found[0][20].buffer).length, 1);
  assertEquals(found[1], found[0]);
  assertEquals(found[2], found[0]);
});

test("map() runs equal jobs once, and tells of each as it ends", async () => {
  const log = await Deno.makeTempFile();
  await withPool({ workers: 2 }, async (pool) => {
    const told: number[][] = [];
    const jobs = [
      job("follows", { value: 1, log }),
      job("waits", { ms: 5, value: 2 }),
      job("waits", { value: 2, ms: 5 }),
    ];
    const bytes = await pool.map(jobs, {
      onProgress: ({ done, total, index }) => {
        told.push([done, total, index]);
        Deno.writeTextFileSync(log, "others have ended\n");
      },
    });
    assertEquals(bytes.map(([value]) => value), [1, 2, 2]);
    assert(bytes[1] === bytes[2]);
    assertEquals(told, [[1, 3, 1], [2, 3, 2], [3, 3, 0]]);
  });
  await Deno.remove(log);
});

test("what a kind gives may be an input, and neither put() nor get() shares its bytes", async () => {
  await withPool({ workers: 1 }, async (pool) => {
    const bytes = Uint8Array.of(1, 2, 3);
    const hash = await pool.put(bytes);
    bytes[0] = 9;
    (await pool.get(hash))[1] = 9;
    const again = job("same", 1, { version: 3, inputs: [hash] });
    assertEquals(await pool.map([again, { ...again, params: 2 }]), [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)]);
    await assertRejects(() => pool.get("0".repeat(64)), RangeError, "expected a hash from put(), received 0000");
    const lacks = job("same", 1, { version: 3, inputs: ["0".repeat(64)] });
    await assertRejects(() => pool.map([lacks]), JobError, "expected a hash from put()");
  });
});

/** What came of jobs, in words that may be compared. */
async function wordsOf(pool: Pool, jobs: readonly Job[]): Promise<string[]> {
  return (await pool.settle(jobs)).map(({ bytes, error }) =>
    error ? error.message : `${bytes.constructor.name} ${bytes}`
  );
}

test("what jobs throw is told in words whatever it is, and the same words on the caller's thread and on others", async () => {
  const jobs = Array.from({ length: 7 }, (_, what) => job("throws", what));
  const found: string[][] = [];
  for (const workers of [0, 1]) found.push(await withPool({ workers }, (pool) => wordsOf(pool, jobs)));
  assertEquals(found[1], found[0]);
  const words = ["Error: undefined", "Error: a text", "Error: object", "Error: it threw an error that cannot be read"]
    .concat(
      "Error: [object Object]",
      "Error: aaa",
      "Error: no sail (caused by RangeError: no wind (caused by Error: no sun))",
    );
  words.forEach((part, i) => assertStringIncludes(found[0][i], `it failed 5 times, last with ${part}`));
  assert(found[0][5].length < 5000 && found[0][5].endsWith("… (2097152 characters)"));
});

test("results are bytes of their own, whatever memory a kind gives them in", async () => {
  const found: string[][] = [];
  for (const workers of [0, 1]) {
    await withPool({ workers }, async (pool) => {
      const lent = ["buffer", "shared", "gone"].map((what) => job("lends", what));
      found.push(await wordsOf(pool, [...lent, ...lent.map((one) => ({ ...one, seed: 1 }))]));
      const hash = await pool.put(Uint8Array.of(1, 2, 3));
      const [same] = await pool.map([job("same", 1, { version: 3, inputs: [hash] })]);
      same[0] = 9;
      assertEquals(await pool.get(hash), Uint8Array.of(1, 2, 3));
      const buffer = Buffer.from("put");
      const put = await pool.put(buffer);
      buffer.fill(0);
      assertEquals(new TextDecoder().decode(await pool.get(put)), "put");
      const text = JSON.parse('"text"') as Uint8Array;
      await assertRejects(() => pool.put(text), TypeError, "expected a Uint8Array, received string");
    });
  }
  assertEquals(found[0].slice(0, 2), ["Uint8Array 108,101,110,116", "Uint8Array 7,7,7,7"]);
  for (const words of found) {
    assertEquals(words.slice(3, 5), found[0].slice(0, 2));
    assertEquals(words.slice(0, 2), found[0].slice(0, 2));
    for (const gone of [words[2], words[5]]) assertStringIncludes(gone, "it failed 5 times, last with TypeError");
  }
});

test("a job is what its id is the hash of: −0 is 0, and what is changed after the call changes nothing", async () => {
  for (const workers of [0, 1]) {
    await withPool({ workers }, async (pool) => {
      const params = { zero: -0, list: [1] };
      const mapped = pool.map([job("echo", params)]);
      params.list[0] = 2;
      assertEquals(new TextDecoder().decode((await mapped)[0]), `{"params":{"list":[1],"zero":0},"seed":0}`);
    });
  }
});

for (const workers of [0, 2]) {
  test(`a job that always throws is named with its error, the rest goes on (${workers} workers)`, async () => {
    await withPool({ workers }, async (pool) => {
      const jobs = [job("waits", { ms: 1, value: 5 }), job("fails", { why: "the tide is out" }), job("echo")];
      const error = await assertRejects(
        () => pool.map(jobs),
        JobError,
        "it failed 5 times, last with RangeError: the tide is out",
      );
      assertEquals(error.job, jobs[1]);
      const outcomes = await pool.settle(jobs);
      assertEquals(outcomes[0].bytes, Uint8Array.of(5));
      assertEquals(outcomes[1].error?.message, error.message);
      assertEquals(new TextDecoder().decode(outcomes[2].bytes), `{"params":null,"seed":0}`);
    });
  });
}

test("a job whose thread ended is given to another thread", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await withPool({ workers: 2 }, async (pool) => {
      const jobs = Array.from({ length: 3 }, (_, i) => job("crashes", { once: `${folder}/${i}` }));
      assertEquals(await pool.map(jobs), jobs.map(() => Uint8Array.of("crashed".length)));
      await assertRejects(
        () => pool.map([job("crashes", {})]),
        JobError,
        "ThreadLostError: A worker ended in a job of kind crashes",
      );
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("a job that hangs is ended at its time limit and tried again; one that always does is named, and the rest goes on", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await withPool({ workers: 2, timeLimit: 200 }, async (pool) => {
      const once = job("hangs", { once: `${folder}/once` });
      const always = [job("hangs", {}), job("hangs", { awaits: true })];
      const jobs = [once, ...always, job("waits", { ms: 10, value: 5 })];
      const [first, second, third, fine] = await pool.settle(jobs);
      assertEquals([first.bytes, fine.bytes], [Uint8Array.of("hung".length), Uint8Array.of(5)]);
      for (const [i, outcome] of [second, third].entries()) {
        assertEquals(outcome.error?.job, always[i]);
        assertStringIncludes(outcome.error!.message, `the job hangs ${outcome.error!.id.slice(0, 12)} with params`);
        assertStringIncludes(
          outcome.error!.message,
          "failed 5 times, last with TimeLimitError: it ran longer than its time limit of 200 ms",
        );
      }
    });
    await withPool({ workers: 0, timeLimit: 20 }, async (pool) => {
      await assertRejects(() => pool.map([job("hangs", { awaits: true })]), JobError, "its time limit of 20 ms");
      assertEquals(await pool.map([job("waits", { ms: 1, value: 6 })]), [Uint8Array.of(6)]);
    });
    for (const timeLimit of [0, 1.5, 2 ** 31]) {
      await assertRejects(() => openPool("local", { timeLimit }), RangeError, `received ${timeLimit}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("an abort rejects at once, is heard by the job that runs, and ends the thread of one that does not listen", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await withPool({ workers: 2 }, async (pool) => {
      const reason = new Error("enough");
      const ends = new AbortController();
      const [heard, log] = [`${folder}/heard`, `${folder}/log`];
      const jobs = [job("waits", { ms: 60_000, value: 1, heard, log }), job("holds", { ms: 60_000, log })];
      const mapped = pool.map(jobs, { signal: ends.signal }).catch((error) => error);
      await haveBegun(log, 2);
      ends.abort(reason);
      assertEquals(await mapped, reason);
      // The thread that was held takes a job again: it was ended and replaced.
      const after = Array.from({ length: 4 }, (_, value) => job("waits", { ms: 300, value }));
      assertEquals((await pool.map(after)).map(([value]) => value), [0, 1, 2, 3]);
      assertEquals(await Deno.readTextFile(heard), "stopped");
      await assertRejects(() => pool.map(jobs, { signal: ends.signal }), Error, "enough");
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const workers of [0, 1]) {
  test(`a pool that is closed rejects what runs and what comes after (${workers} workers)`, async () => {
    const pool = await openPool("local", { kinds: KINDS, workers });
    const mapped = pool.map([job("waits", { ms: 60_000, value: 1 }), job("waits", { ms: 60_000, value: 2 })]);
    const failed = assertRejects(() => mapped, Error, "Cannot finish a job: the pool was closed; open another");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await pool[Symbol.asyncDispose]();
    await failed;
    for (const late of [() => pool.map([job("echo")]), () => pool.settle([]), () => pool.map([job("echo", 1)])]) {
      await assertRejects(late, Error, "Cannot finish a job: the pool was closed");
    }
    await pool[Symbol.asyncDispose]();
  });
}

test("drop() forgets bytes once they were let go of as often as put", async () => {
  await withPool({ workers: 0 }, async (pool) => {
    const [hash, same] = [await pool.put(Uint8Array.of(1)), await pool.put(Uint8Array.of(1))];
    assertEquals(same, hash);
    await pool.drop(hash);
    assertEquals(await pool.get(hash), Uint8Array.of(1));
    await pool.drop(hash);
    await assertRejects(() => pool.get(hash), RangeError, "expected a hash from put()");
    await pool.drop(hash);
  });
});

test("threads let go of bytes that were dropped", async () => {
  for (const workers of [0, 2]) {
    await withPool({ workers }, async (pool) => {
      const hash = await pool.put(Uint8Array.of(1, 2));
      const reads = (params: number) => job("same", params, { version: 3, inputs: [hash] });
      assertEquals((await pool.map([reads(1), reads(2), reads(3)])).length, 3);
      await pool.drop(hash);
      await assertRejects(() => pool.map([reads(4)]), JobError, "expected a hash from put()");
    });
  }
});

test("an unknown kind, another version and a module without kinds are refused by name", async () => {
  await withPool({ workers: 1 }, async (pool) => {
    await assertRejects(() => pool.map([job("ecko")]), JobError, `received "ecko"`);
    await assertRejects(() => pool.map([job("same")]), JobError, "expected version 3 of same here, received 1");
    await assertRejects(() => pool.map([job("note")]), JobError, `received "note"`);
  });
  const bare = [import.meta.resolve("../permissions.ts")];
  await withPool({ workers: 1, kinds: bare }, async (pool) => {
    await assertRejects(() => pool.map([job("echo")]), JobError, "to export one from defineJobKind(), received none");
  });
});

test("openPool() refuses what it does not know", async () => {
  await assertRejects(() => openPool("remote"), TypeError, `received "remote"`);
  await assertRejects(() => openPool("local", { workers: 1.5 }), RangeError, "received 1.5");
  await assertRejects(() => openPool("local", JSON.parse(`{ "worker": 2 }`)), TypeError, `did you mean "workers"?`);
  await assertRejects(() => openPool("local", JSON.parse(`{ "build": "fast" }`)), TypeError, `received "fast"`);
});
