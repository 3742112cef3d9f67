// What states remember of their training, through steps, trainings, checkpoints and the pooled baseline.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { pretrain } from "../../lib/backtest/pretrain.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep, metaTrain } from "../../lib/meta/train.ts";
import { mergeTrainedOn, trainedOnTasks } from "../../lib/meta/trained_on.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { assetTasks, taskBatches } from "../../lib/tasks/asset_tasks.ts";
import { hierarchicalTasks } from "../../lib/tasks/hierarchical_tasks.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { mixTasks } from "../../lib/tasks/mix_tasks.ts";
import { randomWalk } from "../features/markets.ts";
import { someTasks } from "./fixtures.ts";

const net = mlp({ inputs: 10, hidden: [4], outputs: 1, activation: "tanh" });
const config = maml({ net, inner: { steps: 1, lr: 0.01 } });
const rows = ["B", "A"].map((symbol, i) => marketRows(randomWalk(200, i, symbol), { horizon: 3 }));
const SHAPE = { supportRows: 10, queryRows: 5 };

Deno.test("cutTask() says when the last label of a task became known", () => {
  for (const { queryTime, knownAt } of assetTasks(rows, { ...SHAPE, count: 20, seed: 1 })) {
    assertEquals(knownAt, queryTime[queryTime.length - 1] + 3 * 3_600_000);
  }
});

Deno.test("a task on a longer time scale is known when the last bar in it has closed", () => {
  const candles = randomWalk(600, 1, "A");
  const shape = { supportRows: 10, queryRows: 5 };
  const family = hierarchicalTasks({ class: [candles] }, { scales: [4], horizon: 2, ...shape });
  const [batch] = mixTasks([{ family, weight: 1 }], { tasks: 20, batches: 1, seed: 1 });
  for (const { queryTime, knownAt } of batch) {
    // Two bars of four hours behind the last query bar's, which opened at its own; the last of their hours opens three later.
    assertEquals(knownAt, queryTime[queryTime.length - 1] + 2 * 4 * 3_600_000 + 3 * 3_600_000);
  }
});

Deno.test("metaStep() and metaTrain() remember markets and the latest label, validation tasks included", async () => {
  await using engine = openNaiveEngine();
  const state = metaInit(config, { seed: 1 });
  assertEquals(state.trainedOn, null);
  const batches = [...taskBatches(rows, { ...SHAPE, tasks: 3, batches: 4, seed: 2 })];
  const validation = assetTasks([rows[0]], { ...SHAPE, count: 2, seed: 3 });
  const latest = (tasks: readonly { knownAt: number }[]) => Math.max(...tasks.map(({ knownAt }) => knownAt));
  const { state: stepped } = await metaStep(engine, state, batches[0]);
  assertEquals(stepped.trainedOn!.trainedUntil, latest(batches[0]));
  assert(Object.isFrozen(stepped.trainedOn) && Object.isFrozen(stepped.trainedOn!.markets));
  let reached = state;
  for await (const progress of metaTrain(engine, state, batches, { every: 3, validation })) reached = progress.state;
  assertEquals(reached.trainedOn, { markets: ["A", "B"], trainedUntil: latest([...batches.flat(), ...validation]) });
  assertEquals(state.trainedOn, null, "the state before is not changed");
  let resumed = reached;
  for await (const progress of metaTrain(engine, reached, [batches[0]])) resumed = progress.state;
  assertEquals(resumed.trainedOn, reached.trainedOn, "earlier labels take nothing back");
});

Deno.test("a state trained on tasks that say nothing knows nothing", async () => {
  await using engine = openNaiveEngine();
  const { state } = await metaStep(engine, metaInit(config), someTasks(net, 2, 3));
  assertEquals(state.trainedOn, null);
});

Deno.test("pretrain() remembers the tasks it pooled", async () => {
  await using engine = openNaiveEngine();
  const batches = taskBatches([rows[1]], { ...SHAPE, tasks: 2, batches: 3, seed: 2 });
  const { trainedOn } = await pretrain(engine, config, batches);
  assertEquals(trainedOn, { markets: ["A"], trainedUntil: Math.max(...[...batches].flat().map((t) => t.knownAt)) });
});

Deno.test("a checkpoint carries what its state was trained on, and one written before it did loads without", async () => {
  const trainedOn = { markets: ["DAX"], trainedUntil: Date.UTC(1998, 0) };
  const state = metaInit(config, { trainedOn });
  const bytes = await encodeState(state);
  assertEquals((await decodeState(bytes)).state, state);
  const header = 44;
  const length = new DataView(bytes.buffer).getUint32(8, true);
  const { trainedOn: _, ...older } = JSON.parse(new TextDecoder().decode(bytes.subarray(header, header + length)));
  // Version 1, whose checksum left the length out.
  const text = new TextEncoder().encode(JSON.stringify({ ...older, version: 1 }));
  const old = new Uint8Array(header + text.length + bytes.length - header - length);
  old.set(bytes.subarray(0, header));
  new DataView(old.buffer).setUint32(8, text.length, true);
  old.set(text, header);
  old.set(bytes.subarray(header + length), header + text.length);
  old.set(new Uint8Array(await crypto.subtle.digest("SHA-256", old.slice(header))), 12);
  assertEquals((await decodeState(old)).state, { ...state, trainedOn: null });
});

Deno.test("metaInit() refuses what is no record of a training, and copies what is", () => {
  const markets = ["A"];
  const { trainedOn } = metaInit(config, { trainedOn: { markets, trainedUntil: null } });
  markets.push("B");
  assertEquals(trainedOn, { markets: ["A"], trainedUntil: null });
  const bad = (value: unknown) => metaInit(config, { trainedOn: value as typeof trainedOn });
  assertThrows(() => bad({ markets: "A", trainedUntil: 0 }), TypeError, "trainedOn.markets");
  assertThrows(() => bad({ markets: [], trainedUntil: NaN }), TypeError, "trainedOn.trainedUntil");
});

Deno.test("trainedOnTasks() and mergeTrainedOn() join what is known", () => {
  const first = trainedOnTasks(null, [{ market: "B", knownAt: 5 }, { market: "A" }]);
  assertEquals(first, { markets: ["A", "B"], trainedUntil: 5 });
  assert(trainedOnTasks(first, [{ market: "A", knownAt: 4 }]) === first, "nothing new: the same value");
  assertEquals(mergeTrainedOn([first, null, { markets: ["C"], trainedUntil: null }]), {
    markets: ["A", "B", "C"],
    trainedUntil: 5,
  });
  assertEquals(mergeTrainedOn([null, null]), null);
});
