// What a worker does with a message, whatever the server says: only a result that was written is acknowledged.
import { assertEquals, assertRejects } from "@std/assert";
import type { Crew } from "../../lib/pool/crew.ts";
import type { Broker } from "../../lib/pool/nats/broker.ts";
import { readEntry, type ResultEntry, writeEntry } from "../../lib/pool/nats/entry.ts";
import { openBlobs, openWork } from "../../lib/pool/nats/work.ts";

type Message = Parameters<ReturnType<typeof openWork>["run"]>[0];

/** A message of the queue that notes what was said of it. */
function messageOf(deliveryCount = 1, tries = 0): Message & { readonly said: readonly string[] } {
  const said: string[] = [];
  const job = { kind: "echo", version: 1, inputs: [], params: null, seed: 0 };
  return {
    said,
    subject: "adaptrade.jobs.id",
    data: new TextEncoder().encode(JSON.stringify(job)),
    info: { deliveryCount },
    headers: { get: (name: string) => name === "Adaptrade-Tries" && tries > 0 ? String(tries) : "" },
    ack: () => said.push("ack"),
    nak: (ms?: number) => said.push(`nak ${ms ?? 0}`),
    term: () => said.push("term"),
    working: () => said.push("working"),
  } as unknown as Message & { readonly said: readonly string[] };
}

/** One message done by a worker whose job and server do as they are told; what was told to all, and said of the message. */
async function done(
  run: () => Promise<Uint8Array>,
  server: Partial<Broker>,
  { tries = 1, before = 0, cancelled = false, ended = false } = {},
): Promise<{ said: readonly string[]; told: string[]; error?: Error }> {
  const told: string[] = [];
  const broker = {
    silence: () => Promise.resolve(60),
    tell: (topic: string) => void told.push(topic),
    firstResult: () => Promise.resolve(undefined),
    giveBack: ({ said }: { said: string[] }, had: number) => Promise.resolve(void said.push(`back ${had}`)),
    ask: () => Promise.resolve(undefined),
    unlessLost: (request: () => Promise<unknown>) => request(),
    ...server,
  } as unknown as Broker;
  const crew = {
    size: 1,
    counts: () => ({ running: 0, done: 0 }),
    forget: () => {},
    run: (_: unknown, { signal }: { readonly signal: AbortSignal }) =>
      Promise.race([
        run(),
        new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      ]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const ends = new AbortController();
  const blob = () => Promise.reject(new Error("no blob is asked for"));
  const work = openWork({ broker, crew, blob, name: "w", signal: ends.signal, onEvent: (line) => told.push(line) });
  const message = messageOf(tries, before);
  const running = work.run(message);
  await Promise.resolve();
  await Promise.resolve();
  if (cancelled) work.cancel("id");
  if (ended) ends.abort(new Error("the worker ends"));
  const error = await running.then(() => undefined, (error: Error) => error);
  assertEquals(work.counts().running, 0);
  return { said: message.said, told, ...(error ? { error } : {}) };
}

const gives = (value: number) => () => Promise.resolve(Uint8Array.of(value));

Deno.test("a result that is the first is told and acknowledged", async () => {
  const written: Uint8Array[] = [];
  const firstResult = (_: string, entry: Uint8Array) => {
    written.push(entry);
    return Promise.resolve(undefined);
  };
  assertEquals(await done(gives(7), { firstResult }), { said: ["ack"], told: ["done.id"] });
  assertEquals(readEntry(written[0]), { sort: "bytes", bytes: Uint8Array.of(7) });
});

Deno.test("a result that could not be written, for whatever cause, leaves the job unacknowledged", async () => {
  for (const cause of [new Error("TimeoutError"), Object.assign(new Error("no space"), { code: 10047 })]) {
    const found = await done(gives(7), { firstResult: () => Promise.reject(cause) });
    assertEquals(found, { said: ["nak 1000"], told: [], error: cause });
  }
});

Deno.test("a second result is compared: the same is acknowledged in silence, another is told of", async () => {
  const first = (entry: ResultEntry) => ({ firstResult: () => Promise.resolve(writeEntry(entry)) });
  const same = await done(gives(7), first({ sort: "bytes", bytes: Uint8Array.of(7) }));
  assertEquals(same, { said: ["ack"], told: ["done.id"] });
  const other = await done(gives(8), first({ sort: "bytes", bytes: Uint8Array.of(7) }));
  assertEquals(other.said, ["ack"]);
  assertEquals(other.told[0], "done.id");
  assertEquals(other.told[1], "w: the second result of id differs from the first: its kind is not deterministic");
  assertEquals(other.told[2], "conflict.id");
  const poisoned = await done(gives(8), first({ sort: "poison", tries: 5, error: { name: "Error", message: "" } }));
  assertEquals(poisoned, { said: ["ack"], told: ["done.id"] });
});

Deno.test("a job that throws is given back four times, and poisoned the fifth", async () => {
  const written: Uint8Array[] = [];
  const firstResult = (_: string, entry: Uint8Array) => {
    written.push(entry);
    return Promise.resolve(undefined);
  };
  const fails = () => Promise.reject(new RangeError("the tide is out"));
  for (const tries of [1, 4]) assertEquals((await done(fails, { firstResult }, { tries })).said, ["nak 0"]);
  assertEquals(written, []);
  assertEquals((await done(fails, { firstResult }, { tries: 5 })).said, ["ack"]);
  const error = { name: "RangeError", message: "the tide is out" };
  assertEquals(readEntry(written[0]), { sort: "poison", tries: 5, error });
});

Deno.test("a blob that is not to be had is no fault of the job, whatever the try", async () => {
  const broker = { blob: () => Promise.resolve(undefined), ask: () => Promise.resolve(undefined) } as unknown as Broker;
  const blobs = openBlobs(broker);
  await assertRejects(() => blobs.get("abc"), Error, "neither the server nor a coordinator has it");
  const { said, told } = await done(() => blobs.get("abc"), {}, { tries: 5 });
  assertEquals([said.at(-1), told], ["back 4", []]);
});

Deno.test("a job whose worker is told to end was not tried: it goes back with the tries that it had", async () => {
  const runs = () => new Promise<Uint8Array>(() => {});
  assertEquals(await done(runs, {}, { ended: true }), { said: ["back 0"], told: [] });
  assertEquals(await done(runs, {}, { tries: 2, before: 3, ended: true }), { said: ["back 4"], told: [] });
  const giveBack = () => Promise.reject(new Error("timeout"));
  assertEquals(await done(runs, { giveBack }, { ended: true }), { said: ["nak 1000"], told: [] });
});

Deno.test("a job that was delivered too often is given up where nobody runs it, and left alone where somebody does", async () => {
  const asked: string[] = [];
  const written: Uint8Array[] = [];
  const server = (answer: Uint8Array | undefined): Partial<Broker> => ({
    ask: (topic) => (asked.push(topic), Promise.resolve(answer)),
    firstResult: (_, entry) => (written.push(entry), Promise.resolve(undefined)),
  });
  const tries = { tries: 3, before: 3 };
  assertEquals((await done(gives(7), server(Uint8Array.of(1)), tries)).said.at(-1), "nak 60");
  assertEquals(written, []);
  assertEquals((await done(gives(7), server(undefined), tries)).said, ["ack"]);
  assertEquals(asked, ["runs.id", "runs.id"]);
  const error = { name: "Error", message: "the worker that ran it ended, each time" };
  assertEquals(written.map(readEntry), [{ sort: "poison", tries: 5, error }]);
  assertEquals((await done(gives(7), server(undefined), { tries: 5 })).said, ["ack"]);
  assertEquals([asked.length, readEntry(written[1]).sort], [2, "bytes"]);
});

Deno.test("a job that is delivered again where it runs is one job: what is said afterwards is said of the later message", async () => {
  const ends: ((bytes: Uint8Array) => void)[] = [];
  const broker = {
    silence: () => Promise.resolve(60),
    tell: () => {},
    firstResult: () => Promise.resolve(undefined),
  } as unknown as Broker;
  const crew = { run: () => new Promise<Uint8Array>((resolve) => ends.push(resolve)) } as unknown as Crew;
  const { signal } = new AbortController();
  const work = openWork({ broker, crew, blob: () => Promise.reject(), name: "w", signal, onEvent: () => {} });
  const [earlier, later] = [messageOf(), messageOf()];
  const running = work.run(earlier);
  await work.run(later);
  assertEquals([later.said, work.runs("id"), work.runs("other")], [["working"], true, false]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  ends[0](Uint8Array.of(1));
  await running;
  assertEquals([earlier.said, later.said[0], later.said.at(-1), ends.length], [[], "working", "ack", 1]);
});

Deno.test("a blob that the server lost is asked of the coordinator", async () => {
  const asked: string[] = [];
  const broker = {
    blob: () => Promise.resolve(asked.length > 0 ? Uint8Array.of(5) : undefined),
    ask: (topic: string) => Promise.resolve((asked.push(topic), Uint8Array.of())),
  } as unknown as Broker;
  const blobs = openBlobs(broker);
  const five = Uint8Array.of(5);
  assertEquals([await blobs.get("abc"), await blobs.get("abc"), asked], [five, five, ["need.abc"]]);
  // One that was let go of is asked for anew.
  broker.blob = () => Promise.resolve(asked.length > 1 ? five : undefined);
  blobs.forget("abc");
  assertEquals([await blobs.get("abc"), asked], [five, ["need.abc", "need.abc"]]);
});

Deno.test("a job that runs tells the server so, and ends for good when it is cancelled", async () => {
  const slow = () => new Promise<Uint8Array>((resolve) => setTimeout(() => resolve(Uint8Array.of(1)), 110));
  const { said } = await done(slow, {});
  assertEquals(said.slice(0, 2), ["working", "working"]);
  assertEquals(said.at(-1), "ack");
  const cancelled = await done(() => new Promise(() => {}), {}, { cancelled: true });
  assertEquals(cancelled, { said: ["term"], told: [] });
});
