import { assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { decodeState, encodeState, loadCheckpoint, loadState, saveState } from "../../lib/meta/checkpoint.ts";
import { mamlPlusPlus, metaGradient } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { someTasks } from "./fixtures.ts";

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

Deno.test("saveState() and loadState() go through a file and leave no temporary one", async () => {
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
