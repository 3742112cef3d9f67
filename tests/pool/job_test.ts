// Jobs: the same id for the same job wherever it is made, another for any other, and no job that is not JSON.
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { defineJobKind, type Job, jobId } from "@adaptrade/adaptrade/pool";
import { isJobKind } from "../../lib/pool/job_kind.ts";
import { BlobCache, hashOf } from "../../lib/pool/blob.ts";

const HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const JOB: Job = {
  kind: "echo",
  version: 1,
  inputs: [HASH],
  params: { b: [1, null, "é"], a: { d: 1.5, c: true } },
  seed: 3,
};

Deno.test("hashOf() is the SHA-256 of FIPS 180-2's first example", async () => {
  assertEquals(await hashOf(new TextEncoder().encode("abc")), HASH);
});

Deno.test("jobId() is the SHA-256 of the job's JSON with its names in order", async () => {
  const text =
    `{"inputs":["${HASH}"],"kind":"echo","params":{"a":{"c":true,"d":1.5},"b":[1,null,"é"]},"seed":3,"version":1}`;
  assertEquals(await jobId(JOB), await hashOf(new TextEncoder().encode(text)));
});

Deno.test("jobId() differs where any part of the job does", async () => {
  const others: Job[] = [
    { ...JOB, kind: "same" },
    { ...JOB, version: 2 },
    { ...JOB, inputs: [] },
    { ...JOB, inputs: [HASH, HASH] },
    { ...JOB, params: { b: [1, null, "é"], a: { d: 1.5 } } },
    { ...JOB, params: null },
    { ...JOB, seed: 4 },
  ];
  const ids = await Promise.all([JOB, ...others].map(jobId));
  assertEquals(new Set(ids).size, ids.length);
  assertNotEquals(ids[0], ids[1]);
});

Deno.test("jobId() throws on what is no job, and names the part", async () => {
  const wrong: [object, string][] = [
    [{ kind: "" }, "expected kind to be a name"],
    [{ version: 0 }, "expected version to be an integer of at least 1, received 0"],
    [{ inputs: ["BTC.csv"] }, `expected inputs to be hashes from put(), received ["BTC.csv"]`],
    [{ seed: -1 }, "expected seed to be a safe integer of at least 0, received -1"],
    [{ seed: 0.5 }, "received 0.5"],
    [{ params: { a: [1, NaN] } }, "expected job.params.a[1] to be JSON, received NaN"],
    [{ params: { at: new Date(0) } }, "expected job.params.at to be JSON, received Date"],
    [{ params: { x: undefined } }, "expected job.params.x to be JSON, received undefined"],
    [{ sead: 1 }, `received "sead"; did you mean "seed"?`],
  ];
  for (const [change, words] of wrong) await assertRejects(() => jobId({ ...JOB, ...change }), Error, words);
});

Deno.test("defineJobKind() refuses what is none, and knows its own", () => {
  const run = () => new Uint8Array(0);
  assertThrows(() => defineJobKind({ kind: "a b", version: 1, run }), TypeError, `received "a b"`);
  assertThrows(() => defineJobKind({ kind: "ab", version: 1.5, run }), RangeError, "received 1.5");
  assertThrows(
    () => defineJobKind(JSON.parse(`{"kind":"ab","version":1}`)),
    TypeError,
    "expected run to be a function",
  );
  assert(isJobKind(defineJobKind({ kind: "ab", version: 1, run })));
  assert(!isJobKind({ kind: "ab", version: 1, run }));
});

Deno.test("BlobCache forgets what was not read lately, but never the last one", () => {
  const cache = new BlobCache(10);
  cache.set("a", new Uint8Array(4));
  cache.set("b", new Uint8Array(4));
  cache.get("a");
  cache.set("c", new Uint8Array(4));
  assertEquals([cache.get("a")?.length, cache.get("b"), cache.get("c")?.length, cache.bytes], [4, undefined, 4, 8]);
  cache.set("d", new Uint8Array(40));
  assertEquals([cache.get("a"), cache.get("c"), cache.get("d")?.length, cache.bytes], [undefined, undefined, 40, 40]);
  cache.delete("d");
  cache.delete("a");
  assertEquals([cache.get("d"), cache.bytes], [undefined, 0]);
});
