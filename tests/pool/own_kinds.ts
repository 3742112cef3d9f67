// Job kinds of a user's own, as pools and workers load them in tests.
import { Buffer } from "node:buffer";
import { defineJobKind, type Json } from "@adaptrade/adaptrade/pool";

type Params = Readonly<Record<string, Json>>;

const text = new TextEncoder();

/** Its inputs, one after another, and the params and seed as JSON. */
export const echo = defineJobKind({
  kind: "echo",
  version: 1,
  run: (inputs, job) => new Uint8Array([...inputs.flatMap((bytes) => [...bytes]), ...text.encode(JSON.stringify(job))]),
});

/** Its only input as it is. */
export const same = defineJobKind({ kind: "same", version: 3, run: ([bytes]) => bytes });

/** Throws what it is told. */
export const fails = defineJobKind({
  kind: "fails",
  version: 1,
  run: (_, { params }) => {
    throw new RangeError((params as Params).why as string);
  },
});

/** Throws what no error is like: nothing, what has no text, what has too much, an error with causes. */
export const throws = defineJobKind({
  kind: "throws",
  version: 1,
  run: (_, { params }) => {
    const unread = Object.defineProperty(new Error(), "message", {
      get: () => {
        throw new Error("unreadable");
      },
    });
    const wrong = Object.assign(new Error(), { message: { clone: () => {} } });
    const caused = new Error("no sail", { cause: new RangeError("no wind", { cause: "no sun" }) });
    throw [undefined, "a text", Object.create(null), unread, wrong, new Error("a".repeat(2 ** 21)), caused][
      params as number
    ];
  },
});

/** Bytes in memory that is not theirs alone: a Buffer of Node's pool, shared memory, memory that is gone. */
export const lends = defineJobKind({
  kind: "lends",
  version: 1,
  run: (_, { params }) => {
    if (params === "buffer") return Buffer.from("lent");
    if (params === "shared") return new Uint8Array(new SharedArrayBuffer(4)).fill(7);
    const gone = Uint8Array.of(1, 2, 3);
    structuredClone(gone, { transfer: [gone.buffer] });
    return gone;
  },
});

/** Waits, and gives a byte; it notes in a file that it began, and ends early where it is told to stop. */
export const waits = defineJobKind({
  kind: "waits",
  version: 1,
  run: (_, { params }, { signal }) => {
    const { ms, value, heard, log } = params as Params;
    if (log) Deno.writeTextFileSync(log as string, "begun\n", { append: true });
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(Uint8Array.of(value as number)), ms as number);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        if (heard) Deno.writeTextFileSync(heard as string, "stopped");
      });
    });
  },
});

/** Gives a byte once somebody has noted in a file that it may. */
export const follows = defineJobKind({
  kind: "follows",
  version: 1,
  run: async (_, { params }) => {
    const { value, log } = params as Params;
    await haveBegun(log as string);
    return Uint8Array.of(value as number);
  },
});

/** Holds its thread for as long as it is told, without a turn of the event loop; it notes in a file that it began. */
export const holds = defineJobKind({
  kind: "holds",
  version: 1,
  run: (_, { params }) => {
    const { ms, log } = params as Params;
    if (log) Deno.writeTextFileSync(log as string, "begun\n", { append: true });
    for (const end = performance.now() + (ms as number); performance.now() < end;);
    return Uint8Array.of(1);
  },
});

/** Never ends, with turns of the event loop or without, until a file says that it hung once; of no file, always. */
export const hangs = defineJobKind({
  kind: "hangs",
  version: 1,
  run: (_, { params }) => {
    const { once, awaits } = params as Params;
    if (once) {
      try {
        return Uint8Array.of(Deno.readTextFileSync(once as string).length);
      } catch {
        Deno.writeTextFileSync(once as string, "hung");
      }
    }
    // Asleep, not in a loop: what loops for ever keeps a core even when its thread is ended.
    while (!awaits) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return new Promise(() => {});
  },
});

/** Ends its thread by an error that nobody awaits, until a file says that it did so; of no file, always. */
export const crashes = defineJobKind({
  kind: "crashes",
  version: 1,
  run: (_, { params }) => {
    const { once } = params as Params;
    if (once) {
      try {
        return Uint8Array.of(Deno.readTextFileSync(once as string).length);
      } catch {
        Deno.writeTextFileSync(once as string, "crashed");
      }
    }
    setTimeout(() => {
      throw new Error("out of order");
    });
    return new Promise(() => {});
  },
});

/** Outputs of a fixed network on the engine, and how often this thread opened one (seen by its address in a set). */
export const computes = defineJobKind({
  kind: "computes",
  version: 1,
  run: async (_, { seed }, { engine }) => {
    const { mlp, initParams } = await import("@adaptrade/adaptrade");
    const net = mlp({ inputs: 2, hidden: [8], outputs: 1 });
    const outputs = await (await engine()).forward(net, initParams(net, seed), Float32Array.of(0.5, -1));
    return new Uint8Array(outputs.buffer);
  },
});

/** No kind: what a module exports besides is left alone. */
export const note = { kind: "note", version: 1, run: () => new Uint8Array(0) };

/** Resolves when so many jobs have noted in a file that they began. */
export async function haveBegun(log: string, count = 1): Promise<void> {
  for (;;) {
    const noted = await Deno.readTextFile(log).catch(() => "");
    if (noted.split("\n").length > count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
