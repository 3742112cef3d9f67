import { assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { decodeState, encodeState, loadCheckpoint, loadState, saveState } from "../../lib/meta/checkpoint.ts";
import { mamlPlusPlus, metaGradient } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { someTasks } from "./fixtures.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write");

const net = mlp({ inputs: 2, hidden: [5, 3], outputs: 2, activation: "silu" });
const engine = openNaiveEngine();

Deno.test("decodeState() gives back what encodeState() took, bitwise", async () => {
  for (const config of [mamlPlusPlus({ net }), metaGradient({ net, inner: { weightDecay: 0.1 } })]) {
    const { state } = await metaStep(engine, metaInit(config, { seed: 1 }), someTasks(net, 2));
    const decoded = await decodeState(await encodeState(state, { from: "here" }));
    assertEquals(decoded.state, state);
    assertEquals(decoded.extra, { from: "here" });
  }
});

Deno.test("a training resumed from a checkpoint is the run that was never interrupted", async () => {
  const start = metaInit(mamlPlusPlus({ net }), { seed: 2 });
  const { state: once } = await metaStep(engine, start, someTasks(net, 2, 1));
  const { state: resumed } = await decodeState(await encodeState(once));
  const [a, b] = await Promise.all([once, resumed].map((state) => metaStep(engine, state, someTasks(net, 2, 2))));
  assertEquals(a, b);
});

Deno.test("decodeState() refuses every truncation and every flipped byte", async () => {
  const bytes = await encodeState(metaInit(mamlPlusPlus({ net })));
  for (let length = 0; length < bytes.length; length += 97) {
    await assertRejects(() => decodeState(bytes.slice(0, length)), DataError, "Cannot read checkpoint");
  }
  for (let at = 0; at < bytes.length; at += 41) {
    const broken = bytes.slice();
    broken[at] ^= 0x10;
    await assertRejects(() => decodeState(broken, "run.ckpt"), DataError, "Cannot read run.ckpt");
  }
});

/** The bytes of a file as version 1 wrote it, or of any header with a right checksum. */
async function withHeader(header: unknown, arrays: Uint8Array, version: 1 | 2): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(44 + text.length + arrays.length);
  bytes.set(new TextEncoder().encode("ADAPTRD\n"));
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  bytes.set(text, 44);
  bytes.set(arrays, 44 + text.length);
  const hashed = version === 1 ? bytes.slice(44) : Uint8Array.of(...bytes.subarray(0, 12), ...bytes.subarray(44));
  bytes.set(new Uint8Array(await crypto.subtle.digest("SHA-256", hashed)), 12);
  return bytes;
}

/** A checkpoint's header and the bytes behind it. */
function takenApart(bytes: Uint8Array<ArrayBuffer>): { header: Record<string, unknown>; arrays: Uint8Array } {
  const end = 44 + new DataView(bytes.buffer).getUint32(8, true);
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(44, end))), arrays: bytes.slice(end) };
}

Deno.test("decodeState() refuses every flipped bit of the magic, the length and the checksum, in either version", async () => {
  const state = metaInit(mamlPlusPlus({ net }));
  const now = await encodeState(state);
  const { header, arrays } = takenApart(now);
  const before = await withHeader({ ...header, version: 1 }, arrays, 1);
  assertEquals((await decodeState(before)).state, state);
  for (const bytes of [now, before]) {
    for (let bit = 0; bit < 44 * 8; bit++) {
      const broken = bytes.slice();
      broken[bit >> 3] ^= 1 << (bit & 7);
      await assertRejects(() => decodeState(broken, "run.ckpt"), DataError, "Cannot read run.ckpt");
    }
  }
});

Deno.test("decodeState() refuses headers that describe no state, though their checksum is right", async () => {
  const { header, arrays } = takenApart(await encodeState(metaInit(mamlPlusPlus({ net }))));
  const list = header.arrays as { name: string; length: number }[];
  const config = header.config as Record<string, unknown>;
  const bad: [unknown, string][] = [
    [null, "expected a header"],
    [7, "expected a header"],
    [{ ...header, version: 3 }, "format version 2"],
    [{ ...header, version: 1 }, "format version 2"],
    [{ ...header, arrays: undefined }, "expected arrays to be a list"],
    [{ ...header, arrays: [{ name: "params", length: -5 }] }, "an array's name and length"],
    [{ ...header, arrays: [null] }, "an array's name and length"],
    [{ ...header, arrays: list.slice(1) }, "expected"],
    [{ ...header, step: 1.5 }, "expected step to be an integer"],
    [{ ...header, step: "x" }, "expected step to be an integer"],
    [{ ...header, momentsStep: -1 }, "expected momentsStep to be an integer"],
    [{ ...header, weightDecay: null }, "expected weightDecay to be at least 0"],
    [{ ...header, config: undefined }, "Cannot read run.ckpt"],
    [{ ...header, config: { ...config, net: { inputs: 2, hidden: "5", outputs: 2 } } }, "expected one from mlp()"],
    [{ ...header, config: { ...config, inner: { steps: -1, lr: 1 } } }, "inner.steps"],
    [{ ...header, config: { ...config, clip: 1 } }, "clip"],
  ];
  for (const [one, why] of bad) {
    const bytes = await withHeader(one, arrays, 2);
    await assertRejects(() => decodeState(bytes, "run.ckpt"), DataError, "Cannot read run.ckpt");
    await assertRejects(() => decodeState(bytes, "run.ckpt"), DataError, why);
  }
  const nan = arrays.slice();
  nan.fill(0xff, 0, 4);
  const broken = await withHeader(header, nan, 2);
  await assertRejects(() => decodeState(broken), DataError, "expected finite values of params");
  const longer = await withHeader(header, Uint8Array.of(...arrays, 0, 0, 0, 0), 2);
  await assertRejects(() => decodeState(longer), DataError, "bytes, received");
});

test("saveState() and loadState() go through a file and leave no temporary one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/state.ckpt`;
    const state = metaInit(mamlPlusPlus({ net }), { seed: 3 });
    await saveState(path, metaInit(mamlPlusPlus({ net }), { seed: 1 }));
    await saveState(path, state, { extra: { seed: 3 } });
    assertEquals(await loadState(path), state);
    assertEquals((await loadCheckpoint(path)).extra, { seed: 3 });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["state.ckpt"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
