// A coordinator whose server answers as it is told: what a long result that never comes, or is lost, keeps waiting.
import { assertEquals, assertRejects } from "@std/assert";
import type { Job } from "@adaptrade/adaptrade/pool";
import { openMemoryJournal } from "../../lib/pool/journal.ts";
import type { Broker } from "../../lib/pool/nats/broker.ts";
import { writeEntry } from "../../lib/pool/nats/entry.ts";
import { coordinate } from "../../lib/pool/nats/nats_pool.ts";
import { promised } from "../../lib/pool/promised.ts";

const JOB: Job = { kind: "echo", version: 1, inputs: [], params: null, seed: 0 };
const LONG = writeEntry({ sort: "blob", hash: "0".repeat(64) });

/** A pool, and a server that has a long result of what is queued; `tells` says so itself, or waits until it is asked. */
function fetchingPool({ tells }: { readonly tells: boolean }) {
  const said: string[] = [];
  const fetching = promised<void>();
  const fetched = promised<undefined>();
  let change = () => {};
  const hearers = new Map<string, (rest: string, data: Uint8Array) => void>();
  const broker = {
    hear: (topic: string, hearer: (rest: string, data: Uint8Array) => void) => void hearers.set(topic, hearer),
    tell: () => {},
    unlessLost: (request: () => Promise<unknown>) => request(),
    onChange: (callback: () => void) => void (change = callback),
    result: () => Promise.resolve(said.length > 0 ? LONG : undefined),
    longResult: () => {
      fetching.resolve();
      return fetched.promise;
    },
    queue: (id: string) => {
      said.push("queue");
      if (tells && !said.includes("forget")) hearers.get("done.*")!(id, LONG);
      return Promise.resolve();
    },
    forget: () => Promise.resolve(void said.push("forget")),
    unqueue: () => Promise.resolve(void said.push("unqueue")),
    ensure: () => Promise.resolve(void said.push("ensure")),
    claim: () => Promise.resolve("mine"),
    closed: () => undefined,
    close: () => Promise.resolve(void said.push("close")),
  } as unknown as Broker;
  const info = { at: "nats://127.0.0.1:4222", warnings: [] };
  const options = { timeLimit: undefined, onConflict: () => {} };
  const pool = coordinate({ broker, own: "mine", journal: openMemoryJournal(), info, ...options });
  return { pool, said, fetching: fetching.promise, change: () => change(), lose: () => fetched.resolve(undefined) };
}

Deno.test("a pool asks at once when its connection is there again, and closes while a long result does not come", async () => {
  const { pool, said, fetching, change } = fetchingPool({ tells: false });
  const mapped = assertRejects(() => pool.map([JOB]), Error, "the pool was closed");
  while (said.length === 0) await new Promise((resolve) => setTimeout(resolve));
  change();
  await fetching;
  await pool[Symbol.asyncDispose]();
  await mapped;
  assertEquals(said, ["queue", "ensure", "unqueue", "close"]);
});

Deno.test("a long result that was lost is made again where somebody waits for it, and left alone where nobody does", async () => {
  const cases = { "enough": ["unqueue", "forget"], "the pool was closed": ["forget", "queue", "unqueue"] };
  for (const [why, between] of Object.entries(cases)) {
    const { pool, said, fetching, lose } = fetchingPool({ tells: true });
    const ends = new AbortController();
    const mapped = assertRejects(() => pool.map([JOB], { signal: ends.signal }), Error, why);
    await fetching;
    if (why === "enough") ends.abort(new Error(why));
    lose();
    await new Promise((resolve) => setTimeout(resolve));
    await pool[Symbol.asyncDispose]();
    await mapped;
    assertEquals(said, ["queue", ...between, "close"]);
  }
});
